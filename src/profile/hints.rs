//! What to write in place of what other tools have: their keys, their short forms, their notations of a value.

use super::violations::Place;
use crate::key_path::{KeyPath, Segment};
use crate::values::FORMATS;
use crate::yaml::{Node, Value};
use serde_json::Value as Json;
use std::borrow::Cow;

/// Entries of a map that a next step shows.
const SHOWN: usize = 4;

/// Longest value, in bytes, that is offered in another notation.
const LONGEST: usize = 80;

/// Keys that a service has elsewhere, and the next step. `{}` is what stands behind the key.
const SERVICE_KEYS: &[(&[&str], &str)] = &[
    (
        &["expose"],
        "did you mean `port`? It is the one port that the process listens on, such as `port: 8000`; the public comes through `edge`, the host through `publish: {port: 8000}`",
    ),
    (&["environment", "variables"], "did you mean `env`? It is a map, such as `env: {LOG_LEVEL: INFO}`"),
    (
        &["env_file"],
        "remove it: files of variables are not read. Variables stand in `env`, those that services share in `env_groups`, what each server decides is `{param: {...}}`",
    ),
    (&["healthcheck"], "did you mean `health`? Such as `health: {ready: /health}`, or `health: {command: [...]}` for a service without HTTP"),
    (&["restart"], "remove it: services that run on are started again unless somebody stops them, jobs are not"),
    (&["networks", "links"], "remove it: a service reaches what it depends on by its name, and nothing else; `egress` names what it may reach outside"),
    (&["container_name"], "remove it: the service's name is its host name"),
    (&["deploy"], "remove it: `replicas` and `resources` are keys of the service itself"),
    (&["memory", "mem_limit", "mem"], "did you mean `resources`? Write `resources: {limits: {memory: {}}}`"),
    (&["cpu", "cpus"], "did you mean `resources`? Write `resources: {limits: {cpu: {}}}`"),
    (&["limits", "requests"], "did you mean `resources`? Write `resources: {limits: {cpu: 1, memory: 512Mi}}`"),
    (&["entrypoint", "cmd", "args"], "did you mean `command`? It is a list, such as `command: [python, -m, src.worker]`"),
    (&["scale", "instances"], "did you mean `replicas`? Write `replicas: {}`"),
    (&["tag"], "did you mean `image`? Write `image: {name: ..., tag: {}}`"),
    (&["name"], "remove it: the service's name is the key that stands above"),
    (&["type"], "did you mean `kind`? Write `kind: {}`"),
    (
        &["init_containers", "initContainers", "sidecars", "containers"],
        "say `kubernetes: {pod: {initContainers: [...]}}`, with `restartPolicy: Always` for one that runs beside the service; on one host a service of its own, or `kind: release`, does it",
    ),
    (
        &["profiles", "disabled"],
        "did you mean `enabled`? A profile that does without the service says `enabled: false`; what runs by a schedule is `kind: cron`",
    ),
    (&["logging"], "remove it: `observability.logs` says how much of the logs a host keeps"),
    (&["privileged", "cap_add"], "remove it: no service gets more rights than it needs to run"),
    (&["workers"], "did you mean `run`? Write `run: {server: gunicorn, app: ..., workers: {}}`"),
    (&["hosts", "domains", "domain", "ingress", "labels"], "remove it: what the public reaches stands in `edge.hosts`"),
];

/// Keys that a profile has elsewhere.
const TOP_KEYS: &[(&[&str], &str)] = &[
    (&["name"], "did you mean `project`? Write `project: {name: {}}`"),
    (&["networks"], "remove it: a service reaches what it depends on, and nothing else"),
    (&["volumes"], "remove it: a volume is named at the services that use it, such as `volumes: {uploads: {path: /srv/uploads}}`"),
    (&["env", "variables"], "did you mean `env_groups`? A service takes its blocks by `env_from`; what only one needs stands in its own `env`"),
    (&["databases", "database", "stores"], "did you mean `backing_services`? Such as `backing_services: {database: {kind: postgres, version: \"17\"}}`"),
    (&["nginx", "ingress", "hosts", "domains", "proxy"], "did you mean `edge`? What the public reaches stands in `edge.hosts`"),
    (&["kind"], "did you mean `environment`? Write `environment: {kind: {}}`"),
    (
        &["hooks", "install", "installer"],
        "remove it: scripts of your own are files of the output folder, such as `hooks/before_deploy`, which the script that deploys runs",
    ),
    (&["include", "includes"], "did you mean `extends`? It is a list, such as `extends: [base.yaml]`"),
];

