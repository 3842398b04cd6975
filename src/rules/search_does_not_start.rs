//! A search server lacks what it does not start without.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{BackingService, Container, EnvValue, EnvironmentKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "search-does-not-start",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "OpenSearch or Elasticsearch is not told what it does not start without, or cannot write where it has to",
    why: "It looks for the other members of a cluster unless told that it is alone; OpenSearch asks for the first password of its administrator since 2.12; both make files in `config` and `logs` of their image when they start.",
    instead: "Write `env: {discovery.type: single-node}` and `read_only: false`; with its security, OpenSearch gets a password, too.",
    check,
};

/// Variables that say who else is in the cluster, and that there is nobody else.
const DISCOVERY: [&str; 3] = ["discovery", "initial_master_nodes", "initial_cluster_manager_nodes"];

/// From this version on OpenSearch has no password that everybody knows.
const OWN_PASSWORD: [u32; 2] = [2, 12];

fn check(stack: &Stack, found: &mut Findings) {
    for store in &stack.backing_services {
        let (Some(container), Some(server)) = (store.kind.container(), &store.server) else { continue };
        let Some(image) = known_images::known(container.image.name.as_str()).filter(|image| ["opensearch", "elasticsearch"].contains(&image.name)) else {
            continue;
        };
        let root = KeyPath::of(&["backing_services", store.name.as_str()]);
        let place = |key: &str| if stack.origins.is_written(&root.key(key)) { root.key(key) } else { root.clone() };
        if container.read_only && !is_mounted(container, &format!("/usr/share/{}/config", image.name)) {
            let message = format!("{} makes files in `config` and `logs` of its image, and `{}` cannot write there", image.title, store.name);
            found.with_help(place("read_only"), message, format!("Write `read_only: false` at `{}`.", store.name));
        }
        // A file or another entry point may say all the rest.
        if container.entrypoint.is_some() || !server.files.is_empty() {
            continue;
        }
        let security = security(store, container);
        if !says(store, container, &DISCOVERY) && (image.name == "opensearch" || security == Some(false)) {
            let message = format!("`{}` is not told that it is alone, and waits for the other members of a cluster", store.name);
            let help = if stack.origins.is_written(&root.key("env")) {
                format!("Add `discovery.type: single-node` to the `env` of `{}`.", store.name)
            } else {
                format!("Add `env: {{discovery.type: single-node}}` to `{}`.", store.name)
            };
            found.with_help(place("env"), message, help);
        }
        if image.name == "opensearch"
            && security == Some(true)
            && asks_for_password(container)
            && !says(store, container, &["OPENSEARCH_INITIAL_ADMIN_PASSWORD"])
        {
            password(stack, store, place("secrets"), found);
        }
    }
}

/// The first password of the administrator; or none, where only this deployment reaches it.
fn password(stack: &Stack, store: &BackingService, place: KeyPath, found: &mut Findings) {
    let (name, variable) = (&store.name, "OPENSEARCH_INITIAL_ADMIN_PASSWORD");
    let message = format!("OpenSearch does not start without `{variable}`, and `{name}` does not get it");
    let written = stack.origins.is_written(&KeyPath::of(&["backing_services", name.as_str(), "secrets"]));
    let used =
        if written { format!("Add `{variable}: {{}}` to the `secrets` of `{name}`") } else { format!("Add `secrets: {{{variable}: {{}}}}` to `{name}`") };
    let declared = format!(
        "`{variable}: {{source: external, deliver: env, min_length: 12}}` in the section `secrets`: it takes one with letters of both cases, a digit and another sign only"
    );
    let open =
        if stack.environment == EnvironmentKind::Production { "" } else { ". Without passwords and TLS: `DISABLE_SECURITY_PLUGIN: \"true\"` in its `env`" };
    found.with_help(place, message, format!("{used}, and {declared}{open}."));
}

/// True if something of one's own stands over a folder.
fn is_mounted(container: &Container, folder: &str) -> bool {
    container.volumes.iter().any(|volume| volume.path.as_str() == folder) || container.tmpfs.iter().any(|tmpfs| tmpfs.path == folder)
}

/// True if a variable, whatever it says, or an argument speaks of one of these words.
fn says(store: &BackingService, container: &Container, words: &[&str]) -> bool {
    let command = store.server.iter().flat_map(|server| &server.command);
    let names = container.env.iter().map(|var| &var.name);
    names.chain(command).any(|text| words.iter().any(|word| text.to_ascii_lowercase().contains(&word.to_ascii_lowercase())))
}

/// Whether users have to log in; `None` where nobody knows.
fn security(store: &BackingService, container: &Container) -> Option<bool> {
    let texts = store.server.iter().flat_map(|server| &server.command).any(|text| text.contains("security"));
    let about = container.env.iter().filter(|var| var.name.to_ascii_lowercase().contains("security"));
    let mut switches = about.filter(|var| !var.name.ends_with("PASSWORD"));
    match (switches.next(), texts) {
        (None, false) => Some(true),
        (Some(var), false) if switches.next().is_none() => {
            let EnvValue::Literal(value) = &var.value else { return None };
            let turns_off = var.name.to_ascii_lowercase().contains("disable");
            match value.to_ascii_lowercase().as_str() {
                "true" => Some(!turns_off),
                "false" => Some(turns_off),
                _ => None,
            }
        }
        _ => None,
    }
}

/// True if this release makes no password of its own, and is set up as it comes.
fn asks_for_password(container: &Container) -> bool {
    let tag = container.image.tag.as_str();
    let numbers: Vec<u32> = tag.split('.').map_while(|part| part.parse().ok()).collect();
    let is_new = match numbers.as_slice() {
        // `2` is the last one of its kind.
        [major] => *major >= OWN_PASSWORD[0],
        [major, minor, ..] => [*major, *minor] >= OWN_PASSWORD,
        [] => false,
    };
    is_new && !container.env.iter().any(|var| var.name == "DISABLE_INSTALL_DEMO_CONFIG")
}
