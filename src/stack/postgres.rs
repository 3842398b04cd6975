//! PostgreSQL servers: how they are started, and settings that follow their limits and the connections that they carry.

use super::backing::{Database, Need, Server, secret_file};
use super::connections::Connections;
use super::resolve::{Resolver, known};
use super::variables::variable_of;
use super::{Backing, BackingService, Service, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{DatabaseName, ExtensionName, Named, ServiceName, SettingName, SettingText, Size, UserId, Version};

/// Where the image's entry point looks for what it runs on an empty volume.
pub const INIT_FOLDER: &str = "/docker-entrypoint-initdb.d";

/// What is made there: it runs before all files with a usual name.
pub const INIT_FIRST: &str = "00-databases.sql";

/// Settings of PostgreSQL that are decided elsewhere, and where.
const POSTGRES_OWN: [(&str, &str); 9] = [
    ("max_connections", "use the key `max_connections` of the backing service"),
    ("port", "the other files know it under its usual port"),
    ("listen_addresses", "only what depends on it reaches it"),
    ("unix_socket_directories", "the image has its socket where it may write"),
    ("data_directory", "its volume is mounted where the image wants it"),
    ("config_file", "the image makes it"),
    ("hba_file", "the image makes it"),
    ("ident_file", "the image makes it"),
    ("ssl", "it has no certificate, and its network leads nowhere else"),
];

impl Resolver<'_> {
    pub(super) fn postgres_names(&mut self, name: &ServiceName, written: &model::Postgres) -> Backing {
        let path = |key| ["backing_services", name.as_str(), key];
        let project: DatabaseName = known(&self.profile.project.name.as_str().replace('-', "_"));
        let database = self.or(&path("database"), written.database.clone(), project, "the project's name");
        let user = self.or(&path("user"), written.user.clone(), database.clone(), "the database's name");
        let more = self.databases(name, written, &user, &database);
        Backing::Postgres { database, user, extensions: written.extensions.clone(), more }
    }

    fn databases(&mut self, name: &ServiceName, written: &model::Postgres, owner: &DatabaseName, main: &DatabaseName) -> Vec<Database> {
        let profile = self.profile;
        let mut list: Vec<Database> = Vec::new();
        for (database, usage) in written.databases.iter() {
            let at = KeyPath::of(&["backing_services", name.as_str(), "databases", database.as_str()]);
            let user = self.or_as(&at.key("user"), usage.user.clone(), database.clone(), database.as_str(), "the database's name");
            if database == main {
                self.error("name-clash", &at, format!("`{database}` is the server's first database already"), "taken", "give it another name");
            }
            if user == *owner || list.iter().any(|other| other.user == user) {
                let message = format!("`{user}` owns another database of `{name}` already");
                self.error("name-clash", &at, message, "each has a user of its own", "add `user: NAME` with another name");
            }
            let password = variable_of(name, &format!("{}_PASSWORD", database.as_str().to_uppercase()));
            if let Some(other) = profile.backing_services.keys().find(|other| variable_of(other, "PASSWORD") == password) {
                let message = format!("the password of `{database}` would be `{password}`, which is that of `{other}`");
                self.error("name-clash", &at, message, "taken", "give the database another name");
            }
            list.push(Database { name: database.clone(), user, password, extensions: usage.extensions.clone() });
        }
        list
    }

    /// The server without what depends on its connections, which [`Self::connections`] adds.
    pub(super) fn postgres(&mut self, name: &ServiceName, written: &model::Postgres, kind: &Backing) -> Option<Server> {
        let root = ["backing_services", name.as_str()];
        let path = |key| [root[0], root[1], key];
        let version = self.server_version(name, written.version.as_ref(), "17")?;
        self.postgres_version(name, &version);
        let resources = written.resources.clone().unwrap_or_default();
        let resources = self.resources(&root, &resources, defaults::POSTGRES_CPU, defaults::POSTGRES_MEMORY);
        let Backing::Postgres { database, user, .. } = kind else { return None };
        self.refused_settings(name, &written.settings, &POSTGRES_OWN);
        for (setting, value) in written.settings.iter().filter(|(setting, value)| is_size(setting.as_str()) && mib(value.as_str(), setting.as_str()).is_none())
        {
            let message = format!("`{setting}` of `{name}` is no size: {value}");
            let at = KeyPath::of(&root).key("settings").key(setting.as_str());
            self.error("invalid-value", &at, message, "PostgreSQL would not start", "write a whole number with `kB`, `MB` or `GB`, such as `512MB`");
        }
        let check = ["pg_isready", "-h", "127.0.0.1", "-U", user.as_str(), "-d", database.as_str()];
        Some(Server {
            // A named Debian release: another one sorts text differently, and indexes would be wrong.
            image: self.image_of(name, written.image.as_ref(), &format!("postgres:{version}-trixie")),
            user: Some(self.or(&path("user_id"), written.user_id.clone(), known::<UserId>(defaults::POSTGRES_USER), "the image's own user")),
            command: vec!["postgres".to_owned()],
            about: Vec::new(),
            preparation: preparation(kind),
            check: check.map(str::to_owned).to_vec(),
            start_period: self.or(&path("start_period"), None, defaults::STORE_START_PERIOD, "after a crash it replays its log first"),
            // From 18 on the image keeps its data in a folder of the version, and wants the volume above it.
            data: if version.numbers()[0] >= 18 { "/var/lib/postgresql" } else { "/var/lib/postgresql/data" },
            // Parallel queries exchange rows in it; container engines give 64 MiB. `work_mem` is chosen so that several fit.
            shared_memory: Some(Size::mib((resources.limit_memory.whole_mib() / 8).max(64))),
            storage: Some(self.or(&path("storage"), written.storage, defaults::POSTGRES_STORAGE, "enough to start")),
            volume: self.volume_of(name, written.volume.as_ref(), None),
            needs: Vec::new(),
            resources,
            pids: defaults::POSTGRES_PIDS,
            stop_grace: self.or(&path("grace"), None, defaults::POSTGRES_STOP_GRACE, "what is in memory is written first"),
            publish: self.publish(&root, written.publish.as_ref()),
            files: self.store_files(name, &written.files, &[]),
            escape: self.server_escape(name, &written.kubernetes),
            version: Some(version),
        })
    }

    /// Since 10, a major version is one number. Of a release nobody knows whether there is an image on this Debian.
    fn postgres_version(&mut self, name: &ServiceName, version: &Version) {
        let text = version.to_string();
        let major = version.numbers()[0];
        if text.contains('.') && major >= 10 {
            let message = format!("`{text}` is no major version of PostgreSQL: since 10 those are one number");
            let help = format!("write `version: \"{major}\"`: its image follows the releases, which are only fixes; `digests` pins one of them");
            self.error("invalid-value", &KeyPath::of(&["backing_services", name.as_str(), "version"]), message, "a release", &help);
        }
    }

    /// Counts the connections that each PostgreSQL server may have to carry, and sizes the server for them.
    pub(super) fn connections(&mut self, backing: &mut [BackingService], services: &[Service]) {
        for store in backing {
            let Some(model::BackingService::Postgres(written)) = self.profile.backing_services.get(&store.name) else { continue };
            let mut connections = Connections { limit: written.max_connections, demands: self.demands(&store.name, services) };
            if let Some(server) = &mut store.server {
                let root = ["backing_services", store.name.as_str()];
                let derived = connections.wanted().saturating_add(defaults::POSTGRES_SPARE).min(defaults::POSTGRES_MOST).next_multiple_of(10);
                let limit = self.or(&[root[0], root[1], "max_connections"], written.max_connections, derived, "what may be wanted in a roll-out, and 10 more");
                // Each connection is a process; the rest is the server's own, and helpers of parallel queries.
                let pids = defaults::POSTGRES_PIDS.max(limit + defaults::POSTGRES_HELPERS);
                server.pids = self.or(&[root[0], root[1], "pids"], None, pids, "room for every connection");
                connections.limit = Some(limit);
                tune(server, limit, &written.settings);
                server.about = about(&connections);
            }
            if store.server.is_none() {
                let path = KeyPath::of(&["backing_services", store.name.as_str(), "max_connections"]);
                connections.limit = self.or_as(&path, written.max_connections.map(Some), None, "unknown", "whoever runs it decides");
            }
            store.connections = Some(connections);
        }
    }
}

