//! What somebody did wrong where the parser gives up. The parser knows which rule was broken; people want to know which line to
//! change, and that is often an earlier one.

use granit_parser::{ErrorKind, ScanError};
use std::ops::Range;

/// A mistake in the notation of YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// A mark that git leaves in a file where two changes meet.
    MergeConflict,
    /// `{{ x }}` or `{% x %}` of a template.
    Template,
    /// A text that starts with a character that YAML has another use for, and the text as far as it is known.
    Reserved(char, String),
    /// A character that cannot be seen.
    Invisible(char),
    /// `*name` without an `&name` before it.
    UnknownAlias(String),
    /// An alias inside the value that it stands for.
    AliasInItself,
    /// A text in these quotes that does not end.
    UnclosedQuote(char),
    /// Something stands behind the closing quote of a text in these quotes.
    BehindQuote(char),
    /// A backslash in double quotes that starts no known escape.
    Escape,
    /// A bracket that is not closed.
    UnclosedBracket(char),
    /// A bracket that is closed by the other kind.
    OtherBracket(char, char),
    /// A bracket that closes nothing.
    StrayBracket(char),
    /// Two entries in brackets without a comma between them.
    MissingComma,
    /// A comma that separates nothing.
    StrayComma,
    /// A line of a map without a colon; the key that it starts with.
    MissingColon(String),
    /// `key:value`; what to write in its place.
    MissingSpace(String),
    /// `key = value`; what to write in its place.
    Equals(String),
    /// A second `: ` in one line.
    SecondColon,
    /// Indented by so many spaces, where there may be these.
    Indentation(usize, Vec<usize>),
    /// Deeper than the line above, which has a value already; so many spaces would be right.
    TooDeep(usize),
    /// Indented less than the lines around it, which go on behind it; as many spaces would be right.
    TooShallow(usize, usize),
    /// A line between the items of a list that is none.
    NoItem,
    /// An item of a list where none can be.
    MisplacedItem,
    /// A dash before a key among others that have none; the key.
    Dash(String),
    /// A blank that is none for YAML: that of a web page, of a word processor or of another script.
    Blank(char),
    /// A `#` that touches what stands before it, or that is in the middle of a text of several lines.
    Comment,
    /// Anything else; the name of the rule.
    Other(String),
}

/// The mistake behind an error of the parser, and where it was made; `None` for a tab, with the tab's place.
pub fn find(text: &str, error: &ScanError) -> (Option<Mistake>, Range<usize>) {
    let at = floor(text, error.marker().byte_offset().unwrap_or(text.len()));
    let line = Line::around(text, at);
    let kind = error.kind();
    if let Some(conflict) = conflict(text) {
        return (Some(Mistake::MergeConflict), conflict);
    }
    if let Some(tab) = tab(text, kind, line.start) {
        return (None, tab);
    }
    if let Some(template) = template(text, &line) {
        return (Some(Mistake::Template), template);
    }
    if let Some((blank, range)) = blank(text, &line) {
        return (Some(Mistake::Blank(blank)), range);
    }
    let (mistake, range) = by_kind(text, kind, at, &line);
    (Some(mistake), range)
}

/// The value that starts here, in its line; what stands behind it is left out.
fn word(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = [": ", " #", ",", "]", "}"].iter().filter_map(|sign| line.find(sign)).min().unwrap_or(line.len());
    line[..end].trim_end().trim_end_matches(':').to_owned()
}

