//! The report for people at a terminal.

use super::unified::visible;
use super::{Change, FileReport, ProfileReport, changes, counts, paint, unified, wrong_mode};
use crate::plan::State;

/// Lines of one file's differences that a terminal shows.
const LONGEST: usize = 200;

/// One profile: a line for each file that drifted with its state and fix, the differences, and a line that sums up.
pub fn text(report: &ProfileReport, colour: bool) -> String {
    with(report, "", colour, difference)
}

/// The same with what files say differently in the place of their lines.
pub fn semantic(report: &ProfileReport, colour: bool) -> String {
    with(report, " --semantic", colour, said)
}

/// What a file says differently, a line for each value; its lines where it is no YAML.
pub(super) fn said(report: &FileReport, colour: bool) -> String {
    let Some(changes) = changes(report) else { return difference(report, colour) };
    let mode = report.file.wrong_mode.map(|mode| wrong_mode(mode, colour)).unwrap_or_default();
    if changes.is_empty() && mode.is_empty() {
        return report.form().map_or_else(|| "it says the same: only comments, order or layout differ\n".to_owned(), |form| format!("{form}\n"));
    }
    let sgr = |change: &Change| match (&change.old, &change.new) {
        (Some(_), Some(_)) => "33",
        (Some(_), None) => "31",
        _ => "32",
    };
    changes.iter().fold(mode, |text, change| format!("{text}{}\n", paint(&visible(&change.text()), sgr(change), colour)))
}

fn with(report: &ProfileReport, more: &str, colour: bool, differences: fn(&FileReport, bool) -> String) -> String {
    let profile = report.gone.map_or_else(|| report.name.clone(), |why| format!("{} ({why})", report.name));
    let drifted: Vec<&FileReport> = report.files.iter().filter(|file| file.is_drift()).collect();
    let mut text = String::new();
    for file in &drifted {
        let also = file.file.also.iter().fold(String::new(), |text, state| text + ", " + state.as_str());
        let first = if file.is_to_be_moved() { "move the edit into the profile, or discard it: " } else { "" };
        let fix = file.fix.as_ref().map(|fix| format!("   {first}{fix}")).unwrap_or_default();
        text += &format!("{}  {}{also}{fix}\n", paint(&file.path, "1", colour), paint(file.file.state.as_str(), "33", colour));
        text += &folded(&differences(file, colour), &format!("{}{more}", report.again), colour);
    }
    text += &match drifted.len() {
        0 => format!("{profile}: {} files up to date\n", report.files.len()),
        count => format!("{profile}: {count} of {} files drifted (- what is there, + what the profile renders)\n", report.files.len()),
    };
    text
}

/// All profiles in one line; nothing if there is only one.
pub fn summary(reports: &[ProfileReport]) -> String {
    if reports.len() < 2 {
        return String::new();
    }
    let files: usize = reports.iter().map(|report| report.files.len()).sum();
    let parts: Vec<String> = counts(reports).iter().map(|(state, count)| format!("{count} {}", state.as_str())).collect();
    format!("{} profiles, {files} files: {}\n", reports.len(), if parts.is_empty() { "none".to_owned() } else { parts.join(", ") })
}

/// A terminal is no place for thousands of lines; a pipe gets all of them.
fn folded(difference: &str, again: &str, is_terminal: bool) -> String {
    let lines = difference.lines().count();
    if !is_terminal || lines <= LONGEST {
        return difference.to_owned();
    }
    let shown: String = difference.split_inclusive('\n').take(LONGEST).collect();
    format!("{shown}... {} more lines; all of them: {again} | less\n", lines - LONGEST)
}

/// What is there against what is rendered: mode and text.
pub(super) fn difference(report: &FileReport, colour: bool) -> String {
    if report.file.blocked.is_some() && report.is_drift() {
        return format!("{}\n", report.sentence());
    }
    let (rendered, current) = match (&report.file.rendered, &report.file.current) {
        (Some(rendered), Some(current)) => (rendered, current),
        // Somebody's work that would go with it.
        (None, Some(_)) if report.file.state == State::Orphan && !report.file.is_as_written => return unified(&report.current().text, "", colour),
        _ => return String::new(),
    };
    let mode = report.file.wrong_mode.map(|mode| wrong_mode(mode, colour)).unwrap_or_default();
    if current == rendered.text.as_bytes() {
        return mode;
    }
    if std::str::from_utf8(current).is_err() {
        return format!("{mode}what is there is no text\n");
    }
    // Each line twice would say less.
    if current.contains(&b'\r') {
        if let Some(form) = report.form() {
            return format!("{mode}{form}; git's core.autocrlf does that, and a line `* text eol=lf` in .gitattributes keeps it from it\n");
        }
    }
    mode + &unified(&report.current().text, &rendered.text, colour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::FileState;
    use crate::render::Rendered;

    fn report(current: &str, wrong_mode: Option<u32>) -> FileReport {
        let rendered = Rendered { path: "run".into(), text: "true\n".into(), executable: true };
        let (current, also) = (Some(current.into()), Vec::new());
        let file = FileState {
            path: "run".into(),
            rendered: Some(rendered),
            current,
            is_as_written: false,
            blocked: None,
            is_executable: false,
            wrong_mode,
            state: State::HandEdited,
            also,
        };
        FileReport { path: "run".into(), patch_path: "run".into(), fix: None, secrets: Vec::new(), file }
    }

    #[test]
    fn a_wrong_mode_is_named() {
        assert_eq!(difference(&report("true\n", Some(0o644)), false), "-mode 644\n+mode 755: it is a script, and has to be executable\n");
        let both = "-mode 644\n+mode 755: it is a script, and has to be executable\n@@ -1 +1 @@\n-false\n+true\n";
        assert_eq!(difference(&report("false\n", Some(0o644)), false), both);
        assert_eq!(difference(&report("false\n", None), false), "@@ -1 +1 @@\n-false\n+true\n");
    }

    #[test]
    fn a_terminal_gets_a_part_of_a_long_difference() {
        let long = "x\n".repeat(500);
        assert_eq!(folded(&long, "infragen diff p", false), long);
        let shown = folded(&long, "infragen diff p", true);
        assert!(shown.lines().count() == LONGEST + 1 && shown.ends_with("... 300 more lines; all of them: infragen diff p | less\n"), "{shown}");
    }
}
