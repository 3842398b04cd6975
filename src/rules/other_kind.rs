//! A service's kind is not that of its process.

use super::no_shell::{RELEASE, SIGNS};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "other-kind",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "The kind of a service does not fit what it runs",
    why: "What ends is started again and again if it is a worker; a roll-out waits for ever for a release that never ends; and nobody answers at the port of a web service that only works off a queue.",
    instead: "Write `kind: web` for what listens, `worker` for what keeps running without, `release` for what a release does once, `cron` for what runs by a schedule.",
    check,
};

/// What works off a queue or hands out tasks, and listens to nobody: how the call starts, a word that it has, and words with which it ends.
const WORKERS: [(&[&str], &str, &[&str]); 12] = [
    (&["celery"], "worker", &[]),
    (&["celery"], "beat", &[]),
    (&["sidekiq"], "", &[]),
    (&["rq"], "worker", &["--burst", "-b"]),
    (&["dramatiq"], "", &[]),
    (&["arq"], "", &["--burst"]),
    (&["huey_consumer"], "", &[]),
    (&["rqscheduler"], "", &["--burst", "-b"]),
    (&["clockwork"], "", &[]),
    (&["artisan", "queue:work"], "", &["--stop-when-empty", "--once"]),
    (&["artisan", "horizon"], "", &[]),
    (&["artisan", "schedule:work"], "", &[]),
];

/// Servers, which never end either.
const SERVERS: [&[&str]; 12] = [
    &["gunicorn"],
    &["uvicorn"],
    &["hypercorn"],
    &["daphne"],
    &["granian"],
    &["puma"],
    &["unicorn"],
    &["rails", "server"],
    &["rails", "s"],
    &["next", "start"],
    &["flask", "run"],
    &["manage.py", "runserver"],
];

/// What looks once at what is due, and ends: a schedule calls it again.
const ONCE: [&[&str]; 3] = [&["artisan", "schedule:run"], &["manage.py", "runcrons"], &["manage.py", "clearsessions"]];

/// How a call starts that listens to nobody.
pub fn worker(call: &[&str]) -> Option<String> {
    let is_it = |(start, word, ends): &&(&[&str], &str, &[&str])| {
        call.starts_with(start) && (word.is_empty() || call.contains(word)) && !call.iter().any(|word| ends.contains(word))
    };
    WORKERS.iter().find(is_it).map(|(start, word, _)| format!("{} {word}", start.join(" ")).trim_end().to_owned())
}

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let calls = service.calls();
        // A shell ends with its last call; that there is none is said by another rule.
        let is_other = |word: &&str| SIGNS.contains(word) || ["--help", "--version", "--check-config"].contains(word);
        let Some(call) = calls.last().filter(|call| !call.iter().any(is_other)) else { continue };
        let worker = worker(call);
        let starts = |known: &[&[&str]]| known.iter().find(|start| call.starts_with(start)).map(|start| start.join(" "));
        let (server, release) = (starts(&SERVERS), starts(RELEASE));
        let once = starts(&ONCE);
        let name = &service.name;
        let never_ends = |runs: String| format!("`{runs}` never ends, and `{name}` is waited for");
        if let (ServiceKind::Web | ServiceKind::Worker, Some(runs)) = (service.kind, &once) {
            let other = if runs == "artisan schedule:run" { "; or let it run on, with `schedule:work` in its place" } else { "" };
            let schedule = if runs == "manage.py clearsessions" { "0 3 * * *" } else { "* * * * *" };
            found.with_help(
                KeyPath::of(&["services", name.as_str(), "kind"]),
                format!("`{runs}` ends, and `{name}` is started again each time"),
                format!("Write `kind: cron` and `schedule: \"{schedule}\"`, without `port`, `health` and `replicas`{other}."),
            );
            continue;
        }
        let (message, help) = match (service.kind, worker, server, release) {
            (ServiceKind::Web, Some(runs), ..) => (
                format!("`{name}` is a web service, and `{runs}` listens to nobody"),
                "Write `kind: worker`, without `port`, and a `health.command` that asks the worker.",
            ),
            (ServiceKind::Web | ServiceKind::Worker, None, None, Some(runs)) => (
                format!("`{runs}` ends, and `{name}` is started again each time"),
                "Write `kind: release`, without `port`, `health` and `replicas`; who needs it has `depends_on: {NAME: completed}`.",
            ),
            (ServiceKind::Release | ServiceKind::Cron, Some(runs), ..) => {
                (never_ends(runs), "Write `kind: worker`; a schedule belongs to what ends by itself.")
            }
            (ServiceKind::Release | ServiceKind::Cron, None, Some(runs), _) => (never_ends(runs), "Write `kind: web`, with the `port` that it listens on."),
            _ => continue,
        };
        let help = help.replace("NAME", name.as_str());
        found.with_help(KeyPath::of(&["services", name.as_str(), "kind"]), message, help);
    }
}
