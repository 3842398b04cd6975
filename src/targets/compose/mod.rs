//! The compose target: the whole Stack on one host.

mod acme;
mod backing;
mod backups;
mod edge;
mod files;
mod own;
mod text;
mod view;

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{ACME_NAME, BackingService, CERTIFICATE, CERTIFICATE_KEY, EnvironmentKind, Stack};
use crate::template;
pub use edge::WITHIN as EDGE_WITHIN;
pub use own::from_here;
use text::Text;
use view::{ComposeView, LogsView, Network, SecretFile, ServiceView, VolumeView};

static COMPOSE: Template = template!("compose/docker-compose.yml", Yaml, includes[&SERVICE]);
static FILE: Template = template!("compose/file", Text);
static SERVICE: Template = template!("compose/service.yml", Yaml);

/// The target.
pub const TARGET: Target = Target { id: "compose", templates: &[&COMPOSE, &FILE, &SERVICE], artifacts };

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    if stack.targets.compose.is_none() {
        return Vec::new();
    }
    let mut services: Vec<ServiceView> = stack.services.iter().map(|service| own::view(stack, service)).collect();
    services.extend(stack.backing_services.iter().filter_map(|store| backing::view(stack, store)));
    services.extend(backups::views(stack));
    services.extend(stack.edge.as_ref().and_then(|edge| edge::view(stack, edge)));
    let acme = acme::view(stack);
    // The one of the certificates, and those of stores and services.
    let certificates = acme.iter().map(|_| VolumeView { name: ACME_NAME.to_owned(), external: None });
    let volumes = certificates.chain(volumes(stack)).collect();
    services.extend(acme);
    // By name, as their keys below: a reader looks a name up, and diffs stay small.
    services.sort_by(|a, b| a.name.cmp(&b.name));
    for service in &mut services {
        service.depends_on.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let readers = stack.secret_readers();
    for reader in &readers {
        if let Some(service) = services.iter_mut().find(|service| service.name == reader.name) {
            service.secrets_label = Some(Text::variable(&reader.variable, ""));
        }
    }
    for reader in stack.source_readers() {
        if let Some(service) = services.iter_mut().find(|service| service.name == reader.name) {
            service.sources_label = Some(Text::variable(&reader.variable, ""));
        }
    }
    view::share_blocks(&mut services);
    view::shorten_secrets(&mut services);
    let networks = networks(stack, &mut services);
    let secrets = secret_files(stack);
    let view = ComposeView {
        made_by: made_by(stack),
        project: stack.deployment.to_string(),
        about: about(stack),
        development: stack.environment == EnvironmentKind::Development,
        scripts: stack.targets.scripts,
        labels: !readers.is_empty(),
        logs: logs(stack),
        volumes,
        secret_files: secrets.iter().any(|secret| secret.file.is_some()),
        build_secrets: secrets.iter().any(|secret| secret.file.is_none()),
        secrets,
        services,
        networks,
    };
    let mut artifacts = vec![Artifact::new(file_name(stack), &COMPOSE, &view)];
    artifacts.extend(files::artifacts(stack));
    artifacts
}

/// What takes the output of every container.
fn logs(stack: &Stack) -> LogsView {
    let logs = &stack.logs;
    let sizes = [("max-size", logs.max_size.lower_case()), ("max-file", logs.max_file.to_string())];
    let sizes = sizes.into_iter().filter(|_| logs.driver.keeps_files()).map(|(name, value)| (name.to_owned(), value));
    let options: serde_json::Map<_, _> = sizes.chain(logs.options.clone()).map(|(name, value)| (name, value.into())).collect();
    LogsView { driver: logs.driver.as_str(), keeps_files: logs.driver.keeps_files(), options: Text::literal_in(&options.into()) }
}

/// Name of the Compose file: plain `docker compose up` finds the one for development.
pub fn file_name(stack: &Stack) -> &'static str {
    match stack.environment {
        EnvironmentKind::Production => "docker-compose.prod.yml",
        EnvironmentKind::Staging => "docker-compose.staging.yml",
        EnvironmentKind::Development => "docker-compose.yml",
    }
}

/// The start of every command that uses the file, in the output folder.
pub fn command_line(stack: &Stack) -> String {
    let env_file = if stack.targets.dotenv { format!(" --env-file {}", stack.env_file()) } else { String::new() };
    format!("docker compose{env_file} --file {}", file_name(stack))
}

