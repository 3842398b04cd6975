//! The `backing_services` section.

use super::{Condition, EnvValue, Files, Health, Image, Ports, Publish, Resources, SecretUse, ServerEscape};
use crate::values::{
    Arg, Cidr, ContainerPath, DatabaseName, Duration, EnvName, ExtensionName, HostName, HostPort, LoginName, Named, Port, SecretName, ServiceName, SettingName,
    SettingText, Size, UrlPath, UrlScheme, UserId, Version, VolumeName,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Something that services need and somebody else wrote.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BackingService {
    /// A PostgreSQL server with one database.
    Postgres(Box<Postgres>),
    /// A Redis server, with a password.
    Redis(Box<Redis>),
    /// Anything else: one container of an image that somebody else made, such as a search engine, a queue or an object store.
    Image(Box<Container>),
}

/// A PostgreSQL server with one database.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Postgres {
    /// Whether it is there at all. `false` leaves it out of all that is rendered, with the routes, dependencies and pools that lead to it: one profile has a part that another does without. Default: `true`.
    pub enabled: Option<bool>,
    /// Who runs it. Default: `self_hosted`.
    pub mode: Option<Mode>,
    /// Where a managed one is.
    #[serde(flatten)]
    pub managed: Managed,
    /// Major version, in quotes. Not for a managed one. Example: `"17"`.
    #[schemars(extend("examples" = ["17"]))]
    pub version: Option<Version>,
    /// Another image of the same program, with the same major version: one with more extensions. Default: the official one.
    pub image: Option<Image>,
    /// Numeric user and group of that image. Default: those of the official one, `999:999`.
    pub user_id: Option<UserId>,
    /// Settings of the server by name. What infragen computes may be set here, too. Example: `{shared_preload_libraries: pg_stat_statements}`.
    #[serde(default)]
    #[schemars(transform = numbers_too)]
    pub settings: Named<SettingName, SettingText>,
    /// Name of the database. Default: the project's name with `_` for `-`; a managed one has to name it.
    pub database: Option<DatabaseName>,
    /// Name of the user that owns it. Default: the database's name; a managed one has to name it.
    pub user: Option<DatabaseName>,
    /// Extensions of the database, made when the server starts for the first time. Example: `[pgcrypto, vector]`.
    #[serde(default)]
    pub extensions: Vec<ExtensionName>,
    /// More databases in the same server, by name, made when it starts for the first time. Each has a user and a password of its own: `{from: NAME.DATABASE.url}`.
    #[serde(default)]
    pub databases: Named<DatabaseName, Database>,
    /// Files that are mounted read-only, by their path in the container. Those in `/docker-entrypoint-initdb.d` (`NAME.sql`, `NAME.sh`) run when the server starts for the first time, in the order of their names, after the `extensions` and `databases` are made: `{/docker-entrypoint-initdb.d/10-schema.sql: {source: db/schema.sql}}`.
    #[serde(default)]
    pub files: Files,
    /// Size of its volume. Docker does not enforce it. Default: `10Gi`.
    pub storage: Option<Size>,
    /// Name of a volume (on Kubernetes: of a claim) that is there already, for its data, in place of one of this deployment's own. `storage` then says how large that one is. Example: `shop-database`.
    pub volume: Option<VolumeName>,
    /// How it is backed up: a name in `backups`. Not for a managed one. Default: none. Example: `nightly`.
    pub backup: Option<ServiceName>,
    /// Most connections at a time, 10 to 10000; of a managed one what its provider says. Default: what the `pools` of all services come to while a roll-out is under way, and 10 more. Example: `100`.
    #[schemars(range(min = 10, max = 10000))]
    pub max_connections: Option<u32>,
    /// CPU and memory. Default: 1 core and 1 GiB.
    pub resources: Option<Resources>,
    /// Port of the host that leads to it, for a developer's tools.
    pub publish: Option<Publish>,
    /// What its pods have in Kubernetes' own words: how they are scheduled, and who may pull their images.
    #[serde(default)]
    pub kubernetes: ServerEscape,
}

/// One more database in a PostgreSQL server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Database {
    /// Name of the user that owns it. Default: the database's name.
    pub user: Option<DatabaseName>,
    /// Its extensions. Example: `[pgcrypto]`.
    #[serde(default)]
    pub extensions: Vec<ExtensionName>,
}

