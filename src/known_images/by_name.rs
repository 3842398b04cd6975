//! What is known of images by their names: whose language they speak, and where they write.

use super::{is_of_another, last};

/// Folders that programs of images write to besides their data, and how large they are in memory: where all is read-only, and such a
/// folder is not there, the program ends.
const WRITES: [(&str, &[(&str, &str)]); 8] = [
    ("httpd", &[("/usr/local/apache2/logs", "1Mi")]),
    ("mariadb", &[("/run/mysqld", "1Mi")]),
    ("mysql", &[("/var/run/mysqld", "1Mi")]),
    ("pgvector", &[("/var/run/postgresql", "1Mi")]),
    ("postgis", &[("/var/run/postgresql", "1Mi")]),
    ("postgres", &[("/var/run/postgresql", "1Mi")]),
    ("timescaledb", &[("/var/run/postgresql", "1Mi")]),
    ("timescaledb-ha", &[("/var/run/postgresql", "1Mi")]),
];

/// The folders in memory that an image needs where it may write to nothing else, with their sizes; empty where none is known.
pub fn writes(name: &str) -> &'static [(&'static str, &'static str)] {
    let last = last(name);
    WRITES.iter().find(|(known, _)| *known == last && !is_of_another(name)).map_or(&[], |(_, folders)| folders)
}

/// True for the image of nginx that its makers call the official one: it starts as root, and listens on port 80.
pub fn is_nginx(name: &str) -> bool {
    ["nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx"].contains(&name)
}

/// True for the image of Keycloak that its makers publish: it reads variables alone, and has a shell but no client of HTTP.
pub fn is_keycloak(name: &str) -> bool {
    name == "keycloak/keycloak" || name.ends_with("/keycloak/keycloak")
}

/// Whose language databases and caches speak, by the last parts of the names of their images.
const FAMILIES: [(Family, &[&str]); 5] = [
    (Family::MySql, &["mysql", "mysql-server", "mariadb", "mariadb-galera", "percona", "percona-server", "percona-xtradb-cluster"]),
    (Family::Postgres, &["postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"]),
    (Family::Mongo, &["mongo", "mongodb", "mongodb-community-server", "percona-server-mongodb", "ferretdb"]),
    (Family::Redis, &["redis", "valkey", "keydb", "dragonfly", "redis-stack", "redis-stack-server"]),
    (Family::Other, &["rabbitmq", "memcached", "nats", "kafka", "elasticsearch", "opensearch", "minio", "meilisearch", "typesense", "mailpit"]),
];

/// Whose language a store speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// MySQL's, as MariaDB does.
    MySql,
    /// PostgreSQL's.
    Postgres,
    /// MongoDB's.
    Mongo,
    /// Redis'.
    Redis,
    /// One of its own, and it is no database that applications call theirs.
    Other,
}

impl Family {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::MySql => "MySQL",
            Self::Postgres => "PostgreSQL",
            Self::Mongo => "MongoDB",
            Self::Redis => "Redis",
            Self::Other => "another program",
        }
    }
}

impl Family {
    /// The program that writes all that a database has into a file, where it is one of those.
    pub fn dump(self) -> Option<&'static str> {
        match self {
            Self::MySql => Some("mysqldump"),
            Self::Postgres => Some("pg_dump"),
            Self::Mongo => Some("mongodump"),
            Self::Redis | Self::Other => None,
        }
    }
}

/// The family of an image; `None` where it is not known.
pub fn family(name: &str) -> Option<Family> {
    let last = last(name);
    FAMILIES.iter().find(|(_, names)| names.contains(&last)).map(|(family, _)| *family)
}
