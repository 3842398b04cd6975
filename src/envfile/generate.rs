//! An env file filled in: what is missing is made, and everything that is there stays.

use super::check::encoded;
use super::strength::weakness;
use super::words::WORDS;
use super::{Assignment, Parsed, Quote, parse, quote};
use crate::stack::{GenerateKind, Secret, SecretValue, Stack, Variable};
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

/// Fills a buffer with random bytes that nobody can foresee.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]) -> io::Result<()>;

/// Fewest words: 64 bits.
const LEAST_WORDS: usize = 8;

/// What was done about a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Made {
    /// A random value.
    Generated,
    /// A value of the parts that it has.
    Composed,
    /// A line without a value.
    Added,
    /// Nothing: somebody has to supply its value.
    ToSupply,
}

impl Made {
    /// The word that the command prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Composed => "composed",
            Self::Added => "added",
            Self::ToSupply => "to supply",
        }
    }
}

/// A file that was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The whole text.
    pub text: String,
    /// What was done, in the order of the example.
    pub made: Vec<(Made, String)>,
}

/// Fills in `current`, or the example where there is no file yet. `example` is the rendered template: where a variable is missing, its
/// lines are taken from there.
///
/// # Errors
/// Only if there are no random bytes.
pub fn generate(stack: &Stack, current: Option<&str>, example: &str, random: Random<'_>) -> io::Result<Generated> {
    let mut file = Filler { example, text: current.unwrap_or(example).to_owned(), made: Vec::new() };
    let variables: Vec<Variable<'_>> = stack.env_sections().into_iter().flat_map(|(_, list)| list).collect();
    for (at, variable) in variables.iter().enumerate() {
        file.add(&variables, at, *variable);
    }
    // What is composed comes last: its parts are there then.
    for composed in [false, true] {
        for variable in &variables {
            file.fill(*variable, composed, random)?;
        }
    }
    file.made.sort_by_key(|(_, name)| variables.iter().position(|variable| variable.name() == name));
    Ok(Generated { text: file.text, made: file.made })
}

struct Filler<'a> {
    example: &'a str,
    text: String,
    made: Vec<(Made, String)>,
}

impl Filler<'_> {
    /// Adds a variable that the file does not name, where the example has it. Optional ones are comments there.
    fn add(&mut self, variables: &[Variable<'_>], at: usize, variable: Variable<'_>) {
        if names(&self.text, variable.name()) {
            return;
        }
        let Some(block) = block(self.example, variable.name()) else { return };
        let end_of_line = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let block = self.example[block].replace('\n', end_of_line);
        let before = variables[..at].iter().rev().find_map(|other| end_of(&self.text, other.name()));
        let after = variables[at + 1..].iter().find_map(|other| start_of(&self.text, other.name()));
        match (before, after) {
            (Some(place), _) => {
                let gap = if self.text[..place].ends_with('\n') { "" } else { end_of_line };
                self.text.insert_str(place, &format!("{gap}{end_of_line}{block}"));
            }
            (None, Some(place)) => {
                let above = &self.text[..place];
                let gap = if above.is_empty() || above.ends_with("\n\n") || above.ends_with("\n\r\n") { "" } else { end_of_line };
                self.text.insert_str(place, &format!("{gap}{block}{end_of_line}"));
            }
            (None, None) => {
                if !self.text.is_empty() && !self.text.ends_with('\n') {
                    self.text.push_str(end_of_line);
                }
                self.text.push_str(&block);
            }
        }
        self.made.push((Made::Added, variable.name().to_owned()));
    }

    fn fill(&mut self, variable: Variable<'_>, composed: bool, random: Random<'_>) -> io::Result<()> {
        let Variable::Secret(secret) = variable else { return Ok(()) };
        if matches!(secret.value, SecretValue::Derived(_)) != composed {
            return Ok(());
        }
        let parsed = parse(&self.text);
        let assignments: Vec<&Assignment> = parsed.assignments.iter().filter(|one| one.name == secret.name).collect();
        if secret.value == SecretValue::External {
            let has_value = assignments.iter().any(|one| one.inherited || !is_open(&self.text[one.value_span.clone()]));
            if !has_value {
                self.made.retain(|(_, name)| *name != secret.name);
                self.made.push((Made::ToSupply, secret.name.clone()));
            }
            return Ok(());
        }
        // Twice, or in a form that decides elsewhere: that is for people.
        let is_open = matches!(assignments.as_slice(), [one] if !one.inherited && is_open(&self.text[one.value_span.clone()]));
        if !is_open {
            return Ok(());
        }
        let (made, value) = match &secret.value {
            SecretValue::Generated { kind, length } if secret.required => (Made::Generated, strong(secret, *kind, *length as usize, random)?),
            SecretValue::Derived(connection) => match known(&parsed, &self.text, &connection.password) {
                Some(password) => (Made::Composed, connection.with(&encoded(&password))),
                None => return Ok(()),
            },
            SecretValue::Generated { .. } | SecretValue::External => return Ok(()),
        };
        if let [one] = assignments.as_slice() {
            let mut place = one.value_span.clone();
            if place.is_empty() {
                // Right behind the sign: a carriage return is white space to Compose, and stays at the end of the line.
                let sign = self.text[one.span.clone()].find(['=', ':']).map_or(place.start, |at| one.span.start + at + 1);
                place = sign..sign;
            }
            self.text.replace_range(place, &quote(&value));
        }
        self.made.retain(|(_, name)| *name != secret.name);
        self.made.push((made, secret.name.clone()));
        Ok(())
    }
}