/// The next step for a key that this place does not have, but another tool has.
pub fn foreign_key(above: &Place<'_>, key: &str) -> Option<String> {
    let table = match keys(&above.path).as_slice() {
        [] => TOP_KEYS,
        ["services", _] => SERVICE_KEYS,
        _ => return None,
    };
    let (_, help) = table.iter().find(|(words, _)| words.contains(&key))?;
    let written = above.node.as_map().and_then(|map| map.get(key)).and_then(|entry| plain(&entry.node));
    Some(help.replace("{}", written.as_deref().unwrap_or("...")))
}

/// The variants of a map that have a key which the chosen one does not have, such as `server: gunicorn`.
pub fn other_variants(document: &Json, variant: &str, key: &str) -> Vec<String> {
    let Some((list, _)) = variant.strip_suffix("/then").and_then(|case| case.rsplit_once('/')) else { return Vec::new() };
    let cases = document.pointer(list).and_then(Json::as_array).into_iter().flatten();
    let condition = |case: &Json| {
        let (tag, word) = case["if"]["properties"].as_object()?.iter().next()?;
        Some(format!("{tag}: {}", word["const"].as_str()?))
    };
    cases.filter(|case| case["then"]["properties"].get(key).is_some()).filter_map(condition).collect()
}

/// What to write in place of a choice that other tools have.
pub fn choice(path: &KeyPath, given: &str) -> Option<&'static str> {
    match (keys(path).as_slice(), given) {
        (["services", _, "kind"], "job" | "init" | "once" | "oneshot" | "task") => {
            Some("did you mean `release`? It runs once before each roll-out and ends; what waits for it says `depends_on: {NAME: completed}`")
        }
        (["services", _, "kind"], "scheduler" | "beat") => Some("did you mean `worker`? With `singleton: true` it is never there twice"),
        (["secrets", _, "generate", "kind"], "rsa" | "ed25519" | "ecdsa" | "ec" | "jwt" | "key-pair" | "keypair" | "key_pair" | "pem" | "x509") => Some(
            "write `{source: external, format: base64}` in place of `generate`: a pair of keys is made by openssl, and its private key goes into the env file on one line, \
             `openssl genpkey -algorithm ed25519 | base64 -w0`; what is signed by it, such as a JWT, likewise",
        ),
        _ => None,
    }
}

/// Where another tool's value is said, if it is not said here.
pub fn elsewhere(path: &KeyPath, format: &str, text: &str) -> Option<String> {
    match (keys(path).as_slice(), format) {
        (["services", name, "image", "tag"], _) if text.contains('$') => {
            let variable = name.to_ascii_uppercase().replace('-', "_");
            Some(format!("write a tag: each host may choose another, by `{variable}_TAG` in its env file or `--tag` of the script that deploys"))
        }
        (["services" | "backing_services", _, "image", "name" | "tag"], _) if text.contains('$') => {
            Some("write it as it is: another environment has another image in a profile of its own".into())
        }
        (["services" | "backing_services", _, "volumes", _, "path"], "container-path") => {
            let (folder, options) = text.split_once(':')?;
            Some(if options.split(',').any(|word| word.eq_ignore_ascii_case("z")) {
                format!("write `path: {folder}`: where SELinux is on, the folder of the host gets its label once, by `chcon -Rt container_file_t`")
            } else if options == "ro" {
                format!("write `path: {folder}`, and `read_only: true` beside it")
            } else {
                format!("write `path: {folder}`")
            })
        }
        (["services" | "backing_services", _, "user" | "user_id"], _) if text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.starts_with("root") => {
            Some("write its number, such as `\"10001:10001\"`: names are those of one image, and a cluster refuses them. `docker run --rm --entrypoint id IMAGE` prints it".into())
        }
        _ => None,
    }
}

