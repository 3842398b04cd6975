//! What to write in place of what other tools have: their keys, their short forms, their notations of a value.

use super::foreign;
use super::violations::Place;
use crate::diagnostics::nearest;
use crate::key_path::{KeyPath, Segment};
use crate::values::FORMATS;
use crate::yaml::{Entry, Node, Value};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::path::Path;

/// Entries of a map that a next step shows.
const SHOWN: usize = 4;

/// Longest value, in bytes, that is offered in another notation.
const LONGEST: usize = 80;

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
        (["services" | "backing_services", _, "image", "name"], "image-name") => {
            let (name, tag) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
            Some(if let Some((name, _)) = text.split_once('@') {
                format!("write `name: {}`, and the digest in the profile's section `digests`", scalar(name))
            } else {
                format!("write `name: {}` and `tag: \"{tag}\"`", scalar(name))
            })
        }
        (["edge", "hosts", _, "routes", _, "service"], _) if text.contains([':', '/']) => {
            let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
            let service = rest.split([':', '/']).next().filter(|service| !service.is_empty())?;
            Some(format!("write `service: {}`: the port stands at the service, as its `port`", scalar(service)))
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
            let mut rest = items.first().cloned();
            if let Some(Value::Map(map)) = rest.as_mut().map(|rest| &mut rest.value) {
                map.shift_remove("name");
            }
            Some(match rest.as_ref().filter(|rest| rest.as_map().is_some()).and_then(flow) {
                Some(rest) => format!("write a map: the name in place of the dash, as in `{key}: {{{}: {rest}}}`", scalar(name)),
                None => format!("write a map: the name in place of the dash, `{}:`, and what belongs to it below, indented more", scalar(name)),
            })
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
            let entry = |item: &Node| match &item.value {
                // `- NAME=value`, and `- NAME: value`.
                Value::Text(text) => text.split_once('=').map(|(name, value)| format!("{}: {}", scalar(name), scalar(value))),
                Value::Map(map) => map.first().and_then(|(name, entry)| Some(format!("{}: {}", scalar(name), plain(&entry.node)?))),
                _ => None,
            };
            Some(format!("write a map: `{key}: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["services" | "backing_services", _, "tmpfs"], Value::List(items)) => {
            let entry = |item: &Node| {
                let (folder, options) = item.as_text()?.split_once(':').unwrap_or((item.as_text()?, ""));
                let size = options.split(',').find_map(|option| value("size", option.strip_prefix("size=")?)).unwrap_or_else(|| "64Mi".into());
                Some(format!("{}: {size}", scalar(folder)))
            };
            Some(format!("write a map of folders with their largest sizes: `tmpfs: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["waivers"], Value::List(items)) => {
            let rule = items.first().and_then(Node::as_text).unwrap_or("single-replica");
            Some(format!("write a map by names of your own: `waivers: {{{0}: {{{1}}}}}`", scalar(rule), waiver(rule)))
        }
        (["waivers", name], _) => Some(format!("write `{}: {{{}}}`", scalar(name), waiver(name))),
        (["services" | "backing_services", _, "depends_on", name], Value::Map(map)) => {
            let given = map.get("condition").and_then(|entry| entry.node.as_text()).unwrap_or_default();
            let word = match given {
                "service_started" | "started" => "started",
                "service_completed_successfully" | "completed" => "completed",
                _ => "healthy",
            };
            Some(format!("write `{}: {word}`", scalar(name)))
        }
        (["edge", "tls"], Value::Bool(true)) => {
            Some("write `tls: {kind: acme}` for certificates of Let's Encrypt, or `tls: {kind: files}` for your own".into())
        }
        (["edge", "tls"], Value::Bool(false)) => Some("write `tls: {kind: none}`, and the proxy in front where TLS ends in `trusted_proxies`".into()),
        (["edge", "tls"], Value::Text(text)) => {
            let kind = match foreign::choice(&place.path.key("kind"), text) {
                Some(help) => help.split('`').nth(1)?.to_owned(),
                None => nearest(text, ["files", "acme", "none"])?.to_owned(),
            };
            Some(format!("write `tls: {{kind: {kind}}}`"))
        }
        (["edge", "hsts"], Value::Bool(true)) => {
            Some("remove it: where TLS ends here, browsers are told to keep to HTTPS; a time of your own is such as `hsts: 365d`".into())
        }
        (["edge", "hsts"], Value::Bool(false)) => Some("write a short time, such as `hsts: 5m`: browsers keep to what they were told until it is over".into()),
        (["edge", "hosts", _, "routes", _, "port"], Value::Int(port)) => Some(format!(
            "remove it: requests go to the service's own `port`. A further port has a name at the service, `ports: {{admin: {{port: {port}}}}}`, which is written here: `port: admin`"
        )),
        (["services", name], Value::Text(_) | Value::Int(_) | Value::Bool(_) | Value::Float(_) | Value::List(_)) => {
            let image = node.as_text().and_then(|text| text.rsplit_once(':')).unwrap_or(("example/web", "1.0.0"));
            Some(format!("write `{}: {{kind: web, image: {{name: {}, tag: \"{}\"}}, port: 8000}}`", scalar(name), scalar(image.0), image.1))
        }
        (["services" | "backing_services", _, "env"] | ["env_groups", _], Value::Text(text)) if text.contains('=') => {
            let entry = |word: &str| word.split_once('=').map(|(name, value)| format!("{}: {}", scalar(name), scalar(value)));
            Some(format!("write a map: `{key}: {{{}}}`", joined(text.split_whitespace().map(entry))?))
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
            let ending = if Path::new(file).extension().is_some() { "" } else { ".yaml" };
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
            let app = text.split_whitespace().find(|word| word.contains(':')).unwrap_or("src.app:app");
            Some(format!("write `run: {{server: gunicorn, app: \"{app}\"}}`"))
        }
        (["services", _, "build"], Value::Text(folder)) => Some(format!("write `build: {{runtime: python, version: \"3.12\", context: {}}}`", scalar(folder))),
        (["services", _, "secrets"] | ["secrets" | "targets"], Value::Text(name)) if !name.contains([' ', ':']) => {
            Some(format!("write a map: `{key}: {{{}: {{}}}}`", scalar(name)))
        }
        (["services" | "backing_services", _, "publish"], Value::Text(text)) => {
            let port = text.split(':').rev().nth(1).or(Some(text)).filter(|port| port.parse::<u16>().is_ok())?;
            Some(format!("write `publish: {{port: {port}}}`, the port of the host; that of the process is `port`"))
        }
        (["services" | "backing_services", _, "files", file], Value::Text(source)) => {
            Some(format!("write `{}: {{source: {}}}`", scalar(file), scalar(source.trim_start_matches("./"))))
        }
        (["edge", "rate_limit"] | ["edge", "hosts", _, "routes", _, "rate_limit"], Value::Text(_) | Value::Int(_)) => {
            let text = plain(node)?.trim_matches('"').to_owned();
            let rate = if text.bytes().all(|c| c.is_ascii_digit()) { format!("{text}/s") } else { value("rate", &text).unwrap_or(text) };
            Some(format!("write `rate_limit: {{rate: {rate}}}`"))
        }
        (["backing_services", _, "backup"], _) => Some(
            "write the name of a plan, such as `backup: nightly`; the plan is in the profile's section `backups: {nightly: {schedule: \"0 3 * * *\"}}`".into(),
        ),
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
        (_, Value::Bool(is_wanted)) if rule["type"] == "object" && rule["required"].is_null() && !rule["additionalProperties"].is_object() => {
            Some(if *is_wanted { format!("write `{}: {{}}`", scalar(key)) } else { "remove it: what is not written is not there".into() })
        }
        (_, Value::Text(_) | Value::Int(_)) => {
            let inner = only_key(rule, node)?;
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

/// What a waiver has to say.
fn waiver(rule: &str) -> String {
    format!("rule: {}, reason: Why it is accepted for now, until: 2027-01-31", scalar(rule))
}

/// The one key that a map has to have, if it takes the value that stands in its place.
fn only_key<'r>(rule: &'r Json, node: &Node) -> Option<&'r str> {
    let [only] = rule["required"].as_array()?.as_slice() else { return None };
    let inner = &rule["properties"][only.as_str()?];
    let takes = |kind: &str| inner["type"] == kind || inner["type"].as_array().is_some_and(|kinds| kinds.iter().any(|known| known == kind));
    let is_taken = match &node.value {
        Value::Int(_) => takes("integer") || takes("number"),
        Value::Text(text) => takes("string") && inner["enum"].as_array().is_none_or(|words| words.iter().any(|word| word == text.as_str())),
        _ => false,
    };
    only.as_str().filter(|_| is_taken)
}

/// What to write for a key that is missing, where the language alone cannot say it.
pub fn missing(path: &KeyPath, key: &str, tree: &Node) -> Option<String> {
    match (keys(path).as_slice(), key) {
        ([], "targets") => {
            let has = |path: &[&str]| path.iter().try_fold(tree, |node, key| node.as_map()?.get(*key).map(|entry| &entry.node)).is_some();
            let services = tree.as_map().and_then(|map| map.get("services")).and_then(|entry| entry.node.as_map());
            let is_built =
                services.is_some_and(|services| services.values().any(|entry| entry.node.as_map().is_some_and(|service| service.contains_key("build"))));
            let targets = [("docker", is_built), ("compose", true), ("nginx", has(&["edge"])), ("dotenv", true), ("scripts", true)];
            let targets: Vec<String> = targets.iter().filter(|(_, is_wanted)| *is_wanted).map(|(name, _)| format!("{name}: {{}}")).collect();
            Some(format!(
                "add `targets: {{{}}}` for one host, or `targets: {{kubernetes: {{}}, dotenv: {{}}, scripts: {{}}}}` for a cluster",
                targets.join(", ")
            ))
        }
        (["edge", "hosts", _], "routes") => Some(format!("add `routes: {{/: {{service: {}}}}}`", web_service(tree))),
        (["edge"], "hosts") => Some(format!("add `hosts: {{shop.example.com: {{routes: {{/: {{service: {}}}}}}}}}`", web_service(tree))),
        _ => None,
    }
}

/// What to write in place of a name that is none.
pub fn name(path: &KeyPath, name: &str) -> Option<String> {
    match (keys(path).as_slice(), name) {
        (["edge", "hosts"], name) if name.contains('*') => {
            Some(format!("name each host by itself, such as `{}`: a name with `*` is not served", name.replace('*', "www").trim_matches(['~', '^', '$'])))
        }
        (["edge", "hosts"], "_" | "default" | "default_server" | "") => {
            Some("name a host, such as `shop.example.com`: requests for any other name are refused".into())
        }
        _ => None,
    }
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

/// A value as a profile writes it in one line; nothing if it is too long for that.
pub fn flow(node: &Node) -> Option<String> {
    let text = match &node.value {
        Value::List(items) => format!("[{}]", items.iter().map(flow).collect::<Option<Vec<_>>>()?.join(", ")),
        Value::Map(map) => {
            let entry = |(key, entry): (&String, &Entry)| Some(format!("{}: {}", scalar(key), flow(&entry.node)?));
            format!("{{{}}}", map.iter().map(entry).collect::<Option<Vec<_>>>()?.join(", "))
        }
        _ => plain(node)?,
    };
    Some(text).filter(|text| text.len() <= LONGEST)
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
pub fn keys(path: &KeyPath) -> Vec<&str> {
    fn key(segment: &Segment) -> Option<&str> {
        if let Segment::Key(key) = segment { Some(key) } else { None }
    }
    path.0.iter().map(key).collect::<Option<_>>().unwrap_or_default()
}
