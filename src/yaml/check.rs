//! A look at a text without making a tree of it.

use super::{MAX_DEPTH, Problem, ProblemKind, options, plain, problem, scalar_text, syntax_problem};
use crate::source::{SourceId, Span, span};
use granit_parser::{Event, Parser, ScalarStyle};
use std::borrow::Cow;

/// A collection whose end has not been read.
enum Open {
    List,
    /// A mapping: where its keys start in the list of all, and whether a key is next.
    Map {
        keys: usize,
        is_key: bool,
    },
}

/// Asks of a text what [`super::parse_all`] asks of a rendered file. Keys are compared when their map ends; a key that is an
/// alias is not looked at.
///
/// # Errors
/// The first problem.
pub fn check(id: SourceId, text: &str) -> Result<(), Problem> {
    let mut open: Vec<Open> = Vec::new();
    let mut keys: Vec<(Cow<'_, str>, Span)> = Vec::new();
    for next in Parser::new_from_str_with_options(text, options()) {
        let (event, place) = next.map_err(|error| syntax_problem(id, text, &error))?;
        let here = || span(id, place.byte_range().unwrap_or(0..0));
        let is_node = matches!(event, Event::Scalar(..) | Event::Alias(_) | Event::SequenceStart(..) | Event::MappingStart(..));
        let is_key = is_node && is_key(&mut open);
        match event {
            Event::Scalar(.., Some(tag)) if !tag.is_yaml_core_schema_tag("str") => return Err(problem(ProblemKind::Tag(tag.to_string()), here())),
            Event::SequenceStart(.., Some(tag)) | Event::MappingStart(.., Some(tag)) => return Err(problem(ProblemKind::Tag(tag.to_string()), here())),
            Event::Scalar(text, style, ..) if is_key => {
                // `1` and `1` in quotes are one key, as they are in the tree.
                let key = if style == ScalarStyle::Plain { key(text) } else { text };
                keys.push((key, here()));
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if is_key => return Err(problem(ProblemKind::ComplexKey, here())),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= MAX_DEPTH {
                    return Err(problem(ProblemKind::TooDeep, here()));
                }
                open.push(if matches!(event, Event::SequenceStart(..)) { Open::List } else { Open::Map { keys: keys.len(), is_key: true } });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open::Map { keys: first, .. }) = open.pop() {
                    keys[first..].sort_unstable();
                    if let Some(pair) = keys[first..].windows(2).find(|pair| pair[0].0 == pair[1].0) {
                        return Err(Problem { kind: ProblemKind::DuplicateKey(pair[1].0.to_string()), span: pair[1].1, first: Some(pair[0].1) });
                    }
                    keys.truncate(first);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// True if the next node is a key; the one behind it is not.
fn is_key(open: &mut [Open]) -> bool {
    let Some(Open::Map { is_key, .. }) = open.last_mut() else { return false };
    *is_key = !*is_key;
    !*is_key
}

/// A plain key as the tree has it.
fn key(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.as_bytes().first() {
        // Only what looks like one of them is a number, a word, or nothing.
        None | Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'~') => Cow::Owned(scalar_text(&plain(&text))),
        Some(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml::{Accept, parse_all};
    use std::path::Path;

    #[test]
    fn it_says_what_the_tree_says() {
        let id = Sources::default().add(Path::new(""), String::new(), String::new());
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        for text in [
            "",
            "a",
            "a: 1\n---\nb: 2\n",
            "a: {b: 1, c: [d, {b: 1}]}\nb: 1\n",
            "a: 1\nb: 2\na: 3\n",
            "a: {b: 1, b: 2}\n",
            "- {a: 1}\n- {a: 1}\n",
            "1: a\n'1': b\n",
            "~: a\nnull: b\n",
            "01: a\n1: b\n",
            "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n",
            "? [a]\n: b\n",
            "a: !!binary b\n",
            "a: !!str 1\n",
            "a: !x {b: c}\n",
            "a: *b\n",
            "a: [\n",
            "a: \"b\n",
            "\ta: b\n",
            "a: &b [*b]\n",
            &deep,
            "a: b: c\n",
            "true: 1\n'true': 2\n",
            "a: {b: {c: 1}, c: {b: 1}}\nc: 1\n",
            "a: {}\nb: []\na: []\n",
        ] {
            // A collection that is refused has not ended yet: only where it starts is known to both.
            let place = |problem: &Problem| (problem.kind.clone(), problem.span.start, problem.first);
            let tree = parse_all(id, text, Accept::RENDERED).map(drop).map_err(|problems| place(&problems[0]));
            // A value inside itself would need the values.
            let expected = if text.contains("[*b]") { Ok(()) } else { tree };
            assert_eq!(check(id, text).map_err(|problem| place(&problem)), expected, "{text:?}");
        }
    }
}
