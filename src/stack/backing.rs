//! Backing services: what they are, and how those that run here are started.

use super::connections::Connections;
use super::containers::Container;
use super::environment::Book;
use super::resolve::{Resolver, known};
use super::variables::variable_of;
use super::{File, NamedPort, PodEscape, Protocol, Publish, Resources, defaults};
use crate::key_path::KeyPath;
use crate::profile::model::{self, Mode, RedisEviction, RedisPersistence};
use crate::profile::variants;
use crate::values::{Cidr, DatabaseName, Duration, ExtensionName, Named, Port, ServiceName, SettingName, SettingText, Size, UserId, Version, VolumeName};
use serde::Serialize;

/// A backing service.
#[derive(Clone, Debug, Serialize)]
pub struct BackingService {
    /// Its name.
    pub name: ServiceName,
    /// What it is.
    pub kind: Backing,
    /// Host name or address by which services reach it.
    pub host: String,
    /// Port that it listens on.
    pub port: Port,
    /// True if connections to it are encrypted.
    pub tls: bool,
    /// Where its host name leads, if somebody else runs it and that is known.
    pub addresses: Vec<Cidr>,
    /// Name of the secret that holds its password, if clients need one.
    pub password: Option<String>,
    /// How it is run; `None` if somebody else runs it.
    pub server: Option<Server>,
    /// Connections of a PostgreSQL server.
    pub connections: Option<Connections>,
}

/// Kinds of backing services.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Backing {
    /// PostgreSQL, with one database.
    Postgres {
        /// Name of the database.
        database: DatabaseName,
        /// Its owner.
        user: DatabaseName,
        /// Its extensions.
        extensions: Vec<ExtensionName>,
        /// More databases in the same server.
        more: Vec<Database>,
    },
    /// Redis.
    Redis,
    /// A container of any image.
    Image(Box<Container>),
}

/// One more database in a PostgreSQL server.
#[derive(Clone, Debug, Serialize)]
pub struct Database {
    /// Its name.
    pub name: DatabaseName,
    /// Its owner.
    pub user: DatabaseName,
    /// Name of the secret that holds the owner's password.
    pub password: String,
    /// Its extensions.
    pub extensions: Vec<ExtensionName>,
}

/// A database of a PostgreSQL server with its owner, as references name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login<'s> {
    /// What stands before the part in a reference: `database`, or `database.reports`.
    pub reference: String,
    /// Name of the database.
    pub name: &'s str,
    /// Its owner.
    pub user: &'s str,
    /// Name of the secret that holds the owner's password.
    pub password: Option<&'s str>,
}

impl BackingService {
    /// The databases of a PostgreSQL server, that with its own name first; empty for any other.
    pub fn logins(&self) -> Vec<Login<'_>> {
        let Backing::Postgres { database, user, more, .. } = &self.kind else { return Vec::new() };
        let own = Login { reference: self.name.to_string(), name: database.as_str(), user: user.as_str(), password: self.password.as_deref() };
        let of = |one: &'_ Database| format!("{}.{}", self.name, one.name);
        let more = more.iter().map(|one| Login { reference: of(one), name: one.name.as_str(), user: one.user.as_str(), password: Some(one.password.as_str()) });
        std::iter::once(own).chain(more).collect()
    }

    /// The databases besides the one that has its name.
    pub fn more_databases(&self) -> &[Database] {
        match &self.kind {
            Backing::Postgres { more, .. } => more,
            Backing::Redis | Backing::Image(_) => &[],
        }
    }

    /// The same server, seen by who uses another database of it.
    #[must_use]
    pub fn seen_from(&self, database: &Database) -> Self {
        let kind = Backing::Postgres { database: database.name.clone(), user: database.user.clone(), extensions: Vec::new(), more: Vec::new() };
        Self { kind, password: Some(database.password.clone()), ..self.clone() }
    }

    /// Its further ports.
    pub fn ports(&self) -> &[NamedPort] {
        self.kind.container().map(|container| container.ports.as_slice()).unwrap_or_default()
    }

    /// The files that it mounts.
    pub fn files(&self) -> &[File] {
        self.server.as_ref().map(|server| server.files.as_slice()).unwrap_or_default()
    }

    /// The ports of the host that lead to it: each with the port that it leads to, and its protocol.
    pub fn published(&self) -> impl Iterator<Item = (&Publish, u16, Protocol)> {
        let main = self.server.iter().filter_map(|server| server.publish.as_ref()).map(|publish| (publish, self.port.get(), Protocol::Tcp));
        main.chain(self.ports().iter().filter_map(|port| Some((port.publish.as_ref()?, port.port.get(), port.protocol))))
    }

    /// The secrets of clients that the server itself reads.
    pub fn passwords(&self) -> Vec<&str> {
        self.password.as_deref().into_iter().chain(self.more_databases().iter().map(|database| database.password.as_str())).collect()
    }
}