/// What makes extensions and more databases: SQL among the files that the image's entry point runs once, on an empty volume. Passwords
/// are read by the client there: they stand in no command line.
fn preparation(kind: &Backing) -> Option<String> {
    let Backing::Postgres { extensions, more, .. } = kind else { return None };
    let line = |name: &ExtensionName| format!("CREATE EXTENSION IF NOT EXISTS \"{name}\" CASCADE;\n");
    let of = |extensions: &[ExtensionName]| extensions.iter().map(line).collect::<Vec<_>>().concat();
    let mut sql = of(extensions);
    for Database { name, user, password, extensions } in more {
        sql.push_str(&format!(
            "\\set password `cat {}`\nCREATE ROLE \"{user}\" LOGIN PASSWORD :'password';\nCREATE DATABASE \"{name}\" OWNER \"{user}\";\n\
             REVOKE ALL ON DATABASE \"{name}\" FROM PUBLIC;\n",
            secret_file(password)
        ));
        if !extensions.is_empty() {
            sql.push_str(&format!("\\connect \"{name}\"\n{}", of(extensions)));
        }
    }
    (!sql.is_empty()).then(|| format!("cat > {INIT_FOLDER}/{INIT_FIRST} <<'SQL'\n{sql}SQL\nexec docker-entrypoint.sh \"$@\"\n"))
}

