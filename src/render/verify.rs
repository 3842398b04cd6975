//! A look at each artifact before anything is written: a failure is a mistake of infragen, not of the user.

use super::Syntax;
use crate::source::Sources;
use crate::yaml;
use std::path::Path;

/// What is wrong with a rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1, where one is known.
    pub line: Option<usize>,
    /// What is wrong there.
    pub what: String,
}

fn at(line: usize, what: impl Into<String>) -> Problem {
    Problem { line: Some(line), what: what.into() }
}

/// Checks what every file, and what this syntax, must hold to. `is_printed` says if a text was in a value.
///
/// # Errors
/// What is wrong, and in which line.
pub fn verify(syntax: Syntax, text: &str, is_printed: impl Fn(&str) -> bool) -> Result<(), Problem> {
    if syntax == Syntax::Text {
        // What a user wrote may look like anything.
        return Ok(());
    }
    lines(text)?;
    // A value may hold such a mark itself; then nothing can be said.
    for mark in ["{{", "{%"] {
        if let Some(at_byte) = text.find(mark).filter(|_| !is_printed(mark)) {
            return Err(at(text[..at_byte].matches('\n').count() + 1, format!("a template's `{mark}` is left over")));
        }
    }
    match syntax {
        Syntax::Yaml => yaml(text),
        Syntax::Nginx => nginx(text),
        Syntax::Dotenv => dotenv(text),
        Syntax::Dockerfile => dockerfile(text),
        Syntax::Shell | Syntax::Markdown | Syntax::Ignore | Syntax::Text => Ok(()),
    }
}

fn lines(text: &str) -> Result<(), Problem> {
    if !text.ends_with('\n') || text.ends_with("\n\n") {
        return Err(Problem { line: None, what: "it does not end in one newline".into() });
    }
    // split and not lines, which would drop the carriage return that is looked for.
    for (number, line) in text.split('\n').enumerate() {
        if line.contains('\r') {
            return Err(at(number + 1, "a carriage return"));
        }
        if line.ends_with([' ', '\t']) {
            return Err(at(number + 1, "white space at the end"));
        }
    }
    Ok(())
}

fn yaml(text: &str) -> Result<(), Problem> {
    let mut sources = Sources::default();
    let id = sources.add(Path::new(""), String::new(), text.to_owned());
    yaml::check(id, text).map_err(|problem| {
        let what = match &problem.kind {
            yaml::ProblemKind::DuplicateKey(key) => format!("the key `{key}` stands twice"),
            yaml::ProblemKind::Tab => "a tab where YAML wants blanks".to_owned(),
            _ => "up to here it is no YAML".to_owned(),
        };
        at(sources.position(problem.span).line, what)
    })
}

/// The exec form is JSON: Docker takes anything else for a line of shell, without a word.
fn dockerfile(text: &str) -> Result<(), Problem> {
    for (number, line) in text.lines().enumerate() {
        let instruction = ["CMD ", "ENTRYPOINT "].iter().find_map(|name| line.trim_start().strip_prefix(name));
        if instruction.is_some_and(|exec| serde_json::from_str::<Vec<String>>(exec).is_err()) {
            return Err(at(number + 1, "no JSON array of strings"));
        }
    }
    Ok(())
}

/// Braces are balanced, directives end before them, and quotes end, outside comments.
fn nginx(text: &str) -> Result<(), Problem> {
    let (mut depth, mut quote, mut line) = (0_usize, None, 1);
    let mut chars = text.chars().peekable();
    let mut start_of_word = true;
    // The last sign that is no blank.
    let mut last = ';';
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match (quote, c) {
            (_, '\\') => drop(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') if start_of_word => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
                continue;
            }
            // `${name}` is a variable.
            (None, '$') if chars.peek() == Some(&'{') => while chars.next().is_some_and(|c| c != '}') {},
            (None, '{') => depth += 1,
            (None, '}') if !matches!(last, ';' | '{' | '}') => return Err(at(line, "the directive before the end of a block does not end: it lacks its `;`")),
            (None, '}') => depth = depth.checked_sub(1).ok_or_else(|| at(line, "closes a block that is not open"))?,
            (Some(_) | None, _) => {}
        }
        start_of_word = c.is_whitespace() || matches!(c, ';' | '{' | '}');
        if !c.is_whitespace() {
            last = c;
        }
    }
    match quote {
        Some(_) => Err(at(line, "a quote does not end")),
        None if depth > 0 => Err(at(line, format!("{depth} blocks are not closed"))),
        None => Ok(()),
    }
}

/// Each line is a comment, empty, or NAME=VALUE with each name once.
fn dotenv(text: &str) -> Result<(), Problem> {
    let mut names = std::collections::BTreeSet::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split_once('=').map(|(name, _)| name).ok_or_else(|| at(number + 1, "no assignment"))?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || !names.insert(name) {
            return Err(at(number + 1, format!("`{name}` is no new name")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defects_are_seen() {
        assert_eq!(verify(Syntax::Yaml, "a: 1\nb: [c]\n", |_| false), Ok(()));
        assert_eq!(verify(Syntax::Yaml, "a: '{{ b }}'\n", |mark| "{{ b }}".contains(mark)), Ok(()));
        for (syntax, text) in [
            (Syntax::Yaml, "a: 1\na: 2\n"),
            (Syntax::Yaml, "a: [1\n"),
            (Syntax::Yaml, "a: 1"),
            (Syntax::Yaml, "a: 1\n\n"),
            (Syntax::Yaml, "a: 1 \n"),
            (Syntax::Yaml, "a: 1\r\nb: 2\n"),
            (Syntax::Nginx, "http { server {\n}\n"),
            (Syntax::Nginx, "a 'b;\n"),
            (Syntax::Nginx, "}\n"),
            (Syntax::Nginx, "a { b }\n"),
            (Syntax::Dotenv, "A=1\nA=2\n"),
            (Syntax::Dotenv, "A\n"),
            (Syntax::Yaml, "a: '{{ b }}'\n"),
            (Syntax::Dockerfile, "FROM a\nCMD ['a']\n"),
        ] {
            assert!(verify(syntax, text, |_| false).is_err(), "{text:?}");
        }
        assert_eq!(verify(Syntax::Nginx, "# don't\na \"}\" '{' ${x};\nb { c; }\n", |_| false), Ok(()));
    }
}
