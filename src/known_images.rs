//! What is known of images that many deployments have as a store: where their data are, who listens where, and how they learn of a
//! login. One place for it: what messages propose and what rules look at are the same.

mod by_name;

pub use by_name::{Family, family, is_keycloak, is_nginx, writes};

/// What is known of an image.
pub struct KnownImage {
    /// The last part of its name.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// A tag that is known to exist.
    tag: &'static str,
    /// Where clients go.
    pub port: u16,
    /// Ports for people, or for other members of a cluster: their names and numbers.
    pub others: &'static [(&'static str, u16)],
    /// The folder with all that it keeps.
    pub data: &'static str,
    /// Scheme of its connection strings.
    scheme: &'static str,
    /// The variable with the login's name; empty where the image has a login of its own.
    pub user: &'static str,
    /// Variables with a login's password, the first of which is that of `user`.
    pub passwords: &'static [&'static str],
    /// Variables one of which it does not start without, the first of which is the one to write; empty if it starts anyhow.
    pub needs: &'static [&'static str],
    /// User and password that it starts with where nobody names both; empty if there is no such login.
    pub built_in: &'static str,
    /// What its entry point starts, where a command of one's own can take its place.
    pub program: Option<&'static str>,
    /// True if it reads a password from the file that the variable with `_FILE` behind its name has the path of.
    pub reads_files: bool,
    /// Numeric user and group of the official image.
    owner: &'static str,
    /// Further keys of a backing service that runs it, in one line.
    more: &'static str,
}

/// What MariaDB asks for, by its own names and by MySQL's.
const MARIADB: &[&str] = &[
    "MARIADB_ROOT_PASSWORD",
    "MARIADB_ROOT_PASSWORD_HASH",
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
    "MARIADB_RANDOM_ROOT_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "MYSQL_ALLOW_EMPTY_PASSWORD",
    "MYSQL_RANDOM_ROOT_PASSWORD",
];

