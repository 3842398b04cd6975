//! A real env file against what the Stack needs. `scripts/validate_config.sh` has the same rules, in the same order.

use super::rules::{self, EnvRule, Finding, reason};
use super::strength::{KnownWords, is_marked, is_placeholder, weakness};
use super::{Assignment, Problem, ProblemKind, parse, plain};
use crate::stack::{Connection, DEVELOPMENT_MARK, DOCKERS_OWN, EnvironmentKind, Parameter, Secret, SecretValue, Stack, Variable};
use crate::values::{Expectation, ValueFormat};
use std::collections::BTreeMap;

/// Largest env file, in KiB.
pub const MAX_KIB: u64 = 256;

/// The mode of a file that its owner alone may read and write.
pub const OWNER_ONLY: u32 = 0o600;

/// What is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(String),
    /// No text: NUL, or bytes that are no UTF-8.
    Binary {
        /// The first line that has some, from 1.
        line: usize,
    },
    /// More than [`MAX_KIB`].
    TooLarge,
}

/// What is known of the file besides its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Permission bits; [`OWNER_ONLY`] where files have none.
    pub mode: u32,
    /// True if git has it.
    pub tracked: bool,
}

/// Everything that is wrong: the file as a whole first, then by line, then what is missing.
pub fn check(stack: &Stack, content: &Content, facts: Facts) -> Vec<Finding> {
    let mut check = Check { stack, known: KnownWords::of(stack), findings: Vec::new(), seen: BTreeMap::new(), values: BTreeMap::new() };
    if facts.mode & 0o777 != OWNER_ONLY {
        check.add(&rules::FILE_MODE, None, &format!("{:o}", facts.mode & 0o777), "");
    }
    if facts.tracked {
        check.add(&rules::TRACKED_FILE, None, "", "");
    }
    match content {
        Content::Text(text) => check.text(text),
        Content::Binary { line } => check.add(&rules::BINARY_FILE, Some(*line), "", ""),
        Content::TooLarge => check.add(&rules::TOO_LARGE, None, &MAX_KIB.to_string(), ""),
    }
    check.findings
}

struct Check<'a> {
    stack: &'a Stack,
    known: KnownWords,
    findings: Vec<Finding>,
    /// The line of each name that was met.
    seen: BTreeMap<String, usize>,
    /// Values that are known; those with a living `$` are not.
    values: BTreeMap<String, (usize, String)>,
}

