//! An env file filled in: what is missing is made, and everything that is there stays.

use super::check::encoded;
use super::layout::Layout;
use super::strength::{KnownWords, is_placeholder, weakness};
use super::words::WORDS;
use super::{Assignment, quote};
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
    let variables: Vec<Variable<'_>> = stack.env_sections().into_iter().flat_map(|(_, list)| list).collect();
    let text = Layout::of(current.unwrap_or(example));
    let mut file = Filler { example: Layout::of(example), end_of_line: if text.text.contains("\r\n") { "\r\n" } else { "\n" }, text, ..Filler::default() };
    for (at, variable) in variables.iter().enumerate() {
        file.add(&variables, at, *variable);
    }
    let known = KnownWords::of(stack);
    // What is composed comes last: its parts are there then.
    for composed in [false, true] {
        for variable in &variables {
            file.fill(*variable, composed, &known, random)?;
        }
    }
    let made = std::mem::take(&mut file.made);
    let in_order = variables.iter().filter_map(|variable| Some((*made.get(variable.name())?, variable.name().to_owned())));
    Ok(Generated { made: in_order.collect(), text: file.finish() })
}

/// What becomes of a file: nothing is changed before all is known, so that each place is found once.
#[derive(Default)]
struct Filler<'a> {
    text: Layout<'a>,
    example: Layout<'a>,
    end_of_line: &'static str,
    added: Vec<Addition>,
    /// Written values, for the spans of the text that they replace.
    filled: Vec<(Range<usize>, String)>,
    /// The new values themselves, by name.
    values: BTreeMap<String, String>,
    made: BTreeMap<String, Made>,
}

/// Blocks that are put in at one place, one below the other.
struct Addition {
    at: usize,
    before: &'static str,
    blocks: Vec<Block>,
    after: &'static str,
}

/// The lines of a variable, around its written value.
struct Block {
    name: String,
    gap: &'static str,
    before: String,
    value: String,
    after: String,
}

impl Filler<'_> {
    /// Adds a variable that the file does not name, where the example has it. Optional ones are comments there.
    fn add(&mut self, variables: &[Variable<'_>], at: usize, variable: Variable<'_>) {
        let name = variable.name();
        let place = self.text.places.get(name).map(|place| (place.is_comment, place.lines.end));
        // A comment is enough of what nobody has to set.
        if place.is_some_and(|(is_comment, _)| !is_comment || !variable.is_required()) {
            return;
        }
        let Some(lines) = self.example.block(name) else { return };
        let newline = self.end_of_line;
        let gap_at = |text: &str| if text.is_empty() || text.ends_with('\n') { "" } else { newline };
        let text = self.text.text;
        if let Some((_, end)) = place {
            // Right below the comment, which says already what it is for.
            let start = self.example.text[..lines.end].trim_end().rfind('\n').map_or(0, |newline| newline + 1);
            let block = self.block(name, start..lines.end, "");
            self.added.push(Addition { at: end, before: gap_at(&text[..end]), blocks: vec![block], after: "" });
        } else {
            let block = |gap| self.block(name, lines.clone(), gap);
            let found = variables[..at].iter().rev().find_map(|other| {
                let is_its = |addition: &Addition| addition.blocks.last().is_some_and(|last| last.name == other.name());
                self.added.iter().position(is_its).map(Ok).or_else(|| self.text.end_of(other.name()).map(Err))
            });
            let after = variables[at + 1..].iter().find_map(|other| self.text.start_of(other.name()));
            match (found, after) {
                (Some(Ok(addition)), _) => {
                    let block = block(newline);
                    self.added[addition].blocks.push(block);
                }
                (Some(Err(end)), _) => self.added.push(Addition { at: end, before: gap_at(&text[..end]), blocks: vec![block(newline)], after: "" }),
                (None, Some(start)) => {
                    let above = &text[..start];
                    let before = if above.is_empty() || above.ends_with("\n\n") || above.ends_with("\n\r\n") { "" } else { newline };
                    self.added.push(Addition { at: start, before, blocks: vec![block("")], after: newline });
                }
                (None, None) => self.added.push(Addition { at: text.len(), before: gap_at(text), blocks: vec![block("")], after: "" }),
            }
        }
        self.made.insert(name.to_owned(), Made::Added);
    }

    /// These lines of the example, with the line ends of the file.
    fn block(&self, name: &str, lines: Range<usize>, gap: &'static str) -> Block {
        let value = self.example.assignments(name).next().map_or(lines.end..lines.end, |one| one.value_span.clone());
        let text = |range: Range<usize>| self.example.text[range].replace('\n', self.end_of_line);
        Block { name: name.to_owned(), gap, before: text(lines.start..value.start), value: text(value.clone()), after: text(value.end..lines.end) }
    }

    fn fill(&mut self, variable: Variable<'_>, composed: bool, known: &KnownWords, random: Random<'_>) -> io::Result<()> {
        let is_composed = matches!(variable, Variable::Secret(Secret { value: SecretValue::Derived(_), .. }));
        if is_composed != composed {
            return Ok(());
        }
        let name = variable.name();
        let is_set = |one: &Assignment| one.inherited || !is_open(&self.text.text[one.value_span.clone()]);
        let block = self.added.iter().flat_map(|addition| &addition.blocks).find(|block| block.name == name);
        if matches!(variable, Variable::Secret(Secret { value: SecretValue::External, .. })) {
            let has_value = self.text.assignments(name).any(is_set) || block.is_some_and(|block| !is_open(&block.value));
            if !has_value {
                self.made.insert(name.to_owned(), Made::ToSupply);
            }
            return Ok(());
        }
        let assignments: Vec<&Assignment> = self.text.assignments(name).collect();
        // Twice, or in a form that decides elsewhere: that is for people.
        let span = match (assignments.as_slice(), block) {
            ([one], None) if !is_set(one) => Some(one.value_span.clone()),
            ([], Some(block)) if is_open(&block.value) => None,
            _ => return Ok(()),
        };
        let (made, value) = match variable {
            Variable::Parameter(parameter) if !parameter.required => return Ok(()),
            Variable::Parameter(_) => (Made::ToSupply, None),
            Variable::Secret(secret) => match &secret.value {
                SecretValue::External => return Ok(()),
                SecretValue::Generated { .. } if !secret.required => return Ok(()),
                SecretValue::Generated { kind, length, bytes } => (Made::Generated, Some(strong(secret, *kind, (*length, *bytes), known, random)?)),
                SecretValue::Derived(connection) => match self.known(&connection.password) {
                    Some(password) => (Made::Composed, Some(connection.with(&encoded(&password)))),
                    None => return Ok(()),
                },
            },
        };
        self.made.insert(name.to_owned(), made);
        let Some(value) = value else { return Ok(()) };
        if let Some(span) = span {
            self.filled.push((span, quote(&value)));
        } else if let Some(block) = self.added.iter_mut().flat_map(|addition| &mut addition.blocks).find(|block| block.name == name) {
            block.value = quote(&value);
        }
        self.values.insert(name.to_owned(), value);
        Ok(())
    }

    /// A value that needs no other variable to be known.
    fn known(&self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        let is_added = self.added.iter().flat_map(|addition| &addition.blocks).any(|block| block.name == name);
        let layout = if is_added { &self.example } else { &self.text };
        let found: Vec<&Assignment> = layout.assignments(name).collect();
        let [one] = found.as_slice() else { return None };
        (!one.has_dollar(layout.text) && !one.inherited && !is_open(&one.value)).then(|| one.value.clone())
    }

    /// The text with all that was decided.
    fn finish(self) -> String {
        let written = |addition: Addition| {
            let blocks = addition.blocks.into_iter().map(|Block { gap, before, value, after, .. }| [gap, &before, &value, &after].concat());
            (addition.at..addition.at, addition.before.to_owned() + &blocks.collect::<String>() + addition.after)
        };
        let mut edits: Vec<(Range<usize>, String)> = self.filled.into_iter().chain(self.added.into_iter().map(written)).collect();
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut text, mut at) = (String::new(), 0);
        for (range, new) in edits {
            text.push_str(&self.text.text[at..range.start]);
            text.push_str(&new);
            at = range.end;
        }
        text + &self.text.text[at..]
    }
}

