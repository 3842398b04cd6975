//! PostgreSQL and Redis.

use super::pod::{Quantities, SECRETS};
use super::{Head, POSTGRES, REDIS, names, path_of};
use crate::render::Artifact;
use crate::stack::{Backing, BackingService};
use crate::values::Size;
use serde::Serialize;

#[derive(Serialize)]
struct StoreView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    name: &'a str,
    component: &'static str,
    image: &'a str,
    port: u16,
    password: &'a str,
    args: Vec<String>,
    resources: Quantities,
    storage: String,
}

#[derive(Serialize)]
struct PostgresView<'a> {
    #[serde(flatten)]
    store: StoreView<'a>,
    database: &'a str,
    user: &'a str,
    mount: &'static str,
    /// Where the image's own folder would be the volume itself.
    data: Option<&'static str>,
    ready: Vec<&'a str>,
    shared_memory: String,
}

#[derive(Serialize)]
struct RedisView<'a> {
    #[serde(flatten)]
    store: StoreView<'a>,
    password_file: String,
    ready: Vec<String>,
}

/// The file of one backing service.
pub fn artifact(head: &Head, store: &BackingService) -> Artifact {
    let path = path_of(store.name.as_str());
    let common = |component, args| StoreView {
        head,
        name: store.name.as_str(),
        component,
        image: &store.image,
        port: store.port().get(),
        password: &store.password,
        args,
        resources: Quantities::new(&store.resources),
        storage: store.storage.kubernetes(),
    };
    match &store.kind {
        Backing::Postgres { version, database, user, max_connections } => {
            let memory = store.resources.limit_memory.whole_mib();
            let settings = [
                format!("max_connections={max_connections}"),
                // PostgreSQL's own advice: a quarter for itself; the kernel's cache makes up most of the rest.
                format!("shared_buffers={}MB", (memory / 4).max(16)),
                format!("effective_cache_size={}MB", (memory * 3 / 4).max(16)),
                "log_min_duration_statement=500ms".to_owned(),
            ];
            let args = std::iter::once("postgres".to_owned()).chain(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
            // From 18 on the image keeps its data in a folder of the version, and wants the volume above it.
            let (mount, data) =
                if version.numbers()[0] >= 18 { ("/var/lib/postgresql", None) } else { ("/var/lib/postgresql/data", Some("/var/lib/postgresql/data/pgdata")) };
            let view = PostgresView {
                store: common("database", args.collect()),
                database: database.as_str(),
                user: user.as_str(),
                mount,
                data,
                ready: vec!["pg_isready", "-h", "127.0.0.1", "-U", user.as_str(), "-d", database.as_str()],
                shared_memory: Size::mib((memory / 8).max(64)).kubernetes(),
            };
            Artifact::new(path, &POSTGRES, &view)
        }
        Backing::Redis { max_memory, eviction, .. } => {
            let password_file = format!("{SECRETS}/{}", store.password);
            let (bytes, policy) = (max_memory.bytes().to_string(), eviction.as_str());
            let args =
                ["redis-server", "--aclfile", "/tmp/users.acl", "--maxmemory", &bytes, "--maxmemory-policy", policy, "--appendonly", "yes", "--save", ""];
            let ping = format!("REDISCLI_AUTH=\"$(cat {password_file})\" redis-cli ping | grep -q PONG");
            let view = RedisView {
                store: common("cache", args.into_iter().map(str::to_owned).collect()),
                ready: vec!["sh".into(), "-c".into(), names::literal(&ping)],
                password_file,
            };
            Artifact::new(path, &REDIS, &view)
        }
    }
}
