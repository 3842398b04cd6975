//! A version that this version of infragen has never seen.

use super::end_of_life::{POSTGRES, PYTHON, built_with};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Backing, NGINX_VERSION, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "newer-than-known",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A version is newer than any that this infragen knows",
    why: "It may not be there at all; if it is, nobody has tried yet what is rendered for it: folders, options and entry points change with major versions.",
    instead: "Make sure that there is an image of it, and try it in staging first; a newer infragen may know it.",
    check,
};

/// The newest major version that was tried.
const REDIS: &str = "8";

fn check(stack: &Stack, found: &mut Findings) {
    let newest = |table: &'static [(&str, &str)]| table.last().map_or("", |(version, _)| *version);
    let mut look = |path: KeyPath, program: &str, version: &str, newest: &str| {
        // Of as many numbers as are known.
        let numbers = |text: &str| text.split('.').take(newest.split('.').count()).map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
        if numbers(version) > numbers(newest) {
            found.at(path, format!("{program} {version} is newer than {newest}, the newest that infragen {} knows", env!("CARGO_PKG_VERSION")));
        }
    };
    for (service, build) in stack.builders() {
        look(KeyPath::of(&["services", service.name.as_str(), "build", "version"]), "Python", built_with(build), newest(PYTHON));
    }
    for store in &stack.backing_services {
        let version = store.server.as_ref().and_then(|server| server.version.as_ref()).map(ToString::to_string).unwrap_or_default();
        let newest = match store.kind {
            Backing::Postgres { .. } => newest(POSTGRES),
            Backing::Redis => REDIS,
            Backing::Image(_) => continue,
        };
        look(KeyPath::of(&["backing_services", store.name.as_str(), "version"]), store.kind.title(), &version, newest);
    }
    if let Some(nginx) = &stack.targets.nginx {
        look(KeyPath::of(&["targets", "nginx", "version"]), "nginx", &nginx.version.to_string(), NGINX_VERSION);
    }
}