fn by_kind(text: &str, kind: &ErrorKind, at: usize, line: &Line<'_>) -> (Mistake, Range<usize>) {
    let here = at..at + text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let first = text[at..].chars().next().unwrap_or('\n');
    match kind {
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            // The place is where the text starts.
            let found = text[at..].find(*character).map_or(at, |offset| at + offset);
            (Mistake::Invisible(*character), found..found + character.len_utf8())
        }
        ErrorKind::BomInsideDocument => (Mistake::Invisible('\u{feff}'), here),
        ErrorKind::UnexpectedCharacter { character } => (Mistake::Reserved(*character, word(&text[at..])), here),
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::MappingKeyNotAllowed | ErrorKind::MissingAnchorOrAliasName => {
            (Mistake::Reserved(first, String::new()), here)
        }
        // A line that starts with `%` tells the parser something; the error stands at its end, or further down.
        ErrorKind::ExpectedDocumentStart | ErrorKind::MissingDirectiveName | ErrorKind::InvalidDirectiveName | ErrorKind::InvalidDirectiveTerminator => {
            match Line::all(text).find(|line| line.text.starts_with('%')) {
                Some(line) => (Mistake::Reserved('%', String::new()), line.start..line.start + 1),
                None => other(kind, here),
            }
        }
        ErrorKind::UnknownAnchor => {
            let length = text[at..].find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(text.len() - at);
            let name = text[at..at + length].trim_start_matches('*');
            // `*.example.com` is no name that somebody would give to a value.
            if name.starts_with(|c: char| c.is_alphanumeric()) && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)) {
                (Mistake::UnknownAlias(name.to_owned()), at..at + length)
            } else {
                (Mistake::Reserved('*', word(&text[at..])), here)
            }
        }
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => (Mistake::UnclosedQuote(first), here),
        ErrorKind::InvalidTrailingSingleQuotedScalar => behind_quote(text, '\'', at, line),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => behind_quote(text, '"', at, line),
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape | ErrorKind::InvalidUnicodeEscape => (Mistake::Escape, escape(text, at)),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => (Mistake::OtherBracket(*open, *close), here),
        ErrorKind::MisplacedFlowCollectionEnd => (Mistake::StrayBracket(first), here),
        ErrorKind::UnclosedFlowCollection { open } => (Mistake::UnclosedBracket(*open), here),
        ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => (Mistake::Comment, here),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => (Mistake::MisplacedItem, here),
        _ => match open_bracket(&text[..at]) {
            Some(open) if open < line.start => (Mistake::UnclosedBracket(text[open..].chars().next().unwrap_or('{')), open..open + 1),
            Some(_) => (Mistake::MissingComma, word_before(text, at, line)),
            None if first == ',' => (Mistake::StrayComma, here),
            None => in_block(text, kind, at, line).unwrap_or_else(|| other(kind, here)),
        },
    }
}

fn other(kind: &ErrorKind, here: Range<usize>) -> (Mistake, Range<usize>) {
    (Mistake::Other(format!("{kind:?}")), here)
}

