//! Docker cannot check a service that has a health path.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{ServiceKind, Stack};
use crate::values::Port;

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-engine-check",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Docker cannot check a service that a cluster could",
    why: "infragen cannot know which client of HTTP or gRPC an image has that somebody else made, and Python's has no gRPC, so Compose renders no check.",
    instead: "Add `health.command` with a client of that image, such as `[wget, -q, -O, /dev/null, \"http://127.0.0.1:8080/\"]`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.compose.is_none() {
        return;
    }
    for service in stack.services.iter().filter(|service| service.kind == ServiceKind::Web) {
        let asks = service.ready_path().is_some() || service.health.tcp || service.health.grpc.is_some();
        if asks && !service.has_engine_check() {
            let port = service.health.port.or(service.port).map_or(8080, Port::get);
            let path = service.ready_path().map_or("/", |path| path.as_str());
            let help = client(service.image.name.as_str(), port, path);
            found.with_help(KeyPath::of(&["services", service.name.as_str(), "health"]), format!("Compose cannot check `{}`", service.name), help);
        }
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let health = &container.health;
        if health.command.is_none() && (health.ready.is_some() || health.live.is_some() || health.tcp || health.grpc.is_some()) {
            let port = health.port.unwrap_or(store.port).get();
            let path = health.ready.as_ref().or(health.live.as_ref()).map_or("/", |path| path.as_str());
            let help = client(container.image.name.as_str(), port, path);
            found.with_help(KeyPath::of(&["backing_services", store.name.as_str(), "health"]), format!("Compose cannot check `{}`", store.name), help);
        }
    }
}

/// What to write: a client that the image is known to have, or that most have.
fn client(image: &str, port: u16, path: &str) -> String {
    if known_images::is_keycloak(image) {
        return format!("Add `health.command: [bash, -c, \"exec 3<>/dev/tcp/127.0.0.1/{port}\"]`: Keycloak's image has no client of HTTP.");
    }
    if image.contains("distroless") {
        return "Add `health.command` with a call of the application's own program: that image has no other.".to_owned();
    }
    format!("Add `health.command` with a client of that image, such as `[wget, -q, -O, /dev/null, \"http://127.0.0.1:{port}{path}\"]`.")
}
