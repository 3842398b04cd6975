//! Where the variables of an env file stand.

use super::{Assignment, Parsed, parse};
use std::collections::BTreeMap;
use std::ops::Range;

/// A text, read once.
#[derive(Default)]
pub(super) struct Layout<'a> {
    pub text: &'a str,
    parsed: Parsed,
    /// Each name that the text sets, or has as a comment.
    pub places: BTreeMap<String, Place>,
}

impl<'a> Layout<'a> {
    pub fn of(text: &'a str) -> Self {
        let parsed = parse(text);
        Self { places: places(text, &parsed), text, parsed }
    }

    /// The lines that set this name.
    pub fn assignments(&self, name: &str) -> impl Iterator<Item = &Assignment> {
        self.parsed.assignments.iter().filter(move |one| one.name == name)
    }

    pub fn end_of(&self, name: &str) -> Option<usize> {
        self.places.get(name).map(|place| place.lines.end)
    }

    /// With the comments right above it.
    pub fn start_of(&self, name: &str) -> Option<usize> {
        let mut start = self.places.get(name)?.lines.start;
        while let Some(above) = self.text[..start].strip_suffix('\n') {
            let line = above.rfind('\n').map_or(0, |newline| newline + 1);
            if !above[line..].starts_with('#') || above[line..].starts_with("# ---") || is_within_value(&self.parsed, line) {
                break;
            }
            start = line;
        }
        Some(start)
    }

    /// The lines of a variable, with its comments.
    pub fn block(&self, name: &str) -> Option<Range<usize>> {
        Some(self.start_of(name)?..self.end_of(name)?)
    }
}

/// Where a variable stands.
pub(super) struct Place {
    /// From the start of its line to the end of that of its value. No other value reaches beyond one of the two.
    pub lines: Range<usize>,
    /// True if a comment is all there is.
    pub is_comment: bool,
}

/// Where each name stands that the file sets, or has as a comment.
fn places(text: &str, parsed: &Parsed) -> BTreeMap<String, Place> {
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for whole in text[at..].split_inclusive('\n') {
        let comment = whole.strip_prefix('#').and_then(|rest| rest.trim_start_matches(' ').split_once('='));
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if let Some((name, _)) = comment.filter(|(name, _)| is_name(name) && !is_within_value(parsed, at)) {
            places.insert(name.to_owned(), Place { lines: at..at + whole.len(), is_comment: true });
        }
        at += whole.len();
    }
    // A line that counts wins over a comment, and so does one that Compose cannot read: its owner has to look at it.
    let problems = parsed.problems.iter().filter_map(|problem| Some((problem.name.clone()?, problem.start..problem.start)));
    let assignments = parsed.assignments.iter().map(|one| (one.name.clone(), one.span.clone()));
    places.extend(problems.chain(assignments).map(|(name, span)| (name, Place { lines: lines(text, parsed, span), is_comment: false })));
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
