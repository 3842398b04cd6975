//! The report for programs, version 1. `schema/diff.schema.json` describes it.

use super::{Change, FileReport, ProfileReport, changes, counts};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::json::finding;
use crate::source::Sources;
use serde_json::{Map, Value, json};

/// A document as it is printed.
pub fn pretty(document: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(document).unwrap_or_default())
}

/// `{"version":1,"summary":{...},"profiles":[{"name","files":[{"path","state","also","fix"}]}],"errors":[...]}`.
///
/// What could not be rendered is in `errors`, in the shape that `lint` has. With `is_semantic` each file has `changes`, too.
pub fn json(reports: &[ProfileReport], errors: &[Diagnostic], sources: &Sources, is_semantic: bool) -> Value {
    let file = |file: &FileReport| {
        let mut object = json!({
            "path": file.path,
            "state": file.file.state.as_str(),
            "also": file.file.also.iter().map(|state| state.as_str()).collect::<Vec<_>>(),
            "fix": file.fix,
        });
        if is_semantic {
            let change = |change: Change| {
                let mut object = json!({ "document": change.document, "path": change.path.to_string() });
                change.old.into_iter().for_each(|old| object["old"] = old);
                change.new.into_iter().for_each(|new| object["new"] = new);
                object
            };
            object["changes"] = changes(file).map(|list| list.into_iter().map(change).collect::<Vec<_>>()).into();
        }
        object
    };
    let profile = |report: &ProfileReport| json!({ "name": report.name, "files": report.files.iter().map(file).collect::<Vec<_>>() });
    let files = || reports.iter().flat_map(|report| &report.files);
    let states: Map<String, Value> = counts(reports).into_iter().map(|(state, count)| (state.as_str().to_owned(), count.into())).collect();
    json!({
        "version": 1,
        "summary": { "profiles": reports.len(), "files": files().count(), "drifted": files().filter(|file| file.is_drift()).count(), "states": states },
        "profiles": reports.iter().map(profile).collect::<Vec<_>>(),
        "errors": errors.iter().map(|error| finding(error, sources)).collect::<Vec<_>>(),
    })
}
