//! Which keys of a map depend on another key of it, for editors: what the value of one key rules out is not offered, and what it makes
//! necessary is missed. `crate::stack` refuses the same keys, with words of its own.

use serde_json::{Map, Value, json};

/// When a rule holds.
#[derive(Clone, Copy)]
enum When {
    /// The key has this value.
    Is(&'static str, &'static str),
    /// The key has no such value, or is not written.
    IsNot(&'static str, &'static str),
    /// The key is true.
    Says(&'static str),
    /// The key is written.
    Has(&'static str),
    /// The key is not written.
    Lacks(&'static str),
}

impl When {
    const fn key(self) -> &'static str {
        match self {
            Self::Is(key, _) | Self::IsNot(key, _) | Self::Says(key) | Self::Has(key) | Self::Lacks(key) => key,
        }
    }

    fn condition(self) -> Value {
        match self {
            Self::Is(key, value) => json!({ "properties": { key: { "const": value } }, "required": [key] }),
            Self::Says(key) => json!({ "properties": { key: { "const": true } }, "required": [key] }),
            Self::Has(key) => json!({ "required": [key] }),
            Self::IsNot(key, value) => json!({ "not": Self::Is(key, value).condition() }),
            Self::Lacks(key) => json!({ "not": Self::Has(key).condition() }),
        }
    }
}

/// A map whose keys exclude each other.
struct Variants {
    /// Its name among the definitions.
    name: &'static str,
    /// Where the schema has it.
    pointer: &'static str,
    /// The first that holds decides which keys there are not; with none, there are all. The key that decides stays.
    cases: &'static [(When, &'static [Keys])],
}

use When::{Has, Is, IsNot, Lacks, Says};

/// Keys that belong together.
pub type Keys = &'static [&'static str];

/// What only a service with a schedule has.
pub const OF_A_SCHEDULE: Keys = &["schedule"];
/// What only a service that ends by itself has.
pub const OF_WHAT_ENDS: Keys = &["deadline"];
/// What only a service that keeps running has.
pub const OF_WHAT_RUNS_ON: Keys = &["run", "port", "publish", "ports", "aliases", "health", "replicas", "autoscale", "singleton"];
/// What a Dockerfile of the repository decides.
pub const OF_A_RENDERED_BUILD: Keys = &["runtime", "version", "package_manager", "package_manager_version", "include", "system_packages", "build_packages"];
/// What only a Dockerfile of the repository has.
pub const OF_AN_OWN_BUILD: Keys = &["dockerfile", "target"];
/// What only a server of somebody else has.
pub const OF_A_MANAGED_SERVER: Keys = &["host", "port", "tls", "addresses"];
/// What only a PostgreSQL that runs here has.
pub const OF_POSTGRES_HERE: Keys =
    &["version", "image", "user_id", "settings", "extensions", "databases", "files", "storage", "volume", "backup", "resources", "publish", "kubernetes"];
/// What only a Redis that runs here has.
pub const OF_REDIS_HERE: Keys =
    &["version", "image", "user_id", "settings", "max_memory", "eviction", "persistence", "storage", "volume", "resources", "publish", "kubernetes"];
/// What answers for a route: one of them.
pub const ANSWERS: Keys = &["service", "files", "volume", "redirect"];
/// What only a route to a service has.
pub const OF_A_SERVICE: Keys = &["port", "grpc", "strip_prefix", "websocket", "streaming", "body_size", "rate_limit", "timeout"];
/// What only a route to files has.
pub const OF_FILES: Keys = &["cache", "fallback"];
/// What only a redirection has.
pub const OF_A_REDIRECT: Keys = &["permanent"];

/// What only an Ingress has.
pub const OF_AN_INGRESS: Keys = &["ingress_class", "ingress_controller", "cluster_issuer"];

