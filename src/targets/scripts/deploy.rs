//! The script that deploys, and its parts: one for each mode.

use super::super::made_by;
use crate::render::{Artifact, Template};
use crate::stack::{EnvironmentKind, Stack};
use crate::template;
use serde::Serialize;

pub(super) static DEPLOY: Template = template!("scripts/deploy.sh", Shell);
pub(super) static RESTORE: Template = template!("scripts/deploy/restore.sh", Shell);

/// A way to deploy.
struct Mode {
    /// Its word on the command line, and the name of its part.
    name: &'static str,
    /// True if the profile has what it needs.
    fits: fn(&Stack) -> bool,
    /// The files of its part.
    part: fn(&Stack) -> Vec<Artifact>,
    /// Its own lines of the help.
    options: &'static [&'static str],
}

const MODES: &[Mode] = &[
    Mode { name: "docker", fits: |stack| stack.targets.compose.is_some(), part: super::docker::part, options: super::docker::OPTIONS },
    Mode { name: "k8s", fits: |stack| stack.targets.kubernetes.is_some(), part: super::k8s::parts, options: super::k8s::OPTIONS },
    Mode { name: "local", fits: super::local::fits, part: |stack| vec![super::local::part(stack)], options: super::local::OPTIONS },
];

/// For the help of the script, where there are backups.
const RESTORE_OPTIONS: &[&str] = &[
    "restore puts a backup in the place of a database: --from NAME (the last one unless told; a name that is not there is answered by those that are), --database NAME.",
];

#[derive(Serialize)]
struct RestoreView {
    made_by: String,
    backups: Vec<RestorableView>,
    docker: bool,
    kubernetes: bool,
    seconds: u64,
}

/// A database that backups are made of.
#[derive(Serialize)]
struct RestorableView {
    /// What people call it: `SERVER`, or `SERVER.DATABASE`.
    label: String,
    database: String,
    server: String,
    job: String,
}

#[derive(Serialize)]
struct DeployView {
    made_by: String,
    script: String,
    modes: String,
    mode_list: Vec<&'static str>,
    options: Vec<&'static str>,
    /// There are backups that can be put back.
    restores: bool,
    project: String,
    environment: &'static str,
    env_file: String,
}

/// The script and its parts; nothing for a developer's machine, where Compose is all.
pub(super) fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let modes: Vec<&Mode> = MODES.iter().filter(|mode| (mode.fits)(stack)).collect();
    if modes.is_empty() || stack.environment == EnvironmentKind::Development {
        return Vec::new();
    }
    let path = script("deploy", stack);
    let names: Vec<&str> = modes.iter().map(|mode| mode.name).collect();
    let restores = !stack.backups.is_empty();
    let view = DeployView {
        made_by: made_by(stack),
        script: path.clone(),
        modes: names.join("|"),
        mode_list: names,
        options: modes.iter().flat_map(|mode| mode.options).copied().chain(RESTORE_OPTIONS.iter().copied().filter(|_| restores)).collect(),
        restores,
        project: stack.project.to_string(),
        environment: stack.environment.as_str(),
        env_file: stack.env_file(),
    };
    let mut list = vec![Artifact::new(path, &DEPLOY, &view).executable()];
    list.extend(modes.iter().flat_map(|mode| (mode.part)(stack)));
    if restores {
        list.push(restore(stack));
    }
    list
}

fn restore(stack: &Stack) -> Artifact {
    let backups = stack.backups.iter().flat_map(|backup| {
        backup.databases.iter().enumerate().map(|(at, database)| RestorableView {
            label: if at == 0 { backup.store.to_string() } else { format!("{}.{database}", backup.store) },
            database: database.to_string(),
            server: backup.store.to_string(),
            job: backup.restore.clone(),
        })
    });
    let view = RestoreView {
        made_by: made_by(stack),
        backups: backups.collect(),
        docker: stack.targets.compose.is_some(),
        kubernetes: stack.targets.kubernetes.is_some(),
        seconds: stack.backups.iter().map(|backup| backup.deadline.whole_seconds()).max().unwrap_or_default(),
    };
    Artifact::new(RESTORE.name, &RESTORE, &view)
}

/// Path of a script whose name says for which environment it is.
pub fn script(verb: &str, stack: &Stack) -> String {
    let environment = match stack.environment {
        EnvironmentKind::Production => "prod",
        EnvironmentKind::Staging => "staging",
        EnvironmentKind::Development => "dev",
    };
    format!("scripts/{verb}_{environment}.sh")
}
