//! The compose target: the whole Stack on one host.

mod backing;
mod edge;
mod own;
mod text;
mod view;

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{CERTIFICATE, CERTIFICATE_KEY, EnvironmentKind, Stack};
use crate::template;
pub use own::from_here;
use view::{ComposeView, Network, SecretFile, ServiceView};

static COMPOSE: Template = template!("compose/docker-compose.yml", Yaml, includes[&SERVICE]);
static SERVICE: Template = template!("compose/service.yml", Yaml);

/// The target.
pub const TARGET: Target = Target { id: "compose", templates: &[&COMPOSE, &SERVICE], artifacts };

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    if stack.targets.compose.is_none() {
        return Vec::new();
    }
    let mut services: Vec<ServiceView> = stack.services.iter().map(|service| own::view(stack, service)).collect();
    services.extend(stack.backing_services.iter().filter_map(|store| backing::view(stack, store)));
    services.extend(stack.edge.as_ref().and_then(|edge| edge::view(stack, edge)));
    // By name, as their keys below: a reader looks a name up, and diffs stay small.
    services.sort_by(|a, b| a.name.cmp(&b.name));
    for service in &mut services {
        service.depends_on.sort_by(|a, b| a.name.cmp(&b.name));
    }
    view::share_blocks(&mut services);
    view::shorten_secrets(&mut services);
    let networks = networks(stack, &mut services);
    let view = ComposeView {
        made_by: made_by(stack),
        project: project_name(stack),
        command_line: command_line(stack),
        development: stack.environment == EnvironmentKind::Development,
        scripts: stack.targets.scripts,
        log_size: stack.logs.max_size.lower_case(),
        log_files: stack.logs.max_file.to_string(),
        volumes: stack.backing_services.iter().filter(|store| store.server.is_some()).map(|store| store.name.to_string()).collect(),
        secrets: secret_files(stack),
        services,
        networks,
    };
    vec![Artifact::new(file_name(stack), &COMPOSE, &view)]
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

/// The Compose project: environments of one project can share a host.
fn project_name(stack: &Stack) -> String {
    match stack.environment {
        EnvironmentKind::Production => stack.project.to_string(),
        EnvironmentKind::Staging | EnvironmentKind::Development => format!("{}-{}", stack.project, stack.environment.as_str()),
    }
}

/// Networks that some service is on. One network that is open to the outside is what Compose makes anyway.
fn networks(stack: &Stack, services: &mut [ServiceView]) -> Vec<Network> {
    let all = [
        Network { name: "edge", internal: false, about: "nginx alone, for the ports that it publishes: a service on internal networks only publishes none." },
        Network { name: "frontend", internal: true, about: "nginx and what answers behind it. No way out, except to what this host itself listens on." },
        Network { name: "backend", internal: true, about: "Services and what they depend on: closed likewise, and nginx is not on it." },
        Network { name: "outside", internal: false, about: "For what publishes a port of its own, or has `egress`." },
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
    let builds = stack.builders().flat_map(|(_, build)| &build.secrets);
    files.extend(builds.map(|name| SecretFile { key: name.clone(), variable: Some(name.clone()), file: None }));
    files.sort_by(|a, b| a.key.cmp(&b.key));
    files.dedup_by(|a, b| a.key == b.key);
    files
}