/// A check that does not ask by TCP may say so, to end what it inherits.
const HEALTH: &[(When, &[Keys])] = &[(Says("tcp"), &[&["ready", "grpc"]]), (Has("ready"), &[&["grpc"]]), (Has("grpc"), &[&["ready"]])];
const VALUE: &[(When, &[Keys])] = &[(Has("from"), &[&["param"]]), (Has("param"), &[&["from", "deliver", "scheme", "path"]])];

/// Inner maps first: a map is moved with all that is in it.
const MAPS: [Variants; 14] = [
    Variants { name: "variable", pointer: "/properties/services/additionalProperties/properties/env/additionalProperties", cases: VALUE },
    Variants { name: "variable", pointer: "/properties/env_groups/additionalProperties/additionalProperties", cases: VALUE },
    Variants { name: "variable", pointer: "/properties/backing_services/additionalProperties/allOf/2/then/properties/env/additionalProperties", cases: VALUE },
    Variants { name: "health", pointer: "/properties/services/additionalProperties/properties/health", cases: HEALTH },
    Variants { name: "health", pointer: "/properties/backing_services/additionalProperties/allOf/2/then/properties/health", cases: HEALTH },
    Variants {
        name: "secret",
        pointer: "/properties/secrets/additionalProperties",
        cases: &[(Is("source", "external"), &[&["generate"]]), (Has("generate"), &[&["source", "format"]])],
    },
    Variants {
        name: "cluster",
        pointer: "/properties/targets/properties/kubernetes",
        cases: &[
            (Has("gateway"), &[OF_AN_INGRESS]),
            (Has("ingress_class"), &[&["gateway"]]),
            (Has("ingress_controller"), &[&["gateway"]]),
            (Has("cluster_issuer"), &[&["gateway"]]),
        ],
    },
    Variants {
        name: "build",
        pointer: "/properties/services/additionalProperties/properties/build",
        cases: &[(Has("dockerfile"), &[OF_A_RENDERED_BUILD]), (Has("runtime"), &[OF_AN_OWN_BUILD])],
    },
    Variants {
        name: "volume",
        pointer: "/properties/services/additionalProperties/properties/volumes/additionalProperties",
        cases: &[(Has("host"), &[VOLUME]), (Has("external"), &[VOLUME]), (Has("size"), &[VOLUME])],
    },
    Variants {
        name: "file",
        pointer: "/properties/services/additionalProperties/properties/files/additionalProperties",
        cases: &[(Has("source"), &[&["text", "mode"]]), (Has("text"), &[&["source"]])],
    },
    Variants {
        name: "service",
        pointer: "/properties/services/additionalProperties",
        cases: &[
            (Is("kind", "web"), &[OF_A_SCHEDULE, OF_WHAT_ENDS]),
            (Is("kind", "worker"), &[OF_A_SCHEDULE, OF_WHAT_ENDS]),
            (Is("kind", "cron"), &[OF_WHAT_RUNS_ON]),
            (Is("kind", "release"), &[OF_A_SCHEDULE, OF_WHAT_RUNS_ON]),
        ],
    },
    Variants {
        name: "postgres",
        pointer: "/properties/backing_services/additionalProperties/allOf/0/then",
        cases: &[(Is("mode", "managed"), &[OF_POSTGRES_HERE]), (Is("mode", "self_hosted"), &[OF_A_MANAGED_SERVER])],
    },
    Variants {
        name: "redis",
        pointer: "/properties/backing_services/additionalProperties/allOf/1/then",
        cases: &[(Is("mode", "managed"), &[OF_REDIS_HERE]), (Is("mode", "self_hosted"), &[OF_A_MANAGED_SERVER])],
    },
    Variants {
        name: "route",
        pointer: "/properties/edge/properties/hosts/additionalProperties/properties/routes/additionalProperties",
        cases: &[
            (Has("service"), &[ANSWERS, OF_FILES, OF_A_REDIRECT]),
            (Has("files"), &[ANSWERS, OF_A_SERVICE, OF_A_REDIRECT]),
            (Has("volume"), &[ANSWERS, OF_A_SERVICE, OF_A_REDIRECT]),
            (Has("redirect"), &[ANSWERS, OF_A_SERVICE, OF_FILES]),
        ],
    },
];

