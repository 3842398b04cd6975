//! The port of a server is one that its clients do not speak to.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "port-of-a-console",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "The main port of a server is that of its console, its metrics or its cluster",
    why: "Connection strings lead to `port`: clients reach something that does not speak their protocol.",
    instead: "Write the port of clients as `port`, and the other one in `ports`, by a name.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let Some(image) = known_images::known(container.image.name.as_str()) else { continue };
        let port = store.port.get();
        let Some((name, _)) = image.others.iter().find(|(_, number)| *number == port) else { continue };
        let path = KeyPath::of(&["backing_services", store.name.as_str(), "port"]);
        let message = format!("clients of {} do not speak to port {port}", image.title);
        let help = format!("Write `port: {}`; for {name}, add `ports: {{{name}: {{port: {port}}}}}`.", image.port);
        found.with_help(path, message, help);
    }
}
