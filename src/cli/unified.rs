//! A unified diff for people.

use super::terminal::paint;
use similar::{Algorithm, TextDiff};
use std::time::Duration;

/// Differences of two texts, without a header; carriage returns are made visible.
pub fn unified(old: &str, new: &str, colour: bool) -> String {
    // The deadline only makes the diff of a huge rewrite coarser, never wrong.
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).timeout(Duration::from_millis(500)).diff_lines(old, new);
    let mut text = String::new();
    for line in diff.unified_diff().context_radius(3).to_string().split_terminator('\n') {
        let shown = line.replace('\r', "\u{240d}");
        let sgr = match shown.as_bytes().first() {
            Some(b'+') => "32",
            Some(b'-') => "31",
            Some(b'@') => "36",
            _ => "0",
        };
        text.push_str(&if sgr == "0" { shown } else { paint(&shown, sgr, colour) });
        text.push('\n');
    }
    text
}