impl Backing {
    /// What people call it.
    pub fn title(&self) -> &str {
        match self {
            Self::Postgres { .. } => "PostgreSQL",
            Self::Redis => "Redis",
            Self::Image(container) => container.title(),
        }
    }

    /// What is known of it if it is a container of any image.
    pub fn container(&self) -> Option<&Container> {
        match self {
            Self::Image(container) => Some(container),
            Self::Postgres { .. } | Self::Redis => None,
        }
    }
}

/// A backing service that this deployment runs.
#[derive(Clone, Debug, Serialize)]
pub struct Server {
    /// Major version; `None` where only the image knows it.
    pub version: Option<Version>,
    /// The image.
    pub image: String,
    /// The image's own user: then its entry point needs no capability to become that user. `None` leaves it to the image.
    pub user: Option<UserId>,
    /// Program and arguments; empty for the image's own.
    pub command: Vec<String>,
    /// Why it is started like this, line by line.
    pub about: Vec<String>,
    /// Script for `sh -ec` that runs first: it gets the password's file as `$0`, and the command behind it.
    pub preparation: Option<String>,
    /// Command that exits 0 when it works; empty if none is known.
    pub check: Vec<String>,
    /// Time to start, in which a failed check does not count.
    pub start_period: Duration,
    /// Folder that its volume is mounted at.
    pub data: &'static str,
    /// Size of `/dev/shm`, where it needs more than container engines give.
    pub shared_memory: Option<Size>,
    /// Size of its volume; `None` if it keeps nothing.
    pub storage: Option<Size>,
    /// That volume, if somebody else made it.
    pub volume: Option<VolumeName>,
    /// CPU and memory.
    pub resources: Resources,
    /// What may fill its memory, term by term.
    pub needs: Vec<Need>,
    /// Most processes.
    pub pids: u32,
    /// Time from the signal to stop until it is killed.
    pub stop_grace: Duration,
    /// Port of the host that leads to it.
    pub publish: Option<Publish>,
    /// Files that are mounted, by their path.
    pub files: Vec<File>,
    /// What its pods have in Kubernetes' own words.
    pub escape: PodEscape,
}

/// Memory that a backing service may need for one purpose.
#[derive(Clone, Debug, Serialize)]
pub struct Need {
    /// The purpose.
    pub what: String,
    /// How much.
    pub size: Size,
}

/// The file of a secret in a container.
pub(super) fn secret_file(name: &str) -> String {
    format!("{}/{name}", super::SECRETS_FOLDER)
}

/// The password's hash goes into an ACL file: it needs no quoting there and stands in no process list. Clients may do all but what
/// an administrator does (CONFIG, FLUSHALL, KEYS and the like).
const REDIS_PREPARATION: &str = "test -s \"$0\"\n\
    tr -d '\\n' < \"$0\" | sha256sum | sed 's/ .*/ ~* \\&* +@all -@dangerous +info +flushdb +client|list/; s/^/user default on #/' > /tmp/users.acl\n\
    exec \"$@\"\n";

