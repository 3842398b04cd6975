//! An env file filled in: what is missing is made, and everything that is there stays.

use super::check::encoded;
use super::strength::weakness;
use super::words::WORDS;
use super::{Assignment, Parsed, parse, quote};
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
        let name = variable.name();
        let place = places(&self.text).remove(name);
        // A comment is enough of what nobody has to set.
        if place.as_ref().is_some_and(|place| !place.is_comment || !variable.is_required()) {
            return;
        }
        let Some(block) = block(self.example, name) else { return };
        let end_of_line = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        if let Some(place) = place {
            // Right below the comment, which says already what it is for.
            let line = self.example[block].lines().next_back().unwrap_or_default().to_owned();
            let gap = if self.text[..place.lines.end].ends_with('\n') { "" } else { end_of_line };
            self.text.insert_str(place.lines.end, &format!("{gap}{line}{end_of_line}"));
            self.made.push((Made::Added, name.to_owned()));
            return;
        }
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
        self.made.push((Made::Added, name.to_owned()));
    }

    fn fill(&mut self, variable: Variable<'_>, composed: bool, random: Random<'_>) -> io::Result<()> {
        let is_composed = matches!(variable, Variable::Secret(Secret { value: SecretValue::Derived(_), .. }));
        if is_composed != composed {
            return Ok(());
        }
        let name = variable.name();
        let parsed = parse(&self.text);
        let assignments: Vec<&Assignment> = parsed.assignments.iter().filter(|one| one.name == name).collect();
        if matches!(variable, Variable::Secret(Secret { value: SecretValue::External, .. })) {
            let has_value = assignments.iter().any(|one| one.inherited || !is_open(&self.text[one.value_span.clone()]));
            if !has_value {
                self.made.retain(|(_, known)| known != name);
                self.made.push((Made::ToSupply, name.to_owned()));
            }
            return Ok(());
        }
        // Twice, or in a form that decides elsewhere: that is for people.
        let is_open = matches!(assignments.as_slice(), [one] if !one.inherited && is_open(&self.text[one.value_span.clone()]));
        if !is_open {
            return Ok(());
        }
        let (made, value) = match variable {
            Variable::Parameter(parameter) if !parameter.required => return Ok(()),
            Variable::Parameter(_) => (Made::ToSupply, None),
            Variable::Secret(secret) => match &secret.value {
                SecretValue::External => return Ok(()),
                SecretValue::Generated { .. } if !secret.required => return Ok(()),
                SecretValue::Generated { kind, length } => (Made::Generated, Some(strong(secret, *kind, *length as usize, random)?)),
                SecretValue::Derived(connection) => match known(&parsed, &self.text, &connection.password) {
                    Some(password) => (Made::Composed, Some(connection.with(&encoded(&password)))),
                    None => return Ok(()),
                },
            },
        };
        if let (Some(value), [one]) = (value, assignments.as_slice()) {
            self.text.replace_range(one.value_span.clone(), &quote(&value));
        }
        self.made.retain(|(_, known)| known != name);
        self.made.push((made, name.to_owned()));
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
    (!one.has_dollar(text) && !one.inherited && !is_open(&one.value)).then(|| one.value.clone())
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

/// Where a variable stands.
struct Place {
    /// From the start of its line to the end of that of its value. No other value reaches beyond one of the two.
    lines: Range<usize>,
    is_comment: bool,
}

/// Where each name stands that the file sets, or has as a comment.
fn places(text: &str) -> BTreeMap<String, Place> {
    let parsed = parse(text);
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for whole in text[at..].split_inclusive('\n') {
        let comment = whole.strip_prefix('#').and_then(|rest| rest.trim_start_matches(' ').split_once('='));
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if let Some((name, _)) = comment.filter(|(name, _)| is_name(name) && !is_within_value(&parsed, at)) {
            places.insert(name.to_owned(), Place { lines: at..at + whole.len(), is_comment: true });
        }
        at += whole.len();
    }
    // A line that counts wins over a comment, and so does one that Compose cannot read: its owner has to look at it.
    let problems = parsed.problems.iter().filter_map(|problem| Some((problem.name.clone()?, problem.start..problem.start)));
    let assignments = parsed.assignments.iter().map(|one| (one.name.clone(), one.span.clone()));
    places.extend(problems.chain(assignments).map(|(name, span)| (name, Place { lines: lines(text, &parsed, span), is_comment: false })));
    places
}

/// The lines of a statement, with those of others that start or end on one of them.
fn lines(text: &str, parsed: &Parsed, span: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = span;
    loop {
        start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        end = text[end..].find('\n').map_or(text.len(), |length| end + length + 1);
        let cut = |at: usize| parsed.assignments.iter().find(|one| one.span.start < at && at < one.span.end);
        match (cut(start), cut(end)) {
            (None, None) => break,
            (first, last) => {
                start = first.map_or(start, |one| one.span.start);
                end = last.map_or(end, |one| one.span.end);
            }
        }
    }
    // The byte order mark stays first.
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    start.max(mark)..end
}

/// True for a byte in a value of more than one line.
fn is_within_value(parsed: &Parsed, at: usize) -> bool {
    parsed.assignments.iter().any(|one| one.value_span.contains(&at))
}

fn end_of(text: &str, name: &str) -> Option<usize> {
    places(text).get(name).map(|place| place.lines.end)
}

/// With the comments right above it.
fn start_of(text: &str, name: &str) -> Option<usize> {
    let mut start = places(text).get(name)?.lines.start;
    let parsed = parse(text);
    while let Some(above) = text[..start].strip_suffix('\n') {
        let line = above.rfind('\n').map_or(0, |newline| newline + 1);
        if !above[line..].starts_with('#') || above[line..].starts_with("# ---") || is_within_value(&parsed, line) {
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
