//! The report as annotations of code hosts: one for each file that drifted, at the first line that differs, and one for each error.

use super::{FileReport, ProfileReport};
use crate::diagnostics::{Diagnostic, Severity, github, sarif as document};
use crate::plan::State;
use crate::source::Sources;
use serde_json::{Value, json};

fn drifted(reports: &[ProfileReport]) -> impl Iterator<Item = (&ProfileReport, &FileReport)> {
    reports.iter().flat_map(|report| report.files.iter().filter(|file| file.is_drift()).map(move |file| (report, file)))
}

fn message(report: &ProfileReport, file: &FileReport) -> String {
    let fix = file.fix.as_ref().map(|fix| format!(". {}: {fix}", if file.is_to_be_moved() { "Move the edit into the profile, or discard it" } else { "Run" }));
    format!("{} ({}, profile {}){}", file.sentence(), file.path, report.name, fix.unwrap_or_default())
}

/// A file that is not there cannot carry an annotation: its profile does.
fn place(report: &ProfileReport, file: &FileReport, sources: &Sources) -> (String, usize) {
    match file.first_difference() {
        Some(line) => (file.patch_path.clone(), line),
        None => (sources.from_top(&report.file), 1),
    }
}

/// Workflow commands of GitHub.
pub fn github(reports: &[ProfileReport], errors: &[Diagnostic], sources: &Sources) -> String {
    let line = |(report, file): (&ProfileReport, &FileReport)| {
        let (path, line) = place(report, file, sources);
        github::command(Severity::Error, Some((&path, &format!(",line={line}"))), file.file.state.as_str(), &message(report, file))
    };
    errors.iter().map(|error| github::annotation(error, sources)).chain(drifted(reports).map(line)).collect()
}

/// SARIF 2.1.0; the states are its rules.
pub fn sarif(reports: &[ProfileReport], errors: &[Diagnostic], sources: &Sources) -> Value {
    let results: Vec<Value> = errors.iter().map(|error| document::result(error, sources)).chain(drift_results(reports, sources)).collect();
    document::log(&drift_rules(), &results)
}

/// The states that are drift, as rules.
pub(super) fn drift_rules() -> Vec<Value> {
    let rule = |state: &State| json!({ "id": state.as_str(), "shortDescription": { "text": state.sentence() }, "defaultConfiguration": { "level": "error" } });
    State::ALL.iter().filter(|state| state.is_drift()).map(rule).collect()
}

/// One result for each file that drifted.
pub(super) fn drift_results(reports: &[ProfileReport], sources: &Sources) -> Vec<Value> {
    let result = |(report, file): (&ProfileReport, &FileReport)| {
        let (path, line) = place(report, file, sources);
        json!({
            "ruleId": file.file.state.as_str(),
            "level": "error",
            "message": { "text": message(report, file) },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": document::uri(&path) }, "region": { "startLine": line } } }],
        })
    };
    drifted(reports).map(result).collect()
}
