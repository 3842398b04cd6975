//! PostgreSQL and Redis.

use super::own;
use super::text::Text;
use super::view::{HealthView, ServiceView, Variable};
use crate::stack::{Backing, BackingService, EnvironmentKind, RedisEviction, Stack};
use crate::values::{DatabaseName, Size, Version};

pub fn view(stack: &Stack, store: &BackingService) -> ServiceView {
    let common = ServiceView {
        name: store.name.to_string(),
        image: Some(Text::literal(&store.image)),
        secrets: vec![store.password.clone()],
        ports: store.publish.iter().map(|publish| own::port(&publish.address, publish.port.get(), store.port().get())).collect(),
        networks: if store.publish.is_some() { vec!["backend", "outside"] } else { vec!["backend"] },
        cpus: store.resources.limit_cpu.cores(),
        memory: store.resources.limit_memory.lower_case(),
        reserved_cpus: Some(store.resources.request_cpu.cores()),
        reserved_memory: Some(store.resources.request_memory.lower_case()),
        read_only: stack.environment != EnvironmentKind::Development,
        stop_grace_period: Some("60s".into()),
        ..ServiceView::default()
    };
    match &store.kind {
        Backing::Postgres { version, database, user, max_connections } => postgres(common, store, version, database, user, *max_connections),
        Backing::Redis { max_memory, eviction, .. } => redis(common, store, *max_memory, *eviction),
    }
}

fn postgres(common: ServiceView, store: &BackingService, version: &Version, database: &DatabaseName, user: &DatabaseName, connections: u32) -> ServiceView {
    // From 18 on the image keeps its data in a folder of the version, and wants the volume above it.
    let data = if version.numbers()[0] >= 18 { "/var/lib/postgresql" } else { "/var/lib/postgresql/data" };
    let memory = store.resources.limit_memory.whole_mib();
    let settings = [
        format!("max_connections={connections}"),
        // PostgreSQL's own advice: a quarter for itself, and what the kernel caches counts as another half.
        format!("shared_buffers={}MB", (memory / 4).max(16)),
        format!("effective_cache_size={}MB", (memory * 3 / 4).max(16)),
        "log_min_duration_statement=500ms".to_owned(),
    ];
    let command = std::iter::once("postgres".to_owned()).chain(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
    let test = ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", user.as_str(), "-d", database.as_str()];
    ServiceView {
        about: vec!["It runs as the image's own user from the start: then its entry point needs no capability to become that user.".into()],
        volumes: vec![Text::literal(&format!("{}:{data}", store.name))],
        environment: [
            ("POSTGRES_USER", user.to_string()),
            ("POSTGRES_DB", database.to_string()),
            ("POSTGRES_PASSWORD_FILE", format!("/run/secrets/{}", store.password)),
        ]
        .into_iter()
        .map(|(name, value)| Variable { name: name.into(), value: Text::literal(&value) })
        .collect(),
        command: Some(command.map(|arg| Text::literal(&arg)).collect()),
        healthcheck: Some(HealthView {
            about: Some("Over TCP: while a new database is initialised, the socket answers already."),
            test: test.into_iter().map(Text::literal).collect(),
            interval: "5s".into(),
            timeout: "3s".into(),
            retries: 5,
            start_period: "60s".into(),
        }),
        user: Some("999:999".into()),
        pids: 256,
        // Parallel queries exchange rows in shared memory; Docker gives 64 MiB.
        shm_size: Some(format!("{}m", (memory / 8).max(64))),
        // A fast shutdown: SIGTERM would wait for every client to leave.
        stop_signal: Some("SIGINT"),
        tmpfs: vec!["/tmp:size=64m,mode=1777,noexec,nosuid,nodev".into(), "/var/run/postgresql:size=1m,uid=999,gid=999,mode=0755".into()],
        ..common
    }
}

fn redis(common: ServiceView, store: &BackingService, max_memory: Size, eviction: RedisEviction) -> ServiceView {
    let secret = format!("/run/secrets/{}", store.password);
    let start = format!(
        "test -s {secret}\n\
         hash=$(tr -d '\\n' < {secret} | sha256sum | cut -d ' ' -f 1)\n\
         printf 'user default on #%s ~* &* +@all -@dangerous +info +flushdb\\n' \"$hash\" > /tmp/users.acl\n\
         exec redis-server --aclfile /tmp/users.acl --maxmemory {} --maxmemory-policy {} --appendonly yes --save ''\n",
        max_memory.bytes(),
        eviction.as_str(),
    );
    let test = format!("REDISCLI_AUTH=\"$(cat {secret})\" redis-cli ping | grep -q PONG");
    ServiceView {
        about: Vec::new(),
        volumes: vec![Text::literal(&format!("{}:/data", store.name))],
        command: Some(["sh", "-ec", &start].into_iter().map(Text::literal).collect()),
        command_about: Some("The password's hash goes into an ACL file: it needs no quoting there and stands in no process list."),
        healthcheck: Some(HealthView {
            about: None,
            test: ["CMD-SHELL", &test].into_iter().map(Text::literal).collect(),
            interval: "5s".into(),
            timeout: "3s".into(),
            retries: 5,
            start_period: "30s".into(),
        }),
        user: Some("999:1000".into()),
        pids: 32,
        tmpfs: vec!["/tmp:size=1m,mode=1777,noexec,nosuid,nodev".into()],
        ..common
    }
}