/// A Redis server, with a password.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Redis {
    /// Whether it is there at all. `false` leaves it out of all that is rendered, with the routes, dependencies and pools that lead to it: one profile has a part that another does without. Default: `true`.
    pub enabled: Option<bool>,
    /// Who runs it. Default: `self_hosted`.
    pub mode: Option<Mode>,
    /// Where a managed one is.
    #[serde(flatten)]
    pub managed: Managed,
    /// Major version, in quotes. Not for a managed one. Example: `"7"`.
    #[schemars(extend("examples" = ["7"]))]
    pub version: Option<Version>,
    /// Another image of the same program, with the same major version: one with more extensions. Default: the official one.
    pub image: Option<Image>,
    /// Numeric user and group of that image. Default: those of the official one, `999:1000`.
    pub user_id: Option<UserId>,
    /// Settings of the server by name. Example: `{maxclients: 5000}`.
    #[serde(default)]
    #[schemars(transform = numbers_too)]
    pub settings: Named<SettingName, SettingText>,
    /// Memory for data. Default: `256Mi`.
    pub max_memory: Option<Size>,
    /// What gives way when the memory is full. Default: `allkeys-lru`.
    pub eviction: Option<RedisEviction>,
    /// What survives a restart. Default: `snapshot` where every key may be evicted, `append_only` elsewhere.
    pub persistence: Option<RedisPersistence>,
    /// Size of its volume. Docker does not enforce it. Not with `persistence: none`. Default: four times `max_memory`, at least `1Gi`.
    pub storage: Option<Size>,
    /// Name of a volume (on Kubernetes: of a claim) that is there already, for its data, in place of one of this deployment's own. Example: `shop-cache`.
    pub volume: Option<VolumeName>,
    /// CPU and memory. Default: half a core, and `max_memory` with half of it (a quarter with `persistence: none`) and 64 MiB on top.
    pub resources: Option<Resources>,
    /// Port of the host that leads to it, for a developer's tools.
    pub publish: Option<Publish>,
    /// What its pods have in Kubernetes' own words: how they are scheduled, and who may pull their images.
    #[serde(default)]
    pub kubernetes: ServerEscape,
}

/// One container of an image that somebody else made.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Container {
    /// Whether it is there at all. `false` leaves it out of all that is rendered, with the routes, dependencies and pools that lead to it: one profile has a part that another does without. Default: `true`.
    pub enabled: Option<bool>,
    /// The image that is pulled.
    pub image: Image,
    /// Port that it listens on, 1 to 65535.
    pub port: Port,
    /// Further ports, by name: `{console: {port: 9001}}`. Who depends on it reaches them, by `{from: NAME.console.address}` or `{from: NAME.console.port}`.
    #[serde(default)]
    pub ports: Ports,
    /// What its connection string is made of: then there is `{from: NAME.url}`, and with a password `{from: NAME.password}`.
    pub url: Option<Url>,
    /// Program and first arguments in place of the image's own entry point. Example: `[/bin/server, --verbose]`.
    #[schemars(length(min = 1))]
    pub entrypoint: Option<Vec<Arg>>,
    /// What follows the entry point, in place of the image's own command. Example: `[server, /data]`.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<Arg>>,
    /// How others find out whether it works: `command` on one host, `ready` and `live` on a cluster, where a command will do, too.
    #[serde(default)]
    pub health: Health,
    /// Environment variables by name: a text, or a value that another part of the profile has.
    #[serde(default)]
    pub env: Named<EnvName, EnvValue>,
    /// Secrets that it gets, by the name in `secrets`: `NAME_FILE` is the path of a file, and with `deliver: env` `NAME` is the value.
    #[serde(default)]
    pub secrets: Named<SecretName, SecretUse>,
    /// Folders that outlive it, by a name of your own. Docker gives a new volume the owner that the folder has in the image.
    #[serde(default)]
    pub volumes: Named<ServiceName, ContainerVolume>,
    /// Files that are mounted read-only, by their path in the container: `{/etc/app/app.conf: {source: config/app.conf}}`.
    #[serde(default)]
    pub files: Files,
    /// Numeric user (and group) that it runs as. Without the right to become another one, an image that starts as root needs it. Default: the image's own.
    pub user: Option<UserId>,
    /// Folders that it may write to, in memory, with their largest size. `/tmp` is always there, with 64 MiB.
    #[serde(default)]
    pub tmpfs: Named<ContainerPath, Size>,
    /// Whether all of it but `volumes` and `tmpfs` is read-only. Default: `true`.
    pub read_only: Option<bool>,
    /// Size of `/dev/shm`, which counts against its memory. Default: what the engine gives, 64 MiB.
    pub shared_memory: Option<Size>,
    /// CPU and memory. Default: 1 core and 512 MiB.
    pub resources: Option<Resources>,
    /// Other backing services that have to be there before it starts. What its `env` refers to is added.
    #[serde(default)]
    pub depends_on: Named<ServiceName, Condition>,
    /// What it may reach outside, as HOST:PORT. Without any, nothing; Compose tells no hosts apart. Example: `["smtp.example.com:587"]`.
    #[serde(default)]
    pub egress: Vec<HostPort>,
    /// Time from the signal to stop until it is killed. Default: `60s`.
    pub stop_grace: Option<Duration>,
    /// Port of the host that leads to it, for a developer's tools.
    pub publish: Option<Publish>,
    /// What its pods have in Kubernetes' own words: how they are scheduled, and who may pull their images.
    #[serde(default)]
    pub kubernetes: ServerEscape,
}

