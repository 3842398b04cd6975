//! Differences for people: unified, with what cannot be seen made visible.

use similar::{Algorithm, ChangeTag, TextDiff};
use std::time::Duration;

/// Lines around a change.
const CONTEXT: usize = 3;

/// Text in a colour of the terminal, by its SGR number.
pub fn paint(text: &str, sgr: &str, colour: bool) -> String {
    if colour { format!("\x1b[{sgr}m{text}\x1b[0m") } else { text.to_owned() }
}

/// The differences of two texts, line by line.
pub(super) fn compare<'t>(old: &'t str, new: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    // A line ends at its newline alone: a carriage return is a character of it.
    (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect())
}

/// Compares lines. The deadline only makes the diff of a huge rewrite coarser, never wrong.
pub(super) fn diff<'a>(old: &'a [&'a str], new: &'a [&'a str]) -> TextDiff<'a, 'a, str> {
    let mut configured = TextDiff::configure();
    configured.algorithm(Algorithm::Myers).timeout(Duration::from_millis(500)).newline_terminated(true);
    configured.diff_slices(old, new)
}

/// Differences of two texts, without a header. In colour, the words that differ are marked within their lines.
pub fn unified(old: &str, new: &str, colour: bool) -> String {
    let (old, new) = compare(old, new);
    let diff = diff(&old, &new);
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        if !colour {
            text.extend(hunk.to_string().split_terminator('\n').flat_map(|line| [visible(line), "\n".to_owned()]));
            continue;
        }
        text.push_str(&format!("{}\n", paint(&hunk.header().to_string(), "36", colour)));
        for op in hunk.ops() {
            for change in diff.iter_inline_changes(op) {
                let (sign, sgr) = match change.tag() {
                    ChangeTag::Delete => ("-", "31"),
                    ChangeTag::Insert => ("+", "32"),
                    ChangeTag::Equal => (" ", ""),
                };
                let mut line = paint(sign, sgr, !sgr.is_empty());
                for (emphasized, part) in change.iter_strings_lossy() {
                    let part = visible(part.trim_end_matches('\n'));
                    // Reverse video, which every terminal has.
                    let sgr = if emphasized { format!("{sgr};7") } else { sgr.to_owned() };
                    line.push_str(&paint(&part, &sgr, !sgr.is_empty() && !part.is_empty()));
                }
                text.push_str(&format!("{line}\n"));
                if change.missing_newline() {
                    text.push_str("\\ No newline at end of file\n");
                }
            }
        }
    }
    text
}

/// The mode of a script that cannot be executed, or of another file that can, and the one that it has to have.
pub fn wrong_mode(mode: u32, colour: bool) -> String {
    let right = if mode & 0o100 == 0 {
        format!("{:03o}: it is a script, and has to be executable", mode | 0o111)
    } else {
        format!("{:03o}: it is no script, and must not be executable", mode & 0o666)
    };
    let (old, new) = (format!("-mode {mode:03o}"), format!("+mode {right}"));
    format!("{}\n{}\n", paint(&old, "31", colour), paint(&new, "32", colour))
}

/// Characters that a terminal would obey, or not show, by their pictures or their numbers.
pub(super) fn visible(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => shown.push(c),
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + c as u32)),
            '\u{7f}' => shown.push('\u{2421}'),
            '\u{80}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                shown.push_str(&format!("<U+{:04X}>", c as u32));
            }
            _ => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_made_visible() {
        for (old, new, expected) in [
            ("a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"),
            ("a\r\nb\n", "a\nb\n", "@@ -1,2 +1,2 @@\n-a\u{240d}\n+a\n b\n"),
            ("a\r\n", "a\n", "@@ -1 +1 @@\n-a\u{240d}\n+a\n"),
            ("\u{feff}a\n", "a\n", "@@ -1 +1 @@\n-<U+FEFF>a\n+a\n"),
            ("a\n\n", "a\n", "@@ -1,2 +1 @@\n a\n-\n"),
            ("a\rb\n", "a\n", "@@ -1 +1 @@\n-a\u{240d}b\n+a\n"),
            ("\u{1b}[31ma\tb\u{7f}\n", "a\n", "@@ -1 +1 @@\n-\u{241b}[31ma\tb\u{2421}\n+a\n"),
            ("", "a\n", "@@ -0,0 +1 @@\n+a\n"),
        ] {
            assert_eq!(unified(old, new, false), expected, "{old:?}");
        }
    }

    #[test]
    fn in_colour_the_words_that_differ_are_marked() {
        let text = unified("a\nrestart: always here\n", "a\nrestart: never here\n", true);
        assert!(text.contains("\u{1b}[31;7malways\u{1b}[0m") && text.contains("\u{1b}[32;7mnever\u{1b}[0m"), "{text:?}");
        // Without the colours it is the same.
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find('\u{1b}') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1 + rest[at..].find('m').expect("an end")..];
            rest = rest.strip_prefix('m').unwrap_or(rest);
        }
        plain.push_str(rest);
        assert_eq!(plain, unified("a\nrestart: always here\n", "a\nrestart: never here\n", false));
    }

    #[test]
    fn a_mode_is_named() {
        assert_eq!(wrong_mode(0o640, false), "-mode 640\n+mode 751: it is a script, and has to be executable\n");
    }
}
