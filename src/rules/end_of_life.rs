//! A version gets no security fixes any more.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Backing, Build, Stack};
use crate::values::{Date, Scalar};

/// The rule.
pub const RULE: Rule = Rule {
    id: "end-of-life",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A version gets no security fixes any more",
    why: "Holes that become known in it stay open.",
    instead: "Move to a version that is maintained, in staging first.",
    check,
};

/// Last days by minor version, the oldest first; from devguide.python.org/versions, where a month is named, its last day.
pub(super) const PYTHON: &[(&str, &str)] = &[
    ("3.8", "2024-10-31"),
    ("3.9", "2025-10-31"),
    ("3.10", "2026-10-31"),
    ("3.11", "2027-10-31"),
    ("3.12", "2028-10-31"),
    ("3.13", "2029-10-31"),
    ("3.14", "2030-10-31"),
];
/// Last days by major version, the oldest first; from postgresql.org/support/versioning.
pub(super) const POSTGRES: &[(&str, &str)] =
    &[("12", "2024-11-21"), ("13", "2025-11-13"), ("14", "2026-11-12"), ("15", "2027-11-11"), ("16", "2028-11-09"), ("17", "2029-11-08"), ("18", "2030-11-14")];

/// What to say of a version whose time is over.
fn ended(table: &[(&str, &str)], program: &str, version: &str, today: Date) -> Option<String> {
    let is_it = |known: &str| version == known || version.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'));
    let numbers = |text: &str| text.split('.').map(|part| part.parse::<u32>().unwrap_or(u32::MAX)).collect::<Vec<_>>();
    let last_day = |day: &str| <Date as Scalar>::parse(day).ok().filter(|day| *day < today);
    if let Some((_, day)) = table.iter().find(|(known, _)| is_it(known)) {
        return Some(format!("{program} {version} was maintained until {}", last_day(day)?));
    }
    let (oldest, day) = table.first().filter(|(known, _)| numbers(version) < numbers(known))?;
    Some(format!("{program} {version} is older than {oldest}, which was maintained until {}", last_day(day)?))
}

/// The version of Python that an image is built with.
pub(super) fn built_with(build: &Build) -> &str {
    build.base.trim_start_matches("python:").split('-').next().unwrap_or_default()
}

fn check(stack: &Stack, found: &mut Findings) {
    for (service, build) in stack.builders() {
        if let Some(message) = ended(PYTHON, "Python", built_with(build), found.around.today) {
            found.at(KeyPath::of(&["services", service.name.as_str(), "build", "version"]), message);
        }
    }
    for store in &stack.backing_services {
        let (Backing::Postgres { .. }, Some(server)) = (&store.kind, &store.server) else { continue };
        let version = server.version.as_ref().map(ToString::to_string).unwrap_or_default();
        if let Some(message) = ended(POSTGRES, "PostgreSQL", &version, found.around.today) {
            found.at(KeyPath::of(&["backing_services", store.name.as_str(), "version"]), message);
        }
    }
}