const IMAGES: [KnownImage; 15] = [
    KnownImage {
        name: "rabbitmq",
        title: "RabbitMQ",
        tag: "4.1",
        port: 5672,
        others: &[("management", 15672), ("metrics", 15692), ("streams", 5552), ("nodes", 25672)],
        data: "/var/lib/rabbitmq",
        scheme: "amqp",
        user: "RABBITMQ_DEFAULT_USER",
        passwords: &["RABBITMQ_DEFAULT_PASS"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: false,
        owner: "999:999",
        more: "health: {command: [rabbitmq-diagnostics, -q, check_port_connectivity], interval: 30s, timeout: 20s}",
    },
    KnownImage {
        name: "mysql",
        title: "MySQL",
        tag: "8.4",
        port: 3306,
        others: &[("x-protocol", 33060)],
        data: "/var/lib/mysql",
        scheme: "mysql",
        user: "MYSQL_USER",
        passwords: &["MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"],
        needs: &["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"],
        built_in: "",
        program: None,
        reads_files: true,
        owner: "999:999",
        more: "health: {command: [mysqladmin, ping, -h, 127.0.0.1, --silent]}, resources: {limits: {cpu: 1, memory: 1Gi}}",
    },
    KnownImage {
        name: "mariadb",
        title: "MariaDB",
        tag: "11.4",
        port: 3306,
        others: &[],
        data: "/var/lib/mysql",
        scheme: "mysql",
        user: "MARIADB_USER",
        passwords: &["MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD", "MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"],
        needs: MARIADB,
        built_in: "",
        program: None,
        reads_files: true,
        owner: "999:999",
        more: "health: {command: [healthcheck.sh, --connect, --innodb_initialized]}, resources: {limits: {cpu: 1, memory: 1Gi}}",
    },
    KnownImage {
        name: "mongo",
        title: "MongoDB",
        tag: "8.0",
        port: 27017,
        others: &[],
        data: "/data/db",
        scheme: "mongodb",
        user: "MONGO_INITDB_ROOT_USERNAME",
        passwords: &["MONGO_INITDB_ROOT_PASSWORD"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: true,
        owner: "999:999",
        more: "health: {command: [mongosh, --quiet, --eval, \"db.runCommand('ping').ok\"], interval: 30s, timeout: 20s}, resources: {limits: {cpu: 1, memory: 1Gi}}",
    },
    KnownImage {
        name: "elasticsearch",
        title: "Elasticsearch",
        tag: "9.0.3",
        port: 9200,
        others: &[("nodes", 9300)],
        data: "/usr/share/elasticsearch/data",
        scheme: "http",
        user: "",
        passwords: &["ELASTIC_PASSWORD"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: true,
        owner: "1000:1000",
        more: "",
    },
    KnownImage {
        name: "opensearch",
        title: "OpenSearch",
        tag: "3.1.0",
        port: 9200,
        others: &[("nodes", 9300), ("performance", 9600)],
        data: "/usr/share/opensearch/data",
        scheme: "https",
        user: "",
        passwords: &["OPENSEARCH_INITIAL_ADMIN_PASSWORD"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: false,
        owner: "1000:1000",
        more: "",
    },
    KnownImage {
        name: "minio",
        title: "MinIO",
        tag: "RELEASE.2025-04-22T22-12-26Z",
        port: 9000,
        others: &[("console", 9001)],
        data: "/data",
        scheme: "http",
        user: "MINIO_ROOT_USER",
        passwords: &["MINIO_ROOT_PASSWORD"],
        needs: &[],
        built_in: "minioadmin",
        program: None,
        reads_files: true,
        owner: "1000:1000",
        more: "",
    },
    KnownImage {
        name: "clickhouse-server",
        title: "ClickHouse",
        tag: "25.8",
        port: 8123,
        others: &[],
        data: "/var/lib/clickhouse",
        scheme: "http",
        user: "CLICKHOUSE_USER",
        passwords: &["CLICKHOUSE_PASSWORD"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: true,
        owner: "101:101",
        more: "",
    },
    KnownImage {
        name: "influxdb",
        title: "InfluxDB",
        tag: "2.7",
        port: 8086,
        others: &[],
        data: "/var/lib/influxdb2",
        scheme: "http",
        user: "DOCKER_INFLUXDB_INIT_USERNAME",
        passwords: &["DOCKER_INFLUXDB_INIT_PASSWORD"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: true,
        owner: "1000:1000",
        more: "",
    },
    KnownImage {
        name: "meilisearch",
        title: "Meilisearch",
        tag: "v1.15",
        port: 7700,
        others: &[],
        data: "/meili_data",
        scheme: "http",
        user: "",
        passwords: &["MEILI_MASTER_KEY"],
        needs: &["MEILI_MASTER_KEY"],
        built_in: "",
        program: Some("meilisearch"),
        reads_files: false,
        owner: "1000:1000",
        more: "",
    },
    KnownImage {
        name: "typesense",
        title: "Typesense",
        tag: "29.0",
        port: 8108,
        others: &[("nodes", 8107)],
        data: "/data",
        scheme: "http",
        user: "",
        passwords: &["TYPESENSE_API_KEY"],
        needs: &["TYPESENSE_API_KEY"],
        built_in: "",
        program: None,
        reads_files: false,
        owner: "1000:1000",
        more: "",
    },
    KnownImage {
        name: "qdrant",
        title: "Qdrant",
        tag: "v1.15.1",
        port: 6333,
        others: &[("nodes", 6335)],
        data: "/qdrant/storage",
        scheme: "http",
        user: "",
        passwords: &["QDRANT__SERVICE__API_KEY"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: false,
        owner: "1000:1000",
        more: "",
    },
    KnownImage {
        name: "couchdb",
        title: "CouchDB",
        tag: "3.5",
        port: 5984,
        others: &[("nodes", 9100)],
        data: "/opt/couchdb/data",
        scheme: "http",
        user: "COUCHDB_USER",
        passwords: &["COUCHDB_PASSWORD"],
        needs: &["COUCHDB_PASSWORD"],
        built_in: "",
        program: None,
        reads_files: false,
        owner: "5984:5984",
        more: "",
    },
    KnownImage {
        name: "neo4j",
        title: "Neo4j",
        tag: "5.26",
        port: 7687,
        others: &[],
        data: "/data",
        scheme: "neo4j",
        user: "",
        passwords: &["NEO4J_AUTH"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: false,
        owner: "7474:7474",
        more: "",
    },
    KnownImage {
        name: "cassandra",
        title: "Cassandra",
        tag: "5.0",
        port: 9042,
        others: &[("nodes", 7000), ("management", 7199)],
        data: "/var/lib/cassandra",
        scheme: "cassandra",
        user: "",
        passwords: &["CASSANDRA_PASSWORD"],
        needs: &[],
        built_in: "",
        program: None,
        reads_files: false,
        owner: "999:999",
        more: "",
    },
];

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What is known of an image with this name, whatever its registry.
pub fn known(name: &str) -> Option<&'static KnownImage> {
    let last = last(name);
    IMAGES.iter().find(|image| image.name == last && !is_of_another(name))
}

/// Kinds of stores that have no word in the language and need no more than their image: what people call them, and what each says.
const PLAIN: [(&[&str], &str); 16] = [
    (&["memcached"], "image: {name: memcached, tag: \"1.6\"}, port: 11211"),
    (&["nats"], "image: {name: nats, tag: \"2.11\"}, port: 4222"),
    (&["valkey"], "image: {name: valkey/valkey, tag: \"8.1\"}, port: 6379, health: {command: [valkey-cli, ping]}"),
    (&["keydb"], "image: {name: eqalpha/keydb, tag: alpine_x86_64_v6.3.4}, port: 6379, health: {command: [keydb-cli, ping]}"),
    (&["dragonfly"], "image: {name: ghcr.io/dragonflydb/dragonfly, tag: v1.30.3}, port: 6379"),
    (
        &["elasticsearch", "elastic"],
        "image: {name: elasticsearch, tag: \"9.0.3\"}, port: 9200, env: {ES_SETTING_DISCOVERY_TYPE: single-node}, read_only: false, volumes: {data: {path: /usr/share/elasticsearch/data}}",
    ),
    (
        &["opensearch"],
        "image: {name: opensearchproject/opensearch, tag: \"3.1.0\"}, port: 9200, command: [opensearch, -Ediscovery.type=single-node], read_only: false, volumes: {data: {path: /usr/share/opensearch/data}}",
    ),
    (
        &["meilisearch", "meili"],
        "image: {name: getmeili/meilisearch, tag: v1.12}, port: 7700, volumes: {data: {path: /meili_data}}, \
         health: {command: [curl, --fail, --silent, --output, /dev/null, \"http://127.0.0.1:7700/health\"]}",
    ),
    (&["typesense"], "image: {name: typesense/typesense, tag: \"28.0\"}, port: 8108, env: {TYPESENSE_DATA_DIR: /data}, volumes: {data: {path: /data}}"),
    (
        &["minio", "s3"],
        "image: {name: minio/minio, tag: RELEASE.2025-04-22T22-12-26Z}, command: [server, /data], port: 9000, volumes: {data: {path: /data}}, health: {command: [mc, ready, local]}",
    ),
    (&["clickhouse"], "image: {name: clickhouse/clickhouse-server, tag: \"25.8\"}, port: 8123, volumes: {data: {path: /var/lib/clickhouse}}"),
    (
        &["influxdb", "influx"],
        "image: {name: influxdb, tag: \"2.7\"}, port: 8086, health: {command: [influx, ping]}, volumes: {data: {path: /var/lib/influxdb2}}",
    ),
    (&["kafka"], "image: {name: apache/kafka, tag: \"4.0.0\"}, port: 9092, volumes: {data: {path: /var/lib/kafka/data}}"),
    (&["qdrant"], "image: {name: qdrant/qdrant, tag: v1.14.1}, port: 6333, volumes: {data: {path: /qdrant/storage}}"),
    (&["mailpit", "mailhog", "smtp"], "image: {name: axllent/mailpit, tag: v1.26}, port: 1025"),
    (&["mosquitto", "mqtt"], "image: {name: eclipse-mosquitto, tag: \"2.0\"}, port: 1883, volumes: {data: {path: /mosquitto/data}}"),
];

/// Images that start as root and change nothing: what they keep is in a folder of root's.
const AS_ROOT: [&str; 2] = ["minio", "meilisearch"];

/// Images that are no stores, and whose number is known.
const USERS: [(&str, &str); 5] =
    [("keycloak", "1000:1000"), ("n8n", "1000:1000"), ("nginx-unprivileged", "101:101"), ("node", "1000:1000"), ("prometheus", "65534:65534")];

/// True for an image whose folder of data belongs to root.
pub fn keeps_as_root(name: &str) -> bool {
    AS_ROOT.contains(&last(name)) && !is_of_another(name)
}

/// The number of the user that an image has for its program, and its group.
pub fn user(name: &str) -> Option<&'static str> {
    let store = known(name).filter(|_| !keeps_as_root(name)).map(|image| image.owner);
    let last = last(name);
    store.or_else(|| USERS.iter().find(|(known, _)| *known == last && !is_of_another(name)).map(|(_, user)| *user))
}

/// Images of other makers have other variables, folders and users.
fn is_of_another(name: &str) -> bool {
    name.contains("bitnami") || name.contains("linuxserver")
}

/// What a backing service that is called `store` says in place of a kind that the language does not have, and the entries of the section
/// `secrets` that belong to it.
pub fn by_kind(kind: &str, store: &str, written: &Written) -> Option<(String, String)> {
    let name = match kind {
        "mongodb" => "mongo",
        "rabbit" | "amqp" => "rabbitmq",
        _ => kind,
    };
    let whole = IMAGES.iter().find(|image| image.name == name).and_then(|image| image.snippet(store, written));
    let plain = || PLAIN.iter().find(|(words, _)| words.contains(&kind)).map(|(_, keys)| (format!("{{kind: image, {keys}}}"), String::new()));
    whole.or_else(plain)
}

/// What somebody wrote of a store already, in his own words.
#[derive(Default)]
pub struct Written {
    /// Name of its database.
    pub database: Option<String>,
    /// Name of the user.
    pub user: Option<String>,
    /// Number of the container's user.
    pub owner: Option<String>,
    /// Name and tag of its image.
    pub image: Option<(String, String)>,
    /// Further ports, as a map in one line.
    pub ports: Option<String>,
    /// Size of its volume.
    pub storage: Option<String>,
    /// Release of the program, which is a tag of its image.
    pub version: Option<String>,
    /// CPU and memory, as a map in one line.
    pub resources: Option<String>,
}

impl KnownImage {
    /// Variables with the name of the database that it makes; empty where it makes none, or any.
    pub fn databases(&self) -> &'static [&'static str] {
        match self.name {
            "mysql" => &["MYSQL_DATABASE"],
            "mariadb" => &["MARIADB_DATABASE", "MYSQL_DATABASE"],
            _ => &[],
        }
    }

    /// Variables with the name of the user that it makes beside its own.
    pub fn users(&self) -> &'static [&'static str] {
        match self.name {
            "mysql" => &["MYSQL_USER"],
            "mariadb" => &["MARIADB_USER", "MYSQL_USER"],
            _ => &[],
        }
    }

    /// What a backing service of this name has to say, in one line, and the entry of its secret in the profile's section; nothing where
    /// that is not known to work.
    pub fn snippet(&self, store: &str, written: &Written) -> Option<(String, String)> {
        if self.more.is_empty() {
            return None;
        }
        let prefix = store.to_ascii_uppercase().replace('-', "_");
        let or_app = |name: &Option<String>| name.clone().unwrap_or_else(|| "app".to_owned());
        let (user, database) = (or_app(&written.user), or_app(&written.database));
        let mut env = format!("{}: {user}", self.user);
        let mut secrets = format!("{prefix}_PASSWORD: {{as: {}}}", self.passwords[0]);
        let mut declared = format!("{prefix}_PASSWORD: {{{}}}", if self.reads_files { "" } else { "deliver: env" });
        let path = match self.name {
            // Its data are in a folder named after the node, which is the container unless told.
            "rabbitmq" => {
                env += ", RABBITMQ_NODENAME: \"rabbit@localhost\"";
                String::new()
            }
            "mongo" => format!(", path: \"{}?authSource=admin\"", written.database.as_deref().unwrap_or_default()),
            _ => {
                env = format!("{}: {database}, {env}", self.user.replace("USER", "DATABASE"));
                secrets += &format!(", {prefix}_ROOT_PASSWORD: {{as: {}}}", self.passwords[1]);
                declared += &format!(", {prefix}_ROOT_PASSWORD: {{}}");
                format!(", path: {database}")
            }
        };
        let folders: Vec<String> = writes(self.name).iter().map(|(folder, size)| format!("{folder}: {size}")).collect();
        let tmpfs = if folders.is_empty() { String::new() } else { format!(", tmpfs: {{{}}}", folders.join(", ")) };
        let more = match (&written.resources, self.more.split_once(", resources: ")) {
            (Some(resources), Some((health, _))) => format!("{health}{tmpfs}, resources: {resources}"),
            (Some(resources), None) => format!("{}{tmpfs}, resources: {resources}", self.more),
            (None, _) => format!("{}{tmpfs}", self.more),
        };
        let size = written.storage.as_ref().map(|size| format!(", size: {size}")).unwrap_or_default();
        let of_image = written.image.as_ref().map(|(name, tag)| (name.as_str(), format!("\"{tag}\"")));
        let tag = of_image.as_ref().map(|(_, tag)| tag.clone()).or(written.version.clone()).unwrap_or_else(|| format!("\"{}\"", self.tag));
        let ports = written.ports.as_ref().map(|ports| format!(", ports: {ports}")).unwrap_or_default();
        let snippet = format!(
            "{{kind: image, image: {{name: {}, tag: {}}}, user: \"{}\", port: {}{ports}, url: {{scheme: {}, user: {user}, password: {prefix}_PASSWORD{path}}}, {more}, \
             env: {{{env}}}, secrets: {{{secrets}}}, volumes: {{data: {{path: {}{size}}}}}}}",
            of_image.as_ref().map_or(self.name, |(name, _)| *name),
            tag,
            written.owner.as_deref().unwrap_or(self.owner),
            self.port,
            self.scheme,
            self.data
        );
        Some((snippet, declared))
    }

    /// What a backing service of this name lacks for a connection string: what there is already is the user's name and the secret with
    /// the password.
    pub fn login(&self, store: &str, user: Option<&str>, password: Option<&str>) -> String {
        let made = format!("{}_PASSWORD", store.to_ascii_uppercase().replace('-', "_"));
        let (name, secret) = (user.unwrap_or("app"), password.unwrap_or(&made));
        if self.user.is_empty() {
            return format!(
                "at `{store}`, write `url: {{scheme: {}}}`; with a login, its `user` and the secret with its `password` belong there, too",
                self.scheme
            );
        }
        let mut help = format!("at `{store}`, write `url: {{scheme: {}, user: {name}, password: {secret}}}`", self.scheme);
        if user.is_none() {
            help += &format!(", `env: {{{}: {name}}}`", self.user);
        }
        if password.is_none() {
            let deliver = if self.reads_files { "" } else { "deliver: env" };
            help += &format!(" and `secrets: {{{secret}: {{as: {}}}}}`, and in the section `secrets` `{secret}: {{{deliver}}}`", self.passwords[0]);
        }
        help
    }

    /// True for a command that starts the server, and none of the other programs that the image has.
    pub fn is_started_by(&self, command: &[String]) -> bool {
        let first = command.first().map(|word| word.rsplit('/').next().unwrap_or(word)).unwrap_or_default();
        if self.name == "minio" {
            return command.iter().flat_map(|arg| arg.split_whitespace()).any(|word| word == "server");
        }
        first.starts_with('-') || first == self.name || first.strip_suffix('d') == Some(self.name) || self.program == Some(first)
    }

    /// What its health check is, where one is known to work in its image.
    pub fn health(&self) -> Option<&'static str> {
        let end = self.more.find("}, ").map_or(self.more.len(), |end| end + 1);
        Some(&self.more[..end]).filter(|health| health.starts_with("health: "))
    }
}
