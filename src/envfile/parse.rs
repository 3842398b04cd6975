//! An env file as Compose reads it with `--env-file`.
//!
//! Compose 2.26 (compose-go 2.0.2) is the reference; others differ in few things:
//! - A statement without a name (`=x`), and a name without `=` on a last line that no newline ends, are refused by 2.26. Newer
//!   ones pass over them. Here they are problems.
//! - `${A:-${}` is refused even if `A` is set. From compose-go 2.10.1 on, a part that is not used is not looked at. Here it is a problem.
//! - compose-go 2.2 (Compose 2.29.6 and 2.29.7) refuses `-` in a name. Here it is a character as others.
//! - Compose 2.23 and older keep the backslash of `\'` in single quotes. Here it goes.
//!
//! 2.26 reads the file again with what it found as the process's environment. That changes no value, but `${A:?}` is then
//! refused, too, if a later line leaves `A` empty; this is not looked for.

use super::expand::{Expander, unescape};
use std::collections::BTreeMap;
use std::ops::Range;

/// An env file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What the file assigns, in its order. A name may be there twice.
    pub assignments: Vec<Assignment>,
    /// The statements that Compose refuses. None of them is among the assignments.
    pub problems: Vec<Problem>,
}

/// One name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name, without `export`. Compose takes more than a shell does: letters of all languages, `.`, `-`, `[` and `]`.
    pub name: String,
    /// The value that Compose gives. `$` is expanded against the lines above alone: the process's environment counts as empty.
    pub value: String,
    /// The line of the name, from 1.
    pub line: usize,
    /// The bytes of the statement, from `export` or the name to the closing quote. Without quotes it goes to the newline, with
    /// what stands before that: a comment, white space, a carriage return.
    pub span: Range<usize>,
    /// The bytes of the value as it is written, with its quotes; empty if there is none, right behind the `=`.
    pub value_span: Range<usize>,
    /// How the value is quoted.
    pub quote: Quote,
    /// `export` stands before the name.
    pub exported: bool,
    /// The value refers to a variable: a `$` in it is alive.
    pub expands: bool,
    /// The name stands alone, without `=`: the value is that of the process, and [`value`](Self::value) is empty.
    pub inherited: bool,
}

/// The quotes around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// None.
    None,
    /// `'`: `\'` is a quote, and everything else is as it stands.
    Single,
    /// `"`: escapes, and then `$`.
    Double,
}

/// Why Compose refuses a statement. Nothing in it is part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the name, or that on which the statement starts; from 1.
    pub line: usize,
    /// The byte that the statement starts at.
    pub start: usize,
    /// The name that would be assigned, where it is known.
    pub name: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
}

impl Assignment {
    /// Whether a `$` outside single quotes is in the value, in which Compose and others look for a variable. `text` is the file.
    pub fn has_dollar(&self, text: &str) -> bool {
        // The last two are for a `$` that is written as an escape.
        self.quote != Quote::Single && (text[self.value_span.clone()].contains('$') || self.expands || self.value.contains('$'))
    }
}

/// The ways in which a statement is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A character that no name has stands before `=` or the end of the line. Often the rest of a value that is not quoted.
    BadName,
    /// A space in the name; most often text after a closing quote, or a line that is no assignment.
    SpaceInName,
    /// Nothing stands before `=`.
    NoName,
    /// A name without `=` on the last line, which no newline ends.
    NameAtEnd,
    /// The quote that opens the value is not closed.
    Unterminated,
    /// `${` that is no reference: a bad name, an unknown operator, or no `}`.
    BadReference,
    /// `${NAME:?}` or `${NAME?}` without a value for `NAME` in the lines above.
    Required,
    /// A NUL character in the value; environments cannot hold it.
    Nul,
    /// References grow without measure. Compose would read it; we stop.
    TooMuch,
}

impl Parsed {
    /// Whether Compose takes the file.
    pub fn is_readable_by_compose(&self) -> bool {
        self.problems.is_empty()
    }

    /// Each name with the value that Compose gives it in an empty environment: the last one, if there are more.
    pub fn values(&self) -> BTreeMap<&str, &str> {
        self.assignments.iter().filter(|one| !one.inherited).map(|one| (one.name.as_str(), one.value.as_str())).collect()
    }
}

