//! A limit that the edge of a cluster has no word for.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EdgeField, IngressController, KubernetesTarget, Patch, Route, Snippet, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "limit-on-kubernetes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A limit that the edge of the cluster cannot say, or that a snippet gives to nginx on Compose alone",
    why: "An Ingress has limits and time-outs only by annotations of its controller, and infragen knows those of ingress-nginx; Gateway API has no limits of bodies and clients. There the key changes nothing. A snippet of nginx changes nothing on a cluster, either: whom it turns away on Compose is let in there.",
    instead: "Set it where the controller or the Gateway is configured and accept this with a waiver; or use a controller that reads the annotations of ingress-nginx (`ingress_controller: ingress_nginx`).",
    check,
};

const LIMITS: [(&str, EdgeField); 4] =
    [("body_size", EdgeField::BodySize), ("rate_limit", EdgeField::RateLimit), ("timeout", EdgeField::Timeout), ("streaming", EdgeField::Streaming)];

fn check(stack: &Stack, found: &mut Findings) {
    let (Some(edge), Some(target)) = (&stack.edge, &stack.targets.kubernetes) else { return };
    let routes = edge.hosts.iter().flat_map(|host| host.routes.iter().map(move |route| ["edge", "hosts", host.name.as_str(), "routes", route.path.as_str()]));
    let places = std::iter::once(KeyPath::of(&["edge"])).chain(routes.map(|path| KeyPath::of(&path)));
    for (place, (key, _)) in places.flat_map(|place| LIMITS.iter().filter(|(_, field)| !target.edge_says(*field)).map(move |limit| (place.clone(), *limit))) {
        let path = place.key(key);
        if stack.origins.is_written(&path) {
            found.at(path.clone(), format!("the {} cannot say `{path}`", target.edge_name()));
        }
    }
    let is_said = stack.patches.iter().any(restricts) || target.annotations.iter().any(|(name, _)| is_restriction(name));
    let mut said: Vec<&Route> = Vec::new();
    for snippet in stack.snippets.iter().filter(|_| !is_said) {
        let Some(directive) = restriction(snippet) else { continue };
        // A route has several locations, and is let in once.
        let route = route(stack, snippet);
        if route.is_some_and(|route| said.iter().any(|known| std::ptr::eq(*known, route))) {
            continue;
        }
        said.extend(route);
        let message = format!("`{directive}` is nginx' alone: the {} of the cluster lets in whom it turns away", target.edge_name());
        found.with_help(snippet.at.clone(), message, counterpart(stack, target, snippet, route));
    }
}

/// The route in whose location a snippet stands.
fn route<'s>(stack: &'s Stack, snippet: &Snippet) -> Option<&'s Route> {
    let location =
        snippet.after.split_whitespace().find(|word| word.starts_with('/')).map(|path| path.trim_end_matches('/')).filter(|path| !path.is_empty())?;
    let mut routes = stack.edge.iter().flat_map(|edge| &edge.hosts).flat_map(|host| &host.routes);
    routes.find(|route| route.path.as_str().trim_end_matches('/') == location)
}

/// Directives of nginx by which it turns requests away or holds them back; those of limits begin alike.
const DIRECTIVES: [&str; 7] = ["deny", "auth_basic", "auth_request", "auth_jwt", "satisfy", "ssl_verify_client", "limit_"];

/// Words in annotations and patches by which an edge of a cluster does so.
const WORDS: [&str; 11] =
    ["whitelist", "allowlist", "allow-list", "denylist", "auth", "limit", "middleware", "snippet", "extensionref", "policy", "inbound-cidrs"];

/// The directive of a snippet that turns somebody away.
fn restriction(snippet: &Snippet) -> Option<&str> {
    let statements = snippet.text.lines().map(|line| line.split('#').next().unwrap_or_default()).flat_map(|line| line.split([';', '{', '}']));
    let mut words = statements.map(|statement| statement.split_whitespace());
    words.find_map(|mut words| {
        let (name, value) = (words.next()?, words.next());
        let is_it = DIRECTIVES.iter().any(|known| name == *known || (known.ends_with('_') && name.starts_with(known)));
        (is_it && value != Some("off") && snippet.file.as_str().starts_with("nginx/")).then_some(name)
    })
}

fn is_restriction(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// True for a patch that may do the same on the cluster.
fn restricts(patch: &Patch) -> bool {
    let (_, kind, _) = patch.target.parts();
    let is_edge = ["Ingress", "HTTPRoute", "GRPCRoute", "Gateway"].contains(&kind);
    is_edge && (!patch.remove.is_empty() || is_restriction(&serde_json::Value::Object(patch.merge.clone()).to_string()))
}

/// What to write for the cluster.
fn counterpart(stack: &Stack, target: &KubernetesTarget, snippet: &Snippet, route: Option<&Route>) -> String {
    let name = &snippet.name;
    let waiver = |who: &str| {
        let id = RULE.id;
        format!(
            "or let the application refuse; then accept this with `waivers: {{{name}: {{rule: {id}, path: snippets.{name}, reason: {who} does it, until: 2027-01-31}}}}`."
        )
    };
    if target.gateway.is_some() {
        return format!("Give the HTTPRoute a policy of your Gateway's controller, such as a SecurityPolicy of Envoy Gateway, {}", waiver("The Gateway"));
    }
    if target.ingress_controller != IngressController::IngressNginx {
        let annotation =
            format!("Give the Ingress `{}` the annotation by which your controller does so, by a patch (`infragen explain patches`)", stack.project);
        return format!("{annotation}, {}", waiver("The controller"));
    }
    // An annotation is one of a whole Ingress.
    let (ingress, first) = match route {
        Some(route) if route.own_rate => (format!("{}-{}", stack.project, route.word()), "Write"),
        Some(route) => {
            (format!("{}-{}", stack.project, route.word()), "Give this route a `rate_limit` of its own, so that it has an Ingress of its own, and write")
        }
        None => (stack.project.to_string(), "Write"),
    };
    let allowed: Vec<&str> = snippet.text.split([';', '\n']).filter_map(|statement| statement.trim().strip_prefix("allow ")).map(str::trim).collect();
    let annotation = if restriction(snippet) == Some("deny") && !allowed.is_empty() {
        format!("nginx.ingress.kubernetes.io/whitelist-source-range: \"{}\"", allowed.join(","))
    } else {
        "nginx.ingress.kubernetes.io/auth-url: \"https://auth.example.com/check\"".to_owned()
    };
    format!(
        "{first} `patches: {{{name}: {{target: kubernetes:Ingress/{ingress}, merge: {{metadata: {{annotations: {{{annotation}}}}}}}, reason: {}}}}}`{}.",
        serde_json::Value::from(snippet.reason.as_str()),
        if allowed.is_empty() { ", or another annotation of the controller; or let the application refuse" } else { "" }
    )
}
