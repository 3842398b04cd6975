//! A store keeps its data in the container.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "store-without-volume",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A server that keeps data has no volume for them",
    why: "They are gone with the container: after each update, and after each change of its settings.",
    instead: "Name the folder in `volumes: {data: {path: FOLDER}}`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let Some(image) = known_images::known(container.image.name.as_str()) else { continue };
        // Somebody who names a folder, or says that it is in memory, has thought of it.
        let is_in_memory =
            container.tmpfs.iter().any(|folder| folder.path != "/tmp" && (image.data.starts_with(&folder.path) || folder.path.starts_with(image.data)));
        let has_node = container.env.iter().any(|var| var.name == "RABBITMQ_NODENAME");
        if image.name == "rabbitmq" && !container.volumes.is_empty() && !has_node {
            let root = KeyPath::of(&["backing_services", store.name.as_str()]);
            let path = if stack.origins.is_written(&root.key("env")) { root.key("env") } else { root };
            let message = format!("`{}` starts empty after each update: its data are in a folder named after the container", store.name);
            found.with_help(path, message, "In its `env`, add `RABBITMQ_NODENAME: \"rabbit@localhost\"`.".into());
            continue;
        }
        let covers = |path: &str| [(path, image.data), (image.data, path)].iter().any(|(path, folder)| is_below(path, folder));
        // A variable, a command or a file may name another folder.
        let server = store.server.as_ref();
        let is_named = |path: &str| {
            let texts = container.env.iter().filter_map(|var| if let EnvValue::Literal(text) = &var.value { Some(text) } else { None });
            server.iter().flat_map(|server| &server.command).chain(container.entrypoint.iter().flatten()).chain(texts).any(|text| text.contains(path))
        };
        let is_kept = container.volumes.iter().any(|volume| covers(volume.path.as_str()) || is_named(volume.path.as_str()));
        if is_kept || is_in_memory || (!container.volumes.is_empty() && server.is_none_or(|server| !server.files.is_empty())) {
            continue;
        }
        if let [volume] = container.volumes.as_slice() {
            let path = KeyPath::of(&["backing_services", store.name.as_str(), "volumes", volume.name.as_str(), "path"]);
            let message = format!("{} keeps its data in `{}`, and the volume of `{}` is at `{}`", image.title, image.data, store.name, volume.path);
            found.with_help(path, message, format!("Write `path: {}`.", image.data));
            continue;
        }
        let path = KeyPath::of(&["backing_services", store.name.as_str()]);
        let message = format!("the data of `{}` ({}) are gone with its container", store.name, image.title);
        found.with_help(path, message, format!("Add `volumes: {{data: {{path: {}}}}}`.", image.data));
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