/// Nothing is written, or only what is meant to be replaced.
fn is_open(written: &str) -> bool {
    let inner = written.trim_matches(['\'', '"']);
    inner.is_empty() || (inner.starts_with('<') && inner.ends_with('>'))
}

/// A value of this kind that its own check calls strong.
fn strong(secret: &Secret, kind: GenerateKind, (length, bytes): (u32, Option<u32>), known: &KnownWords, random: Random<'_>) -> io::Result<String> {
    loop {
        let value = match (kind, bytes) {
            (GenerateKind::Base64, Some(bytes)) => base64(bytes as usize, random)?,
            _ => any(kind, length as usize, random)?,
        };
        // A few of the shortest look like words, one in many millions is all digits, or starts with a dash, which command lines take for an option.
        if !value.starts_with('-') && weakness(&value, secret.min_length, known).is_none() && !is_placeholder(&value) {
            return Ok(value);
        }
    }
}

fn any(kind: GenerateKind, length: usize, random: Random<'_>) -> io::Result<String> {
    match kind {
        GenerateKind::Hex => characters(b"0123456789abcdef", length, random),
        GenerateKind::Urlsafe => characters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", length, random),
        GenerateKind::Base64 => base64(length / 4 * 3, random),
        GenerateKind::Words => words(length, random),
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
    // The last group may be short: `=` stands for each byte that is missing.
    let group = |three: &[u8]| (0..3).fold(0_u32, |bits, at| (bits << 8) | u32::from(three.get(at).copied().unwrap_or_default()));
    let digit = |bits: u32, at: usize| char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize & 63]);
    let quad = |three: &[u8]| (0..4).map(|at| if at > three.len() { '=' } else { digit(group(three), at) }).collect::<String>();
    Ok(bytes.chunks(3).map(quad).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of random bytes is strong as it comes: only among the shortest, a few have to be made anew.
    #[test]
    fn random_values_are_hardly_ever_taken_for_words() {
        let known = KnownWords::with(["acme-shop", "shop_owner", "warehouse.example.com"]);
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |buffer: &mut [u8]| {
            for byte in buffer {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = state.to_le_bytes()[3];
            }
            Ok(())
        };
        let kinds = [GenerateKind::Hex, GenerateKind::Urlsafe, GenerateKind::Base64, GenerateKind::Words];
        for (kind, length, most) in kinds.iter().flat_map(|kind| [(*kind, 24, 2), (*kind, 32, 0), (*kind, 64, 0), (*kind, 16, 90)]) {
            let refused: Vec<String> =
                (0..1500).map(|_| any(kind, length, &mut random).expect("random bytes")).filter(|value| weakness(value, 16, &known).is_some()).collect();
            assert!(refused.len() <= most, "{} of {length} characters: {} of 1500, such as {:?}", kind.as_str(), refused.len(), refused.first());
        }
    }
}
