//! An extension of PostgreSQL that the official image does not bring.

use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::key_path::KeyPath;
use crate::stack::{Backing, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "extension-of-others",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "The official image of PostgreSQL does not bring an extension",
    why: "Extensions are made once, on an empty volume: where one is missing the server starts the next time without it and without what comes after it, and looks healthy.",
    instead: "Name an image that brings it: `image: {name: pgvector/pgvector, tag: pg17}`.",
    check,
};

/// What PostgreSQL's own sources hold, and the image installs. From 17 on there is no `adminpack`.
const BROUGHT: [&str; 46] = [
    "adminpack",
    "amcheck",
    "autoinc",
    "bloom",
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dblink",
    "dict_int",
    "dict_xsyn",
    "earthdistance",
    "file_fdw",
    "fuzzystrmatch",
    "hstore",
    "insert_username",
    "intagg",
    "intarray",
    "isn",
    "lo",
    "ltree",
    "moddatetime",
    "pageinspect",
    "pg_buffercache",
    "pg_freespacemap",
    "pg_prewarm",
    "pg_stat_statements",
    "pg_surgery",
    "pg_trgm",
    "pg_visibility",
    "pg_walinspect",
    "pgcrypto",
    "pgrowlocks",
    "pgstattuple",
    "plpgsql",
    "postgres_fdw",
    "refint",
    "seg",
    "sslinfo",
    "tablefunc",
    "tcn",
    "tsm_system_rows",
    "tsm_system_time",
    "unaccent",
    "uuid-ossp",
    "xml2",
];

fn check(stack: &Stack, found: &mut Findings) {
    for store in &stack.backing_services {
        let (Backing::Postgres { extensions, more, .. }, Some(server)) = (&store.kind, &store.server) else { continue };
        // Of another image nobody here knows what it brings.
        if !server.image.starts_with("postgres:") {
            continue;
        }
        let at = |keys: &[&str]| keys.iter().fold(KeyPath::of(&["backing_services", store.name.as_str()]), |path, key| path.key(*key)).key("extensions");
        let first = extensions.iter().enumerate().map(|(index, name)| (at(&[]).index(index), name));
        let others = more.iter().flat_map(|database| {
            let path = at(&["databases", database.name.as_str()]);
            database.extensions.iter().enumerate().map(move |(index, name)| (path.index(index), name))
        });
        for (path, name) in first.chain(others).filter(|(_, name)| !BROUGHT.contains(&name.as_str())) {
            let message = format!("the image `{}` does not bring the extension `{name}`", server.image);
            match nearest(name.as_str(), BROUGHT) {
                Some(near) => {
                    found.with_help(path, message, format!("Did you mean `{near}`? Otherwise name an image that brings it: `image: {{name: ..., tag: ...}}`."));
                }
                None => found.at(path, message),
            }
        }
    }
}
