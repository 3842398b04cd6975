//! Rules: what a profile can still get wrong when there is a Stack. One file is one rule; its id is the file's name.

mod debug_in_production;
mod egress_by_name;
mod files_on_kubernetes;
mod hundreds_of_cores;
mod latest_tag;
mod literal_reference;
mod literal_variable;
mod missing_folder;
mod no_engine_check;
mod no_health_check;
mod no_tls;
mod not_on_kubernetes;
mod open_backing_service;
mod overcommitted_memory;
mod plain_secret;
mod proxy_timeout;
mod secret_for_any_user;
mod secrets_without_scripts;
mod single_replica;
mod stop_grace;
mod too_few_connections;
mod unused;
mod volume_on_many_nodes;
mod volume_owner;

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
    &debug_in_production::RULE,
    &egress_by_name::RULE,
    &files_on_kubernetes::RULE,
    &hundreds_of_cores::RULE,
    &latest_tag::RULE,
    &literal_reference::RULE,
    &literal_variable::RULE,
    &missing_folder::RULE,
    &no_engine_check::RULE,
    &no_health_check::RULE,
    &no_tls::RULE,
    &not_on_kubernetes::RULE,
    &open_backing_service::RULE,
    &overcommitted_memory::RULE,
    &plain_secret::RULE,
    &proxy_timeout::RULE,
    &secret_for_any_user::RULE,
    &secrets_without_scripts::RULE,
    &single_replica::RULE,
    &stop_grace::RULE,
    &too_few_connections::RULE,
    &unused::RULE,
    &volume_on_many_nodes::RULE,
    &volume_owner::RULE,
];

/// What a rule found.
pub struct Findings<'a> {
    list: Vec<(KeyPath, String)>,
    exists: &'a dyn Fn(&str) -> bool,
}

impl Findings<'_> {
    /// True if the project has this file or folder.
    pub fn exists(&self, path: &str) -> bool {
        (self.exists)(path)
    }

    /// Adds a finding about a key path; the message is one sentence without a full stop.
    pub fn at(&mut self, path: KeyPath, message: String) {
        self.list.push((path, message));
    }
}

/// All findings of a Stack, in the order of their places. `exists` tells whether the project has a file or folder.
pub fn check(stack: &Stack, exists: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut list = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.applies.to(stack.environment)) {
        let mut found = Findings { list: Vec::new(), exists };
        (rule.check)(stack, &mut found);
        list.extend(found.list.into_iter().map(|(path, message)| {
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
