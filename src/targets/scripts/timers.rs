//! The script that installs timers for the cron services and the backups.

use super::super::made_by;
use crate::render::{Artifact, Template};
use crate::stack::{EnvironmentKind, ServiceKind, Stack};
use crate::template;
use crate::values::Duration;
use serde::Serialize;

pub(super) static TIMERS: Template = template!("scripts/timers.sh", Shell);

/// Where it is.
pub const TIMERS_PATH: &str = "scripts/timers.sh";

#[derive(Serialize)]
struct TimersView {
    made_by: String,
    project: String,
    environment: &'static str,
    jobs: Vec<JobView>,
}

#[derive(Serialize)]
pub(super) struct JobView {
    name: String,
    /// As the profile has it, for hosts without systemd.
    schedule: String,
    /// Seconds that it gets to end.
    grace: u64,
    /// Seconds that a run may take.
    deadline: u64,
    calendar: Vec<String>,
}

/// True if the script is rendered: jobs run through Compose, and a developer's machine runs none by itself.
pub fn has_timers(stack: &Stack) -> bool {
    stack.targets.scripts && stack.targets.compose.is_some() && stack.environment != EnvironmentKind::Development && !jobs(stack).is_empty()
}

pub(super) fn artifact(stack: &Stack) -> Option<Artifact> {
    has_timers(stack).then(|| {
        let view = TimersView { made_by: made_by(stack), project: stack.project.to_string(), environment: stack.environment.as_str(), jobs: jobs(stack) };
        Artifact::new(TIMERS_PATH, &TIMERS, &view).executable()
    })
}

/// The cron services and the backups, each with its times.
pub(super) fn jobs(stack: &Stack) -> Vec<JobView> {
    let backups = stack.backups.iter().map(|backup| JobView {
        name: backup.name.clone(),
        schedule: backup.schedule.to_string(),
        grace: backup.stop_grace.whole_seconds(),
        deadline: backup.deadline.whole_seconds(),
        calendar: backup.schedule.for_systemd(),
    });
    let crons = stack.services.iter().filter(|service| service.kind == ServiceKind::Cron);
    crons
        .filter_map(|service| {
            let schedule = service.schedule.as_ref()?;
            Some(JobView {
                name: service.name.to_string(),
                schedule: schedule.to_string(),
                grace: service.stop_grace.whole_seconds(),
                deadline: service.deadline.map(Duration::whole_seconds).unwrap_or_default(),
                calendar: schedule.for_systemd(),
            })
        })
        .chain(backups)
        .collect()
}
