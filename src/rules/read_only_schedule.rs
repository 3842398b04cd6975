//! A scheduler keeps its file where it may not write.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Service, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "read-only-schedule",
    severity: Severity::Info,
    applies: Applies::Deployed,
    what: "Celery's beat keeps its schedule in a folder that it may not write to",
    why: "Its own scheduler writes `celerybeat-schedule` into the folder that it starts in, which is a part of the image and read-only: it ends at once. Only a scheduler that the application's settings name may do without.",
    instead: "Add `--schedule, /tmp/celerybeat-schedule` to the command, or a path below a volume.",
    check,
};

/// Where the file is by default, and where anybody may write.
const FILE: &str = "celerybeat-schedule";

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        // Settings of the environment may name another scheduler, or another file.
        let is_open = service.env.iter().any(|var| var.name.contains("BEAT")) || service.escape.compose.contains_key("working_dir");
        let Some(file) = schedule(service).filter(|_| !is_open) else { continue };
        let message = format!("`{}` keeps its schedule in `{file}`, where it may not write", service.name);
        let help = match file {
            FILE => format!("Add `--schedule, /tmp/{FILE}` to the command."),
            _ => format!("Write `/tmp/{FILE}` in place of `{file}`, or a path below one of its `volumes`."),
        };
        let root = KeyPath::of(&["services", service.name.as_str()]);
        let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
        let at = command.iter().position(|arg| arg.contains(file)).filter(|_| file != FILE);
        found.with_help(at.map_or_else(|| root.key("command"), |at| root.key("command").index(at)), message, help);
    }
}

/// The file of a scheduler that is in no folder where the service may write.
fn schedule(service: &Service) -> Option<&str> {
    let call = service.calls().into_iter().find(|call| call.first() == Some(&"celery") && call.iter().any(|word| ["beat", "-B", "--beat"].contains(word)))?;
    let schedulers = calls::values(&call, &["-S", "--scheduler"]);
    if schedulers.iter().any(|scheduler| !scheduler.ends_with("PersistentScheduler")) {
        return None;
    }
    let file = calls::values(&call, &["-s", "--schedule", "--schedule-filename"]).last().copied().unwrap_or(FILE);
    let volumes = service.volumes.iter().filter(|mount| !mount.read_only).map(|mount| mount.path.as_str());
    let mut folders = service.tmpfs.iter().map(|folder| folder.path.as_str()).chain(volumes).chain(["/dev/shm"]);
    let folder = calls::values(&call, &["--workdir"]).last().copied().or(service.build.as_ref().map(|_| "/srv"));
    let below = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_writable = match (file.starts_with('/'), folder) {
        (true, _) => folders.any(|folder| below(file, folder)),
        (false, Some(start)) => folders.any(|folder| below(start, folder)),
        // Where the image starts is not known: any folder of its own may be that.
        (false, None) => folders.any(|folder| !["/tmp", "/dev/shm", "/run", "/var/run"].contains(&folder)),
    };
    (!is_writable && !file.contains('$')).then_some(file)
}