/// Nothing is written, or only what is meant to be replaced.
fn is_open(written: &str) -> bool {
    let inner = written.trim_matches(['\'', '"']);
    inner.is_empty() || (inner.starts_with('<') && inner.ends_with('>'))
}

/// A value that needs no other variable to be known.
fn known(parsed: &Parsed, text: &str, name: &str) -> Option<String> {
    let found: Vec<&Assignment> = parsed.assignments.iter().filter(|one| one.name == name).collect();
    let [one] = found.as_slice() else { return None };
    let is_literal = one.quote == Quote::Single || !text[one.value_span.clone()].contains('$');
    (is_literal && !one.inherited && !is_open(&one.value)).then(|| one.value.clone())
}

/// A value of this kind that its own check calls strong.
fn strong(secret: &Secret, kind: GenerateKind, length: usize, random: Random<'_>) -> io::Result<String> {
    loop {
        let value = match kind {
            GenerateKind::Hex => characters(b"0123456789abcdef", length, random)?,
            GenerateKind::Urlsafe => characters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", length, random)?,
            GenerateKind::Base64 => base64(length / 4 * 3, random)?,
            GenerateKind::Words => words(length, random)?,
        };
        // One in many millions is all digits, or starts with a dash, which command lines take for an option.
        if !value.starts_with('-') && weakness(&value, secret.min_length).is_none() && !super::strength::is_placeholder(&value) {
            return Ok(value);
        }
    }
}

/// `alphabet` has 16 or 64 characters, so that each is as likely as the others.
fn characters(alphabet: &[u8], length: usize, random: Random<'_>) -> io::Result<String> {
    let mut bytes = vec![0; length];
    random(&mut bytes)?;
    Ok(bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect())
}

fn base64(length: usize, random: Random<'_>) -> io::Result<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = vec![0; length];
    random(&mut bytes)?;
    // Whole groups of three bytes: there is nothing to pad.
    let group = |three: &[u8]| three.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
    let digit = |bits: u32, at: u32| char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]);
    Ok(bytes.chunks_exact(3).map(group).flat_map(|bits| (0..4).map(move |at| digit(bits, at))).collect())
}

fn words(length: usize, random: Random<'_>) -> io::Result<String> {
    let mut list: Vec<&str> = Vec::new();
    while list.len() < LEAST_WORDS || list.iter().map(|word| word.len() + 1).sum::<usize>() <= length {
        let mut byte = [0];
        random(&mut byte)?;
        list.push(WORDS[usize::from(byte[0])]);
    }
    Ok(list.join("-"))
}

/// True if the file sets the variable, or has its line as a comment.
fn names(text: &str, name: &str) -> bool {
    end_of(text, name).is_some()
}

/// Where each name that the file sets, or has as a comment, stands: from its line to the end of its value's.
fn places(text: &str) -> BTreeMap<String, Range<usize>> {
    let parsed = parse(text);
    let line = |span: &Range<usize>| {
        let start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[span.end..].find('\n').map_or(text.len(), |length| span.end + length + 1);
        start..end
    };
    let mut places: BTreeMap<String, Range<usize>> = BTreeMap::new();
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let comment = whole.strip_prefix('#').and_then(|rest| rest.trim_start_matches(' ').split_once('='));
        if let Some((name, _)) = comment.filter(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')) {
            places.insert(name.to_owned(), at..at + whole.len());
        }
        at += whole.len();
    }
    // A line that counts wins over a comment, and so does one that Compose cannot read: its owner has to look at it.
    for problem in &parsed.problems {
        if let Some(name) = &problem.name {
            let start = text.split_inclusive('\n').take(problem.line - 1).map(str::len).sum::<usize>();
            places.insert(name.clone(), line(&(start..start)));
        }
    }
    let mut set: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for one in &parsed.assignments {
        // Of a name that is there twice: from the first to the last.
        let place = line(&one.span);
        let known = set.entry(one.name.as_str()).or_insert_with(|| place.clone());
        known.end = place.end;
    }
    places.extend(set.into_iter().map(|(name, place)| (name.to_owned(), place)));
    places
}

fn end_of(text: &str, name: &str) -> Option<usize> {
    places(text).get(name).map(|place| place.end)
}

/// With the comments right above it.
fn start_of(text: &str, name: &str) -> Option<usize> {
    let mut start = places(text).get(name)?.start;
    while let Some(above) = text[..start].strip_suffix('\n') {
        let line = above.rfind('\n').map_or(0, |newline| newline + 1);
        if !above[line..].starts_with('#') || above[line..].starts_with("# ---") {
            break;
        }
        start = line;
    }
    Some(start)
}

/// The lines of a variable in the example, with its comments.
fn block(example: &str, name: &str) -> Option<Range<usize>> {
    Some(start_of(example, name)?..end_of(example, name)?)
}
