//! python-dotenv.

use super::Reading;

/// Reads the lines of one statement as `dotenv_values(interpolate=False)` of python-dotenv 1.x does.
///
/// Files are opened as text there: carriage returns become newlines. Where the versions differ, the reading depends: a byte
/// order mark, `#` behind blanks behind `=`, and backslashes in pairs before a quote.
pub fn python_dotenv(statement: &str) -> Reading {
    let text = statement.replace("\r\n", "\n").replace('\r', "\n");
    let mut rest = text.as_str();
    let mut found = None;
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            return found.unwrap_or(Reading::Acts);
        }
        let (read, after) = match binding(rest) {
            Ok(binding) => binding,
            Err(other) => return other,
        };
        match (read, &found) {
            (None, _) => {}
            (Some(read), None) => found = Some(read),
            (Some(_), Some(_)) => return Reading::Acts,
        }
        rest = after;
    }
}

/// One statement, or a comment, and what follows its line.
fn binding(text: &str) -> Result<(Option<Reading>, &str), Reading> {
    if text.starts_with('\u{feff}') {
        return Err(Reading::Depends);
    }
    let after_export = text.strip_prefix("export").filter(|after| after.starts_with(is_blank));
    let text = after_export.map_or(text, |after| after.trim_start_matches(is_blank));
    if text.starts_with('#') {
        return Ok((None, end_of_line(text)?));
    }
    let (name, rest) = if let Some(quoted) = text.strip_prefix('\'') {
        quoted.split_once('\'').filter(|(name, _)| !name.is_empty()).ok_or(Reading::Fails)?
    } else {
        text.split_at(text.find(|c| c == '=' || c == '#' || is_space(c)).unwrap_or(text.len()))
    };
    if name.is_empty() {
        return Err(Reading::Fails);
    }
    // A name alone is listed without a value.
    let after_equals = rest.trim_start_matches(is_blank).strip_prefix('=').ok_or(Reading::Acts)?;
    let written = after_equals.trim_start_matches(is_blank);
    let (value, rest) = match written.chars().next() {
        Some('#') if written.len() < after_equals.len() => return Err(Reading::Depends),
        Some(mark @ ('\'' | '"')) => quoted(&written[1..], mark)?,
        _ => {
            let (line, rest) = written.split_at(written.find('\n').unwrap_or(written.len()));
            (without_comment(line).trim_end_matches(is_space).to_owned(), rest)
        }
    };
    Ok((Some(Reading::Sets { name: name.to_owned(), value }), end_of_line(rest)?))
}

/// What follows the line, on which nothing but a comment may be left.
fn end_of_line(text: &str) -> Result<&str, Reading> {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let line = line.trim_start_matches(is_blank);
    if line.is_empty() || line.starts_with('#') { Ok(rest) } else { Err(Reading::Fails) }
}

/// A comment begins with white space and `#`.
fn without_comment(line: &str) -> &str {
    let mut before = None;
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_some_and(is_space) {
            return &line[..at];
        }
        before = Some(c);
    }
    line
}

/// The value up to its closing quote, and what follows it.
fn quoted(text: &str, mark: char) -> Result<(String, &str), Reading> {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == mark {
            return Ok((value, &text[at + 1..]));
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let (_, escaped) = chars.next().ok_or(Reading::Fails)?;
        // Before 1.2 the second backslash could escape the quote.
        if escaped == '\\' && chars.peek().is_some_and(|(_, next)| *next == mark) {
            return Err(Reading::Depends);
        }
        let decoded = match escaped {
            '\\' | '\'' => Some(escaped),
            _ if mark == '\'' => None,
            '"' => Some('"'),
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            _ => None,
        };
        if decoded.is_none() {
            value.push('\\');
        }
        value.push(decoded.unwrap_or(escaped));
    }
    Err(Reading::Fails)
}

/// White space of Python.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// White space within a line.
fn is_blank(c: char) -> bool {
    is_space(c) && c != '\n'
}
