//! The script that deploys, and its parts: one for each mode.

use super::super::made_by;
use crate::render::{Artifact, Template};
use crate::stack::{EnvironmentKind, Stack};
use crate::template;
use serde::Serialize;

pub(super) static DEPLOY: Template = template!("scripts/deploy.sh", Shell);

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

#[derive(Serialize)]
struct DeployView {
    made_by: String,
    script: String,
    modes: String,
    mode_list: Vec<&'static str>,
    options: Vec<&'static str>,
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
    let view = DeployView {
        made_by: made_by(stack),
        script: path.clone(),
        modes: names.join("|"),
        mode_list: names,
        options: modes.iter().flat_map(|mode| mode.options).copied().collect(),
        project: stack.project.to_string(),
        environment: stack.environment.as_str(),
        env_file: stack.env_file(),
    };
    let mut list = vec![Artifact::new(path, &DEPLOY, &view).executable()];
    list.extend(modes.iter().flat_map(|mode| (mode.part)(stack)));
    list
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
