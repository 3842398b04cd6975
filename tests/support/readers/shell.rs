//! bash and dash.

use super::Reading;

/// Variables that bash makes itself: some refuse a value, some forget it. `_` is every shell's.
#[rustfmt::skip]
const SPECIAL: &[&str] = &[
    "_", "BASHOPTS", "BASHPID", "COMP_WORDBREAKS", "DIRSTACK", "EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME", "GROUPS", "HISTCMD", "LINENO",
    "OPTIND", "PPID", "RANDOM", "SECONDS", "SHELLOPTS", "SRANDOM", "UID",
];

/// Reads the lines of one statement as `set -a; . ./FILE` does in bash and dash.
///
/// Only a plain assignment sets a value here: one name, one word, no expansion. What the two shells may read in different ways,
/// such as control characters, fails.
pub fn shell(statement: &str) -> Reading {
    read(statement).unwrap_or_else(|other| other)
}

fn read(statement: &str) -> Result<Reading, Reading> {
    let text = statement.trim_start_matches(BLANKS);
    let after_export = text.strip_prefix("export").filter(|after| after.starts_with(BLANKS));
    let text = after_export.map_or(text, |after| after.trim_start_matches(BLANKS));
    let length = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    let is_name = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    let Some(value) = rest.strip_prefix('=').filter(|_| is_name) else { return Err(Reading::Acts) };
    let mut word = Word { rest: value, value: String::new(), is_argument: after_export.is_some() };
    word.read()?;
    if SPECIAL.contains(&name) || name.starts_with("BASH_") {
        return Err(Reading::Depends);
    }
    let after = word.rest.trim_start_matches(BLANKS);
    // `read` stops at a blank, a newline or the end, so that a `#` here begins a comment.
    let others = if after.starts_with('#') { after.split_once('\n').map_or("", |(_, others)| others) } else { after };
    if others.trim_matches(['\n', ' ', '\t']).is_empty() { Ok(Reading::Sets { name: name.to_owned(), value: word.value }) } else { Err(Reading::Acts) }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// The word behind `=`.
struct Word<'a> {
    rest: &'a str,
    value: String,
    /// It is an argument of `export`, which a shell may expand in more ways than an assignment.
    is_argument: bool,
}

impl Word<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Reads up to a blank, a newline or the end.
    fn read(&mut self) -> Result<(), Reading> {
        while !self.rest.is_empty() && !self.rest.starts_with([' ', '\t', '\n']) {
            let is_start = self.value.is_empty() || self.value.ends_with([':', '=']);
            match self.next() {
                Some('\'') => self.single()?,
                Some('"') => self.double()?,
                // At the end of the text, the next line would go on here.
                Some('\\') => match self.next() {
                    None => return Err(Reading::Acts),
                    Some('\n') => {}
                    Some(c) => self.take(c)?,
                },
                Some('$') if self.is_dollar_dead() && !self.rest.starts_with(['\'', '"']) => self.value.push('$'),
                Some('$' | '`') => return Err(Reading::Depends),
                Some('~') if is_start => return Err(Reading::Depends),
                Some('*' | '?' | '[' | ']' | '{' | '}' | '~') if self.is_argument => return Err(Reading::Depends),
                Some('|' | '&' | ';' | '<' | '>') => return Err(Reading::Acts),
                Some('(' | ')') => return Err(Reading::Fails),
                Some('\r') => self.value.push('\r'),
                Some(c) => self.take(c)?,
                None => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, c: char) -> Result<(), Reading> {
        // bash uses some of them for itself.
        if c.is_ascii_control() && c != '\n' && c != '\t' {
            return Err(Reading::Fails);
        }
        self.value.push(c);
        Ok(())
    }

    fn single(&mut self) -> Result<(), Reading> {
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some(c) => self.take(c)?,
                None => return Err(Reading::Fails),
            }
        }
    }

    fn double(&mut self) -> Result<(), Reading> {
        loop {
            match self.next() {
                Some('"') => return Ok(()),
                Some('$') if self.is_dollar_dead() => self.value.push('$'),
                Some('$' | '`') => return Err(Reading::Depends),
                Some('\\') => match self.next() {
                    Some('\n') => {}
                    Some(c @ ('$' | '`' | '"' | '\\')) => self.value.push(c),
                    Some(c) => {
                        self.value.push('\\');
                        self.take(c)?;
                    }
                    None => return Err(Reading::Fails),
                },
                Some(c) => self.take(c)?,
                None => return Err(Reading::Fails),
            }
        }
    }

    /// Whether a `$` before the rest is no more than a character.
    fn is_dollar_dead(&self) -> bool {
        is_dollar_dead_before(self.rest.chars().next())
    }
}

/// Whether a `$` is no more than a character to a shell, because of what follows it. All that is listed is dead to Compose, too.
fn is_dollar_dead_before(next: Option<char>) -> bool {
    next.is_none_or(|c| " \n\t.,/%=:+^~]})\"'".contains(c))
}
