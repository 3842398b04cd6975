//! Rules: what a profile can still get wrong when there is a Stack. One file is one rule; its id is the file's name.

mod acme_on_kubernetes;
mod beside_the_volume;
mod cannot_write;
mod check_without_host;
mod dash_in_variable;
mod data_dropped;
mod debug_in_production;
mod development_server;
mod egress_by_name;
mod end_of_life;
mod escape_used;
mod every_proxy_trusted;
mod evicting_broker;
mod expired_waiver;
mod extension_of_others;
mod files_on_kubernetes;
mod generated_credential;
mod heap_above_memory;
mod hidden_path_on_kubernetes;
mod host_folder;
mod host_folder_on_kubernetes;
mod host_not_at_the_edge;
mod host_of_another_environment;
mod host_without_dot;
mod hundreds_of_cores;
mod large_bodies;
mod latest_tag;
mod limit_on_kubernetes;
mod literal_reference;
mod literal_variable;
mod little_storage;
mod liveness_asks_others;
mod login_unknown_to_image;
mod loopback_only;
mod malformed_origin;
mod missing_folder;
mod missing_module;
mod missing_program;
mod missing_script;
mod names_at_odds;
mod newer_than_known;
mod no_backup;
mod no_dependency;
mod no_egress;
mod no_engine_check;
mod no_health_check;
mod no_rate_limit;
mod no_shell;
mod no_such_database;
mod no_tls;
mod nobody_answers;
mod not_in_this_version;
mod not_on_compose;
mod not_on_kubernetes;
mod nothing_runs;
mod open_backing_service;
mod other_interface;
mod other_kind;
mod other_part;
mod other_port;
mod other_prefix;
mod other_store;
mod overcommitted_memory;
mod password_not_told;
mod past_the_edge;
mod plain_http_at_the_gateway;
mod plain_secret;
mod port_of_a_console;
mod privileged_port;
mod proxy_timeout;
mod read_only_schedule;
mod release_before_service;
mod release_not_waited_for;
mod retired_controller;
mod route_on_kubernetes;
mod scheduler_twice;
mod search_does_not_start;
mod secret_for_any_user;
mod secret_in_argument;
mod secret_in_environment;
mod secrets_without_scripts;
mod short_hsts;
mod single_replica;
mod source_file_on_kubernetes;
mod started_is_not_ready;
mod stop_grace;
mod store_as_service;
mod store_of_another_environment;
mod store_without_volume;
mod tasks_at_once;
mod tmpfs_above_memory;
mod too_few_connections;
mod too_many_workers;
mod typed_address;
mod typographic_quotes;
mod uncertified_host;
mod unencrypted_connection;
mod unknown_host;
mod unknown_mode;
mod unknown_secret_file;
mod unreachable_metrics;
mod unreached_service;
mod unread_secret;
mod unused;
mod unused_waiver;
mod unverified_tls;
mod user_on_kubernetes;
mod value_of_another_environment;
mod variable_in_argument;
mod variables_at_odds;
mod volume_of_root;
mod volume_on_many_nodes;
mod volume_over_code;
mod volume_owner;
mod volumes_alike;

use crate::diagnostics::{self, Diagnostic, Severity, nearest};
use crate::key_path::KeyPath;
use crate::stack::{EnvironmentKind, Stack, Waiver};
use crate::values::Date;

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
    /// In all, about what the other rules found.
    Afterwards,
}

impl Applies {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always | Self::Afterwards => "in every environment",
            Self::Deployed => "in production and staging",
            Self::Production => "in production",
        }
    }

    fn to(self, kind: EnvironmentKind) -> bool {
        match self {
            Self::Always | Self::Afterwards => true,
            Self::Deployed => kind != EnvironmentKind::Development,
            Self::Production => kind == EnvironmentKind::Production,
        }
    }
}

/// The rule that speaks of passwords in a profile.
pub const PLAIN_SECRET: &str = plain_secret::RULE.id;

