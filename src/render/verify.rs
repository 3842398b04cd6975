//! A look at each artifact before anything is written: a failure is a mistake of infragen, not of the user.

use super::Syntax;
use crate::source::Sources;
use crate::yaml::{self, Accept};
use std::path::Path;

/// Checks what every file and what this syntax must hold to.
///
/// # Errors
/// What is wrong, and in which line.
pub fn verify(syntax: Syntax, text: &str) -> Result<(), String> {
    lines(text)?;
    match syntax {
        Syntax::Yaml => yaml(text),
        Syntax::Nginx => nginx(text),
        Syntax::Dotenv => dotenv(text),
        Syntax::Shell | Syntax::Dockerfile | Syntax::Markdown | Syntax::Ignore => Ok(()),
    }
}

fn lines(text: &str) -> Result<(), String> {
    if !text.ends_with('\n') || text.ends_with("\n\n") {
        return Err("it does not end in one newline".into());
    }
    // split and not lines, which would drop the carriage return that is looked for.
    for (at, line) in text.split('\n').enumerate() {
        if line.contains('\r') {
            return Err(format!("line {} has a carriage return", at + 1));
        }
        if line.ends_with([' ', '\t']) {
            return Err(format!("line {} ends in white space", at + 1));
        }
    }
    Ok(())
}

fn yaml(text: &str) -> Result<(), String> {
    let mut sources = Sources::default();
    let id = sources.add(Path::new(""), String::new(), text.to_owned());
    yaml::parse_all(id, text, Accept::RENDERED).map(drop).map_err(|problems| {
        let first = problems.first();
        let line = first.map_or(0, |problem| sources.position(problem.span).line);
        format!("line {line}: {:?}", first.map(|problem| &problem.kind))
    })
}

/// Braces are balanced, and quotes end, outside comments.
fn nginx(text: &str) -> Result<(), String> {
    let (mut depth, mut quote, mut line) = (0_usize, None, 1);
    let mut chars = text.chars().peekable();
    let mut start_of_word = true;
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
            }
            // `${name}` is a variable.
            (None, '$') if chars.peek() == Some(&'{') => while chars.next().is_some_and(|c| c != '}') {},
            (None, '{') => depth += 1,
            (None, '}') => depth = depth.checked_sub(1).ok_or_else(|| format!("line {line} closes a block that is not open"))?,
            (Some(_) | None, _) => {}
        }
        start_of_word = c.is_whitespace() || matches!(c, ';' | '{' | '}');
    }
    match quote {
        Some(_) => Err("a quote does not end".into()),
        None if depth > 0 => Err(format!("{depth} blocks are not closed")),
        None => Ok(()),
    }
}

/// Each line is a comment, empty, or NAME=VALUE with each name once.
fn dotenv(text: &str) -> Result<(), String> {
    let mut names = std::collections::BTreeSet::new();
    for (at, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split_once('=').map(|(name, _)| name).ok_or_else(|| format!("line {} is no assignment", at + 1))?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || !names.insert(name) {
            return Err(format!("line {}: `{name}` is no new name", at + 1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defects_are_seen() {
        assert_eq!(verify(Syntax::Yaml, "a: 1\nb: [c]\n"), Ok(()));
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
            (Syntax::Dotenv, "A=1\nA=2\n"),
            (Syntax::Dotenv, "A\n"),
        ] {
            assert!(verify(syntax, text).is_err(), "{text:?}");
        }
        assert_eq!(verify(Syntax::Nginx, "# don't\na \"}\" '{' ${x};\nb { c; }\n"), Ok(()));
    }
}
