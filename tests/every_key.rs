//! Every key of the profile language changes what is rendered: none is lost on the way to the files.

#[path = "support/in_process.rs"]
mod in_process;
mod support;

use in_process::{Files, Renderer, document, yaml_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::{assert_none, text_of};

/// Keys that say how a file is read (`tests/extends.rs` is about them), and one that decides only what is supported.
const OTHERS: [&str; 5] = ["version", "abstract", "extends[]", "remove[]", "targets.kubernetes.version"];

/// One value for each key, as a pointer into `tests/support/everything.yaml`, and another value for it. `null` removes the key.
fn changes() -> Vec<(&'static str, Value)> {
    vec![
        ("/project/name", json!("store")),
        ("/environment/kind", json!("staging")),
        ("/services/worker/kind", json!("release")),
        ("/services/nightly/like", json!("socket")),
        ("/services/worker/image/name", json!("example/other")),
        ("/services/worker/image/tag", json!("4")),
        ("/services/socket/build/version", json!("3.13")),
        ("/services/api/build/context", json!("other")),
        ("/services/api/build/include/0", json!("lib")),
        ("/services/api/build/system_packages/0", json!("libxml2")),
        ("/services/socket/run/server", json!("gunicorn")),
        ("/services/api/run/app", json!("src.other:app")),
        ("/services/api/run/workers", json!("auto")),
        ("/services/api/run/timeout", json!("41s")),
        ("/services/api/run/graceful_timeout", json!("21s")),
        ("/services/socket/run/reload", json!(true)),
        ("/services/worker/command/1", json!("--slow")),
        ("/services/api/port", json!(8002)),
        ("/services/socket/publish/port", json!(9001)),
        ("/services/socket/publish/address", json!("127.0.0.2")),
        ("/services/api/health/ready", json!("/healthz")),
        ("/services/api/health/live", json!("/alive")),
        ("/services/worker/health/command/1", json!("later")),
        ("/services/api/health/interval", json!("16s")),
        ("/services/api/health/timeout", json!("8s")),
        ("/services/api/health/retries", json!(5)),
        ("/services/api/health/start_period", json!("46s")),
        ("/services/api/replicas", json!(4)),
        ("/services/api/resources/requests/cpu", json!("600m")),
        ("/services/api/resources/requests/memory", json!("300Mi")),
        ("/services/api/resources/limits/cpu", json!(3)),
        ("/services/api/resources/limits/memory", json!("2Gi")),
        ("/services/api/env/TEXT", json!("another text")),
        ("/services/api/env/DATABASE_URL/from", json!("database.password")),
        ("/services/api/env/DATABASE_URL/deliver", json!("file")),
        ("/services/api/env_from/0", json!("other")),
        ("/services/api/secrets/KEY/as", json!("OTHER_KEY")),
        ("/services/api/depends_on/database", json!("started")),
        ("/services/api/egress/0", json!("192.0.2.7:25")),
        ("/services/nightly/schedule", json!("0 4 * * *")),
        ("/services/api/user", json!("10004")),
        ("/services/api/tmpfs/~1cache", json!("33Mi")),
        ("/services/api/stop_grace", json!("46s")),
        ("/backing_services/cache/kind", json!("postgres")),
        ("/backing_services/database/version", json!("18")),
        ("/backing_services/database/database", json!("other")),
        ("/backing_services/database/user", json!("other")),
        ("/backing_services/database/storage", json!("30Gi")),
        ("/backing_services/database/max_connections", json!(150)),
        ("/backing_services/database/resources/requests/cpu", json!("600m")),
        ("/backing_services/database/resources/requests/memory", json!("600Mi")),
        ("/backing_services/database/resources/limits/cpu", json!(2)),
        ("/backing_services/database/resources/limits/memory", json!("2Gi")),
        ("/backing_services/database/publish/port", json!(5433)),
        ("/backing_services/database/publish/address", json!("127.0.0.2")),
        ("/backing_services/cache/version", json!("8")),
        ("/backing_services/cache/max_memory", json!("100Mi")),
        ("/backing_services/cache/eviction", json!("noeviction")),
        ("/backing_services/cache/storage", json!("3Gi")),
        ("/edge/hosts/shop.example.com/routes/~1/service", json!("socket")),
        ("/edge/hosts/shop.example.com/routes/~1ws/websocket", json!(false)),
        ("/edge/hosts/shop.example.com/routes/~1static/files", json!("app/files")),
        ("/edge/hosts/shop.example.com/routes/~1static/cache", json!("8d")),
        ("/edge/tls/kind", json!("none")),
        ("/edge/body_size", json!("5m")),
        ("/edge/rate_limit/rate", json!("60/s")),
        ("/edge/rate_limit/burst", json!(80)),
        ("/edge/timeout", json!("55s")),
        ("/edge/hsts", json!("30d")),
        ("/edge/trusted_proxies/0", json!("192.168.0.0/16")),
        ("/env_groups/common/TZ", json!("Europe/Zurich")),
        ("/env_groups/common/PUBLIC_URL/from", json!("edge.host")),
        ("/env_groups/common/CACHE_URL/deliver", json!("env")),
        ("/secrets/KEY/description", json!("Signs tokens.")),
        ("/secrets/KEY/generate/length", json!(64)),
        ("/secrets/KEY/min_length", json!(33)),
        ("/secrets/KEY/required", json!(false)),
        ("/secrets/KEY/source", json!("external")),
        ("/secrets/KEY/deliver", json!("env")),
        ("/observability/logs/max_size", json!("30m")),
        ("/observability/logs/max_file", json!(4)),
        ("/targets/docker", Value::Null),
        ("/targets/compose/address", json!("192.0.2.2")),
        ("/targets/compose/http_port", json!(8081)),
        ("/targets/compose/https_port", json!(8444)),
        ("/targets/nginx/version", json!("1.26")),
        ("/targets/kubernetes/namespace", json!("other")),
        ("/targets/kubernetes/ingress_class", json!("private")),
        ("/targets/dotenv", Value::Null),
        ("/output/dir", json!("elsewhere")),
    ]
}

/// What else has to change so that a changed value makes sense.
fn adapt(profile: &mut Value, pointer: &str) {
    match pointer {
        "/services/worker/kind" => drop(profile["services"]["worker"].as_object_mut().expect("a map").shift_remove("health")),
        "/services/socket/run/server" => drop(profile["services"]["socket"]["run"].as_object_mut().expect("a map").shift_remove("reload")),
        "/services/api/env_from/0" => profile["env_groups"]["other"] = json!({"OTHER": "1"}),
        "/secrets/KEY/source" => drop(profile["secrets"]["KEY"].as_object_mut().expect("a map").shift_remove("generate")),
        "/backing_services/cache/kind" => profile["backing_services"]["cache"] = json!({"kind": "postgres", "version": "17"}),
        _ => {}
    }
}

fn everything() -> Value {
    document(&text_of("tests/support/everything.yaml"))
}

fn rendered(renderer: &mut Renderer, profile: &Value) -> Result<Files, String> {
    renderer.render(&yaml_of(profile)).map_err(|errors| errors.iter().map(|error| format!("{error:?}")).collect::<Vec<_>>().join("\n"))
}

#[test]
fn each_key_changes_a_file() {
    let mut renderer = Renderer::new();
    let before = rendered(&mut renderer, &everything()).unwrap_or_else(|errors| panic!("{errors}"));
    let mut failures = Vec::new();
    for (pointer, value) in changes() {
        let mut profile = everything();
        let old = profile.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in everything.yaml"));
        assert_ne!(*old, value, "{pointer}");
        if value.is_null() {
            let (above, key) = pointer.rsplit_once('/').expect("a key");
            profile.pointer_mut(above).and_then(Value::as_object_mut).expect("a map").shift_remove(key);
        } else {
            *old = value.clone();
        }
        adapt(&mut profile, pointer);
        match rendered(&mut renderer, &profile) {
            Ok(after) if after == before => failures.push(format!("{pointer}: {value} changes nothing")),
            Ok(_) => {}
            // What is built without it would come to nothing: that is its effect.
            Err(errors) if pointer == "/targets/docker" && errors.contains("`api` is built, but Dockerfiles are no target here") => {}
            Err(errors) => failures.push(format!("{pointer}: {value} is refused: {errors}")),
        }
    }
    assert_none(&failures);
}

#[test]
fn each_key_of_the_schema_is_among_them() {
    let schema = infragen::profile::schema::published();
    let mut keys = BTreeSet::new();
    leaves(&schema, "", &mut keys);
    let mut changed: BTreeSet<String> = changes().iter().map(|(pointer, _)| normal(&schema, pointer)).collect();
    changed.extend(OTHERS.map(str::to_owned));
    let missing: Vec<&String> = keys.difference(&changed).collect();
    assert!(missing.is_empty() && keys.len() > 80, "no change of these keys is tried: {missing:?}");
    let unknown: Vec<&String> = changed.difference(&keys).collect();
    assert!(unknown.is_empty(), "these are no keys: {unknown:?}");
}

/// The keys that hold a value of their own: `services.*.port`. A key with one choice cannot be changed.
fn leaves(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, child) in schema["properties"].as_object().into_iter().flatten().filter(|(_, child)| **child != json!({})) {
        leaves(child, &join(name), found);
    }
    for variant in schema["allOf"].as_array().into_iter().flatten() {
        leaves(&variant["then"], path, found);
    }
    if schema["additionalProperties"].is_object() {
        leaves(&schema["additionalProperties"], &join("*"), found);
    }
    if schema["items"].is_object() {
        leaves(&schema["items"], &format!("{path}[]"), found);
    }
    let is_choice_of_one = !schema["const"].is_null() || (schema["enum"].as_array().is_some_and(|choices| choices.len() == 1) && path != "version");
    let has_keys =
        schema["properties"].as_object().is_some_and(|keys| !keys.is_empty()) || schema["additionalProperties"].is_object() || schema["items"].is_object();
    let is_scalar = schema["type"].is_array() || !has_keys;
    if is_scalar && !is_choice_of_one && schema["then"].is_null() && schema.get("type").is_some() {
        found.insert(path.to_owned());
    }
}

/// A pointer as the path of its key: names of maps become `*`, places in lists `[]`.
fn normal(schema: &Value, pointer: &str) -> String {
    let (mut at, mut path) = (vec![schema], String::new());
    for part in pointer.split('/').skip(1) {
        let variants: Vec<&Value> = at.iter().flat_map(|schema| schema["allOf"].as_array().into_iter().flatten()).map(|variant| &variant["then"]).collect();
        at.extend(variants);
        let named: Vec<&Value> = at.iter().filter_map(|schema| schema["properties"].get(part)).collect();
        let items: Vec<&Value> = at.iter().filter_map(|schema| schema.get("items")).collect();
        if named.is_empty() && !items.is_empty() {
            path.push_str("[]");
            at = items;
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(if named.is_empty() { "*" } else { part });
        at = if named.is_empty() { at.iter().filter_map(|schema| schema.get("additionalProperties")).collect() } else { named };
    }
    path
}
