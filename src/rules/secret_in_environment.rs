//! A secret is a variable of a process.

use super::{Applies, Findings, Rule, unread_secret};
use crate::diagnostics::Severity;
use crate::key_path::{KeyPath, Segment};
use crate::known_images;
use crate::stack::{Delivery, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "secret-in-environment",
    severity: Severity::Info,
    applies: Applies::Deployed,
    what: "A secret is a variable of a process",
    why: "Everybody sees it who may look at the process or inspect the container, and crash reports carry variables along.",
    instead: "Read it from the file that `NAME_FILE` names, and leave `deliver` out.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    // By place: a block of variables is shared, and so is what `like` gives.
    let mut places: Vec<(&KeyPath, (&str, &str), Vec<&str>)> = Vec::new();
    // A framework that reads variables alone has no other way either.
    let services = stack.services.iter().filter(|service| unread_secret::framework(stack, service, &found.around).is_none());
    let services = services.flat_map(|service| service.secrets(stack, Delivery::Env).map(|(var, secret)| (&service.name, var, secret)));
    // Which way an image of somebody else's reads is not the profile's to decide: one that reads no files has no other.
    let reads_files = |name: &str| known_images::known(name).is_some_and(|image| image.reads_files);
    let containers = stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?)));
    let containers = containers.filter(|(_, container)| reads_files(container.image.name.as_str()));
    let containers =
        containers.flat_map(|(store, container)| container.secrets(stack, Delivery::Env).map(|(var, secret)| (&store.name, var, secret)).collect::<Vec<_>>());
    for (owner, var, secret) in services.chain(containers) {
        match places.iter_mut().find(|(path, name, _)| **path == var.declared && name.1 == secret.name) {
            Some((.., owners)) => owners.push(owner.as_str()),
            None => places.push((&var.declared, (&var.name, &secret.name), vec![owner.as_str()])),
        }
    }
    for (path, (variable, secret), mut owners) in places {
        // The one that declares it comes first.
        owners.sort_by_key(|owner| !path.0.contains(&Segment::Key((*owner).to_owned())));
        let owners: Vec<String> = owners.iter().map(|owner| format!("`{owner}`")).collect();
        let message = match owners.as_slice() {
            [only] => format!("{only} gets `{secret}` as a variable"),
            [first @ .., last] => format!("{} and {last} get `{secret}` as a variable", first.join(", ")),
            [] => continue,
        };
        found.with_help(path.clone(), message, format!("Read it from the file that `{variable}_FILE` names, and leave `deliver` out."));
    }
}
