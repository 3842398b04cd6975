//! What makes backups of databases, and the Job that puts one back when somebody asks for it.

use super::pod::Quantities;
use super::{BACKUP, Head, Pair, RESTORE, names, pairs, path, path_of};
use crate::render::Artifact;
use crate::stack::{Backup, BackupPlace, PodEscape, Stack};
use crate::values::UserId;
use serde::Serialize;
use serde_json::{Map, Value};

/// Where the pods have the volume.
const FOLDER: &str = "/backups";

#[derive(Serialize)]
struct BackupView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    project: &'a str,
    /// The script that puts one back, if there is one.
    script: Option<String>,
    name: &'a str,
    job: &'a str,
    container: &'a str,
    component: &'static str,
    store: &'a str,
    schedule: String,
    claim: &'a str,
    /// `None` if the claim is there already.
    size: Option<String>,
    image: &'a str,
    user: u32,
    group: u32,
    command: Vec<String>,
    variables: Vec<Variable>,
    password: &'a str,
    folder: &'static str,
    resources: Quantities,
    grace: u64,
    deadline: u64,
    /// In Kubernetes' own words, of the pod.
    more: Option<Map<String, Value>>,
    /// Of whatever is here, which only what the kustomization lists gets from it.
    labels: Vec<Pair<'a>>,
    annotations: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Variable {
    name: &'static str,
    value: String,
    about: &'static str,
}

/// The files of all backups that the kustomization lists.
pub fn artifacts(stack: &Stack, head: &Head) -> Vec<Artifact> {
    stack.backups.iter().filter_map(|backup| Some(Artifact::new(path_of(&backup.name), &BACKUP, &view(stack, head, backup, false)?))).collect()
}

/// The Jobs that put one back: applied only when somebody asks for it.
pub fn restores(stack: &Stack, head: &Head) -> Vec<Artifact> {
    stack
        .backups
        .iter()
        .filter_map(|backup| Some(Artifact::new(path(&format!("restore/{}", backup.store)), &RESTORE, &view(stack, head, backup, true)?)))
        .collect()
}

fn view<'a>(stack: &'a Stack, head: &'a Head, backup: &'a Backup, restores: bool) -> Option<BackupView<'a>> {
    let target = stack.targets.kubernetes.as_ref()?;
    let server = stack.backing_services.iter().find(|store| store.name == backup.store)?.server.as_ref()?;
    let (user, group) = server.user.as_ref().map(UserId::ids).unwrap_or_default();
    let about = |name: &str| match name {
        "DATABASE" => "Which database, and which of its backups: a name such as 20260131T030000Z.dump, or the last one.",
        _ => "",
    };
    let choice = backup.choice().into_iter().filter(|_| restores);
    let command = if restores { backup.restore_command(FOLDER) } else { backup.command(FOLDER) };
    let (claim, size) = match &backup.place {
        BackupPlace::Own(size) => (backup.name.as_str(), Some(size.kubernetes())),
        BackupPlace::External(name) => (name.as_str(), None),
    };
    Some(BackupView {
        head,
        project: stack.project.as_str(),
        script: super::super::scripts::deploy_script(stack),
        name: &backup.name,
        job: &backup.restore,
        container: if restores { &backup.restore } else { &backup.name },
        component: "backup",
        store: backup.store.as_str(),
        schedule: backup.schedule.for_kubernetes(),
        claim,
        size,
        image: &server.image,
        user,
        group: group.unwrap_or(user),
        command: command.iter().map(|word| names::literal(word)).collect(),
        variables: backup
            .connection()
            .into_iter()
            .chain(choice)
            .map(|(name, value)| Variable { name, value: names::literal(&value), about: about(name) })
            .collect(),
        password: &backup.password,
        folder: FOLDER,
        resources: Quantities::new(&backup.resources),
        grace: backup.stop_grace.whole_seconds(),
        deadline: backup.deadline.whole_seconds(),
        more: pods(stack, backup).map(|pods| pods.pod).filter(|map| !map.is_empty()),
        labels: pairs(&target.labels),
        annotations: pairs(&target.annotations),
    })
}

/// What its pods have in Kubernetes' own words: what the server's have, but for what helps that.
pub fn pods(stack: &Stack, backup: &Backup) -> Option<PodEscape> {
    let server = stack.backing_services.iter().find(|store| store.name == backup.store)?.server.as_ref()?;
    let pod = server.escape.pod.iter().filter(|(key, _)| *key != "initContainers").map(|(key, value)| (key.clone(), value.clone())).collect();
    Some(PodEscape { pod, annotations: Vec::new() })
}
