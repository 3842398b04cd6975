//! Rules: what a profile can still get wrong when there is a Stack. One file is one rule; its id is the file's name.

mod acme_on_kubernetes;
mod debug_in_production;
mod egress_by_name;
mod files_on_kubernetes;
mod latest_tag;
mod no_engine_check;
mod no_health_check;
mod no_tls;
mod not_on_kubernetes;
mod open_backing_service;
mod plain_secret;
mod proxy_timeout;
mod secret_for_any_user;
mod secrets_without_scripts;
mod single_replica;
mod stop_grace;
mod unused;

use crate::diagnostics::{self, Diagnostic, Severity};
use crate::key_path::KeyPath;
use crate::stack::{EnvironmentKind, Stack};

/// A named check.
pub struct Rule {
    /// Its name: states the problem.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it applies.
    pub applies: Applies,
    /// What it finds, in one sentence without a full stop.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to write instead.
    pub instead: &'static str,
    /// The check.
    pub check: fn(&Stack, &mut Findings),
}

/// In which environments a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// In all.
    Always,
    /// In production and staging.
    Deployed,
    /// In production.
    Production,
}

impl Applies {
    fn to(self, kind: EnvironmentKind) -> bool {
        match self {
            Self::Always => true,
            Self::Deployed => kind != EnvironmentKind::Development,
            Self::Production => kind == EnvironmentKind::Production,
        }
    }
}

/// Every rule, by id.
pub const RULES: &[&Rule] = &[
    &acme_on_kubernetes::RULE,
    &debug_in_production::RULE,
    &egress_by_name::RULE,
    &files_on_kubernetes::RULE,
    &latest_tag::RULE,
    &no_engine_check::RULE,
    &no_health_check::RULE,
    &no_tls::RULE,
    &not_on_kubernetes::RULE,
    &open_backing_service::RULE,
    &plain_secret::RULE,
    &proxy_timeout::RULE,
    &secret_for_any_user::RULE,
    &secrets_without_scripts::RULE,
    &single_replica::RULE,
    &stop_grace::RULE,
    &unused::RULE,
];

/// What a rule found.
#[derive(Default)]
pub struct Findings(Vec<(KeyPath, String)>);

impl Findings {
    /// Adds a finding about a key path; the message is one sentence without a full stop.
    pub fn at(&mut self, path: KeyPath, message: String) {
        self.0.push((path, message));
    }
}

/// All findings of a Stack, in the order of their places.
pub fn check(stack: &Stack) -> Vec<Diagnostic> {
    let mut list = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.applies.to(stack.environment)) {
        let mut found = Findings::default();
        (rule.check)(stack, &mut found);
        list.extend(found.0.into_iter().map(|(path, message)| {
            let place = stack.origins.place(&path);
            let diagnostic = Diagnostic::error(rule.id, message).label(place, "").help(rule.instead).at(path);
            Diagnostic { severity: rule.severity, ..diagnostic }
        }));
    }
    diagnostics::sort(&mut list);
    list
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn the_registry_is_sorted_and_complete() {
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules"))
            .expect("the folder is here")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().replace(".rs", "").replace('_', "-"))
            .filter(|name| name != "mod")
            .collect();
        files.sort();
        assert_eq!(ids, files);
        for rule in RULES {
            assert!(rule.why.ends_with('.') && rule.instead.ends_with('.') && !rule.what.ends_with('.'), "{}", rule.id);
        }
    }
}
