//! Backing services that run here.

use super::text::Text;
use super::view::{DependencyView, HealthView, ServiceView, Variable};
use super::{files, own};
use crate::stack::{Backing, BackingService, Container, Delivery, EnvironmentKind, INIT_FOLDER, Server, Stack};
use crate::values::UserId;

/// `None` if somebody else runs it.
pub fn view(stack: &Stack, store: &BackingService) -> Option<ServiceView> {
    let server = store.server.as_ref()?;
    let texts = |args: &[String]| args.iter().map(|arg| Text::literal(arg)).collect::<Vec<_>>();
    let password = store.password.as_deref();
    let command = match &server.preparation {
        None => texts(&server.command),
        Some(script) => {
            let file = password.map(own::secret_path).unwrap_or_default();
            ["sh", "-ec", script, &file].into_iter().map(Text::literal).chain(texts(&server.command)).collect()
        }
    };
    let common = ServiceView {
        name: store.name.to_string(),
        image: Some(Text::literal(&server.image)),
        volumes: server.storage.iter().map(|_| Text::literal(&format!("{}:{}", store.name, server.data))).collect(),
        secrets: own::secrets(stack, store.name.as_str(), &store.passwords()),
        ports: store.published().map(|(publish, inside, protocol)| own::further_port(publish, inside, protocol)).collect(),
        binds: files::of_files(stack, &server.files),
        files_label: files::label(&server.files),
        networks: if store.published().next().is_some() { vec!["backend", "outside"] } else { vec!["backend"] },
        command: (!command.is_empty()).then_some(command),
        command_about: server.about.clone(),
        healthcheck: Some(HealthView {
            about: None,
            test: std::iter::once(Text::literal("CMD")).chain(texts(&server.check)).collect(),
            interval: "5s".into(),
            timeout: "3s".into(),
            retries: 5,
            start_period: server.start_period.to_string(),
        }),
        user: server.user.as_ref().map(ToString::to_string),
        cpus: server.resources.limit_cpu.cores(),
        memory: server.resources.limit_memory.lower_case(),
        pids: server.pids,
        reserved_cpus: Some(server.resources.request_cpu.cores()),
        reserved_memory: Some(server.resources.request_memory.lower_case()),
        shm_size: server.shared_memory.map(crate::values::Size::lower_case),
        read_only: stack.environment != EnvironmentKind::Development,
        stop_grace_period: Some(server.stop_grace.to_string()),
        ..ServiceView::default()
    };
    Some(match &store.kind {
        Backing::Postgres { database, user, .. } => postgres(common, server, store, database.as_str(), user.as_str()),
        Backing::Redis => ServiceView {
            command_about: std::iter::once("The password's hash goes into an ACL file: it needs no quoting there and stands in no process list.".into())
                .chain(server.about.iter().cloned())
                .collect(),
            tmpfs: ["/tmp", server.data]
                .into_iter()
                // The image declares a volume: without one of ours, each new container would get another that nobody removes.
                .filter(|folder| *folder == "/tmp" || server.storage.is_none())
                .map(|folder| format!("{folder}:size=1m,mode=1777,noexec,nosuid,nodev"))
                .collect(),
            ..common
        },
        Backing::Image(container) => image(stack, common, store, server, container),
    })
}

fn image(stack: &Stack, common: ServiceView, store: &BackingService, server: &Server, container: &Container) -> ServiceView {
    let health = &container.health;
    let secrets: Vec<&str> = container.secrets(stack, Delivery::File).map(|(_, secret)| secret.name.as_str()).collect();
    let managed = container.depends_on.iter().any(|dependency| stack.managed(&dependency.name).is_some());
    ServiceView {
        volumes: container.volumes.iter().map(|volume| Text::literal(&format!("{}-{}:{}", store.name, volume.name, volume.path))).collect(),
        secrets: own::secrets(stack, store.name.as_str(), &secrets),
        environment: container.env.iter().map(|var| own::variable(stack, &var.name, &var.value)).collect(),
        entrypoint: container.entrypoint.as_ref().map(|words| words.iter().map(|word| Text::literal(word)).collect()),
        healthcheck: common.healthcheck.filter(|_| !server.check.is_empty()).map(|check| HealthView {
            interval: health.interval.to_string(),
            timeout: health.timeout.to_string(),
            retries: health.retries,
            ..check
        }),
        depends_on: container
            .depends_on
            .iter()
            .filter(|dependency| stack.managed(&dependency.name).is_none())
            .map(|dependency| DependencyView { name: dependency.name.to_string(), condition: own::condition(dependency.condition) })
            .collect(),
        networks: if managed || !container.egress.is_empty() { vec!["backend", "outside"] } else { common.networks },
        read_only: container.read_only && common.read_only,
        tmpfs: if stack.environment == EnvironmentKind::Development {
            Vec::new()
        } else {
            container.tmpfs.iter().map(|tmpfs| format!("{}:size={},mode=1777,noexec,nosuid,nodev", tmpfs.path, tmpfs.size.lower_case())).collect()
        },
        ..common
    }
}

fn postgres(common: ServiceView, server: &Server, store: &BackingService, database: &str, user: &str) -> ServiceView {
    let environment = [
        ("POSTGRES_USER", user.to_owned()),
        ("POSTGRES_DB", database.to_owned()),
        ("POSTGRES_PASSWORD_FILE", own::secret_path(store.password.as_deref().unwrap_or_default())),
    ];
    let (id, group) = server.user.as_ref().map(UserId::ids).unwrap_or_default();
    let group = group.unwrap_or(id);
    ServiceView {
        about: vec!["It runs as the image's own user from the start: then its entry point needs no capability to become that user.".into()],
        environment: environment.into_iter().map(|(name, value)| Variable { name: name.into(), value: Text::literal(&value) }).collect(),
        healthcheck: common
            .healthcheck
            .map(|check| HealthView { about: Some("Over TCP: while a new database is initialised, the socket answers already."), ..check }),
        // A fast shutdown: SIGTERM would wait for every client to leave.
        stop_signal: Some("SIGINT"),
        tmpfs: ["/tmp:size=64m,mode=1777,noexec,nosuid,nodev".into(), format!("/var/run/postgresql:size=1m,uid={id},gid={group},mode=0755")]
            .into_iter()
            .chain(server.preparation.iter().map(|_| format!("{INIT_FOLDER}:size=1m,uid={id},gid={group},mode=0700")))
            .collect(),
        command_about: server
            .preparation
            .iter()
            .map(|_| "What the entry point runs on an empty volume, and only then: extensions and databases. Then it, with the settings.".to_owned())
            .chain(common.command_about)
            .collect(),
        ..common
    }
}