/// Reads an env file. Compose stops at its first problem; this goes on at the next line, so that all are found.
///
/// One byte order mark at the start is skipped, as Compose does. Carriage returns are white space outside of quotes, and part
/// of the value within.
pub fn parse(text: &str) -> Parsed {
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut scan = Scan { text, at, line: 1, expander: Expander::default(), parsed: Parsed::default() };
    while scan.skip_to_statement() {
        scan.statement();
    }
    scan.parsed
}

/// The state between two statements.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// The line of `at`.
    line: usize,
    expander: Expander,
    parsed: Parsed,
}

/// A statement up to its value.
struct Head {
    start: usize,
    exported: bool,
    name: String,
    line: usize,
}

impl Scan<'_> {
    fn go_to(&mut self, at: usize) {
        self.line += self.text[self.at..at].matches('\n').count();
        self.at = at;
    }

    fn end_of_line(&self, from: usize) -> usize {
        self.text[from..].find('\n').map_or(self.text.len(), |length| from + length)
    }

    /// Skips white space, newlines and comments; false at the end of the file.
    fn skip_to_statement(&mut self) -> bool {
        loop {
            let rest = self.text[self.at..].trim_start();
            self.go_to(self.text.len() - rest.len());
            if !rest.starts_with('#') {
                return !rest.is_empty();
            }
            self.go_to(self.end_of_line(self.at));
        }
    }

    /// Notes a problem, and goes on at the next line.
    fn refuse(&mut self, line: usize, name: Option<String>, kind: ProblemKind) {
        self.parsed.problems.push(Problem { line, start: self.at, name, kind });
        self.go_to(self.end_of_line(self.at));
    }

    fn statement(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        // Before a newline, `export` is no name either: it does nothing.
        let after_export = rest.strip_prefix("export").filter(|after| after.starts_with(['\t', '\n', '\u{c}', '\r', ' ']));
        let source = after_export.map_or(rest, |after| after.trim_start_matches(is_blank));
        let name_at = self.text.len() - source.len();
        let line = self.line;
        let end = source.char_indices().find(|(_, c)| !is_blank(*c) && !is_of_name(*c));
        let name = end.map_or(source, |(length, _)| &source[..length]).trim_end().to_owned();
        let head = Head { start, exported: after_export.is_some(), name, line };
        match end {
            Some((_, c)) if !matches!(c, '=' | ':' | '\n') => self.refuse(line, None, ProblemKind::BadName),
            _ if head.name.contains(' ') => self.refuse(line, None, ProblemKind::SpaceInName),
            Some((length, '\n')) if head.name.is_empty() => self.go_to(name_at + length),
            Some((length, '\n')) => self.inherited(head, name_at + length),
            _ if head.name.is_empty() => self.refuse(line, None, ProblemKind::NoName),
            Some((length, _)) => self.value(head, name_at + length + 1),
            None => self.refuse(line, None, ProblemKind::NameAtEnd),
        }
    }

    fn inherited(&mut self, head: Head, end: usize) {
        let Head { start, exported, name, line } = head;
        let (span, value_span) = (start..end, end..end);
        self.parsed.assignments.push(Assignment {
            name,
            value: String::new(),
            line,
            span,
            value_span,
            quote: Quote::None,
            exported,
            expands: false,
            inherited: true,
        });
        self.go_to(end);
    }

    /// The value that follows `=` at `after`.
    fn value(&mut self, head: Head, after: usize) {
        let rest = self.text[after..].trim_start_matches(is_blank);
        let from = self.text.len() - rest.len();
        let (quote, end, value_span, raw) = match rest.chars().next() {
            Some(mark @ ('\'' | '"')) => {
                let Some((length, inner)) = quoted(&rest[1..], mark) else {
                    return self.refuse(head.line, Some(head.name), ProblemKind::Unterminated);
                };
                let end = from + 1 + length + 1;
                let double = mark == '"';
                (if double { Quote::Double } else { Quote::Single }, end, from..end, if double { unescape(&inner) } else { inner })
            }
            _ => {
                let end = self.end_of_line(from);
                let line = &self.text[from..end];
                let written = line.split_once(" #").map_or(line, |(value, _)| value).trim_end();
                // What fills it in belongs before the white space, which may be a carriage return.
                let from = if written.is_empty() { after } else { from };
                (Quote::None, end, from..from + written.len(), written.to_owned())
            }
        };
        let expanded = if quote == Quote::Single { Ok((raw, false)) } else { self.expander.expand(&raw) };
        self.go_to(end);
        let Head { start, exported, name, line } = head;
        match expanded {
            Ok((value, _)) if value.contains('\0') => self.parsed.problems.push(Problem { line, start, name: Some(name), kind: ProblemKind::Nul }),
            Ok((value, expands)) => {
                self.expander.set(&name, &value);
                self.parsed.assignments.push(Assignment { name, value, line, span: start..end, value_span, quote, exported, expands, inherited: false });
            }
            Err(kind) => self.parsed.problems.push(Problem { line, start, name: Some(name), kind }),
        }
    }
}

