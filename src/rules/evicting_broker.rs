//! A Redis that forgets what it is asked to keep.

use super::{Applies, Findings, Rule, other_store};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::package_files::{self, Text};
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
const VARIABLES: [&str; 15] =
    ["BROKER", "QUEUE", "QUEUES", "CELERY", "RQ", "ARQ", "HUEY", "DRAMATIQ", "TASKIQ", "BULL", "BULLMQ", "SIDEKIQ", "RESQUE", "HORIZON", "ASYNQ"];

/// Words in names of variables with the address of another broker than Redis.
const OTHERS: [&str; 4] = ["AMQP", "CLOUDAMQP", "RABBITMQ", "SQS"];

/// Programs that work off queues.
const PROGRAMS: [&str; 11] = ["celery", "rq", "rqworker", "arq", "huey_consumer", "dramatiq", "taskiq", "sidekiq", "resque", "bullmq", "resque:work"];

/// Packages whose queues are in Redis and nowhere else.
const PACKAGES: [&str; 10] = ["bullmq", "bull", "bee-queue", "laravel/horizon", "sidekiq", "resque", "celery[redis]", "dramatiq[redis]", "rq", "arq"];

fn check(stack: &Stack, found: &mut Findings) {
    for store in stack.backing_services.iter().filter(|store| matches!(store.kind, Backing::Redis)) {
        let path = KeyPath::of(&["backing_services", store.name.as_str(), "eviction"]);
        let policy = match stack.origins.get(&path) {
            Some(Origin::Default { value, .. }) => value,
            Some(Origin::Written(_)) => stack.origins.text(&path).unwrap_or_default().to_owned(),
            // Somebody else's.
            None => continue,
        };
        if !policy.starts_with("allkeys") {
            continue;
        }
        let by_name = stack.services.iter().find_map(|service| {
            // Where the queue is another store for its siblings, that is the mistake.
            let var = queue(stack, service, store).filter(|var| other_store::at_odds(stack, service, var).is_none())?;
            Some((service, format!("`{}`", var.name)))
        });
        let user = by_name.or_else(|| stack.services.iter().find_map(|service| Some((service, by_package(stack, service, store, found.around.text)?))));
        if let Some((service, how)) = user {
            let message =
                format!("`{}` carries tasks of `{}` ({how}), and forgets the oldest when its memory is full: `eviction: {policy}`", store.name, service.name);
            found.at(path, message);
        }
    }
}

/// The variable by which a service has its queue in a store.
fn queue<'s>(stack: &Stack, service: &'s Service, store: &BackingService) -> Option<&'s EnvVar> {
    let program = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
    let is_program = |word: &str| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or_default());
    let is_worker = |call: &Vec<&str>| call.first().is_some_and(|word| is_program(word)) || call.starts_with(&["artisan", "horizon"]);
    let works = program.iter().any(|arg| is_program(arg)) || service.calls().iter().any(is_worker) || queues_of_laravel(service);
    let mut vars = service.env.iter().filter(|var| leads_to(stack, var, store));
    let named = vars.clone().find(|var| is_named(var));
    // The one address that a worker has is where its tasks are, unless another one says so.
    let is_elsewhere = || service.env.iter().any(is_address_of_tasks);
    named.or_else(|| vars.find(|var| works && !has_word(var, &ASIDE)).filter(|_| !is_elsewhere()))
}

/// What a Redis has besides tasks.
const ASIDE: [&str; 4] = ["CACHE", "RESULT", "SESSION", "SESSIONS"];

fn has_word(var: &EnvVar, words: &[&str]) -> bool {
    var.name.to_ascii_uppercase().split('_').any(|part| words.contains(&part))
}

/// True for a variable that is named after a queue.
fn is_named(var: &EnvVar) -> bool {
    has_word(var, &VARIABLES) && !has_word(var, &["RESULT", "CACHE"])
}

/// True for a variable that is named after a queue, and no name or number of one.
fn is_address_of_tasks(var: &EnvVar) -> bool {
    let is_plain = matches!(&var.value, EnvValue::Literal(text) if !text.contains("://")) && var.address_of.is_none();
    is_named(var) && !is_plain
}

/// True if Laravel is told that its queues are in Redis.
fn queues_of_laravel(service: &Service) -> bool {
    let is_redis = |var: &&EnvVar| matches!(&var.value, EnvValue::Literal(text) if text == "redis");
    service.env.iter().filter(is_redis).any(|var| ["QUEUE_CONNECTION", "QUEUE_DRIVER"].contains(&var.name.as_str()))
}

/// The package, and the file that names it, by which a service has its queue in the only Redis that it reaches.
fn by_package(stack: &Stack, service: &Service, store: &BackingService, text: Text) -> Option<String> {
    let is_other = |other: &&BackingService| matches!(other.kind, Backing::Redis) && other.name != store.name;
    let leads_elsewhere = |var: &EnvVar| {
        is_address_of_tasks(var) || has_word(var, &OTHERS) || stack.backing_services.iter().filter(is_other).any(|other| leads_to(stack, var, other))
    };
    let is_here = service.env.iter().any(|var| leads_to(stack, var, store) && !has_word(var, &ASIDE));
    if !is_here || service.env.iter().any(leads_elsewhere) {
        return None;
    }
    let (package, file) = package_files::depends_on(text, service.build_context()?.as_str(), &PACKAGES)?;
    Some(format!("`{package}` in `{file}`"))
}

/// True for a variable with the address of a store.
pub fn leads_to(stack: &Stack, var: &EnvVar, store: &BackingService) -> bool {
    let address = format!("{}:{}", store.host, store.port);
    match (&var.value, &var.address_of) {
        (_, Some(AddressOf::Host(name) | AddressOf::Address { store: name, .. })) => *name == store.name,
        (EnvValue::Secret { name, .. }, _) => {
            matches!(stack.secret(name).map(|secret| &secret.value), Some(SecretValue::Derived(connection)) if connection.address == address)
        }
        _ => super::typed_address::typed(stack, var).is_some_and(|(known, _)| known.name == store.name),
    }
}
