//! Workflow commands of GitHub: each becomes an annotation at its line.

use super::{Diagnostic, Severity};
use crate::source::Sources;

/// One line for one diagnostic.
pub fn annotation(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = diagnostic.primary.as_ref().map(|label| {
        let (start, end) = (sources.position(label.span), sources.end(label.span));
        let columns = if start.line == end.line { format!(",col={},endColumn={}", start.column, end.column) } else { String::new() };
        (sources.from_top(&sources.get(label.span.source).shown), format!(",line={},endLine={}{columns}", start.line, end.line))
    });
    let message = match &diagnostic.help {
        Some(help) => format!("{}. {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    command(diagnostic.severity, place.as_ref().map(|(file, more)| (file.as_str(), more.as_str())), diagnostic.code, &message)
}

/// `::LEVEL file=...,line=...,title=...::MESSAGE`: percent signs and line ends are encoded, and what separates properties. The place is a file
/// and further properties with a comma before each.
pub fn command(severity: Severity, place: Option<(&str, &str)>, title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let level = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let place = place.map(|(file, more)| format!("file={}{more},", property(file))).unwrap_or_default();
    format!("::{level} {place}title={}::{}\n", property(title), data(message))
}
