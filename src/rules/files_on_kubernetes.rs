//! An Ingress serves no files.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{FileSource, Route, RouteAction, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "files-on-kubernetes",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "An Ingress serves no files",
    why: "nginx serves a route to `files` or to a `volume` itself; on Kubernetes the request goes to the service of the next shorter route.",
    instead: "Let the service answer that path, too, or put the files behind a CDN.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(edge) = stack.edge.as_ref().filter(|_| stack.targets.kubernetes.is_some()) else { return };
    for host in &edge.hosts {
        for route in &host.routes {
            let RouteAction::Files { source, .. } = &route.action else { continue };
            let key = match source {
                FileSource::Folder(_) => "files",
                FileSource::Volume(_) => "volume",
            };
            let path = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str(), key]);
            // The next shorter route that a service answers.
            let is_above = |other: &&Route| {
                let start = other.path.as_str().trim_end_matches('/');
                !other.exact && route.path.as_str().strip_prefix(start).is_some_and(|rest| rest.starts_with('/'))
            };
            let above = host.routes.iter().filter(is_above).filter_map(|other| match &other.action {
                RouteAction::Service { name, .. } => Some((other.path.as_str().len(), name)),
                _ => None,
            });
            let address = format!("{}{}", host.name, route.path);
            match above.max() {
                Some((_, name)) => found.with_help(
                    path,
                    format!("on Kubernetes the edge sends `{address}` to `{name}`, not to files"),
                    format!("Let `{name}` answer that path, too, or put the files behind a CDN."),
                ),
                None => found.at(path, format!("on Kubernetes nothing answers `{address}`: no service has a route above it")),
            }
        }
    }
}