/// Settings of Redis that are decided elsewhere, and where.
const REDIS_OWN: [(&str, &str); 14] = [
    ("maxmemory", "use `max_memory`"),
    ("maxmemory-policy", "use `eviction`"),
    ("appendonly", "use `persistence`"),
    ("save", "use `persistence`"),
    ("dir", "its volume is mounted where the image wants it"),
    ("aclfile", "its password is the secret that is there already"),
    ("requirepass", "its password is the secret that is there already"),
    ("user", "its password is the secret that is there already"),
    ("masterauth", "it is one server"),
    ("replicaof", "it is one server"),
    ("port", "the other files know it under its usual port"),
    ("bind", "only what depends on it reaches it"),
    ("daemonize", "a container ends with its process"),
    ("include", "there is no other file"),
];

/// What both kinds of servers may say, by the key in the profile.
struct Written<'a> {
    mode: Option<Mode>,
    managed: &'a model::Managed,
    /// Keys of such a server that runs here.
    server: variants::Keys,
}

impl Resolver<'_> {
    pub(super) fn backing_services(&mut self, book: &mut Book) -> Vec<BackingService> {
        let profile = self.profile;
        let mut list = Vec::new();
        for (name, written) in profile.backing_services.iter() {
            self.is_enabled("backing_services", name, written.enabled());
            let (kind, server, port, keys) = match written {
                model::BackingService::Postgres(postgres) => {
                    let kind = self.postgres_names(name, postgres);
                    if postgres.mode == Some(Mode::Managed) {
                        for (key, is_missing) in [("database", postgres.database.is_none()), ("user", postgres.user.is_none())] {
                            if is_missing {
                                let message = format!("`backing_services.{name}` is managed and needs the key `{key}`");
                                let path = KeyPath::of(&["backing_services", name.as_str()]);
                                self.error(
                                    "missing-key",
                                    &path,
                                    message,
                                    "missing here",
                                    &format!("add `{key}: {}`, or as whoever runs it says", self.profile.project.name),
                                );
                            }
                        }
                    }
                    (kind, (postgres.mode, &postgres.managed), defaults::POSTGRES_PORT, variants::OF_POSTGRES_HERE)
                }
                model::BackingService::Redis(redis) => (Backing::Redis, (redis.mode, &redis.managed), defaults::REDIS_PORT, variants::OF_REDIS_HERE),
                model::BackingService::Image(container) => {
                    list.push(self.container(name, container));
                    continue;
                }
            };
            let written_here = Written { mode: server.0, managed: server.1, server: keys };
            let password = variable_of(name, "PASSWORD");
            let Some((host, port, tls, is_here)) = self.place_of(name, &written_here, port) else { continue };
            let server = match (written, is_here) {
                (_, false) | (model::BackingService::Image(_), _) => None,
                (model::BackingService::Postgres(postgres), true) => self.postgres(name, postgres, &kind),
                (model::BackingService::Redis(redis), true) => self.redis(name, redis, &password),
            };
            if is_here && server.is_none() {
                continue;
            }
            let addresses = written_here.managed.addresses.clone();
            let store = BackingService { name: name.clone(), kind, host, port, tls, addresses, password: Some(password), server, connections: None };
            if is_here {
                book.password(&store, Some(name.as_str()));
                for database in store.more_databases() {
                    book.password(&store.seen_from(database), Some(name.as_str()));
                }
            }
            list.push(store);
        }
        self.container_environments(&mut list, book);
        self.volumes_of_stores(&list);
        list
    }

    /// Host, port, whether connections are encrypted, and whether it runs here.
    fn place_of(&mut self, name: &ServiceName, written: &Written<'_>, usual: u16) -> Option<(String, Port, bool, bool)> {
        let root = KeyPath::of(&["backing_services", name.as_str()]);
        let at = |key: &str| root.key(key);
        let mode = self.or_as(&at("mode"), written.mode, Mode::SelfHosted, "self_hosted", "the deployment is complete by itself");
        let managed = written.managed;
        if mode == Mode::SelfHosted {
            let message = |key: &str| format!("`{name}` runs here: it has no `{key}` of its own");
            self.misplaced(&root, variants::OF_A_MANAGED_SERVER, message, "remove it, or add `mode: managed`");
            return Some((name.to_string(), Port::known(usual), false, true));
        }
        let message = |key: &str| format!("`{name}` is managed: somebody else decides over `{key}`");
        self.misplaced(&root, written.server, message, "remove it, or remove `mode: managed`");
        let Some(host) = &managed.host else {
            let message = format!("`backing_services.{name}` is managed and needs the key `host`");
            self.error("missing-key", &root, message, "missing here", "add `host: db.example.com`, the server's name");
            return None;
        };
        let path = |key| ["backing_services", name.as_str(), key];
        let port = self.or(&path("port"), managed.port, Port::known(usual), "the usual port");
        let tls = self.or(&path("tls"), managed.tls, true, "others share the network to it");
        Some((host.to_string(), port, tls, false))
    }

    /// The image of a known kind, or another one with the same program.
    pub(super) fn image_of(&mut self, name: &ServiceName, other: Option<&model::Image>, official: &str) -> String {
        let reference = other.map(|image| format!("{}:{}", image.name, image.tag));
        let path = KeyPath::of(&["backing_services", name.as_str(), "image"]);
        let reference = self.or_as(&path, reference, official.to_owned(), official, "the official one");
        self.pinned(reference)
    }

    /// Settings that would contradict what the other files know.
    pub(super) fn refused_settings(&mut self, name: &ServiceName, settings: &Named<SettingName, SettingText>, own: &[(&str, &str)]) {
        for setting in settings.keys() {
            let Some((_, help)) = own.iter().find(|(known, _)| known.eq_ignore_ascii_case(setting.as_str())) else { continue };
            let path = KeyPath::of(&["backing_services", name.as_str(), "settings", setting.as_str()]);
            self.error("misplaced-key", &path, format!("`{setting}` of `{name}` is decided elsewhere"), "not here", &format!("remove it: {help}"));
        }
    }

    pub(super) fn server_version(&mut self, name: &ServiceName, version: Option<&Version>, example: &str) -> Option<Version> {
        if version.is_none() {
            let path = KeyPath::of(&["backing_services", name.as_str()]);
            let message = format!("`backing_services.{name}` needs the key `version`");
            self.error("missing-key", &path, message, "missing here", &format!("add `version: \"{example}\"`, the major version"));
        }
        version.cloned()
    }

    fn redis(&mut self, name: &ServiceName, written: &model::Redis, password: &str) -> Option<Server> {
        let root = ["backing_services", name.as_str()];
        let path = |key| [root[0], root[1], key];
        let version = self.server_version(name, written.version.as_ref(), "7")?;
        let max_memory = self.or(&path("max_memory"), written.max_memory, defaults::REDIS_MEMORY, "enough to start");
        let lru = RedisEviction::AllkeysLru;
        let eviction = self.or_as(&KeyPath::of(&path("eviction")), written.eviction, lru, lru.as_str(), "a cache forgets what nobody asks for");
        let persistence = self.persistence(name, written, eviction);
        let keeps = persistence != RedisPersistence::None;
        // Data and its fragments; while a child process writes it to the disk, pages that change are there twice.
        let changing = Size::mib(if keeps { max_memory.whole_mib() / 2 } else { max_memory.whole_mib() / 4 });
        let memory = Size::mib(max_memory.whole_mib() + changing.whole_mib() + 64);
        let storage = Size::mib((max_memory.whole_mib() * 4).max(1024));
        let resources = written.resources.clone().unwrap_or_default();
        let resources = self.resources(&root, &resources, defaults::REDIS_CPU, memory);
        if resources.limit_memory <= max_memory {
            let message = format!("`{name}` may fill {max_memory}, but its memory limit is {}", resources.limit_memory);
            let help = "raise `resources.limits.memory` to 1.5 times of it, or lower it";
            self.error("contradiction", &KeyPath::of(&path("max_memory")), message, "as much as the limit", help);
        }
        let bytes = max_memory.bytes().to_string();
        let options = ["--aclfile", "/tmp/users.acl", "--maxmemory", &bytes, "--maxmemory-policy", eviction.as_str()];
        let (keep, why): (&[&str], _) = match persistence {
            RedisPersistence::AppendOnly => (&["--appendonly", "yes", "--save", ""], "What it holds survives a restart, less the last second."),
            RedisPersistence::Snapshot => (
                // A full disk is no reason for a cache to refuse what it is told.
                &["--appendonly", "no", "--save", "300 1", "--stop-writes-on-bgsave-error", "no"],
                "A cache: a restart finds what was there when it stopped, a crash what was there up to five minutes before.",
            ),
            RedisPersistence::None => (&["--appendonly", "no", "--save", ""], "Nothing survives a restart."),
        };
        self.refused_settings(name, &written.settings, &REDIS_OWN);
        let more: Vec<String> = written.settings.iter().flat_map(|(name, value)| [format!("--{name}"), value.to_string()]).collect();
        let ping = format!("REDISCLI_AUTH=\"$(cat {})\" redis-cli ping | grep -q PONG", secret_file(password));
        let purpose = if keeps { "pages that change while they are written" } else { "fragments and buffers of clients" };
        Some(Server {
            image: self.image_of(name, written.image.as_ref(), &format!("redis:{version}-alpine")),
            user: Some(self.or(&path("user_id"), written.user_id.clone(), known::<UserId>(defaults::REDIS_USER), "the image's own user")),
            command: ["redis-server"].iter().chain(&options).chain(keep).map(|word| (*word).to_owned()).chain(more).collect(),
            about: vec![why.to_owned()],
            preparation: Some(REDIS_PREPARATION.to_owned()),
            check: vec!["sh".into(), "-c".into(), ping],
            start_period: self.or(&path("start_period"), None, defaults::STORE_START_PERIOD, "it reads all of its data first"),
            data: "/data",
            shared_memory: None,
            // Of a volume that is there already it is not ours to say.
            storage: keeps
                .then(|| if written.volume.is_some() { storage } else { self.or(&path("storage"), written.storage, storage, "four times the memory") }),
            volume: self.volume_of(name, written.volume.as_ref().filter(|_| keeps), written.storage),
            needs: vec![Need { what: "data".into(), size: max_memory }, Need { what: purpose.into(), size: changing }],
            resources,
            pids: self.or(&path("pids"), None, defaults::REDIS_PIDS, "a few threads, and one process that writes"),
            stop_grace: self.or(&path("grace"), None, defaults::REDIS_STOP_GRACE, "what is in memory is written first"),
            publish: self.publish(&root, written.publish.as_ref()),
            files: Vec::new(),
            escape: self.server_escape(name, &written.kubernetes),
            version: Some(version),
        })
    }

    /// How much survives a restart: keys that are never evicted are taken for data, all others for a cache.
    fn persistence(&mut self, name: &ServiceName, written: &model::Redis, eviction: RedisEviction) -> RedisPersistence {
        let at = |key| KeyPath::of(&["backing_services", name.as_str(), key]);
        let (usual, reason) = match eviction {
            RedisEviction::AllkeysLru | RedisEviction::AllkeysLfu => {
                (RedisPersistence::Snapshot, "a cache: it is worth a warm start, not a write for each change")
            }
            RedisEviction::Noeviction | RedisEviction::VolatileLru | RedisEviction::VolatileTtl => {
                (RedisPersistence::AppendOnly, "some keys are never evicted: they may be data")
            }
        };
        let persistence = self.or_as(&at("persistence"), written.persistence, usual, usual.as_str(), reason);
        if persistence == RedisPersistence::None {
            let message = |_: &str| format!("`{name}` keeps nothing: it has no volume");
            let root = KeyPath::of(&["backing_services", name.as_str()]);
            self.misplaced(&root, &["storage", "volume"], message, "remove it, or choose `persistence: snapshot`");
        }
        persistence
    }

    /// The volume that somebody else made for a server, which then has no size of ours.
    pub(super) fn volume_of(&mut self, name: &ServiceName, written: Option<&VolumeName>, size: Option<Size>) -> Option<VolumeName> {
        let at = |key| KeyPath::of(&["backing_services", name.as_str(), key]);
        self.is_there_already(&at("volume"), written?, size.map(|_| at("storage")));
        written.cloned()
    }
}