/// Named volumes: those of backing services, then those of the services.
fn volumes(stack: &Stack) -> Vec<VolumeView> {
    let keeps = |store: &&BackingService| store.server.as_ref().is_some_and(|server| server.storage.is_some());
    let given = |store: &BackingService| store.server.as_ref().and_then(|server| server.volume.as_ref()).map(ToString::to_string);
    let stores = stack.backing_services.iter().filter(keeps).map(|store| VolumeView { name: store.name.to_string(), external: given(store) });
    let own = stack.volumes.iter().filter(|volume| volume.host().is_none());
    let own = own.map(|volume| VolumeView { name: volume.name.to_string(), external: volume.source.external() });
    let containers = stack.container_volumes().map(|(name, volume)| VolumeView { name, external: volume.source.external() });
    let backups = stack.backups.iter().map(|backup| VolumeView { name: backups::volume(backup).to_owned(), external: backups::external(backup) });
    stores.chain(backups).chain(containers).chain(own).collect()
}

/// How people call Compose: by the script that knows which release runs, where there is one.
pub fn tool(stack: &Stack) -> String {
    if stack.is_deployed_by_script() { "scripts/compose.sh".to_owned() } else { command_line(stack) }
}

/// What starts all services.
pub fn up(stack: &Stack) -> &'static str {
    if own::can_wait(stack) { "up --detach --wait" } else { "up --detach" }
}

/// What to do with the file, in its first lines.
fn about(stack: &Stack) -> Vec<String> {
    if !stack.is_deployed_by_script() {
        return vec![format!("  {} {}", command_line(stack), up(stack))];
    }
    let deploy = super::scripts::script("deploy", stack);
    let width = deploy.len() + " docker".len();
    vec![
        format!("  {deploy} docker    deploys it, and a later release without a failed request"),
        format!("  {:width$}    Compose with the release that runs", "scripts/compose.sh ps"),
        "Plain docker compose takes the tags of the env file or those below: that may be another release than the one that was deployed.".into(),
    ]
}

/// Networks that some service is on. One network that is open to the outside is what Compose makes anyway.
fn networks(stack: &Stack, services: &mut [ServiceView]) -> Vec<Network> {
    let all = [
        Network { name: "edge", internal: false, about: "nginx alone, for the ports that it publishes: a service on internal networks only publishes none." },
        Network { name: "frontend", internal: true, about: "nginx and what answers behind it. No way out, except to what this host itself listens on." },
        Network { name: "backend", internal: true, about: "Services and what they depend on: closed likewise, and nginx is not on it." },
        Network { name: "outside", internal: false, about: "For what publishes a port of its own, has `egress`, reports errors, or gets certificates." },
    ];
    let used: Vec<Network> = all.into_iter().filter(|network| services.iter().any(|service| service.networks.contains(&network.name))).collect();
    let one_open = used.len() == 1 && used.iter().all(|network| !network.internal);
    if stack.environment == EnvironmentKind::Development || one_open {
        for service in services.iter_mut() {
            service.networks.clear();
        }
        return Vec::new();
    }
    used
}

/// The key of a secret in the `secrets` section: its name, with the user behind it where several users read it.
pub fn secret_key(stack: &Stack, reader: &str, name: &str) -> String {
    let files: Vec<_> = stack.secret_files().into_iter().filter(|file| file.name == name).collect();
    let own = files.iter().find(|file| file.readers.iter().any(|known| known == reader));
    match own {
        Some(file) if files.len() > 1 && !is_from_env_file(stack) => file.path().trim_start_matches("secrets/").replace('/', "-"),
        _ => name.to_owned(),
    }
}

/// On a developer's machine Compose makes the files from the env file. It cannot do so for a read-only root.
fn is_from_env_file(stack: &Stack) -> bool {
    stack.environment == EnvironmentKind::Development
}

fn is_certificate(name: &str) -> bool {
    [CERTIFICATE, CERTIFICATE_KEY].contains(&name)
}

fn secret_files(stack: &Stack) -> Vec<SecretFile> {
    let from_env_file = is_from_env_file(stack);
    let mut files: Vec<SecretFile> = stack
        .secret_files()
        .iter()
        .map(|file| SecretFile {
            key: secret_key(stack, file.readers.first().map_or("", String::as_str), &file.name),
            // A certificate is a file everywhere: no env file holds it.
            variable: (from_env_file && !is_certificate(&file.name)).then(|| file.name.clone()),
            file: if from_env_file { is_certificate(&file.name).then(|| format!("./secrets/{}", file.name)) } else { Some(format!("./{}", file.path())) },
        })
        .collect();
    // What builds read comes from the env file itself: no container mounts it.
    files.extend(stack.build_secrets().map(|name| SecretFile { key: name.clone(), variable: Some(name.clone()), file: None }));
    files.sort_by(|a, b| a.key.cmp(&b.key));
    files.dedup_by(|a, b| a.key == b.key);
    files
}
