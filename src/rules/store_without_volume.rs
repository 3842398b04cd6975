//! A store keeps its data in the container.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::Stack;

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
        if !container.volumes.is_empty() || is_in_memory {
            continue;
        }
        let path = KeyPath::of(&["backing_services", store.name.as_str()]);
        let message = format!("the data of `{}` ({}) are gone with its container", store.name, image.title);
        found.with_help(path, message, format!("Add `volumes: {{data: {{path: {}}}}}`.", image.data));
    }
}
