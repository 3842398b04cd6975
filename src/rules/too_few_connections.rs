//! PostgreSQL may have to refuse a connection.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Connections, Demand, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "too-few-connections",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "PostgreSQL may have to refuse a connection",
    why: "Pools fill up under load: in the middle of a roll-out both releases hold theirs, and the next connection is refused.",
    instead: "Raise `max_connections` or leave it out, or lower `pools`, `replicas` or `workers`; for a managed server take a larger one, or a pooler.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for store in &stack.backing_services {
        let Some(connections) = &store.connections else { continue };
        if let Some(limit) = connections.limit.filter(|limit| *limit < connections.wanted()) {
            let wanted = connections.wanted();
            let message = format!("`{}` accepts {limit} connections, but {wanted} may be wanted: {}", store.name, connections.terms().join(", "));
            let raise = match store.server {
                Some(_) => format!("Write `max_connections: {wanted}` or leave it out"),
                None => format!("Take a server that accepts {wanted}, or a pooler"),
            };
            let help = format!("{raise}, or {}.", fewer(connections, store.name.as_str(), limit));
            found.with_help(KeyPath::of(&["backing_services", store.name.as_str(), "max_connections"]), message, help);
        }
    }
}

/// What services may say so that no more than `limit` connections are wanted.
pub fn fewer(connections: &Connections, store: &str, limit: u32) -> String {
    let pool = connections.pool_within(limit);
    let pools = (pool > 0).then(|| format!("at the services `pools: {{{store}: {pool}}}`"));
    let workers = connections.processes_within(limit).map(|(service, count)| format!("at `{service}` `workers: {count}`"));
    let is_more = |number: fn(&Demand) -> u32| connections.demands.iter().any(|demand| number(demand) > 1);
    let others: Vec<&str> = [("`replicas`", is_more(|demand| demand.replicas)), ("`workers`", workers.is_none() && is_more(|demand| demand.processes))]
        .into_iter()
        .filter_map(|(key, is_more)| is_more.then_some(key))
        .collect();
    let lower = (!others.is_empty()).then(|| format!("lower {}", others.join(" and ")));
    match [pools, workers, lower.clone()].into_iter().flatten().collect::<Vec<_>>() {
        list if list.is_empty() => "let fewer services ask it: there is not one connection for each process".into(),
        list if list.len() == 1 && lower.is_some() => format!("{}: there is not one connection for each process", list[0]),
        list => list.join(", or "),
    }
}