/// What a connection string is made of: `SCHEME://USER:PASSWORD@HOST:PORT/PATH`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Url {
    /// What stands before `://`. Example: `amqp`.
    pub scheme: UrlScheme,
    /// Name that clients log in with. Default: none.
    pub user: Option<LoginName>,
    /// The secret with their password, one of its own `secrets`. It is percent-encoded in the string. Default: none.
    pub password: Option<SecretName>,
    /// What follows the port and `/`, with a query. Example: `events?compress=true`. Default: none.
    pub path: Option<UrlPath>,
}

/// A folder that outlives a container.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ContainerVolume {
    /// Folder in the container. Example: `/var/lib/data`.
    pub path: ContainerPath,
    /// Size of the volume, which Docker does not enforce. Default: `1Gi`.
    pub size: Option<Size>,
    /// Name of a volume (on Kubernetes: of a claim) that is there already, in place of one of this deployment's own. Example: `shop_queue`.
    pub external: Option<VolumeName>,
}

/// Values may be written as numbers.
fn numbers_too(schema: &mut schemars::Schema) {
    if let Some(values) = schema.get_mut("additionalProperties").and_then(serde_json::Value::as_object_mut) {
        values.insert("type".into(), serde_json::json!(["string", "integer", "boolean"]));
    }
}

/// Who runs a backing service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// This deployment, with a volume of its own.
    SelfHosted,
    /// Somebody else: only its address and credentials are known here.
    Managed,
}

/// Where a managed backing service is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Managed {
    /// Host name or address of a managed one. Example: `db.example.com`.
    pub host: Option<HostName>,
    /// Port of a managed one, 1 to 65535. Default: the usual port of its kind.
    pub port: Option<Port>,
    /// Whether connections to a managed one are encrypted. Default: `true`.
    pub tls: Option<bool>,
    /// Addresses that its name leads to, as ranges: a cluster opens the port to them alone, in place of all addresses. Default: none. Example: `[10.20.0.0/24]`.
    #[serde(default)]
    pub addresses: Vec<Cidr>,
}

/// What Redis removes when its memory is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedisEviction {
    /// Nothing: writes fail. For queues.
    Noeviction,
    /// What was not used for longest, of all keys. For caches.
    AllkeysLru,
    /// What is used least often, of all keys.
    AllkeysLfu,
    /// What was not used for longest, of the keys that expire.
    VolatileLru,
    /// What expires first.
    VolatileTtl,
}

impl RedisEviction {
    /// Redis' own word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noeviction => "noeviction",
            Self::AllkeysLru => "allkeys-lru",
            Self::AllkeysLfu => "allkeys-lfu",
            Self::VolatileLru => "volatile-lru",
            Self::VolatileTtl => "volatile-ttl",
        }
    }
}

/// What of Redis survives a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RedisPersistence {
    /// All but the last second: each change is written. For queues, sessions, and whatever is nowhere else.
    AppendOnly,
    /// What was there when it stopped; after a crash, what was there up to five minutes before. For caches.
    Snapshot,
    /// Nothing: there is no volume.
    None,
}

impl RedisPersistence {
    /// The word in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppendOnly => "append_only",
            Self::Snapshot => "snapshot",
            Self::None => "none",
        }
    }
}
