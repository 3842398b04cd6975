//! What the template of the Compose file prints.

use super::text::Text;
use serde::Serialize;

#[derive(Serialize)]
pub struct ComposeView {
    pub made_by: String,
    pub project: String,
    /// The first lines.
    pub about: Vec<String>,
    pub development: bool,
    /// The script that makes the files of secrets is rendered, too.
    pub scripts: bool,
    /// Services have labels that change with those files.
    pub labels: bool,
    pub logs: LogsView,
    pub services: Vec<ServiceView>,
    pub networks: Vec<Network>,
    pub volumes: Vec<VolumeView>,
    pub secrets: Vec<SecretFile>,
    /// Some of them are files.
    pub secret_files: bool,
    /// Some of them are for builds.
    pub build_secrets: bool,
}

/// What takes the output of every container.
#[derive(Serialize)]
pub struct LogsView {
    pub driver: &'static str,
    /// Files on the host.
    pub keeps_files: bool,
    pub options: serde_json::Value,
}

#[derive(Serialize)]
pub struct Network {
    pub name: &'static str,
    pub internal: bool,
    pub about: &'static str,
}

/// A volume of the `volumes` section.
#[derive(Serialize)]
pub struct VolumeView {
    pub name: String,
    /// The name that it has already.
    pub external: Option<String>,
}

#[derive(Serialize)]
pub struct SecretFile {
    pub key: String,
    /// The variable that holds it, or the file.
    pub variable: Option<String>,
    pub file: Option<String>,
}

/// A secret in one container.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SecretMount {
    /// Its key in the `secrets` section.
    pub source: String,
    /// Its file below `/run/secrets`.
    pub name: String,
}

/// One service, whatever it is. What is `None` or empty is not printed.
#[derive(Default, Serialize)]
pub struct ServiceView {
    pub name: String,
    /// Why it is as it is, above its name.
    pub about: Vec<String>,
    pub image: Option<Text>,
    pub build: Option<BuildView>,
    pub depends_on: Vec<DependencyView>,
    pub volumes: Vec<Text>,
    /// Files and folders of the host.
    pub binds: Vec<BindView>,
    /// Changes with the files whose texts stand in the profile.
    pub files_label: Option<String>,
    /// Changes with the files of the checkout.
    pub sources_label: Option<Text>,
    pub secrets: Vec<SecretMount>,
    /// Only their names, where those say everything.
    pub secret_names: Vec<String>,
    /// Changes with the files of its secrets.
    pub secrets_label: Option<Text>,
    pub environment: Vec<Variable>,
    /// Another service has the same environment: this one's, or that one's, anchor.
    pub environment_anchor: Option<String>,
    pub environment_alias: Option<String>,
    pub ports: Vec<Text>,
    pub networks: Vec<&'static str>,
    /// Other names on all of its networks.
    pub aliases: Vec<String>,
    pub hostname: Option<String>,
    pub init: bool,
    pub ulimits: Vec<UlimitView>,
    pub entrypoint: Option<Vec<Text>>,
    pub entrypoint_about: Option<&'static str>,
    pub command: Option<Vec<Text>>,
    /// Why it is started like this, line by line.
    pub command_about: Vec<String>,
    pub healthcheck: Option<HealthView>,
    /// Why the service must not inherit the check that the image has, or may have.
    pub healthcheck_disabled: Option<&'static str>,
    pub user: Option<String>,
    pub restart: Option<&'static str>,
    pub replicas: Option<u32>,
    pub cpus: String,
    pub memory: String,
    pub pids: u32,
    pub reserved_cpus: Option<String>,
    pub reserved_memory: Option<String>,
    pub shm_size: Option<String>,
    pub stop_grace_period: Option<String>,
    pub stop_signal: Option<&'static str>,
    pub read_only: bool,
    pub tmpfs: Vec<String>,
    /// Labels of the user's.
    pub labels: Vec<LabelView>,
    /// Keys of Compose's own.
    pub more: serde_json::Value,
    pub profiles: Vec<&'static str>,
}

#[derive(Serialize)]
pub struct LabelView {
    pub name: String,
    pub value: Text,
}

#[derive(Serialize)]
pub struct UlimitView {
    pub name: String,
    pub soft: i64,
    pub hard: i64,
}

/// A file or a folder of the host.
#[derive(Serialize)]
pub struct BindView {
    pub source: Text,
    pub target: String,
    pub read_only: bool,
}

#[derive(Serialize)]
pub struct BuildView {
    pub context: Text,
    pub dockerfile: Text,
    pub target: Option<String>,
    pub args: Vec<LabelView>,
    pub secrets: Vec<String>,
}

#[derive(Serialize)]
pub struct DependencyView {
    pub name: String,
    pub condition: &'static str,
}

#[derive(PartialEq, Serialize)]
pub struct Variable {
    pub name: String,
    pub value: Text,
}

#[derive(Serialize)]
pub struct HealthView {
    pub about: Option<&'static str>,
    pub test: Vec<Text>,
    pub interval: String,
    pub timeout: String,
    pub retries: u32,
    pub start_period: String,
}

/// A secret whose key is its name needs no more than the name.
pub fn shorten_secrets(services: &mut [ServiceView]) {
    for service in services {
        if service.secrets.iter().all(|secret| secret.source == secret.name) {
            service.secret_names = service.secrets.drain(..).map(|secret| secret.name).collect();
        }
    }
}

/// Services with the same environment share one block, so that a reader compares nothing.
pub fn share_blocks(services: &mut [ServiceView]) {
    for at in 0..services.len() {
        let (before, rest) = services.split_at_mut(at);
        let Some(service) = rest.first_mut().filter(|service| !service.environment.is_empty()) else { continue };
        let Some(first) = before.iter_mut().find(|other| other.environment == service.environment && other.environment_alias.is_none()) else { continue };
        let anchor = format!("{}-environment", first.name);
        service.environment_alias = Some(anchor.clone());
        first.environment_anchor = Some(anchor);
    }
}
