//! A store keeps its data in the container.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
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
    for server in stack.known_servers() {
        let (image, name, volumes) = (server.image, server.name, &server.volumes);
        let Some(data) = server.data() else { continue };
        // Somebody who names a folder, or says that it is in memory, has thought of it.
        let is_in_memory = server.tmpfs.iter().any(|folder| folder.path != "/tmp" && (data.starts_with(&folder.path) || folder.path.starts_with(data)));
        let has_node = server.env.iter().any(|var| var.name == "RABBITMQ_NODENAME");
        if image.name == "rabbitmq" && !volumes.is_empty() && !has_node {
            let env = server.path.key("env");
            let path = if stack.origins.is_written(&env) { env } else { server.path };
            let message = format!("`{name}` starts empty after each update: its data are in a folder named after the container");
            found.with_help(path, message, "In its `env`, add `RABBITMQ_NODENAME: \"rabbit@localhost\"`.".into());
            continue;
        }
        let covers = |path: &str| [(path, data), (data, path)].iter().any(|(path, folder)| is_below(path, folder));
        // A variable, a command or a file may name another folder.
        let is_kept = volumes.iter().any(|(_, path)| covers(path) || server.speaks_of(path));
        if is_kept || is_in_memory || (!volumes.is_empty() && server.has_files) {
            continue;
        }
        if let [(volume, path)] = volumes.as_slice() {
            let message = format!("{} keeps its data in `{data}`, and the volume of `{name}` is at `{path}`", image.title);
            found.with_help(server.path.key("volumes").key(volume.as_str()).key("path"), message, format!("Write `path: {data}`."));
            continue;
        }
        let message = format!("the data of `{name}` ({}) are gone with its container", image.title);
        let help = format!("Add `volumes: {{data: {{path: {data}}}}}`.");
        found.with_help(server.path.clone(), message, help);
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