/// What is wrong with lines and their indentation, outside of brackets.
fn in_block(text: &str, kind: &ErrorKind, at: usize, line: &Line<'_>) -> Option<(Mistake, Range<usize>)> {
    let above: Vec<Line<'_>> = Line::all(&text[..line.start]).filter(Line::has_content).collect();
    match kind {
        ErrorKind::SimpleKeyExpected => Some(missing_colon(&Line::around(text, at))),
        ErrorKind::MappingValueNotAllowed => {
            if text[line.start..at].contains(": ") {
                return Some((Mistake::SecondColon, at..at + 1));
            }
            let last = above.last()?;
            if !last.is_key() && !last.content().starts_with('-') {
                return Some(missing_colon(last));
            }
            // A line that slipped to the left ends the map that the next line goes on with; or it is the first one of a map, all others of
            // which stand further to the right.
            let before = above.iter().rev().nth(1);
            let goes_on = before.is_some_and(|before| before.indent() == line.indent());
            let is_first = before.is_some_and(|before| before.indent() < last.indent() && before.content().ends_with(':'));
            let below = Line::all(&text[line.start..]).skip(1).filter(Line::has_content).map(|below| below.indent());
            let others = below.take_while(|indent| *indent > last.indent()).filter(|indent| *indent == line.indent()).count();
            if (goes_on || (is_first && others > 0)) && line.indent() > last.indent() {
                return Some((Mistake::TooShallow(last.indent(), line.indent()), last.word()));
            }
            (line.indent() > last.indent()).then(|| (Mistake::TooDeep(last.indent()), line.word()))
        }
        ErrorKind::ExpectedBlockMappingKey if line.content().starts_with("- ") => {
            let item = line.content().trim_start_matches("- ").trim_start();
            let beside = above.iter().rev().find(|above| above.indent() <= line.indent()).filter(|above| above.indent() == line.indent() && above.is_key());
            Some(match item.split_once(": ").map(|(key, _)| key).or(item.strip_suffix(':')).filter(|_| beside.is_some()) {
                Some(key) => (Mistake::Dash(key.to_owned()), line.word()),
                None => (Mistake::MisplacedItem, line.word()),
            })
        }
        ErrorKind::ExpectedBlockSequenceEntry
            if above.iter().rev().take_while(|above| above.indent() >= line.indent()).any(|above| above.indent() == line.indent()) =>
        {
            Some((Mistake::NoItem, line.word()))
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::InvalidIndentation => {
            // The lines that this one could belong to: each is less indented than the one below it.
            let mut allowed: Vec<usize> = Vec::new();
            for above in above.iter().rev() {
                if allowed.last().is_none_or(|last| above.indent() < *last) {
                    allowed.push(above.indent());
                }
            }
            // A list below a key that slipped to the left ends the map that goes on behind it.
            let list = above.iter().rev().position(|above| above.indent() < line.indent());
            if let Some([.., before, key, item]) = list.map(|at| &above[..(above.len() - at + 1).min(above.len())]) {
                if before.indent() == line.indent() && key.content().ends_with(':') && item.content().starts_with("- ") {
                    return Some((Mistake::TooShallow(key.indent(), line.indent()), key.word()));
                }
            }
            // The nearest ones are meant: those that are far away are wrong by more than a slip.
            let indent = line.indent();
            let (less, more) = (allowed.iter().filter(|at| **at < indent).max(), allowed.iter().filter(|at| **at > indent).min());
            Some((Mistake::Indentation(indent, less.into_iter().chain(more).copied().collect()), line.word()))
        }
        _ => None,
    }
}

/// A line that should be `key: value`.
fn missing_colon(line: &Line<'_>) -> (Mistake, Range<usize>) {
    let content = line.content();
    let key = content.split([' ', ':', '{', '[']).next().unwrap_or_default();
    let assigned = content.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_.-".contains(&c));
    if let Some((key, value)) = assigned.filter(|(key, _)| is_name(key)) {
        let start = line.start + line.indent();
        return (Mistake::Equals(format!("{key}: {value}")), start..start + content.len());
    }
    let mistake = match content.split_once(':').filter(|(_, value)| !value.is_empty() && !value.starts_with(['/', ' '])) {
        Some((key, value)) if !key.contains(' ') => Mistake::MissingSpace(format!("{key}: {value}")),
        _ => Mistake::MissingColon(key.to_owned()),
    };
    let start = line.start + line.indent();
    (mistake, start..start + content.len())
}

/// A quote that was opened in an earlier line was meant to end there.
fn behind_quote(text: &str, quote: char, at: usize, line: &Line<'_>) -> (Mistake, Range<usize>) {
    let close = text[..at].rfind(quote).unwrap_or(at);
    match text[..close].rfind(quote) {
        Some(open) if open < line.start => (Mistake::UnclosedQuote(quote), open..open + 1),
        _ if text[at..].starts_with(',') => (Mistake::StrayComma, at..at + 1),
        _ => (Mistake::BehindQuote(quote), at..at.max(line.start + line.text.trim_end().len())),
    }
}

/// The backslash that starts no escape, in the text in double quotes that starts at `at`.
fn escape(text: &str, at: usize) -> Range<usize> {
    let mut chars = text[at..].char_indices();
    while let Some((offset, c)) = chars.next() {
        if c == '\\' {
            let next = chars.next().map_or(' ', |(_, c)| c);
            if !"0abtnvfre \"/\\N_LP\t\n".contains(next) {
                return at + offset..at + offset + 1 + next.len_utf8();
            }
        }
    }
    at..at + 1
}

/// The entry that the colon at `at` belongs to, or what stands there.
fn word_before(text: &str, at: usize, line: &Line<'_>) -> Range<usize> {
    let start = text[line.start..at].rfind([' ', ',', '{', '[']).map_or(line.start, |offset| line.start + offset + 1);
    if start < at { start..at } else { at..at + text[at..].chars().next().map_or(0, char::len_utf8) }
}

/// The innermost bracket that is open at the end of a text.
fn open_bracket(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let (mut quote, mut before, mut blank) = (None, '\n', true);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        // Quotes and brackets start something only where a value can start; in a plain text they are characters.
        let is_start = "\n:,[{-?".contains(before);
        match (quote, c) {
            (Some('"'), '\\') => drop(chars.next()),
            (Some(opened), c) if c == opened => (quote, before) = (None, 'x'),
            (None, '"' | '\'') if is_start => quote = Some(c),
            (None, '#') if blank => {
                chars.by_ref().find(|(_, c)| *c == '\n');
                before = '\n';
            }
            (None, '[' | '{') if is_start || !open.is_empty() => open.push(at),
            (None, ']' | '}') => drop(open.pop()),
            (Some(_) | None, _) => {}
        }
        blank = c.is_whitespace();
        if quote.is_none() && !(blank && c != '\n') && c != '#' {
            before = c;
        }
    }
    open.pop()
}

/// A blank that is none for YAML, outside of quotes and comments, in the line of an error or in the one before it.
fn blank(text: &str, line: &Line<'_>) -> Option<(char, Range<usize>)> {
    let before = line.start.checked_sub(1).map(|end| Line::around(text, end));
    before.iter().chain([line]).find_map(|line| {
        let end = line.text.find(['"', '\'', '#']).unwrap_or(line.text.len());
        let (at, blank) = line.text[..end].char_indices().find(|(_, c)| c.is_whitespace() && !c.is_ascii())?;
        Some((blank, line.start + at..line.start + at + blank.len_utf8()))
    })
}