/// Why the settings are what they are.
fn about(connections: &Connections) -> Vec<String> {
    let mut lines = vec!["From its memory limit, its volume and its connections.".to_owned()];
    if !connections.demands.is_empty() {
        let rolls_out = connections.demands.iter().any(|demand| demand.releases > 1);
        let moment = if rolls_out { "at the worst moment, in the middle of a roll-out" } else { "that may be wanted at one time" };
        lines.push(format!("Connections {moment}:"));
        lines.extend(connections.terms().into_iter().map(|term| format!("  {term}")));
    }
    lines
}

/// Settings that follow the memory limit, the volume, and the number of connections.
fn tune(server: &mut Server, connections: u32, written: &Named<SettingName, SettingText>) {
    let memory = server.resources.limit_memory.whole_mib();
    let (shared, maintenance) = shares(memory);
    // A sort or a hash may take it, a query has several, and not every connection has a query: a third of what is left for each. Not so
    // much that the hash tables of a parallel query, three times twice of it, would fill /dev/shm.
    let work = ((memory - memory / 4) / (3 * u64::from(connections.max(1)))).min(memory / 64).max(1);
    // Checkpoints write every page that changed: the fewer, the better, as long as the log between them takes a tenth of the volume at most.
    let wal = server.storage.map_or(1024, |storage| (storage.whole_mib() / 10).clamp(128, 4096));
    let computed = [
        ("max_connections", connections.to_string()),
        ("shared_buffers", format!("{shared}MB")),
        ("effective_cache_size", format!("{}MB", (memory * 3 / 4).max(16))),
        ("maintenance_work_mem", format!("{maintenance}MB")),
        ("work_mem", format!("{work}MB")),
        ("max_wal_size", format!("{wal}MB")),
        // Kept for reuse: new files cost more than old ones.
        ("min_wal_size", format!("{}MB", wal / 4)),
        ("log_min_duration_statement", "500ms".to_owned()),
    ];
    let of = |name: &str| written.iter().find(|(known, _)| known.as_str().eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let is_computed = |name: &str| computed.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let first = computed.iter().map(|(name, value)| format!("{name}={}", of(name).unwrap_or(value)));
    let more = written.iter().filter(|(name, _)| !is_computed(name.as_str())).map(|(name, value)| format!("{name}={value}"));
    server.command.extend(first.chain(more).flat_map(|setting| ["-c".to_owned(), setting]));
    let (shared, maintenance) = (size(of("shared_buffers"), "shared_buffers", shared), size(of("maintenance_work_mem"), "maintenance_work_mem", maintenance));
    let each = EACH;
    server.needs = vec![
        Need { what: "shared_buffers".into(), size: Size::mib(shared) },
        Need { what: "maintenance_work_mem".into(), size: Size::mib(maintenance) },
        Need { what: format!("{connections} connections of {each} MiB"), size: Size::mib(u64::from(connections) * each) },
    ];
}

/// What a connection needs, in MiB: its process, and its part of the tables that all share.
const EACH: u64 = defaults::POSTGRES_CONNECTION.whole_mib() + 1;

/// `shared_buffers` and `maintenance_work_mem` of a memory limit; all in MiB.
fn shares(memory: u64) -> (u64, u64) {
    // PostgreSQL's own advice: a quarter for itself; what the kernel caches makes up most of the rest. One index build or vacuum at a
    // time, and rarely three.
    ((memory / 4).max(16), (memory / 16).clamp(16, 1024))
}

impl Server {
    /// Connections of PostgreSQL that its memory limit carries.
    pub fn connections_carried(&self) -> u32 {
        let others: u64 = self.needs.iter().rev().skip(1).map(|need| need.size.whole_mib()).sum();
        (self.resources.limit_memory.whole_mib().saturating_sub(others) / EACH).try_into().unwrap_or(u32::MAX)
    }

    /// The least memory limit, in steps of 256 MiB, that carries what PostgreSQL needs; the computed settings grow with it.
    pub fn memory_for_needs(&self) -> Size {
        let needs: Vec<u64> = self.needs.iter().map(|need| need.size.whole_mib()).collect();
        let [shared, maintenance, connections] = needs[..] else { return self.resources.limit_memory };
        let now = shares(self.resources.limit_memory.whole_mib());
        let needed = |memory: u64| {
            let grown = shares(memory);
            connections + if shared == now.0 { grown.0 } else { shared } + if maintenance == now.1 { grown.1 } else { maintenance }
        };
        // What is computed takes five sixteenths of it at most: the search ends.
        let mut memory = (connections / 256 + 1) * 256;
        while needed(memory) > memory {
            memory += 256;
        }
        Size::mib(memory)
    }
}

/// Settings whose memory is counted, or that are computed from it.
fn is_size(name: &str) -> bool {
    ["shared_buffers", "effective_cache_size", "maintenance_work_mem", "work_mem", "max_wal_size", "min_wal_size"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// A size in MiB, as it is written or as it was computed.
fn size(written: Option<&str>, name: &str, computed: u64) -> u64 {
    written.and_then(|text| mib(text, name)).unwrap_or(computed)
}

/// A size in PostgreSQL's notation, in MiB, rounded up. Without a unit it is in the setting's own: pages, MiB, or KiB.
fn mib(text: &str, name: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let own = match name.to_ascii_lowercase().as_str() {
        "shared_buffers" | "effective_cache_size" => 8,
        "max_wal_size" | "min_wal_size" => 1024,
        _ => 1,
    };
    let kib = match unit.trim() {
        "" => number.checked_mul(own)?,
        "B" => number.div_ceil(1024),
        "kB" => number,
        "MB" => number.checked_mul(1 << 10)?,
        "GB" => number.checked_mul(1 << 20)?,
        "TB" => number.checked_mul(1 << 30)?,
        _ => return None,
    };
    Some(kib.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::mib;

    #[test]
    fn sizes_are_those_of_postgresql() {
        let read = |text| mib(text, "shared_buffers");
        assert_eq!([read("512MB"), read("2 GB"), read("16384"), read("1kB")], [Some(512), Some(2048), Some(128), Some(1)]);
        assert_eq!([mib("4096", "work_mem"), mib("64", "max_wal_size")], [Some(4), Some(64)]);
        assert_eq!(["", "MB", "512mb", "0.5GB", "-1", "99999999999999999TB"].map(read), [None; 6]);
    }
}