/// What to write in place of a short form that other tools have.
pub fn shape(place: &Place<'_>, rule: &Json, tree: &Node) -> Option<String> {
    let path = keys(&place.path);
    let key = *path.last()?;
    let node = place.node;
    match (path.as_slice(), &node.value) {
        (["services" | "backing_services" | "backups" | "env_groups"], Value::List(items)) => {
            let own = items.first().and_then(Node::as_map).and_then(|map| map.get("name")).and_then(|entry| entry.node.as_text());
            let name = own.unwrap_or(match key {
                "services" => "web",
                "backing_services" => "database",
                "backups" => "nightly",
                _ => "common",
            });
            Some(format!("write a map: the name in place of the dash, as in `{}: {{...}}`", scalar(name)))
        }
        (["services", _, "depends_on"], Value::List(items)) => {
            let entry = |item: &Node| item.as_text().map(|name| format!("{}: {}", scalar(name), condition(tree, name)));
            Some(format!("write a map: `{key}: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["services", _, "secrets"] | ["secrets" | "targets"], Value::List(items)) => {
            let entry = |item: &Node| item.as_text().map(|name| format!("{}: {{}}", scalar(name)));
            Some(format!("write a map: `{key}: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["services", _, "env"] | ["env_groups", _], Value::List(items)) => {
            let entry = |item: &Node| item.as_text().and_then(|text| text.split_once('=')).map(|(name, value)| format!("{}: {}", scalar(name), scalar(value)));
            Some(format!("write a map: `{key}: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["services", _, "volumes"], Value::List(items)) => volumes(items),
        (["services", _, "ports"], Value::List(items)) => {
            let inside = items.iter().find_map(|item| plain(item)?.trim_matches('"').rsplit(':').next()?.parse::<u16>().ok()).unwrap_or(8000);
            Some(format!(
                "did you mean `port`? It is the one port that the process listens on, such as `port: {inside}`; the public comes through `edge`, the host through \
                 `publish: {{port: {inside}}}`; `ports` is a map of further ones by name"
            ))
        }
        (["edge", "hosts"], Value::List(items)) => {
            let entry = |item: &Node| item.as_text().map(|host| format!("{}: {{routes: {{/: {{service: {}}}}}}}", scalar(host), web_service(tree)));
            Some(format!("write a map: `hosts: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["extends"], Value::Text(file)) => {
            let ending = if file.ends_with(".yaml") || file.ends_with(".yml") { "" } else { ".yaml" };
            Some(format!("write a list: `extends: [{}]`", scalar(&format!("{file}{ending}"))))
        }
        (["services", _, "image"], Value::Text(text)) => {
            let (name, tag) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((text, "1.0.0"));
            Some(format!("write `image: {{name: {}, tag: \"{tag}\"}}`", scalar(name)))
        }
        (["services", _, "port"], Value::Text(text)) => {
            let inside = text.rsplit(':').next().filter(|port| text.contains(':') && port.parse::<u16>().is_ok())?;
            Some(format!("write the port that the process listens on: `port: {inside}`; the host's own is `publish: {{port: ...}}`"))
        }
        (["services", _, "health"], Value::Text(text)) if text.starts_with('/') => Some(format!("write `health: {{ready: {}}}`", scalar(text))),
        (["services", _, "run"], Value::Text(text)) => {
            let app = if text.contains(':') { text.as_str() } else { "src.app:app" };
            Some(format!("write `run: {{server: gunicorn, app: \"{app}\"}}`"))
        }
        (["services", _, "build"], Value::Text(folder)) => Some(format!("write `build: {{runtime: python, version: \"3.12\", context: {}}}`", scalar(folder))),
        (["secrets", name] | ["services", _, "secrets", name], Value::Text(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_)) => Some(format!(
            "a secret's value never stands in a profile: write `{}: {{}}`, put the value into the env file of each server, and take another one if this was committed",
            scalar(name)
        )),
        (["edge", "hosts", _, "routes", route], Value::Text(service)) => Some(format!("write `{}: {{service: {}}}`", scalar(route), scalar(service))),
        (["edge", "hosts", host], Value::Text(service)) => Some(format!("write `{}: {{routes: {{/: {{service: {}}}}}}}`", scalar(host), scalar(service))),
        (["backing_services", name], Value::Text(text)) => {
            let (kind, version) = text.split_once(':').unwrap_or((text, "..."));
            Some(format!("write `{}: {{kind: {}, version: \"{version}\"}}`", scalar(name), scalar(kind)))
        }
        (_, Value::Text(_) | Value::Int(_)) => {
            let inner = only_key(rule)?;
            Some(format!("write `{}: {{{inner}: {}}}`", scalar(key), plain(node)?))
        }
        _ => None,
    }
}

/// A value that may have been meant by one that its type refuses.
pub fn value(format: &str, text: &str) -> Option<String> {
    let (.., check) = FORMATS.iter().find(|known| known.0 == format).filter(|_| text.len() <= LONGEST)?;
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = text[digits.len()..].trim();
    let candidate = match format {
        "size" => format!("{digits}{}i", unit.trim_end_matches(['B', 'b']).trim_end_matches('i').to_ascii_uppercase()),
        "duration" => format!("{digits}{}", unit.chars().next()?.to_ascii_lowercase()),
        "rate" => format!("{digits}/{}", unit.trim_start_matches(['r', '/', ' ']).chars().next()?),
        "cron" => match text.trim_start_matches('@') {
            "hourly" => "0 * * * *".into(),
            "daily" | "nightly" | "midnight" => "0 3 * * *".into(),
            "weekly" => "0 3 * * 0".into(),
            "monthly" => "0 3 1 * *".into(),
            _ => text.split_whitespace().skip(1).collect::<Vec<_>>().join(" "),
        },
        "version" => number_with_dots(text.trim_start_matches('v')).to_owned(),
        "host-name" => text.split_once("://").map_or(text, |(_, rest)| rest).split(['/', ':']).next()?.to_ascii_lowercase(),
        "route-path" => format!("/{}", text.trim_matches('/')),
        "url-path" => format!("/{text}"),
        "environment-variable" | "secret-name" => text.to_ascii_uppercase().replace(['-', ' ', '.'], "_"),
        "service-name" | "project-name" | "rule-name" => text.to_ascii_lowercase().replace(['_', ' '], "-"),
        "database-name" => text.to_ascii_lowercase().replace(['-', ' '], "_"),
        "image-name" => text.to_ascii_lowercase(),
        _ => return None,
    };
    (candidate != text && check(&candidate).is_ok()).then_some(candidate)
}

fn number_with_dots(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// Folders of Compose's notation `NAME:FOLDER` as a map.
fn volumes(items: &[Node]) -> Option<String> {
    let texts: Vec<&str> = items.iter().filter_map(Node::as_text).collect();
    if texts.len() < items.len() {
        return None;
    }
    let entry = |text: &&str| {
        let mut parts = text.split(':');
        let (name, folder, mode) = (parts.next()?, parts.next()?, parts.next());
        let read_only = if mode.is_some_and(|mode| mode.split(',').any(|word| word == "ro")) { ", read_only: true" } else { "" };
        // A folder of the host has no name of its own.
        let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name).trim_start_matches('.').to_ascii_lowercase().replace(['_', '.', ' '], "-");
        Some(if name.starts_with(['.', '/']) {
            format!("{}: {{path: {}, host: {}{read_only}}}", scalar(if last.is_empty() { "data" } else { &last }), scalar(folder), scalar(name))
        } else {
            format!("{}: {{path: {}{read_only}}}", scalar(name), scalar(folder))
        })
    };
    Some(format!("write a map: `volumes: {{{}}}`", joined(texts.iter().map(entry))?))
}

/// In which condition a dependency is waited for.
fn condition(tree: &Node, service: &str) -> &'static str {
    let kind = ["services", service, "kind"].iter().try_fold(tree, |node, key| node.as_map()?.get(*key).map(|entry| &entry.node));
    if kind.and_then(Node::as_text) == Some("release") { "completed" } else { "healthy" }
}

/// The first service that a route can lead to.
fn web_service(tree: &Node) -> &str {
    let services = tree.as_map().and_then(|map| map.get("services")).and_then(|entry| entry.node.as_map());
    let is_web = |node: &Node| node.as_map().and_then(|map| map.get("kind")).and_then(|entry| entry.node.as_text()) == Some("web");
    services.into_iter().flatten().find(|(_, entry)| is_web(&entry.node)).map_or("web", |(name, _)| name)
}

/// The one key that a map has to have, if it takes a scalar.
fn only_key(rule: &Json) -> Option<&str> {
    let [only] = rule["required"].as_array()?.as_slice() else { return None };
    let kind = &rule["properties"][only.as_str()?]["type"];
    let takes_scalar = kind == "string" || kind == "integer" || kind.is_array();
    only.as_str().filter(|_| takes_scalar)
}

/// Entries of a map in one line; nothing if one of them is unknown.
fn joined(entries: impl Iterator<Item = Option<String>>) -> Option<String> {
    let mut list = entries.collect::<Option<Vec<_>>>()?;
    if list.len() > SHOWN {
        list.truncate(SHOWN);
        list.push("...".into());
    }
    Some(list.join(", "))
}

/// A scalar as a profile writes it.
fn plain(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(scalar(text).into_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// A text as a profile writes it, also between brackets: in quotes only where it would be something else without.
pub fn scalar(text: &str) -> Cow<'_, str> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_quantity = digits.len() < text.len() && ["ms", "s", "m", "h", "d", "k", "g", "Ki", "Mi", "Gi", "Ti"].contains(&digits);
    let starts_well = text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_alphabetic() || "/_.".contains(c));
    let is_word = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./+:@".contains(c)) && !text.ends_with(':');
    let is_number = text.trim_start_matches(['-', '.']).starts_with(|c: char| c.is_ascii_digit());
    if is_quantity || (starts_well && is_word && !is_number && !["true", "false", "null"].contains(&text)) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(Json::from(text).to_string())
    }
}

/// The keys of a path; what stands in a list has none of its own.
fn keys(path: &KeyPath) -> Vec<&str> {
    fn key(segment: &Segment) -> Option<&str> {
        if let Segment::Key(key) = segment { Some(key) } else { None }
    }
    path.0.iter().map(key).collect::<Option<_>>().unwrap_or_default()
}
