//! Diagnostics for programs: version 1 of the findings document.

use super::{Diagnostic, Label};
use crate::source::Sources;
use serde_json::{Value, json};

/// `{"version":1,"findings":[{"rule","severity","path","message","help","location"}]}`; `related` has the other places of a finding that has several.
pub fn findings(list: &[Diagnostic], sources: &Sources) -> Value {
    json!({ "version": 1, "findings": list.iter().map(|d| finding(d, sources)).collect::<Vec<_>>() })
}

/// One of them.
pub fn finding(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = |label: &Label| {
        let position = sources.position(label.span);
        json!({ "file": sources.get(label.span.source).shown, "line": position.line, "column": position.column })
    };
    let location = diagnostic.primary.as_ref().map(place);
    let mut object = json!({
        "rule": diagnostic.code,
        "severity": diagnostic.severity.as_str(),
        "path": diagnostic.path.as_ref().map(ToString::to_string),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "location": location,
    });
    // The other places of a contradiction; left out where there are none.
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().map(|label| {
            let mut place = place(label);
            place["message"] = label.text.clone().into();
            place
        });
        object["related"] = related.collect::<Vec<_>>().into();
    }
    object
}
