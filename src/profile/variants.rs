//! Which keys of a map depend on another key of it, for editors: what the value of one key rules out is not offered, and what it makes
//! necessary is missed. `crate::stack` refuses the same, with words of its own.

use serde_json::{Map, Value, json};

/// When a rule holds.
#[derive(Clone, Copy)]
enum When {
    /// The key has this value.
    Is(&'static str, &'static str),
    /// The key has no such value, or is not written.
    IsNot(&'static str, &'static str),
    /// The key is written.
    Has(&'static str),
    /// The key is not written.
    Lacks(&'static str),
}

impl When {
    fn condition(self) -> Value {
        match self {
            Self::Is(key, value) => json!({ "properties": { key: { "const": value } }, "required": [key] }),
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
    /// The first that holds decides; with none, there are all keys.
    cases: &'static [(When, &'static [&'static str])],
}

use When::{Has, Is, IsNot, Lacks};

const RUNS_ON: &[&str] = &["schedule", "deadline"];
const ENDS: &[&str] = &["run", "port", "publish", "ports", "aliases", "health", "replicas", "autoscale", "singleton"];
const ENDS_AT_ONCE: &[&str] = &["schedule", "run", "port", "publish", "ports", "aliases", "health", "replicas", "autoscale", "singleton"];
const OWN: &[&str] = &["host", "port", "tls", "addresses"];
const OWN_DOCKERFILE: &[&str] = &["runtime", "version", "package_manager", "package_manager_version", "include", "system_packages", "build_packages"];
const OF_POSTGRES: &[&str] =
    &["version", "image", "user_id", "settings", "extensions", "databases", "files", "storage", "volume", "backup", "resources", "publish", "kubernetes"];
const OF_REDIS: &[&str] =
    &["version", "image", "user_id", "settings", "max_memory", "eviction", "persistence", "storage", "volume", "resources", "publish", "kubernetes"];
const OF_A_SERVICE: &[&str] = &["files", "volume", "redirect", "cache", "fallback", "permanent"];
const OF_FILES: &[&str] = &["service", "redirect", "permanent", "port", "grpc", "strip_prefix", "websocket", "streaming", "body_size", "rate_limit", "timeout"];
const OF_A_REDIRECT: &[&str] =
    &["service", "files", "volume", "cache", "fallback", "port", "grpc", "strip_prefix", "websocket", "streaming", "body_size", "rate_limit", "timeout"];

const VALUE: &[(When, &[&str])] = &[(Has("from"), &["param"]), (Has("param"), &["from", "deliver", "scheme", "path"])];

/// Inner maps first: a map is moved with all that is in it.
const MAPS: [Variants; 10] = [
    Variants { name: "variable", pointer: "/properties/services/additionalProperties/properties/env/additionalProperties", cases: VALUE },
    Variants { name: "variable", pointer: "/properties/env_groups/additionalProperties/additionalProperties", cases: VALUE },
    Variants { name: "variable", pointer: "/properties/backing_services/additionalProperties/allOf/2/then/properties/env/additionalProperties", cases: VALUE },
    Variants {
        name: "build",
        pointer: "/properties/services/additionalProperties/properties/build",
        cases: &[(Has("dockerfile"), OWN_DOCKERFILE), (Has("runtime"), &["dockerfile", "target"])],
    },
    Variants {
        name: "volume",
        pointer: "/properties/services/additionalProperties/properties/volumes/additionalProperties",
        cases: &[(Has("host"), &["size", "external"]), (Has("external"), &["size", "host"]), (Has("size"), &["host", "external"])],
    },
    Variants {
        name: "file",
        pointer: "/properties/services/additionalProperties/properties/files/additionalProperties",
        cases: &[(Has("source"), &["text", "mode"]), (Has("text"), &["source"])],
    },
    Variants {
        name: "service",
        pointer: "/properties/services/additionalProperties",
        cases: &[(Is("kind", "web"), RUNS_ON), (Is("kind", "worker"), RUNS_ON), (Is("kind", "cron"), ENDS), (Is("kind", "release"), ENDS_AT_ONCE)],
    },
    Variants {
        name: "postgres",
        pointer: "/properties/backing_services/additionalProperties/allOf/0/then",
        cases: &[(Is("mode", "managed"), OF_POSTGRES), (Is("mode", "self_hosted"), OWN)],
    },
    Variants {
        name: "redis",
        pointer: "/properties/backing_services/additionalProperties/allOf/1/then",
        cases: &[(Is("mode", "managed"), OF_REDIS), (Is("mode", "self_hosted"), OWN)],
    },
    Variants {
        name: "route",
        pointer: "/properties/edge/properties/hosts/additionalProperties/properties/routes/additionalProperties",
        cases: &[(Has("service"), OF_A_SERVICE), (Has("files"), OF_FILES), (Has("volume"), OF_FILES), (Has("redirect"), OF_A_REDIRECT)],
    },
];

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
            // The key that decides is described beside its variants.
            _ if tag == Some(key) => json!({}),
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
    let form = |without: &[&str]| {
        let keys: Map<String, Value> = keys.iter().filter(|(key, _)| !without.contains(key)).map(|(key, shown)| ((*key).to_owned(), shown.clone())).collect();
        json!({ "properties": keys, "patternProperties": { "^x-": {} }, "additionalProperties": false })
    };
    let chain =
        map.cases.iter().rev().fold(form(&[]), |otherwise, (when, without)| json!({ "if": when.condition(), "then": form(without), "else": otherwise }));
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
