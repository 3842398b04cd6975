//! The report as a patch: `git apply` makes the files what the profiles render.

use super::unified::{compare, diff};
use super::{FileReport, ProfileReport};
use crate::plan::State;

/// One patch for all files that drifted. What cannot stand in one is named in a line that `git apply` passes over.
pub fn patch(reports: &[ProfileReport]) -> String {
    reports.iter().flat_map(|report| &report.files).filter(|file| file.is_drift()).map(one).collect()
}

fn one(report: &FileReport) -> String {
    if report.file.state == State::Untracked {
        return String::new();
    }
    let path = &report.patch_path;
    let left_out = |why: &str| format!("# {path}: left out, because {why}; {}\n", report.fix.as_deref().unwrap_or_default());
    let (current, rendered) = (&report.file.current, &report.file.rendered);
    let mode = |executable: bool| if executable { "100755" } else { "100644" };
    let Ok(old) = std::str::from_utf8(current.as_deref().unwrap_or_default()) else { return left_out("what is there is no text") };
    if rendered.is_none() && report.file.state == State::Missing {
        return left_out("it is kept by hand");
    }
    if current.is_some() && report.current().redacted {
        return left_out("what is there may hold a secret");
    }
    if current.is_none() && report.file.blocked.is_some() {
        return left_out("what is there is no file");
    }
    let name = quoted(path);
    let mut text = format!("diff --git {} {}\n", with_prefix("a/", &name), with_prefix("b/", &name));
    match (current, rendered) {
        (None, Some(new)) => text.push_str(&format!("new file mode {}\n", mode(new.executable))),
        (Some(_), None) => text.push_str(&format!("deleted file mode {}\n", mode(report.file.is_executable))),
        (Some(_), Some(new)) if report.file.wrong_mode.is_some() => {
            text.push_str(&format!("old mode {}\nnew mode {}\n", mode(!new.executable), mode(new.executable)));
        }
        (Some(_), Some(new)) if old == new.text => return String::new(),
        _ => {}
    }
    let new = report.rendered();
    if old != new {
        let header = |there: bool, prefix: &str| if there { with_prefix(prefix, &name) } else { "/dev/null".to_owned() };
        text.push_str(&format!("--- {}\n+++ {}\n", header(current.is_some(), "a/"), header(rendered.is_some(), "b/")));
        let (old, new) = compare(old, new);
        text.push_str(&diff(&old, &new).unified_diff().context_radius(3).to_string());
    }
    text
}

fn with_prefix(prefix: &str, name: &str) -> String {
    match name.strip_prefix('"') {
        Some(rest) => format!("\"{prefix}{rest}"),
        None => format!("{prefix}{name}"),
    }
}

/// As git quotes names that hold more than plain characters.
fn quoted(path: &str) -> String {
    if path.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\') {
        return path.to_owned();
    }
    let mut text = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text + "\""
}
