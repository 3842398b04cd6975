//! The part of the deploy script for `local`: units of systemd, without containers.

use super::super::{compose, made_by};
use super::deploy::script;
use super::start;
use crate::render::{Artifact, Template};
use crate::stack::{Build, Service, ServiceKind, Stack};
use crate::template;
use serde::Serialize;

pub(super) static LOCAL: Template = template!("scripts/deploy/local.sh", Shell);

/// What the help says of its options.
pub(super) const OPTIONS: &[&str] = &[
    "local: --host NAME=ADDRESS:PORT says where a backing service is, seen from this host; may be repeated. --venv DIR is an environment with the packages.",
    "local: --user NAME runs the services as somebody who exists; without, as an account of their own. --tag is a tag of git.",
];

#[derive(Serialize)]
struct PartView {
    made_by: String,
    start: String,
    codes: Vec<CodeView>,
    units: Vec<UnitView>,
}

/// The code of an image, and how its dependencies are installed.
#[derive(Serialize)]
struct CodeView {
    owner: String,
    context: String,
    python: String,
    manager: &'static str,
    /// What a release takes along; `.` for everything.
    paths: Vec<String>,
    files: Vec<&'static str>,
    args: Vec<String>,
    secrets: Vec<String>,
}

#[derive(Serialize)]
struct UnitView {
    name: String,
    owner: String,
    /// `service`, `release` or `cron`.
    kind: &'static str,
    /// Directives that come from the profile.
    lines: Vec<String>,
    /// Times, for a timer.
    calendar: Vec<String>,
    /// Where it answers: address and path; empty if nobody can ask.
    address: String,
    path: String,
    /// Seconds until it has to answer.
    seconds: u64,
}

pub(super) fn part(stack: &Stack) -> Artifact {
    let view = PartView {
        made_by: made_by(stack),
        start: script("start", stack),
        codes: stack.builders().map(|(service, build)| code(stack, service, build)).collect(),
        units: stack.services.iter().map(unit).collect(),
    };
    Artifact::new("scripts/deploy/local.sh", &LOCAL, &view)
}

/// True if a host can run all services of this stack without containers, and one of them lives.
pub(super) fn fits(stack: &Stack) -> bool {
    stack.services.iter().all(start::runs_here) && stack.services.iter().any(lives)
}

fn lives(service: &Service) -> bool {
    matches!(service.kind, ServiceKind::Web | ServiceKind::Worker)
}

fn code(stack: &Stack, service: &Service, build: &Build) -> CodeView {
    let files = build.package_manager.files();
    let mut paths: Vec<String> = build.include.iter().map(ToString::to_string).collect();
    if paths.is_empty() {
        paths.push(".".to_owned());
    } else {
        paths.extend(files.iter().map(|file| (*file).to_owned()).filter(|file| !build.include.iter().any(|path| path.as_str() == file)));
    }
    CodeView {
        owner: service.name.to_string(),
        context: compose::from_here(stack, build.context.as_str()),
        python: build.version.to_string(),
        manager: build.package_manager.as_str(),
        paths,
        files: files.to_vec(),
        args: build.args.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        secrets: build.secrets.clone(),
    }
}

fn unit(service: &Service) -> UnitView {
    let resources = &service.resources;
    let mut lines = vec![
        format!("TimeoutStopSec={}", service.stop_grace.whole_seconds()),
        format!("MemoryMax={}", resources.limit_memory.bytes()),
        format!("CPUQuota={}%", resources.limit_cpu.as_millis().div_ceil(10)),
        format!("TasksMax={}", service.pids),
    ];
    let folders = service.tmpfs.iter().filter(|folder| folder.path != "/tmp");
    lines.extend(folders.map(|folder| format!("TemporaryFileSystem={}:size={},mode=1777,noexec,nosuid,nodev", folder.path, folder.size.bytes())));
    lines.extend(service.deadline.map(|deadline| format!("TimeoutStartSec={}", deadline.whole_seconds())));
    let health = &service.health;
    let path = service.open_path().map(ToString::to_string).unwrap_or_default();
    UnitView {
        name: service.name.to_string(),
        owner: service.image_owner.to_string(),
        kind: match service.kind {
            ServiceKind::Web | ServiceKind::Worker => "service",
            ServiceKind::Release => "release",
            ServiceKind::Cron => "cron",
        },
        lines,
        calendar: service.schedule.as_ref().map(crate::values::Cron::for_systemd).unwrap_or_default(),
        address: if lives(service) && !path.is_empty() { start::address_of(service) } else { String::new() },
        path: if lives(service) { path } else { String::new() },
        seconds: health.start_period.whole_seconds() + health.interval.whole_seconds() * u64::from(health.retries),
    }
}
