//! A web service that nobody reaches.

use super::{Applies, Findings, Rule, other_kind};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, EnvValue, Service, ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unreached-service",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "Nobody reaches a web service",
    why: "No route of the edge leads to it, no port of the host does, and no other service speaks of it; networks let nobody else in.",
    instead: "Write `publish: {port: 8000}` for the host, or give it a route of `edge`; what has no port is a `worker`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    // Without an engine, a port is the host's own; what is changed by hand may lead anywhere.
    if (stack.targets.compose.is_none() && stack.targets.kubernetes.is_none()) || stack.templates.is_some() || stack.has_changes() {
        return;
    }
    // A profile without an edge anywhere leaves that to others; one that takes it out, or leads to others, does not.
    let says = stack.edge.is_some() || stack.removes_edge || stack.services.iter().any(|service| service.publish.is_some());
    for service in stack.services.iter().filter(|service| says && service.kind == ServiceKind::Web && service.publish.is_none()) {
        let is_routed = stack.routed().any(|routed| routed.name == service.name);
        let escape = &service.escape;
        let is_led_to = !(escape.compose.is_empty() && escape.labels.is_empty() && escape.pods.annotations.is_empty());
        // Of one that listens to nobody, another rule says that.
        let listens = service.calls().last().is_none_or(|call| other_kind::worker(call).is_none());
        if is_routed || is_led_to || !listens || is_named(stack, service) {
            continue;
        }
        let Some(port) = service.port else { continue };
        let message = format!("nobody reaches `{}`: it has neither a route nor a port of the host, and no other service names it", service.name);
        let place = KeyPath::of(&["services", service.name.as_str()]);
        found.with_help(place, message, format!("Write `publish: {{port: {}}}` at `{}`, for this host; or lead a route of `edge` to it.", port, service.name));
    }
}

/// True if something else in the deployment speaks of a service, or waits for it.
fn is_named(stack: &Stack, service: &Service) -> bool {
    let names: Vec<&str> = std::iter::once(&service.name).chain(&service.aliases).map(crate::values::ServiceName::as_str).collect();
    let speaks = |text: &str| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).any(|word| names.contains(&word));
    let others = || stack.services.iter().filter(|other| other.name != service.name);
    let by_variable = others()
        .flat_map(|other| &other.env)
        .chain(stack.backing_services.iter().filter_map(|store| store.kind.container()).flat_map(|container| &container.env));
    let depends = others().any(|other| other.depends_on.iter().any(|dependency| dependency.name == service.name));
    let commands = others().filter_map(|other| if let Command::Args(args) = &other.command { Some(args) } else { None }).flatten();
    let servers = stack.backing_services.iter().filter_map(|store| store.server.as_ref()).flat_map(|server| &server.command);
    depends
        || by_variable.into_iter().any(|var| match &var.value {
            EnvValue::Literal(text) => speaks(text),
            EnvValue::Parameter(_) | EnvValue::Secret { .. } => false,
        })
        || commands.chain(servers).any(|text| speaks(text))
        // A file may say anything.
        || stack.mounted_files().any(|(name, files)| *name != service.name && !files.is_empty())
}
