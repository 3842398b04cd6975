//! Differences for people: unified, with what cannot be seen made visible.

use super::terminal::paint;
use similar::{Algorithm, TextDiff};
use std::time::Duration;

/// Differences of two texts, without a header.
pub fn unified(old: &str, new: &str, colour: bool) -> String {
    // The deadline only makes the diff of a huge rewrite coarser, never wrong.
    let mut configured = TextDiff::configure();
    configured.algorithm(Algorithm::Myers).timeout(Duration::from_millis(500)).newline_terminated(true);
    // A line ends at its newline alone: a carriage return is a character of it.
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let diff = configured.diff_slices(&old, &new);
    let mut text = String::new();
    for line in diff.unified_diff().context_radius(3).to_string().split_terminator('\n') {
        let sgr = match line.as_bytes().first() {
            Some(b'+') => "32",
            Some(b'-') => "31",
            Some(b'@') => "36",
            _ => "0",
        };
        let shown = visible(line);
        text.push_str(&if sgr == "0" { shown } else { paint(&shown, sgr, colour) });
        text.push('\n');
    }
    text
}

/// The mode of a script that cannot be executed, and the one that it has to have.
pub fn wrong_mode(mode: u32, colour: bool) -> String {
    let (old, new) = (format!("-mode {mode:03o}"), format!("+mode {:03o}: it is a script, and has to be executable", mode | 0o111));
    format!("{}\n{}\n", paint(&old, "31", colour), paint(&new, "32", colour))
}

/// Characters that a terminal would obey, or not show, by their pictures or their numbers.
fn visible(line: &str) -> String {
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
    fn a_mode_is_named() {
        assert_eq!(wrong_mode(0o640, false), "-mode 640\n+mode 751: it is a script, and has to be executable\n");
    }
}