const VOLUME: Keys = &["size", "host", "external"];

/// What a whole profile needs: a map (`*` stands for any name), the conditions on it, and the key that it needs then.
const NEEDS: [(&[&str], &[When], &str); 15] = [
    (&["services", "*"], &[Lacks("like")], "image"),
    (&["services", "*"], &[Is("kind", "web")], "port"),
    (&["services", "*"], &[Is("kind", "worker"), Has("run")], "port"),
    (&["services", "*"], &[Is("kind", "worker"), Has("publish")], "port"),
    (&["services", "*"], &[Is("kind", "cron")], "schedule"),
    (&["services", "*", "build"], &[Lacks("dockerfile"), Lacks("runtime")], "runtime"),
    (&["services", "*", "build"], &[Has("runtime")], "version"),
    (&["services", "*", "files", "*"], &[Lacks("source"), Lacks("text")], "text"),
    (&["edge", "hosts", "*", "routes", "*"], &[Lacks("service"), Lacks("files"), Lacks("volume"), Lacks("redirect")], "service"),
    (&["backing_services", "*"], &[Is("kind", "postgres"), Is("mode", "managed")], "host"),
    (&["backing_services", "*"], &[Is("kind", "postgres"), Is("mode", "managed")], "database"),
    (&["backing_services", "*"], &[Is("kind", "postgres"), Is("mode", "managed")], "user"),
    (&["backing_services", "*"], &[Is("kind", "redis"), Is("mode", "managed")], "host"),
    (&["backing_services", "*"], &[Is("kind", "postgres"), IsNot("mode", "managed")], "version"),
    (&["backing_services", "*"], &[Is("kind", "redis"), IsNot("mode", "managed")], "version"),
];

/// The maps of a schema with a form for each variant. What they have in common stands once, in its `definitions`.
///
/// # Panics
/// Never for a schema that the tests have seen: it is made from types alone.
pub fn split(document: &mut Value) {
    // A profile that extends others inherits what decides, too: there, what any variant has is offered.
    if let Some(untagged) = untagged(document) {
        document["then"] = untagged;
    }
    let mut definitions = Map::new();
    for map in &MAPS {
        let whole = document.pointer_mut(map.pointer).expect("internal error: the schema has no such map");
        *whole = forms(map, whole, &mut definitions);
    }
    document["definitions"] = definitions.into();
}

/// The tagged unions of a schema whose tag is not written: each has the keys of all its variants.
fn untagged(schema: &Value) -> Option<Value> {
    let variants = schema["allOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let decides = |variant: &'_ Value| {
        variant["if"]["properties"].as_object().and_then(|tag| tag.iter().next()).map(|(tag, value)| (tag.clone(), value["const"].clone()))
    };
    if let Some((tag, _)) = variants.first().and_then(decides) {
        let mut keys: Map<String, Value> = Map::new();
        for (variant, (_, value)) in variants.iter().filter_map(|variant| Some((variant, decides(variant)?))) {
            for (key, schema) in variant["then"]["properties"].as_object().into_iter().flatten() {
                let text = |schema: &Value| schema["description"].as_str().unwrap_or_default().to_owned();
                let shape = |schema: &Value| match schema.as_object().cloned() {
                    Some(mut schema) => {
                        schema.retain(|key, _| !["description", "markdownDescription", "examples"].contains(&key.as_str()));
                        schema
                    }
                    None => Map::new(),
                };
                match keys.get(key) {
                    None => drop(keys.insert(key.clone(), schema.clone())),
                    Some(known) if known == schema => {}
                    // What it may be depends on the variant, which another file says.
                    Some(known) => {
                        let both = format!("{}\n\nOf `{}`: {}", text(known), value.as_str().unwrap_or_default(), text(schema));
                        let same = shape(known) == shape(schema);
                        let mut either = if same { shape(known) } else { Map::from_iter([("type".to_owned(), known["type"].clone())]) };
                        either.insert("description".into(), both.clone().into());
                        either.insert("markdownDescription".into(), both.into());
                        keys.insert(key.clone(), either.into());
                    }
                }
            }
        }
        let form = json!({ "properties": keys, "patternProperties": { "^x-": {} }, "additionalProperties": false });
        return Some(json!({ "if": { "not": { "required": [tag] } }, "then": form }));
    }
    let below = |schema: &Value| schema.as_object().into_iter().flatten().filter_map(|(key, schema)| Some((format!("^{key}$"), untagged(schema)?))).collect();
    let mut patterns: Map<String, Value> = below(&schema["properties"]);
    let any = schema.get("additionalProperties").and_then(untagged);
    if patterns.is_empty() && any.is_none() {
        return None;
    }
    let mut found = Map::new();
    if let Some(any) = any {
        patterns.insert("^x-".into(), json!({}));
        found.insert("additionalProperties".into(), any);
    }
    found.insert("patternProperties".into(), patterns.into());
    Some(found.into())
}