/// Every rule, by id.
pub const RULES: &[&Rule] = &[
    &acme_on_kubernetes::RULE,
    &beside_the_volume::RULE,
    &cannot_write::RULE,
    &check_without_host::RULE,
    &dash_in_variable::RULE,
    &data_dropped::RULE,
    &debug_in_production::RULE,
    &development_server::RULE,
    &egress_by_name::RULE,
    &end_of_life::RULE,
    &escape_used::RULE,
    &every_proxy_trusted::RULE,
    &evicting_broker::RULE,
    &expired_waiver::RULE,
    &extension_of_others::RULE,
    &files_on_kubernetes::RULE,
    &generated_credential::RULE,
    &heap_above_memory::RULE,
    &hidden_path_on_kubernetes::RULE,
    &host_folder::RULE,
    &host_folder_on_kubernetes::RULE,
    &host_not_at_the_edge::RULE,
    &host_of_another_environment::RULE,
    &host_without_dot::RULE,
    &hundreds_of_cores::RULE,
    &large_bodies::RULE,
    &latest_tag::RULE,
    &limit_on_kubernetes::RULE,
    &literal_reference::RULE,
    &literal_variable::RULE,
    &little_storage::RULE,
    &liveness_asks_others::RULE,
    &login_unknown_to_image::RULE,
    &loopback_only::RULE,
    &malformed_origin::RULE,
    &missing_folder::RULE,
    &missing_module::RULE,
    &missing_program::RULE,
    &missing_script::RULE,
    &names_at_odds::RULE,
    &newer_than_known::RULE,
    &no_backup::RULE,
    &no_dependency::RULE,
    &no_egress::RULE,
    &no_engine_check::RULE,
    &no_health_check::RULE,
    &no_rate_limit::RULE,
    &no_shell::RULE,
    &no_such_database::RULE,
    &no_tls::RULE,
    &nobody_answers::RULE,
    &not_in_this_version::RULE,
    &not_on_compose::RULE,
    &not_on_kubernetes::RULE,
    &nothing_runs::RULE,
    &open_backing_service::RULE,
    &other_interface::RULE,
    &other_kind::RULE,
    &other_part::RULE,
    &other_port::RULE,
    &other_prefix::RULE,
    &other_store::RULE,
    &overcommitted_memory::RULE,
    &password_not_told::RULE,
    &past_the_edge::RULE,
    &plain_http_at_the_gateway::RULE,
    &plain_secret::RULE,
    &port_of_a_console::RULE,
    &privileged_port::RULE,
    &proxy_timeout::RULE,
    &read_only_schedule::RULE,
    &release_before_service::RULE,
    &release_not_waited_for::RULE,
    &retired_controller::RULE,
    &route_on_kubernetes::RULE,
    &scheduler_twice::RULE,
    &search_does_not_start::RULE,
    &secret_for_any_user::RULE,
    &secret_in_argument::RULE,
    &secret_in_environment::RULE,
    &secrets_without_scripts::RULE,
    &short_hsts::RULE,
    &single_replica::RULE,
    &source_file_on_kubernetes::RULE,
    &started_is_not_ready::RULE,
    &stop_grace::RULE,
    &store_as_service::RULE,
    &store_of_another_environment::RULE,
    &store_without_volume::RULE,
    &tasks_at_once::RULE,
    &tmpfs_above_memory::RULE,
    &too_few_connections::RULE,
    &too_many_workers::RULE,
    &typed_address::RULE,
    &typographic_quotes::RULE,
    &uncertified_host::RULE,
    &unencrypted_connection::RULE,
    &unknown_host::RULE,
    &unknown_mode::RULE,
    &unknown_secret_file::RULE,
    &unreachable_metrics::RULE,
    &unreached_service::RULE,
    &unread_secret::RULE,
    &unused::RULE,
    &unused_waiver::RULE,
    &unverified_tls::RULE,
    &user_on_kubernetes::RULE,
    &value_of_another_environment::RULE,
    &variable_in_argument::RULE,
    &variables_at_odds::RULE,
    &volume_of_root::RULE,
    &volume_on_many_nodes::RULE,
    &volume_over_code::RULE,
    &volume_owner::RULE,
    &volumes_alike::RULE,
];

/// What rules may know besides the Stack.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The day on which they are asked.
    pub today: Date,
    /// Tells whether the project has this file or folder.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// The names in a folder of the project; none where there is no such folder.
    pub names: &'a dyn Fn(&str) -> Vec<String>,
    /// What a file of the project says; `None` where it cannot be read.
    pub text: &'a dyn Fn(&str) -> Option<String>,
}

/// What a rule found, and what it may know besides the Stack.
pub struct Findings<'a> {
    list: Vec<Finding>,
    /// When and where it is asked.
    pub around: Surroundings<'a>,
    /// What the rules before found.
    pub before: &'a [Diagnostic],
}

struct Finding {
    path: KeyPath,
    message: String,
    /// What to write in this profile; `None` for what the rule says of all.
    help: Option<String>,
}

impl Findings<'_> {
    /// Adds a finding about a key path; the message is one sentence without a full stop.
    pub fn at(&mut self, path: KeyPath, message: String) {
        self.list.push(Finding { path, message, help: None });
    }

    /// Adds a finding with the next step of its own: names and numbers of this profile.
    pub fn with_help(&mut self, path: KeyPath, message: String, help: String) {
        self.list.push(Finding { path, message, help: Some(help) });
    }
}

/// Names in a sentence: `a`, `b` and `c`.
fn quoted<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    let all: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match all.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => all.concat(),
    }
}

/// All findings of a Stack but those that are waived, in the order of their places.
pub fn check(stack: &Stack, around: Surroundings) -> Vec<Diagnostic> {
    let (afterwards, at_once): (Vec<&&Rule>, Vec<&&Rule>) = RULES.iter().partition(|rule| rule.applies == Applies::Afterwards);
    let mut list: Vec<Diagnostic> = at_once.into_iter().flat_map(|rule| ask(rule, stack, around, &[])).collect();
    // What is accepted at the original is accepted at those that are like it.
    stack.origins.once(&mut list);
    let more: Vec<Diagnostic> = afterwards.into_iter().flat_map(|rule| ask(rule, stack, around, &list)).collect();
    list.retain(|finding| !stack.waivers.iter().any(|waiver| waiver.until >= around.today && covers(waiver, finding)));
    list.extend(more);
    diagnostics::sort(&mut list);
    list
}

fn ask(rule: &Rule, stack: &Stack, around: Surroundings, before: &[Diagnostic]) -> Vec<Diagnostic> {
    if !rule.applies.to(stack.environment) {
        return Vec::new();
    }
    let mut found = Findings { list: Vec::new(), around, before };
    (rule.check)(stack, &mut found);
    let diagnostic = |Finding { path, message, help }| {
        let place = stack.origins.place(&path);
        let diagnostic = Diagnostic::error(rule.id, message).label(place, "").help(help.unwrap_or_else(|| rule.instead.to_owned())).at(path);
        Diagnostic { severity: rule.severity, ..diagnostic }
    };
    found.list.into_iter().map(diagnostic).collect()
}

/// True if the waiver is about this finding, whatever the day.
fn covers(waiver: &Waiver, finding: &Diagnostic) -> bool {
    let below = finding.path.as_ref().is_some_and(|path| path.0.starts_with(&waiver.path.0));
    waiver.rule.as_str() == finding.code && below
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
