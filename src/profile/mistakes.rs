//! Mistakes in the notation, in words: what is wrong, what stands there, and what to write.

use super::hints;
use crate::yaml::Mistake;

/// Message, label and next step.
pub fn words(mistake: &Mistake) -> [String; 3] {
    let (message, label, help): (String, String, String) = match mistake {
        Mistake::MergeConflict => (
            "a merge conflict was not settled".into(),
            "git left this mark".into(),
            "keep one of the two sides, and remove the lines of `<<<<<<<`, `=======` and `>>>>>>>`".into(),
        ),
        Mistake::Template => (
            "a profile is no template".into(),
            "in YAML, braces are a map".into(),
            "write the value itself; what profiles share is put into one that they `extends`. A text with braces needs quotes".into(),
        ),
        Mistake::Reserved(c, text) => {
            let c = if *c == '`' { "a backtick".to_owned() } else { format!("`{c}`") };
            let help = match hints::value("cron", text).filter(|_| text.starts_with('@')) {
                Some(fields) => format!("write `\"{fields}\"`: a schedule has five fields, in UTC: minute, hour, day of the month, month and day of the week"),
                None if text.is_empty() || text.contains(['`', '"', '\\']) => "put the whole text in quotes".into(),
                None => format!("put the whole text in quotes: `\"{text}\"`"),
            };
            (format!("a text that starts with {c} needs quotes"), format!("{c} has a meaning of its own in YAML"), help)
        }
        Mistake::Invisible(c) => (
            "the file has a character that cannot be seen".into(),
            format!("U+{:04X} stands here", *c as u32),
            "delete it; it often comes with a text that was copied from elsewhere".into(),
        ),
        Mistake::UnknownAlias(name) => (
            format!("no value before this one is marked `&{name}`"),
            "`*` stands for a value that was marked".into(),
            format!("mark a value with `&{name}` further up, or put a text that starts with `*` in quotes"),
        ),
        Mistake::AliasInItself => {
            ("a value cannot be a part of itself".into(), "this stands inside the value that it stands for".into(), "write the value that is meant".into())
        }
        Mistake::UnclosedQuote(quote) => {
            ("a quote is not closed".into(), "it opens here".into(), format!("write another `{quote}` where the text ends, in the same line"))
        }
        Mistake::BehindQuote('\'') => (
            "something stands behind the end of a text in quotes".into(),
            "the text has ended before this".into(),
            "write an apostrophe in single quotes twice, as in 'it''s', or use double quotes: \"it's\"".into(),
        ),
        Mistake::BehindQuote(_) => (
            "something stands behind the end of a text in quotes".into(),
            "the text has ended before this".into(),
            "put the whole text in quotes, and `\\` before a double quote inside".into(),
        ),
        Mistake::Escape => (
            "a backslash in double quotes has a meaning of its own".into(),
            "YAML does not know this one".into(),
            "write `\\\\` for a backslash, or use single quotes".into(),
        ),
        Mistake::UnclosedBracket(open) => (
            format!("a `{open}` is not closed"),
            "it opens here".into(),
            format!("write `{}` where the {} ends", closing(*open), if *open == '[' { "list" } else { "map" }),
        ),
        Mistake::OtherBracket(open, close) => {
            (format!("a `{open}` is closed by a `{close}`"), "it opens here".into(), format!("close it with `{}`", closing(*open)))
        }
        Mistake::StrayBracket(close) => {
            (format!("a `{close}` closes nothing"), "no bracket is open here".into(), "remove it, or put a text with brackets in quotes".into())
        }
        Mistake::MissingComma => (
            "a comma is missing".into(),
            "a new entry starts, and the one before it has not ended".into(),
            "write `,` between the entries; a text with `: ` or a bracket in it, such as `${NAME}`, needs quotes".into(),
        ),
        Mistake::StrayComma => {
            ("a comma separates nothing".into(), "the value has ended before this".into(), "remove the comma: each key has a line of its own".into())
        }
        Mistake::MissingColon(key) => (
            "a colon is missing".into(),
            "this is no key and no value".into(),
            format!("write `{key}: ...`; the further lines of a long text are indented more than its key"),
        ),
        Mistake::Equals(line) => ("a key is followed by a colon, not by `=`".into(), "this is no key and no value".into(), format!("write `{line}`")),
        Mistake::MissingSpace(line) => ("a space is missing behind a colon".into(), "without it, this is one word".into(), format!("write `{line}`")),
        Mistake::SecondColon => {
            ("a line has two keys".into(), "this is the second colon".into(), "put a text with `: ` in it in quotes; a further key starts a new line".into())
        }
        Mistake::Indentation(found, allowed) => {
            ("this line belongs to none of those above".into(), format!("{} before it", spaces(*found)), format!("indent it by {}", either(allowed)))
        }
        Mistake::TooDeep(right) => (
            "this line belongs to the value above it, which is complete".into(),
            "it is indented more than that one".into(),
            format!("indent it by {}, or remove the value above", spaces(*right)),
        ),
        Mistake::TooShallow(found, right) => (
            "this line is indented less than those above and below it".into(),
            format!("{} before it", spaces(*found)),
            format!("indent it by {}", spaces(*right)),
        ),
        Mistake::NoItem => (
            "a line between the items of a list is no item".into(),
            "there is no `- ` before this".into(),
            "start it with `- `; a further key is indented as the key of the list is".into(),
        ),
        Mistake::MisplacedItem => (
            "a list cannot start here".into(),
            "this is an item of a list".into(),
            "start the list in the line below its key, or write `[a, b]`; a text that starts with `- ` needs quotes".into(),
        ),
        Mistake::Dash(key) => (
            "an item of a list stands among the keys of a map".into(),
            "this starts an item".into(),
            format!("remove the dash: `{key}` is a key like those beside it"),
        ),
        Mistake::Blank(c) => (
            "a blank is not that of the space bar".into(),
            format!("U+{:04X} stands here", u32::from(*c)),
            "put spaces in its place; it often comes with a text that was copied from a web page".into(),
        ),
        Mistake::Comment => (
            "a comment cannot start here".into(),
            "this starts a comment".into(),
            "put a space before `#`, and put a text of several lines, or one with ` #` in it, in quotes".into(),
        ),
        Mistake::Other(_) => (
            "this is not valid YAML".into(),
            "nothing that could be read starts here".into(),
            "look at the indentation, the colons and the quotes of this line and of the one above".into(),
        ),
    };
    [message, label, help]
}

fn closing(open: char) -> char {
    if open == '[' { ']' } else { '}' }
}

fn spaces(count: usize) -> String {
    match count {
        0 => "no spaces".into(),
        1 => "1 space".into(),
        _ => format!("{count} spaces"),
    }
}

/// `2 or 4 spaces`.
fn either(counts: &[usize]) -> String {
    match counts {
        [] => spaces(0),
        [only] => spaces(*only),
        [first @ .., last] => format!("{} or {}", first.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "), spaces(*last)),
    }
}
