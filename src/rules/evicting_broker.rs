//! A Redis that forgets what it is asked to keep.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{AddressOf, Backing, BackingService, Command, EnvValue, EnvVar, Origin, SecretValue, Service, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "evicting-broker",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A Redis that carries tasks forgets them when its memory is full",
    why: "It is set up as a cache: the oldest keys give way, and the queues are keys. Tasks are gone without an error.",
    instead: "Write `eviction: noeviction`: writes fail then, and someone notices. A cache of its own keeps the two apart.",
    check,
};

/// Words in names of variables by which programs find their queue.
const VARIABLES: [&str; 8] = ["BROKER", "QUEUE", "CELERY", "RQ", "ARQ", "HUEY", "DRAMATIQ", "TASKIQ"];

/// Programs that work off queues.
const PROGRAMS: [&str; 9] = ["celery", "rq", "rqworker", "arq", "huey_consumer", "dramatiq", "taskiq", "sidekiq", "bullmq"];

fn check(stack: &Stack, found: &mut Findings) {
    for store in stack.backing_services.iter().filter(|store| matches!(store.kind, Backing::Redis)) {
        let path = KeyPath::of(&["backing_services", store.name.as_str(), "eviction"]);
        let policy = match stack.origins.get(&path) {
            Some(Origin::Default { value, .. }) => value,
            Some(Origin::Written(_)) => stack.origins.text(&path).unwrap_or_default().to_owned(),
            // Somebody else's.
            None => continue,
        };
        let user = stack.services.iter().find_map(|service| Some((service, queue(stack, service, store)?)));
        if let Some((service, var)) = user.filter(|_| policy.starts_with("allkeys")) {
            let message = format!(
                "`{}` carries tasks of `{}` (`{}`), and forgets the oldest when its memory is full: `eviction: {policy}`",
                store.name, service.name, var.name
            );
            found.at(path, message);
        }
    }
}

/// The variable by which a service has its queue in a store.
fn queue<'s>(stack: &Stack, service: &'s Service, store: &BackingService) -> Option<&'s EnvVar> {
    let program = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
    let works = program.iter().any(|arg| PROGRAMS.contains(&arg.rsplit('/').next().unwrap_or_default()));
    let is_there = |var: &&EnvVar| leads_to(stack, var, store);
    let has_word = |var: &EnvVar, words: &[&str]| var.name.to_ascii_uppercase().split('_').any(|part| words.contains(&part));
    let mut vars = service.env.iter().filter(is_there);
    let named = vars.clone().find(|var| has_word(var, &VARIABLES) && !has_word(var, &["RESULT", "CACHE"]));
    // The one address that a worker has is where its tasks are.
    named.or_else(|| vars.find(|var| works && !has_word(var, &["CACHE", "RESULT", "SESSION", "SESSIONS"])))
}

/// True for a variable with the address of a store.
fn leads_to(stack: &Stack, var: &EnvVar, store: &BackingService) -> bool {
    let address = format!("{}:{}", store.host, store.port);
    match (&var.value, &var.address_of) {
        (_, Some(AddressOf::Host(name) | AddressOf::Address { store: name, .. })) => *name == store.name,
        (EnvValue::Secret { name, .. }, _) => {
            matches!(stack.secret(name).map(|secret| &secret.value), Some(SecretValue::Derived(connection)) if connection.address == address)
        }
        _ => super::typed_address::typed(stack, var).is_some_and(|(known, _)| known.name == store.name),
    }
}
