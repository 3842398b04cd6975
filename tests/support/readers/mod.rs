//! How others than Compose read the same lines. When in doubt, they read them otherwise.
#![allow(dead_code, reason = "each test uses a part of it")]

mod python;
mod shell;

use infragen::envfile::Assignment;
pub use python::python_dotenv;
pub use shell::shell;

/// Who else reads env files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// bash and dash, with `set -a; . ./FILE`.
    Shell,
    /// Libraries for dotenv, with python-dotenv 1.x for all of them: `dotenv_values(interpolate=False)`.
    Libraries,
}

/// What a reader makes of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It gives the name this value, always, and does nothing else.
    Sets {
        /// The name.
        name: String,
        /// Its value.
        value: String,
    },
    /// The value depends on variables, commands, files, or on the version of the reader.
    Depends,
    /// Something else than one assignment is done, or more than that: a shell runs a command.
    Acts,
    /// The reader cannot make sense of it.
    Fails,
}

/// The readers for which the assignment, as a line of its file, is not plainly the one that Compose makes of it.
///
/// `text` is the file that was parsed. Each statement is judged as if its lines stood alone: a reader that trips over one
/// statement may lose what follows, too. A name without `=` is none of the file's assignments to other readers, so that all differ.
pub fn differences(assignment: &Assignment, text: &str) -> Vec<Reader> {
    let start = text[..assignment.span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[assignment.span.end..].find('\n').map_or(text.len(), |length| assignment.span.end + length);
    let same = Reading::Sets { name: assignment.name.clone(), value: assignment.value.clone() };
    // What other values and other statements decide is not plain.
    let is_alone = text[start..assignment.span.start].trim().is_empty();
    let is_plain = is_alone && !assignment.inherited && !assignment.expands;
    let lines = &text[start..end];
    let mut differ = Vec::new();
    if !is_plain || shell(lines) != same {
        differ.push(Reader::Shell);
    }
    if !is_plain || python_dotenv(lines) != same {
        differ.push(Reader::Libraries);
    }
    differ
}

#[cfg(test)]
mod tests {
    use super::*;
    use infragen::envfile::parse;

    fn differ(text: &str) -> Vec<Vec<Reader>> {
        let parsed = parse(text);
        assert!(parsed.is_readable_by_compose(), "{:?}", parsed.problems);
        parsed.assignments.iter().map(|one| differences(one, text)).collect()
    }

    #[test]
    fn plain_lines_are_read_alike() {
        for text in
            ["A=x\n", "A=x", "A=", "export A=x\n", "  A='a b $C'", "A=\"it's\"\n", "A='a\nb'\n", "A=x # note", "A='x' # note", "A=x#y", r"A='a\b'", "A=\"5$\""]
        {
            assert_eq!(differ(text), [vec![]], "{text:?}");
        }
    }

    #[test]
    fn readers_that_differ_are_named() {
        let (shell, libraries, both) = (vec![Reader::Shell], vec![Reader::Libraries], vec![Reader::Shell, Reader::Libraries]);
        for (text, expected) in [
            // Words, comments, separators.
            ("A=a b", &shell),
            ("A = x", &shell),
            ("A: x", &both),
            ("A= # note", &both),
            ("A=x\t# note", &both),
            ("A.B=x", &shell),
            // Quotes and backslashes.
            ("A=it's", &shell),
            (r"A=a\b", &shell),
            (r"A='it\'s'", &shell),
            (r"A='a\\b'", &libraries),
            (r#"A="a\nb""#, &shell),
            (r#"A="a\\""#, &libraries),
            (r#"A="a\$b""#, &libraries),
            // Dollars and what else a shell expands.
            ("B=1\nA=$B", &both),
            ("A=$$", &both),
            ("A=$1", &shell),
            ("A=`b`", &shell),
            ("A=~/x", &shell),
            ("export A=*", &shell),
            ("UID=1000", &shell),
            // Lines.
            ("A=x\r\n", &shell),
            ("\u{feff}A=x", &both),
            ("A='x' B=y", &both),
            ("A\n", &both),
        ] {
            let last = differ(text).pop().expect("an assignment");
            assert_eq!(&last, expected, "{text:?}");
        }
    }

    #[test]
    fn readings_say_what_happens() {
        let sets = |value: &str| Reading::Sets { name: "A".into(), value: value.into() };
        for (text, expected) in [
            ("A=x", sets("x")),
            ("A='x'\"y\"z", sets("xyz")),
            (r"A=x\ y", sets("x y")),
            ("A=x\r", sets("x\r")),
            ("A=x # y\n", sets("x")),
            ("A=x y", Reading::Acts),
            ("A=x\nB=y", Reading::Acts),
            ("A+=x", Reading::Acts),
            ("A=x&", Reading::Acts),
            ("A=$(b)", Reading::Depends),
            ("A='x", Reading::Fails),
            ("A=(x)", Reading::Fails),
            ("A=\u{1}", Reading::Fails),
        ] {
            assert_eq!(shell(text), expected, "{text:?}");
        }
        for (text, expected) in [
            ("A=x", sets("x")),
            ("'A' =\tx y ", sets("x y")),
            ("A=x\t#y", sets("x")),
            (r#"A="\n\$""#, sets("\n\\$")),
            ("A='a\rb'", sets("a\nb")),
            ("A= #x", Reading::Depends),
            ("A='x'y", Reading::Fails),
            ("A", Reading::Acts),
            ("A=x\nB=y", Reading::Acts),
        ] {
            assert_eq!(python_dotenv(text), expected, "{text:?}");
        }
    }
}
