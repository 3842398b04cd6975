//! An Ingress serves no files.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{FileSource, RouteAction, Stack};

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
            found.at(path, format!("on Kubernetes the edge sends `{}{}` to a service, not to files", host.name, route.path));
        }
    }
}