impl Check<'_> {
    fn add(&mut self, rule: &'static EnvRule, line: Option<usize>, first: &str, second: &str) {
        self.findings.push(Finding { rule, line, about: [first.to_owned(), second.to_owned()] });
    }

    fn text(&mut self, text: &str) {
        let parsed = parse(text);
        if let Some(line) = text.split('\n').position(|line| line.ends_with('\r')) {
            self.add(&rules::CARRIAGE_RETURN, Some(line + 1), "", "");
        }
        let variables: BTreeMap<&str, Variable<'_>> =
            self.stack.env_sections().into_iter().flat_map(|(_, list)| list).map(|variable| (variable.name(), variable)).collect();
        let mut problems = parsed.problems.iter().peekable();
        for assignment in &parsed.assignments {
            while let Some(problem) = problems.next_if(|problem| problem.start < assignment.span.start) {
                self.problem(problem, &variables);
            }
            self.assignment(assignment, text, &variables);
        }
        problems.for_each(|problem| self.problem(problem, &variables));
        self.secrets_that_are_one();
        self.derived();
        let line = |finding: &Finding| finding.line.unwrap_or_default();
        self.findings.sort_by_key(line);
        for (name, variable) in variables {
            if !self.seen.contains_key(name) {
                self.absent(&rules::MISSING_VARIABLE, None, variable);
            }
        }
    }

    fn problem(&mut self, problem: &Problem, variables: &BTreeMap<&str, Variable<'_>>) {
        match (problem.kind, &problem.name) {
            (ProblemKind::BadReference | ProblemKind::Required | ProblemKind::TooMuch, Some(name)) => {
                self.meet(name, problem.line, variables);
                self.add(&rules::DOLLAR_OUTSIDE_QUOTES, Some(problem.line), &shown(name, variables), "");
            }
            (kind, name) => {
                self.add(&rules::UNREADABLE_LINE, Some(problem.line), reason(kind), "");
                // It is there, and what is wrong with it has been said.
                if let Some(name) = name {
                    self.seen.entry(name.clone()).or_insert(problem.line);
                }
            }
        }
    }

    /// Notes a name, and says if it is unknown or there twice.
    fn meet(&mut self, name: &str, line: usize, variables: &BTreeMap<&str, Variable<'_>>) {
        let shown = shown(name, variables);
        if let Some(first) = self.seen.insert(name.to_owned(), line) {
            self.add(&rules::DUPLICATE_VARIABLE, Some(line), &shown, &first.to_string());
            self.values.remove(name);
        }
        if !variables.contains_key(name) && !DOCKERS_OWN.iter().any(|start| name.starts_with(start)) {
            self.add(&rules::UNKNOWN_VARIABLE, Some(line), &shown, "");
        }
    }

    fn assignment(&mut self, assignment: &Assignment, text: &str, variables: &BTreeMap<&str, Variable<'_>>) {
        let (name, line) = (assignment.name.as_str(), assignment.line);
        self.meet(name, line, variables);
        let shown = shown(name, variables);
        if assignment.has_dollar(text) {
            self.add(&rules::DOLLAR_OUTSIDE_QUOTES, Some(line), &shown, "");
            return;
        }
        if !plain::is_plain(assignment, text) {
            self.add(&rules::AMBIGUOUS_LINE, Some(line), &shown, "");
        }
        if assignment.inherited {
            return;
        }
        let Some(variable) = variables.get(name) else { return };
        self.value(*variable, line, &assignment.value);
    }

    /// A required variable without a value, or an external secret that may come later.
    fn absent(&mut self, rule: &'static EnvRule, line: Option<usize>, variable: Variable<'_>) {
        let is_external = matches!(variable, Variable::Secret(secret) if secret.value == SecretValue::External);
        match (variable.is_required(), is_external) {
            (true, false) => self.add(rule, line, variable.name(), ""),
            (true, true) => self.add(&rules::NOT_SUPPLIED, line, variable.name(), ""),
            (false, true) => self.add(&rules::TO_BE_SUPPLIED, line, variable.name(), ""),
            (false, false) => {}
        }
    }

    fn value(&mut self, variable: Variable<'_>, line: usize, value: &str) {
        if value.is_empty() {
            self.absent(&rules::EMPTY_VARIABLE, Some(line), variable);
            return;
        }
        self.values.insert(variable.name().to_owned(), (line, value.to_owned()));
        // What a parameter may be is its profile's to say.
        let is_left = if matches!(variable, Variable::Parameter(_)) { is_marked(value) } else { is_placeholder(value) };
        if is_left {
            self.add(&rules::PLACEHOLDER_LEFT, Some(line), variable.name(), "");
            self.values.remove(variable.name());
            return;
        }
        match variable {
            Variable::Secret(secret) => self.secret(secret, line, value),
            Variable::Parameter(Parameter { expected, name, .. }) => self.expected(expected, name, line, value),
        }
    }

    fn expected(&mut self, expected: &Expectation, name: &str, line: usize, value: &str) {
        if !expected.accepts(value) {
            self.add(&rules::MALFORMED_VALUE, Some(line), name, &expected.expects());
        }
    }

    /// On a developer's machine everybody knows the secrets.
    fn secret(&mut self, secret: &Secret, line: usize, value: &str) {
        if self.stack.environment == EnvironmentKind::Development {
            return;
        }
        match &secret.value {
            SecretValue::Generated { .. } if value.starts_with(DEVELOPMENT_MARK) => self.add(&rules::DEVELOPMENT_VALUE, Some(line), &secret.name, ""),
            SecretValue::Generated { .. } => {
                if let Some(why) = weakness(value, secret.min_length, &self.known) {
                    self.add(&rules::WEAK_SECRET, Some(line), &secret.name, &why);
                } else if secret.format != ValueFormat::Text {
                    self.exactly(secret, line, value);
                }
            }
            SecretValue::External => {
                let length = value.chars().count();
                if length < secret.min_length as usize {
                    let why = format!("it has {length} characters, {} are needed", secret.min_length);
                    self.add(&rules::WEAK_SECRET, Some(line), &secret.name, &why);
                }
                self.expected(&secret.format.into(), &secret.name, line, value);
            }
            SecretValue::Derived(_) => {}
        }
    }

    /// A key of a cipher has one size, and one way to be written.
    fn exactly(&mut self, secret: &Secret, line: usize, value: &str) {
        let length = value.chars().count();
        if length != secret.min_length as usize {
            let why = format!("it has {length} characters, {} are needed", secret.min_length);
            self.add(&rules::WEAK_SECRET, Some(line), &secret.name, &why);
        }
        self.expected(&secret.format.into(), &secret.name, line, value);
    }

    fn secrets_that_are_one(&mut self) {
        if self.stack.environment == EnvironmentKind::Development {
            return;
        }
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for secret in self.stack.secrets.iter().filter(|secret| !matches!(secret.value, SecretValue::Derived(_))) {
            let Some((line, value)) = self.values.get(&secret.name).cloned() else { continue };
            match owners.get(&value).cloned() {
                Some(owner) => self.add(&rules::REUSED_SECRET, Some(line), &secret.name, &owner),
                None => drop(owners.insert(value, secret.name.clone())),
            }
        }
    }

    fn derived(&mut self) {
        for secret in &self.stack.secrets {
            let SecretValue::Derived(connection) = &secret.value else { continue };
            let (Some((line, url)), Some((_, password))) = (self.values.get(&secret.name).cloned(), self.values.get(&connection.password)) else { continue };
            if !matches(connection, &url, password) {
                self.add(&rules::DERIVED_MISMATCH, Some(line), &secret.name, &connection.password);
            }
        }
    }
}

/// True if a connection string has these parts and this password. What it adds behind `?` is its owner's choice.
pub fn matches(connection: &Connection, url: &str, password: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let Some((authority, path)) = rest.split_once('/') else { return false };
    let Some((credentials, address)) = authority.rsplit_once('@') else { return false };
    let Some((user, written)) = credentials.split_once(':') else { return false };
    let without_query = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
    scheme == connection.scheme
        && decoded(user).is_some_and(|user| user == connection.user.as_bytes())
        && decoded(written).is_some_and(|written| written == password.as_bytes())
        && address == connection.address
        && without_query(path) == without_query(&connection.path)
}

/// Percent-encoding undone; `None` if it is malformed, or if a character stands there that has to be encoded.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = std::str::from_utf8(&digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?.to_owned();
                bytes.push(u8::from_str_radix(&digits, 16).ok()?);
            }
            b'/' | b'?' | b'#' | b'@' | b':' | b'[' | b']' => return None,
            byte => bytes.push(byte),
        }
    }
    Some(bytes)
}

/// Percent-encoding of everything but letters, digits and `-._`.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// A name that may be printed: what the profile does not know may be a part of a secret, as a line that is no assignment is.
fn shown(name: &str, variables: &BTreeMap<&str, Variable<'_>>) -> String {
    if variables.contains_key(name) { name.to_owned() } else { "this name".to_owned() }
}