/// A mark of a merge conflict.
fn conflict(text: &str) -> Option<Range<usize>> {
    let line = ["<<<<<<< ", ">>>>>>> "].iter().find_map(|mark| Line::all(text).find(|line| line.text.starts_with(mark)))?;
    Some(line.start..line.start + line.text.trim_end().len())
}

/// A tab that indents a line: that of the error, or where the error says so one further down.
fn tab(text: &str, kind: &ErrorKind, from: usize) -> Option<Range<usize>> {
    let is_about_tabs = format!("{kind:?}").starts_with("Tab");
    let mut lines = Line::all(&text[from..]).take(if is_about_tabs { usize::MAX } else { 1 });
    let at = lines.find_map(|line| line.text[..line.indent()].find('\t').map(|tab| from + line.start + tab))?;
    Some(at..at + 1)
}

/// What looks like a template in the line of an error.
fn template(text: &str, line: &Line<'_>) -> Option<Range<usize>> {
    let (open, close) = [("{{", "}}"), ("{%", "%}")].into_iter().find(|(open, _)| line.text.contains(open))?;
    let start = line.start + line.text.find(open)?;
    let end = text[start..line.start + line.text.len()].find(close).map_or(start + 2, |length| start + length + 2);
    Some(start..end)
}

/// The template around a key that is a map: to YAML, `{{ x }}` is a map whose key is a map.
pub fn template_around(text: &str, key: &Range<usize>) -> Option<Range<usize>> {
    let start = key.start.checked_sub(1)?;
    if !text.get(start..)?.starts_with("{{") {
        return None;
    }
    template(text, &Line::around(text, key.start)).filter(|range| range.start == start)
}

/// One line and where it starts.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Line<'a> {
    fn all(text: &'a str) -> impl Iterator<Item = Self> {
        let mut next = 0;
        text.split('\n').map(move |line| {
            let start = next;
            next += line.len() + 1;
            Self { text: line, start }
        })
    }

    fn around(text: &'a str, at: usize) -> Self {
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        Self { text: text[start..].split('\n').next().unwrap_or_default(), start }
    }

    fn content(&self) -> &'a str {
        let content = self.text.trim();
        content.split_once(" #").map_or(content, |(content, _)| content.trim_end())
    }

    fn has_content(&self) -> bool {
        !self.text.trim().is_empty() && !self.text.trim_start().starts_with('#')
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// The first word's place.
    fn word(&self) -> Range<usize> {
        let start = self.start + self.indent();
        let length = self.content().find([' ', ':']).unwrap_or(self.content().len());
        start..start + length.max(1).min(self.text.len() - self.indent())
    }

    /// True for `key:` and `key: value`.
    fn is_key(&self) -> bool {
        self.content().contains(": ") || self.content().ends_with(':')
    }
}

/// The start of the character that a byte belongs to.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::source::Sources;
    use crate::yaml::{Accept, parse_one};
    use std::path::Path;

    /// Whatever is wrong: a place in the text, and no panic.
    #[test]
    fn each_mistake_has_a_place() {
        let text = "a: {b: 'é', c: \"d\"}\nlist:\n  - *x\n  - [e, {f: 1}]\ng: &h |\n  i\n\n# j\nk: l # m\n";
        let pieces = [
            "", "'", "\"", "{", "}", "[", "]", ",", ":", ": ", " ", "\n", "\t", "\n\t", "%", "@", "`", "*", "&", "|", ">", "?", "? ", "- ", "#", " #", "\\",
            "{{", "}}", "{%", "<<<<<<< ", "\u{1b}", "\u{feff}", "\u{85}", "é", "\r", "---\n", "...\n", "!", "\0",
        ];
        let id = Sources::default().add(Path::new(""), String::new(), String::new());
        let mut found = 0;
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            for piece in pieces {
                for rest in [at, text.len(), text[at..].find('\n').map_or(text.len(), |length| at + length)] {
                    let changed = format!("{}{piece}{}", &text[..at], &text[rest..]);
                    for problem in parse_one(id, &changed, Accept::PROFILE).err().into_iter().flatten() {
                        assert!(changed.get(problem.span.range()).is_some(), "{problem:?} of {changed:?}");
                        found += 1;
                    }
                }
            }
        }
        assert!(found > 1000, "{found}");
    }
}
