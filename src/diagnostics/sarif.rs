//! SARIF 2.1.0: what code hosts and editors read from linters.

use super::{Diagnostic, Label, Severity};
use crate::source::Sources;
use serde_json::{Value, json};

/// What is to be said about a rule once for all its findings.
pub struct RuleText<'a> {
    /// Its name.
    pub id: &'a str,
    /// What it finds.
    pub what: &'a str,
    /// Why it matters, and what to do instead.
    pub help: String,
    /// How bad it is.
    pub severity: Severity,
}

/// The document of one run.
pub fn document(list: &[Diagnostic], rules: &[RuleText], sources: &Sources) -> Value {
    log(&rules.iter().map(rule).collect::<Vec<_>>(), &list.iter().map(|diagnostic| result(diagnostic, sources)).collect::<Vec<_>>())
}

/// What is said of a rule.
pub fn rule(rule: &RuleText) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.what },
        "help": { "text": rule.help },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

/// The document of one run, of its rules and results.
pub fn log(rules: &[Value], results: &[Value]) -> Value {
    json!({
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "tool": { "driver": { "name": "infragen", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// What is said of one of them.
pub fn result(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let message = match &diagnostic.help {
        Some(help) => format!("{}. {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let place = |label: &Label| {
        let (start, end) = (sources.position(label.span), sources.end(label.span));
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": uri(&sources.from_top(&sources.get(label.span.source).shown)) },
            "region": { "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column },
        } })
    };
    let related = diagnostic.related.iter().map(|label| {
        let mut place = place(label);
        place["message"] = json!({ "text": label.text });
        place
    });
    let mut object = json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic.severity),
        "message": { "text": message },
        "locations": diagnostic.primary.iter().map(place).collect::<Vec<_>>(),
    });
    if !diagnostic.related.is_empty() {
        object["relatedLocations"] = related.collect::<Vec<_>>().into();
    }
    object
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a relative reference: what has a meaning in one is encoded.
pub fn uri(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
