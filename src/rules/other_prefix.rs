//! A route below another one takes away another part of the path.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Route, RouteAction, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "other-prefix",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A route below another one of the same service takes away another part of the path",
    why: "The service has one set of paths: what it answers below one route, it does not find below the other.",
    instead: "Name the start of the path that is taken away, `strip_prefix: /api`, at both.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for host in stack.edge.iter().flat_map(|edge| &edge.hosts) {
        for route in &host.routes {
            let Some((name, own)) = to(route) else { continue };
            let is_above = |other: &&Route| {
                let rest = route.path.as_str().strip_prefix(other.path.as_str().trim_end_matches('/'));
                other.path != route.path && !other.exact && rest.is_some_and(|rest| rest.starts_with('/'))
            };
            let above = host.routes.iter().filter(is_above).max_by_key(|other| other.path.as_str().len());
            let Some((other, (service, prefix))) = above.and_then(|other| Some((other, to(other)?))) else { continue };
            let Some(prefix) = prefix.filter(|prefix| service == name && own != Some(*prefix)) else { continue };
            let gets = own.map_or(route.path.as_str(), |own| route.rest(own));
            let message = format!("for `{}`, `{name}` gets `{gets}`, and below `{}` it gets paths without `{prefix}`", route.path, other.path);
            let at = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str()]);
            let at = if own.is_some() { at.key("strip_prefix") } else { at };
            found.with_help(at, message, format!("Write `strip_prefix: {prefix}`, so that it gets `{}`.", route.rest(prefix)));
        }
    }
}

/// The service that a route leads to, and the start of the path that it does not get.
fn to(route: &Route) -> Option<(&str, Option<&str>)> {
    match &route.action {
        RouteAction::Service { name, strip_prefix, .. } => Some((name.as_str(), strip_prefix.as_deref())),
        RouteAction::Files { .. } | RouteAction::Redirect { .. } => None,
    }
}