/// The white space that Compose skips within a line.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Compose asks for the categories L and N. This takes a few vowel signs more, which are letters by another property.
fn is_of_name(c: char) -> bool {
    matches!(c, '_' | '.' | '-' | '[' | ']') || c.is_alphabetic() || c.is_numeric()
}

/// The length up to the closing quote, and the text before it without the backslashes of its escaped quotes. Other escapes stay,
/// so that `\\` is two characters still.
fn quoted(text: &str, mark: char) -> Option<(usize, String)> {
    let mut inner = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == mark => return Some((at, inner)),
            '\\' => {
                let (_, escaped) = chars.next()?;
                if escaped != mark {
                    inner.push('\\');
                }
                inner.push(escaped);
            }
            _ => inner.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(text: &str, expected: &[(&str, &str)]) {
        let parsed = parse(text);
        assert!(parsed.is_readable_by_compose(), "{text:?}: {:?}", parsed.problems);
        let read: Vec<_> = parsed.assignments.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
        assert_eq!(read, expected, "{text:?}");
    }

    #[track_caller]
    fn refuses(text: &str, expected: &[(usize, ProblemKind)]) {
        let problems: Vec<_> = parse(text).problems.iter().map(|problem| (problem.line, problem.kind)).collect();
        assert_eq!(problems, expected, "{text:?}");
    }

    #[test]
    fn names_and_separators() {
        is("", &[]);
        is("\n # A=x\n\t\n#", &[]);
        is("export\nA=x\nexport B=y\nexport\tC=z\nexport\n", &[("A", "x"), ("B", "y"), ("C", "z")]);
        is("A: x\nB : y\nC \t=\t z \nD:=w", &[("A", "x"), ("B", "y"), ("C", "z"), ("D", "=w")]);
        is("a.b-c[0]=x\né=y\n1=z\nA\tB=w", &[("a.b-c[0]", "x"), ("é", "y"), ("1", "z"), ("A\tB", "w")]);
        is("export=x\nexports=y", &[("export", "x"), ("exports", "y")]);
        is("\u{feff}A=x", &[("A", "x")]);
    }

    #[test]
    fn values_without_quotes() {
        is("A=\nB=  \nC=x y  \n", &[("A", ""), ("B", ""), ("C", "x y")]);
        is("A=x # y\nB=x# y\nC=x\t# y\nD=#y\nE= # y", &[("A", "x"), ("B", "x# y"), ("C", "x\t# y"), ("D", "#y"), ("E", "# y")]);
        is("A=x'y'\nB=x\\n\nC=\\\nD=x\r\n", &[("A", "x'y'"), ("B", r"x\n"), ("C", "\\"), ("D", "x")]);
        is("A==x\nB=a=b:c", &[("A", "=x"), ("B", "a=b:c")]);
    }

    #[test]
    fn values_in_quotes() {
        is(r#"A=' x # $B "" \\ \n \'.'"#, &[("A", r#" x # $B "" \\ \n '."#)]);
        is(r#"A="a\n\t\"\\\$b\'\c\x""#, &[("A", "a\n\t\"\\$b\\'\\c\\x")]);
        is(r#"A="\0101\0400\0189\0n\00\0344.""#, &[("A", r"A\400\189\n\0ä.")]);
        is("A=\"x\n # y\n\" # z\nB='\r\n'", &[("A", "x\n # y\n"), ("B", "\r\n")]);
        is("A=''\nB=\"\"#x\nC='x' D=y", &[("A", ""), ("B", ""), ("C", "x"), ("D", "y")]);
    }

    #[test]
    fn references() {
        is("A=1\nB=$A\nA=2\nC=${A}${A}.$A$B_", &[("A", "1"), ("B", "1"), ("A", "2"), ("C", "22.2")]);
        is("A=$$A$1$ ${B}$", &[("A", "$A$1$ $")]);
        is("A=a\\$B\nB='$A'\nC=\"$A\"\nD=\"\\0044A\"", &[("A", "a\\"), ("B", "$A"), ("C", "a\\"), ("D", "a\\")]);
        is("E=\nA=${E-x}${E:-y}${U-z}${U:-w}", &[("E", ""), ("A", "yzw")]);
        is("E=\nF=1\nA=${E+x}${E:+y}${F:+z}${U+w}${F?}${F:?}", &[("E", ""), ("F", "1"), ("A", "xz11")]);
        is("F=1\nA=${U:-a${F}b}${U:-{x}y}${U:-{}}", &[("F", "1"), ("A", "a1b{x}y{}")]);
        let broken = "A=${\nB=${1}\nC=${A.B}\nD=\"${A:-\n}\"\nF=1\nE=${F:-${}}";
        refuses(broken, &[1, 2, 3, 4, 7].map(|line| (line, ProblemKind::BadReference)));
        refuses("A=${U?}\nB=${A:?no}", &[1, 2].map(|line| (line, ProblemKind::Required)));
    }

    #[test]
    fn what_is_refused_does_not_hide_the_rest() {
        let text = "A B=x\n=x\nB='a\nC=1\n@b\nE=\"x\" y z\nF=\"\\0000\"\nG";
        let expected = [
            (1, ProblemKind::SpaceInName),
            (2, ProblemKind::NoName),
            (3, ProblemKind::Unterminated),
            (5, ProblemKind::BadName),
            (6, ProblemKind::SpaceInName),
            (7, ProblemKind::Nul),
            (8, ProblemKind::NameAtEnd),
        ];
        refuses(text, &expected);
        assert_eq!(parse(text).values().into_iter().collect::<Vec<_>>(), [("C", "1"), ("E", "x")]);
    }

    #[test]
    fn growth_has_an_end() {
        let doubled = "A=xxxxxxxx\n".to_owned() + &"A=$A$A\n".repeat(60);
        assert!(parse(&doubled).problems.iter().any(|problem| problem.kind == ProblemKind::TooMuch));
        let nested = format!("A={}{}", "${B:-".repeat(100_000), "}".repeat(100_000));
        refuses(&nested, &[(1, ProblemKind::TooMuch)]);
    }

    #[test]
    fn places() {
        let text = "# x\n export A = 'a\nb' # c\nB=x y # z\r\nC\nD=";
        let parsed = parse(text);
        let seen: Vec<_> = parsed.assignments.iter().map(|one| (one.line, &text[one.span.clone()], &text[one.value_span.clone()])).collect();
        assert_eq!(seen, [(2, "export A = 'a\nb'", "'a\nb'"), (4, "B=x y # z\r", "x y"), (5, "C", ""), (6, "D=", "")]);
        let place = |text: &str| parse(text).assignments[0].value_span.clone();
        assert_eq!([place("A=\r\n"), place("A= \t\n"), place("A=")], [2..2, 2..2, 2..2], "right behind the =");
        let flags: Vec<_> = parsed.assignments.iter().map(|one| (one.quote, one.exported, one.inherited)).collect();
        let plain = (Quote::None, false, false);
        assert_eq!(flags, [(Quote::Single, true, false), plain, (Quote::None, false, true), plain]);
        assert_eq!(parsed.values().into_iter().collect::<Vec<_>>(), [("A", "a\nb"), ("B", "x y"), ("D", "")]);
    }
}
