//! Diagnostics for programs: version 1 of the findings document.

use super::Diagnostic;
use crate::source::Sources;
use serde_json::{Value, json};

/// `{"version":1,"findings":[{"rule","severity","path","message","help","location"}]}`.
pub fn findings(list: &[Diagnostic], sources: &Sources) -> Value {
    json!({ "version": 1, "findings": list.iter().map(|d| finding(d, sources)).collect::<Vec<_>>() })
}

/// One of them.
pub fn finding(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let location = diagnostic.primary.as_ref().map(|label| {
        let position = sources.position(label.span);
        json!({ "file": sources.get(label.span.source).shown, "line": position.line, "column": position.column })
    });
    json!({
        "rule": diagnostic.code,
        "severity": diagnostic.severity.as_str(),
        "path": diagnostic.path.as_ref().map(ToString::to_string),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "location": location,
    })
}