/// What a map is in each case.
fn forms(map: &Variants, whole: &Value, definitions: &mut Map<String, Value>) -> Value {
    let tag = map.cases.iter().find_map(|(when, _)| if let Is(key, _) = when { Some(*key) } else { None });
    let mut keys: Vec<(&str, Value)> = Vec::new();
    for (key, schema) in whole["properties"].as_object().into_iter().flatten() {
        let shown = match schema["type"].as_str() {
            // The key that decides is described, and offered, beside its variants.
            _ if tag == Some(key) => json!({ "doNotSuggest": true }),
            // Editors call a value by the last word of such a reference: "expected object" is what they should say.
            Some(kind) => {
                let name = format!("{}.{key}", map.name);
                let place = format!("#/definitions/{name}/definitions/{kind}");
                definitions.insert(name, json!({ "definitions": { kind: schema } }));
                json!({ "$ref": place })
            }
            None => schema.clone(),
        };
        keys.push((key, shown));
    }
    let form = |without: &[Keys], decides: &str| {
        let is_there = |key: &str| key == decides || !without.iter().any(|keys| keys.contains(&key));
        let keys: Map<String, Value> = keys.iter().filter(|(key, _)| is_there(key)).map(|(key, shown)| ((*key).to_owned(), shown.clone())).collect();
        json!({ "properties": keys, "patternProperties": { "^x-": {} }, "additionalProperties": false })
    };
    let chain = map
        .cases
        .iter()
        .rev()
        .fold(form(&[], ""), |otherwise, (when, without)| json!({ "if": when.condition(), "then": form(without, when.key()), "else": otherwise }));
    let mut split = whole.clone();
    for key in ["properties", "patternProperties", "additionalProperties"] {
        split.as_object_mut().and_then(|split| split.shift_remove(key));
    }
    if let Some(tag) = tag {
        split["properties"] = json!({ tag: whole["properties"][tag] });
    }
    // Closed by its variants.
    split["additionalProperties"] = json!(true);
    for (key, value) in chain.as_object().into_iter().flatten() {
        split[key] = value.clone();
    }
    split
}

/// Adds to what a whole profile requires what only some of its parts do.
pub fn require(whole: &mut Value) {
    for (path, conditions, key) in NEEDS {
        let mut map = &mut *whole;
        for part in path {
            if *part == "*" {
                map["patternProperties"]["^x-"] = json!({});
                map = &mut map["additionalProperties"];
            } else {
                map = &mut map["patternProperties"][format!("^{part}$")];
            }
            if map.is_null() {
                *map = json!({});
            }
        }
        let conditions: Vec<Value> = conditions.iter().map(|when| when.condition()).collect();
        if map["allOf"].is_null() {
            map["allOf"] = json!([]);
        }
        if let Value::Array(list) = &mut map["allOf"] {
            list.push(json!({ "if": { "allOf": conditions }, "then": { "required": [key] } }));
        }
    }
}
