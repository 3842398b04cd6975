//! The report as a comment on a change: short enough for every code host, and enough to decide by.

use super::text::{difference, said};
use crate::diagnostics::Diagnostic;
use crate::source::Sources;

use super::{FileReport, ProfileReport, counts};

/// GitHub takes 65,536 characters.
pub const LONGEST: usize = 60_000;
/// What a block needs besides its lines: names, fence, and how many lines are left out.
const BLOCK: usize = 250;
/// Where there is less room than that for each, some files are left out, and the others can be read.
const LEAST_FILE: usize = BLOCK + 150;
/// The line that says what is left out.
const LAST_LINE: usize = 200;
/// As many errors say what is wrong; `infragen diff` has all.
const MOST_ERRORS: usize = 20;
/// A table is no place for hundreds of lines.
const MOST_ROWS: usize = 200;

/// The comment, of at most so many bytes: what happened in a sentence, a table of what drifted, and the differences, folded.
pub fn markdown(reports: &[ProfileReport], errors: &[Diagnostic], sources: &Sources, room: usize, is_semantic: bool) -> String {
    let failed = failed(errors, sources);
    let files: usize = reports.iter().map(|report| report.files.len()).sum();
    let drifted: Vec<(&ProfileReport, &FileReport)> =
        reports.iter().flat_map(|report| report.files.iter().filter(|file| file.is_drift()).map(move |file| (report, file))).collect();
    if reports.is_empty() && !errors.is_empty() {
        return failed;
    }
    if drifted.is_empty() {
        let rest = if errors.is_empty() { "" } else { "the rest is " };
        return failed + &format!("### infragen: {rest}up to date\n\n{files} files of {} profiles are what the profiles render.\n", reports.len());
    }
    let parts: Vec<String> =
        counts(reports).iter().filter(|(state, _)| state.is_drift()).map(|(state, count)| format!("{count} `{}`", state.as_str())).collect();
    let mut text = failed;
    text += &format!("### infragen: {} of {files} files drifted\n\n{}\n\n", drifted.len(), parts.join(", "));
    text.push_str("| file | state | lines | settled by |\n|---|---|---|---|\n");
    let lines: Vec<String> = drifted.iter().map(|(_, file)| difference(file, false)).collect();
    let mut rows = 0;
    for ((_, file), lines) in drifted.iter().zip(&lines).take(MOST_ROWS) {
        let also = file.file.also.iter().fold(String::new(), |text, state| format!("{text}, `{}`", state.as_str()));
        let first = if file.is_to_be_moved() { "moving the edit into the profile, or discarding it: " } else { "" };
        let fix = file.fix.as_ref().map(|fix| format!("{first}{}", code(fix))).unwrap_or_default();
        let row = format!("| {} | `{}`{also}: {} | {} | {fix} |\n", code(&file.path), file.file.state.as_str(), file.sentence(), count(lines));
        // Half of it is for the differences.
        if text.len() + row.len() > room / 2 {
            break;
        }
        rows += 1;
        text.push_str(&row);
    }
    if drifted.len() > rows {
        text.push_str(&format!("\n{} more files are not listed.\n", drifted.len() - rows));
    }
    let with_difference: Vec<_> = drifted.iter().zip(lines).filter(|(_, lines)| !lines.is_empty()).collect();
    if !with_difference.is_empty() {
        text.push_str("\n`-` is what is there, `+` what the profile renders.\n");
    }
    let left = room.saturating_sub(text.len() + LAST_LINE);
    let share = share(with_difference.iter().map(|(_, lines)| lines.len() + BLOCK), left).max(LEAST_FILE);
    let mut left_out = 0;
    for ((report, file), lines) in &with_difference {
        // What differs in few words, where the lines are too long to be shown.
        let is_too_long = lines.len() + BLOCK > share;
        let values = if is_semantic || is_too_long { Some(said(file, false)) } else { None };
        let shown = values.filter(|values| is_semantic || values.len() < lines.len());
        let block = block(report, file, shown.as_ref().unwrap_or(lines), share.saturating_sub(BLOCK));
        if text.len() + block.len() + LAST_LINE > room {
            left_out += 1;
        } else {
            text.push_str(&block);
        }
    }
    if left_out > 0 {
        text.push_str(&format!("\nThe differences of {left_out} more files are left out: the comment would be too long. `infragen diff` shows them.\n"));
    }
    text
}

/// How much room each of many blocks may take, so that all have some: what short ones leave, long ones get.
fn share(sizes: impl Iterator<Item = usize>, room: usize) -> usize {
    let mut sizes: Vec<usize> = sizes.collect();
    sizes.sort_unstable();
    let mut left = room;
    for (at, size) in sizes.iter().enumerate() {
        let share = left / (sizes.len() - at);
        if *size > share {
            return share;
        }
        left -= size;
    }
    room
}

/// Lines that go and lines that come, as code hosts count them.
fn count(difference: &str) -> String {
    let of = |sign: char| difference.lines().filter(|line| line.starts_with(sign)).count();
    match (of('-'), of('+')) {
        (0, 0) => String::new(),
        (removed, added) => format!("-{removed} +{added}"),
    }
}

/// What could not be compared; nothing if everything was.
fn failed(errors: &[Diagnostic], sources: &Sources) -> String {
    if errors.is_empty() {
        return String::new();
    }
    let line = |error: &Diagnostic| finding(error, sources);
    let rest = errors.len().saturating_sub(MOST_ERRORS);
    let more = if rest > 0 { format!("- {rest} more\n") } else { String::new() };
    format!("### infragen: not everything could be compared\n\n{}{more}\n", errors.iter().take(MOST_ERRORS).map(line).collect::<String>())
}

/// A finding or an error as an item of a list: its place, what is wrong, and what to do.
pub(super) fn finding(finding: &Diagnostic, sources: &Sources) -> String {
    let place = finding.primary.as_ref().map(|label| format!("{}:{}", sources.get(label.span.source).shown, sources.position(label.span).line));
    let place = place.map(|place| format!("{}: ", code(&place))).unwrap_or_default();
    let help = finding.help.as_ref().map(|help| format!("; {}", code(help))).unwrap_or_default();
    format!("- {place}{} `{}`: {}{help}\n", finding.severity.as_str(), finding.code, code(&finding.message))
}

/// The differences of one file, folded, of at most so many bytes.
fn block(report: &ProfileReport, file: &FileReport, difference: &str, room: usize) -> String {
    folded(&file.path, &format!("{}, profile {}", file.file.state.as_str(), report.name), difference, room)
}

/// Lines of differences below a path and what is said of it.
pub(super) fn folded(path: &str, about: &str, difference: &str, room: usize) -> String {
    let mut shown = String::new();
    let mut lines = difference.split_inclusive('\n');
    for line in lines.by_ref() {
        if shown.len() + line.len() > room {
            break;
        }
        shown.push_str(line);
    }
    let rest = difference.lines().count() - shown.lines().count();
    if rest > 0 {
        shown.push_str(&format!("... {rest} more lines\n"));
    }
    // Longer than any run of backticks inside.
    let fence = "`".repeat(longest_run(&shown).max(2) + 1);
    let path = path.replace('&', "&amp;").replace('<', "&lt;");
    format!("\n<details><summary><code>{path}</code> ({about})</summary>\n\n{fence}diff\n{shown}{fence}\n\n</details>\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// Text that stays text in a cell of a table.
pub(super) fn plain(text: &str) -> String {
    crate::render::escape::markdown::text(text).replace('|', "\\|")
}

/// Text as code in a cell of a table.
pub(super) fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
