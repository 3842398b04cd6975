//! A server that others wrote stands among the project's own services.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "store-as-service",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A database or a broker is a service of the project's own",
    why: "A roll-out starts a second one beside it, on the same data. Nobody gets its address, its password is nobody's, and it has no backup.",
    instead: "Write it in the section `backing_services`: `database: {kind: postgres, version: \"17\"}`, `cache: {kind: redis, version: \"7\"}`, or `kind: image`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.build.is_none() && service.own_build.is_none()) {
        let name = service.name.as_str();
        let image = service.image.name.as_str();
        let last = image.rsplit('/').next().unwrap_or(image);
        let digits: String = service.image.tag.as_str().chars().take_while(char::is_ascii_digit).collect();
        let version = |newest: &str| if digits.is_empty() { newest.to_owned() } else { digits.clone() };
        let is_kept = service.volumes.iter().any(|mount| !mount.read_only);
        if let Some(known) = known_images::known(image).filter(|_| is_kept && service.most_replicas() > 1) {
            let message = format!("`{name}` is {}, and has {} instances on the same data", known.title, service.most_replicas());
            let key = if service.autoscale.is_some() { "autoscale" } else { "replicas" };
            found.with_help(KeyPath::of(&["services", name, key]), message, format!("Write `singleton: true` in place of `{key}`."));
            continue;
        }
        // A program for people that the same image has, such as a client, is a command of somebody's own.
        // And one that the edge leads to has to be a service.
        if !matches!(service.command, crate::stack::Command::Image) || stack.routed().any(|routed| routed.name == service.name) {
            continue;
        }
        let (title, entry, secrets) = match (last, known_images::known(image)) {
            ("postgres", _) => ("PostgreSQL", format!("{{kind: postgres, version: \"{}\"}}", version("17")), String::new()),
            ("redis", _) => ("Redis", format!("{{kind: redis, version: \"{}\"}}", version("7")), String::new()),
            (_, Some(known)) => match known.snippet(name, &known_images::Written::default()) {
                Some((snippet, secrets)) => (known.title, snippet, format!(" and `secrets: {{{secrets}}}`")),
                None => {
                    (known.title, format!("{{kind: image, image: {{name: {image}, tag: \"{}\"}}, port: {}}}", service.image.tag, known.port), String::new())
                }
            },
            _ => continue,
        };
        let message = format!("`{name}` is {title}, and no program of the project's own");
        let help = format!("Remove it here, and write `backing_services: {{{name}: {entry}}}`{secrets}.");
        found.with_help(KeyPath::of(&["services", name]), message, help);
    }
}
