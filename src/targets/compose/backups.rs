//! What makes backups of databases, and what puts one back: both run when they are asked to.

use super::super::scripts;
use super::own;
use super::text::Text;
use super::view::{DependencyView, ServiceView, Variable};
use crate::stack::{Backup, BackupPlace, Stack};

/// Where the volume is mounted. A new one gets the rights of the folder that it is mounted on, and images have this one for everybody:
/// so the server's user can write to it without any capability.
const FOLDER: &str = "/var/tmp";

/// The services of all backups.
pub fn views(stack: &Stack) -> Vec<ServiceView> {
    stack.backups.iter().flat_map(|backup| [make(stack, backup), restore(stack, backup)]).flatten().collect()
}

fn make(stack: &Stack, backup: &Backup) -> Option<ServiceView> {
    let by = if scripts::has_timers(stack) { format!("{} install", scripts::TIMERS_PATH) } else { format!("{} run --rm {}", super::tool(stack), backup.name) };
    Some(ServiceView {
        about: vec![
            format!("At \"{}\" (UTC), from a timer of the host:", backup.schedule),
            format!("  {by}"),
            "The volume is at /var/tmp because a new one takes the rights of that folder, which is everybody's: its user is not root.".into(),
        ],
        entrypoint: Some(backup.command(FOLDER).iter().map(|word| Text::literal(word)).collect()),
        stop_grace_period: Some(backup.stop_grace.to_string()),
        ..common(stack, backup, &backup.name, &backup.connection())?
    })
}

fn restore(stack: &Stack, backup: &Backup) -> Option<ServiceView> {
    let by = if stack.is_deployed_by_script() {
        format!("{} docker restore", scripts::script("deploy", stack))
    } else {
        format!("{} run --rm --env DUMP=NAME {}", super::tool(stack), backup.restore)
    };
    let variables: Vec<_> = backup.connection().into_iter().chain(backup.choice()).collect();
    Some(ServiceView {
        about: vec![format!("Puts a backup of `{}` in the place of a database:", backup.store), format!("  {by}")],
        entrypoint: Some(backup.restore_command(FOLDER).iter().map(|word| Text::literal(word)).collect()),
        ..common(stack, backup, &backup.restore, &variables)?
    })
}

fn common(stack: &Stack, backup: &Backup, name: &str, variables: &[(&'static str, String)]) -> Option<ServiceView> {
    let server = stack.backing_services.iter().find(|store| store.name == backup.store)?.server.as_ref()?;
    Some(ServiceView {
        name: name.to_owned(),
        image: Some(Text::literal(&server.image)),
        depends_on: vec![DependencyView { name: backup.store.to_string(), condition: "service_healthy" }],
        volumes: vec![Text::literal(&format!("{}:{FOLDER}", volume(backup)))],
        secrets: own::secrets(stack, name, &[backup.password.as_str()]),
        environment: variables.iter().map(|(name, value)| Variable { name: (*name).to_owned(), value: Text::literal(value) }).collect(),
        networks: vec!["backend"],
        user: server.user.as_ref().map(ToString::to_string),
        restart: Some("no"),
        cpus: backup.resources.limit_cpu.cores(),
        memory: backup.resources.limit_memory.lower_case(),
        pids: backup.pids,
        read_only: true,
        tmpfs: vec!["/tmp:size=1m,mode=1777,noexec,nosuid,nodev".to_owned()],
        profiles: vec!["backup"],
        ..ServiceView::default()
    })
}

/// Key of the volume.
pub fn volume(backup: &Backup) -> &str {
    &backup.name
}

/// Its name outside, if somebody else made it.
pub fn external(backup: &Backup) -> Option<String> {
    match &backup.place {
        BackupPlace::Own(_) => None,
        BackupPlace::External(name) => Some(name.to_string()),
    }
}
