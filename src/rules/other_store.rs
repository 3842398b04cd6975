//! Services of one image find different stores by one variable.

use super::{Applies, Findings, Rule, evicting_broker};
use crate::diagnostics::Severity;
use crate::stack::{BackingService, EnvVar, Service, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "other-store",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Services of one image find different stores by the same variable",
    why: "They run the same code, which reads and writes in one place: tasks that one of them puts into a queue are never taken out of another one.",
    instead: "Let the variable lead to one store in all of them; a second store has a variable of its own.",
    check,
};

/// Variables by which frameworks find their queue and their database.
const VARIABLES: [&str; 22] = [
    "AMQP_URL",
    "BROKER_URL",
    "CELERY_BROKER_URL",
    "CLOUDAMQP_URL",
    "DATABASE_HOST",
    "DATABASE_URI",
    "DATABASE_URL",
    "DB_HOST",
    "MONGODB_URI",
    "MONGODB_URL",
    "MONGO_URL",
    "MYSQL_HOST",
    "PGHOST",
    "POSTGRES_HOST",
    "QUEUE_REDIS_URL",
    "QUEUE_URL",
    "RABBITMQ_URL",
    "REDIS_HOST",
    "REDIS_URI",
    "REDIS_URL",
    "SIDEKIQ_REDIS_URL",
    "SQLALCHEMY_DATABASE_URI",
];

/// Another service of the image, its variable of this name, and the store to which that leads.
pub fn at_odds<'s>(stack: &'s Stack, service: &Service, var: &EnvVar) -> Option<(&'s Service, &'s EnvVar, &'s BackingService)> {
    if !VARIABLES.contains(&var.name.as_str()) {
        return None;
    }
    let own = store(stack, var)?;
    let siblings = stack.services.iter().filter(|other| other.name != service.name && other.image.name == service.image.name);
    let same = siblings.filter_map(|other| Some((other, other.env.iter().find(|known| known.name == var.name)?)));
    same.filter_map(|(other, same)| Some((other, same, store(stack, same)?))).find(|(_, _, store)| store.name != own.name)
}

fn store<'s>(stack: &'s Stack, var: &EnvVar) -> Option<&'s BackingService> {
    stack.backing_services.iter().find(|store| evicting_broker::leads_to(stack, var, store))
}

fn check(stack: &Stack, found: &mut Findings) {
    for (at, service) in stack.services.iter().enumerate() {
        for var in &service.env {
            let Some((other, same, elsewhere)) = at_odds(stack, service, var) else { continue };
            // It is said once, at the later one of the two.
            let is_earlier = stack.services[..at].iter().any(|earlier| earlier.name == other.name);
            let is_written_here = var.declared.0.get(1).is_some_and(|name| name.to_string() == service.name.as_str());
            let Some(own) = store(stack, var).filter(|_| is_earlier && is_written_here) else { continue };
            let message = format!(
                "by `{}`, `{}` finds `{}`, and `{}`, which has the same image, finds `{}`",
                var.name, service.name, own.name, other.name, elsewhere.name
            );
            let from = stack.origins.text(&same.declared.key("from")).map_or_else(|| format!("{}.url", elsewhere.name), str::to_owned);
            let deliver = stack.origins.text(&same.declared.key("deliver")).map(|word| format!(", deliver: {word}")).unwrap_or_default();
            let help = format!(
                "Write `{}: {{from: {from}{deliver}}}` at `{}`, as `{}` has it; what is meant for `{}` has a variable of its own.",
                var.name, service.name, other.name, own.name
            );
            found.with_help(var.declared.clone(), message, help);
        }
    }
}
