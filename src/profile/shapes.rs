//! What to write in place of the short forms that other tools have: a list for a map, a text for a map.

use super::command_line;
use super::foreign;
use super::hints;
use super::hints::{at, flow, keys, plain, scalar, value, web_service};
use super::violations::Place;
use crate::diagnostics::nearest;
use crate::key_path::Segment;
use crate::package_files;
use crate::source::Sources;
use crate::yaml::{Entry, Node, Value};
use serde_json::Value as Json;
use std::path::Path;

/// What to write for a value with a sign behind it that is no part of it: the comma of JSON, the semicolon of a program, a blank of a
/// web page.
pub fn with_less(place: &Place<'_>) -> Option<String> {
    let text = place.node.as_text()?;
    let is_blank = |c: char| c.is_whitespace() && !c.is_ascii();
    let rest = text.trim_matches(|c: char| matches!(c, ',' | ';') || is_blank(c));
    let key = place.path.0.last().filter(|last| matches!(last, Segment::Key(_)) && rest.len() < text.len() && !rest.is_empty())?;
    let sign = match text.chars().next_back().filter(|c| matches!(c, ',' | ';')) {
        Some(',') => "the comma: each key has a line of its own",
        Some(_) => "the semicolon: a value ends with its line",
        None => "the blank beside it, which is not that of the space bar",
    };
    // A number or a word as it is; any other text in quotes where it needs them.
    let is_number = rest.bytes().all(|c| c.is_ascii_digit());
    Some(format!("write `{}: {}`, without {sign}", scalar(&key.to_string()), if is_number { rest.into() } else { scalar(rest) }))
}

/// What to write in place of a short form that other tools have.
pub fn shape(place: &Place<'_>, rule: &Json, tree: &Node) -> Option<String> {
    let node = place.node;
    if let (Value::Map(map), Some(Segment::Index(_)), true) = (&node.value, place.path.0.last(), takes_text(rule)) {
        // In a list, `db: migrate` is a map for YAML.
        let (name, entry) = map.first().filter(|_| map.len() == 1)?;
        return Some(format!(
            "write {}, in quotes and without the blank: with it, a colon makes a map",
            format_args!("`{}`", Json::from(format!("{name}:{}", plain(&entry.node)?.trim_matches('"'))))
        ));
    }
    let path = keys(&place.path);
    let key = *path.last()?;
    if let (Value::List(items), true) = (&node.value, rule["type"] == "object") {
        if let Some(help) = without_dashes(&path, key, items) {
            return Some(help);
        }
    }
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
        (["secrets", _, "generate"], Value::Text(kind)) if matches!(kind.as_str(), "hex" | "base64" | "urlsafe" | "words") => {
            Some(format!("write `generate: {{kind: {kind}}}`"))
        }
        (["secrets", _, "generate"], Value::Int(length)) => Some(format!("write `generate: {{length: {length}}}`")),
        (["services", _, "depends_on"], Value::List(items)) => {
            let entry = |item: &Node| item.as_text().map(|name| format!("{}: {}", scalar(name), condition(tree, name)));
            Some(format!("write a map: `{key}: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["targets"], Value::List(items)) => {
            let entry = |item: &Node| item.as_text().map(|name| format!("{}: {{}}", scalar(name)));
            Some(format!("write a map: `{key}: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["services" | "backing_services", _, "secrets"] | ["secrets"], Value::List(items)) => {
            Some(format!("write a map: `{key}: {{{}}}`", joined(items.iter().map(|item| secret_name(item).map(|name| format!("{name}: {{}}"))))?))
        }
        (["services" | "backing_services", _, "env"] | ["env_groups", _], Value::List(items)) => variables(key, items, tree),
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
        (["services" | "backing_services", _, "depends_on", name], Value::Map(_) | Value::Bool(true)) => {
            let given = first(node, &["condition"]).and_then(Node::as_text).unwrap_or_default();
            let word = match given {
                "service_started" | "started" => "started",
                "service_completed_successfully" | "completed" => "completed",
                _ => condition(tree, name),
            };
            Some(format!("write `{}: {word}`", scalar(name)))
        }
        (["edge", "tls"], Value::Bool(true)) => {
            Some("write `tls: {kind: acme}` for certificates of Let's Encrypt, or `tls: {kind: files}` for your own".into())
        }
        (["edge", "tls"], Value::Bool(false)) => Some("write `tls: {kind: none}`, and the proxy in front where TLS ends in `trusted_proxies`".into()),
        (["edge", "tls"], Value::Text(text)) => {
            let kind = match foreign::choice(&place.path.key("kind"), text, place.node) {
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
        (["targets"], Value::Text(text)) if text.contains([' ', ',']) => {
            let words = text.split([' ', ',']).filter(|word| !word.is_empty());
            Some(format!("write a map: `{key}: {{{}}}`", words.map(|word| format!("{}: {{}}", scalar(word))).collect::<Vec<_>>().join(", ")))
        }
        (["services", _, "build", "args"], Value::List(items)) => Some(format!("write a map: `{key}: {{{}}}`", pairs(items)?)),
        (["services", name], Value::Text(_) | Value::Int(_) | Value::Bool(_) | Value::Float(_) | Value::List(_)) => {
            if let Some(text) = node.as_text().filter(|text| text.contains(' ')) {
                return Some(format!("write `{}: {}`", scalar(name), command_line::process(name, text, tree)));
            }
            let image = node.as_text().and_then(|text| text.rsplit_once(':')).unwrap_or(("example/web", "1.0.0"));
            Some(format!("write `{}: {{kind: web, image: {{name: {}, tag: \"{}\"}}, port: 8000}}`", scalar(name), scalar(image.0), image.1))
        }
        (["services" | "backing_services", _, "env"] | ["env_groups", _], Value::Text(text)) if text.contains('=') => {
            let entry = |word: &str| word.split_once('=').map(|(name, value)| format!("{}: {}", scalar(name), scalar(value)));
            Some(format!("write a map: `{key}: {{{}}}`", joined(text.split_whitespace().map(entry))?))
        }
        (["services" | "backing_services", _, "volumes"], Value::List(items)) => {
            Some(format!("write a map: `volumes: {{{}}}`", joined(items.iter().map(|item| mount(item).map(|(name, mount)| format!("{name}: {mount}"))))?))
        }
        (["services" | "backing_services", _, "volumes", name], Value::Text(text)) => {
            let (_, mount) = match text.split_once(':') {
                Some(_) => mount_of_text(text)?,
                // A folder of the host alone: where the container finds it is not said.
                None if text.starts_with('.') => mount_of_text(&format!("{text}:/srv/{name}"))?,
                None => mount_of_text(&format!("{name}:{text}"))?,
            };
            Some(format!("write `{}: {mount}`", scalar(name)))
        }
        (["services" | "backing_services", _, "volumes", name, "external"], Value::Bool(is_there)) => Some(hints::external_volume(name, *is_there, tree)),
        (["services" | "backing_services", _, "files"], Value::List(items)) => {
            Some(format!("write a map by the path in the container: `files: {{{}}}`", joined(items.iter().map(file))?))
        }
        (["services", _, "ports"], Value::List(items)) => {
            let inside = items.iter().find_map(|item| plain(item)?.trim_matches('"').rsplit(':').next()?.parse::<u16>().ok()).unwrap_or(8000);
            if let Some(own) = command_line::port(tree, &path) {
                return Some(if own == inside {
                    format!(
                        "remove it: others reach the service at its `port`; the host's own is `publish: {{port: {inside}}}`, and the public comes through `edge`"
                    )
                } else {
                    format!(
                        "write a map of further ports by name, such as `ports: {{metrics: {{port: {inside}}}}}`, which those that depend on the service reach; one of the host, too, \
                         is `ports: {{metrics: {{port: {inside}, publish: {{port: {inside}}}}}}}`"
                    )
                });
            }
            Some(format!(
                "did you mean `port`? It is the one port that the process listens on, such as `port: {inside}`; the public comes through `edge`, the host through \
                 `publish: {{port: {inside}}}`; `ports` is a map of further ones by name"
            ))
        }
        (["edge", "hosts"], Value::List(items)) => {
            let entry = |item: &Node| {
                let name = item.as_text().or_else(|| first(item, &["host", "hostname", "name", "domain"])?.as_text())?;
                let routes = first(item, &["routes", "paths", "locations"]).or_else(|| first(item, &["http"]).and_then(|http| first(http, &["paths"])));
                let routes = match routes.map(|routes| &routes.value) {
                    Some(Value::List(items)) => joined(items.iter().map(|item| route(item, tree)))?,
                    _ => format!("/: {{service: {}}}", scalar(service_of(item).unwrap_or_else(|| web_service(tree)))),
                };
                Some(format!("{}: {{routes: {{{routes}}}}}", scalar(name)))
            };
            Some(format!("write a map: `hosts: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["edge", "hosts", _, "routes"], Value::List(items)) => {
            Some(format!("write a map by path: `routes: {{{}}}`", joined(items.iter().map(|item| route(item, tree)))?))
        }
        // One item in place of a list or a map of them.
        (["services" | "backing_services", _, "depends_on" | "tmpfs" | "volumes" | "files" | "env"] | ["env_groups", _], Value::Text(_)) => {
            let list = Node { value: Value::List(vec![node.clone()]), span: node.span };
            let as_list = Place { path: place.path.clone(), node: &list, key: place.key };
            shape(&as_list, rule, tree)
        }
        (["services" | "backing_services", _, "egress"], Value::Map(map)) if first(node, &["host"]).is_none() => {
            let entry = |(host, entry): (&String, &Entry)| Some(Json::from(format!("{host}:{}", plain(&entry.node)?.trim_matches('"'))).to_string());
            Some(format!("write a list: `egress: [{}]`", joined(map.iter().map(entry))?))
        }
        (["services" | "backing_services", _, "egress"], Value::Text(text)) if matches!(text.as_str(), "all" | "any" | "*" | "open" | "internet") => {
            Some("write a list of what it may reach outside, HOST:PORT, such as `egress: [\"api.example.com:443\"]`".into())
        }
        (["services" | "backing_services", _, "egress"], Value::Text(_) | Value::Map(_)) => {
            let text = match first(node, &["host"]).and_then(Node::as_text) {
                Some(host) => format!("{host}{}", first(node, &["port"]).and_then(plain).map(|port| format!(":{port}")).unwrap_or_default()),
                None => node.as_text()?.to_owned(),
            };
            let address = value("host-port", &text).unwrap_or(text);
            Some(format!("write a list: `egress: [{}]`", Json::from(address)))
        }
        (["services" | "backing_services", _, "egress"], Value::Bool(true)) => {
            Some("write a list of what it may reach outside, HOST:PORT, such as `egress: [\"api.example.com:443\"]`".into())
        }
        (["services" | "backing_services", _, "egress"], Value::Bool(false)) => Some("remove it: without it, a service reaches nothing outside".into()),
        (["services", name, "autoscale"], Value::Bool(true)) => {
            let replicas = at(tree, &["services", name, "replicas"]).map(|node| &node.value);
            let least = if let Some(Value::Int(count)) = replicas { (*count).max(1) } else { 2 };
            let instead = if replicas.is_some() { ", and remove `replicas`" } else { "" };
            Some(format!("write `autoscale: {{min: {least}, max: {}}}`{instead}", least.saturating_mul(3)))
        }
        (["services" | "backing_services", _, "env", _, "from"] | ["env_groups", _, _, "from"], _) => {
            Some(format!("write NAME.VALUE, such as `from: {}`", reference(tree)))
        }
        (["extends"], Value::Text(file)) => {
            let ending = if Path::new(file).extension().is_some() { "" } else { ".yaml" };
            Some(format!("write a list: `extends: [{}]`", scalar(&format!("{file}{ending}"))))
        }
        (["backing_services", store, "image"], Value::Text(text)) if has_version(tree, store) => {
            let (name, tag) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((text, ""));
            let version: String = tag.chars().take_while(char::is_ascii_digit).collect();
            Some(match at(tree, &["backing_services", store, "version"]) {
                _ if !matches!(name, "postgres" | "redis") => {
                    let tag = if tag.is_empty() { "1.0.0" } else { tag };
                    format!("write `image: {{name: {}, tag: \"{tag}\"}}`", scalar(name))
                }
                None if !version.is_empty() => format!("write `version: \"{version}\"` in its place: the official image follows from it"),
                _ => "remove it: the official image follows from `version`".into(),
            })
        }
        (["services" | "backing_services", _, "image"], Value::Text(text)) => {
            let (name, tag) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((text, "1.0.0"));
            Some(format!("write `image: {{name: {}, tag: \"{tag}\"}}`", scalar(name)))
        }
        (["services", _, "port"], Value::Text(text)) => {
            let inside = text.rsplit(':').next().filter(|port| text.contains(':') && port.parse::<u16>().is_ok())?;
            Some(format!("write the port that the process listens on: `port: {inside}`; the host's own is `publish: {{port: ...}}`"))
        }
        (["services", _, "health"], Value::Text(text)) if matches!(text.as_str(), "none" | "no" | "off" | "disabled") => {
            Some("remove it: a service without `health` has no check".into())
        }
        (["services", _, "health"], Value::Text(text)) if text.starts_with('/') => Some(format!("write `health: {{ready: {}}}`", scalar(text))),
        // No program starts with a dash.
        (_, Value::Text(text)) if rule["type"] == "array" && text.starts_with('-') && text.len() > 1 => {
            let items = text[1..].split(" -").map(|item| scalar(item.trim()).into_owned());
            Some(format!("write a list: `{key}: [{}]`; in lines of their own, a space stands behind each dash", items.collect::<Vec<_>>().join(", ")))
        }
        (["services" | "backing_services", _, "command" | "entrypoint"], Value::Text(text)) if !text.trim().is_empty() => {
            let port = command_line::port(tree, &path);
            let why = if command_line::asks_for_a_port(text) { ": nothing sets `PORT`, the number is the `port` of the service" } else { "" };
            let list = format!("write a list: `{}`{why}{}", command_line::arguments(text, port), command_line::release(text, &path, port));
            Some(match command_line::run(text).filter(|_| key == "command" && command_line::is_built(tree, &path) && text.contains(' ')) {
                Some(run) => format!("write `{run}` in its place, with workers, time-outs and the proxy's headers set; as a command, {list}"),
                None => list,
            })
        }
        (["services", _, "run"], Value::Text(text)) => Some(match command_line::run(text).filter(|_| command_line::is_built(tree, &path)) {
            Some(run) => format!("write `{run}`"),
            None => format!("write `command: {}` in its place", command_line::arguments(text, command_line::port(tree, &path))),
        }),
        (["services", _, "build"], Value::Text(file)) if Path::new(file).file_name().is_some_and(|name| name.to_string_lossy().contains("Dockerfile")) => {
            Some(format!("write `build: {{dockerfile: {}}}`", scalar(file.trim_start_matches("./"))))
        }
        (["services" | "backing_services", _, "env", _, "param"] | ["env_groups", _, _, "param"], Value::Text(_) | Value::Int(_)) => {
            Some(format!("write `param: {{default: {}}}`", plain(node)?))
        }
        (["services", _, "secrets"] | ["secrets" | "targets"], Value::Text(name)) if !name.contains([' ', ':']) => {
            Some(format!("write a map: `{key}: {{{}: {{}}}}`", scalar(name)))
        }
        (["services" | "backing_services", _, "publish"] | ["services" | "backing_services", _, "ports", _, "publish"], Value::Text(text)) => {
            // `HOST:CONTAINER`, `ADDRESS:HOST:CONTAINER`, `ADDRESS:HOST`.
            let port = text.split(':').rev().take(2).filter(|port| port.parse::<u16>().is_ok()).last()?;
            Some(format!("write `publish: {{port: {port}}}`, the port of the host; that of the process is `port`"))
        }
        (["targets", "kubernetes", "external_secrets"], Value::Bool(true)) => {
            Some("write `external_secrets: {store: vault}`, with the name of the store that the operator knows (`kubectl get clustersecretstore`)".into())
        }
        (["backups", _, "destination"], Value::Text(_)) => {
            Some("write `destination: {external: backups}`, with the name of a volume that is there: what copies it elsewhere is a job of the host".into())
        }
        (["services" | "backing_services", _, "files", file], Value::Text(text)) if text.contains(['\n', ' ']) => {
            Some(format!("write `{}: {{text: {}}}`", scalar(file), Json::from(text.as_str())))
        }
        // The other way round, as Compose has it.
        (["services" | "backing_services", _, "files", source], Value::Text(file)) if file.starts_with('/') && !source.starts_with('/') => {
            Some(format!("write the path in the container first: `{}: {{source: {}}}`", scalar(file), scalar(source.trim_start_matches("./"))))
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
        (["edge", "hosts", _, "routes", route], Value::Text(text)) => {
            let service = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest).split([':', '/']).next().filter(|name| !name.is_empty());
            Some(format!("write `{}: {{service: {}}}`", scalar(route), scalar(service.unwrap_or_else(|| web_service(tree)))))
        }
        (["output"], Value::Text(folder)) => Some(format!("write `output: {{dir: {}}}`", scalar(folder.trim_start_matches("./").trim_end_matches('/')))),
        (["unmanaged"], Value::List(items)) => {
            let entry = |item: &Node| Some(format!("{}: {{reason: Kept by hand}}", scalar(item.as_text()?)));
            Some(format!("write a map: `unmanaged: {{{}}}`", joined(items.iter().map(entry))?))
        }
        (["edge", "trusted_proxies"], Value::Bool(_)) => {
            Some("write a list of the addresses of what stands in front, such as `trusted_proxies: [\"192.0.2.0/24\"]`".into())
        }
        (["edge", "hosts", host], Value::Text(service)) => Some(format!("write `{}: {{routes: {{/: {{service: {}}}}}}}`", scalar(host), scalar(service))),
        (["backing_services", name], Value::Text(text)) => {
            let usual = match text.as_str() {
                "redis" | "valkey" => "7",
                _ => "17",
            };
            let (kind, version) = text.split_once(':').unwrap_or((text, usual));
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

/// What to write for a build of which only the folder is said, as Compose has it: that is a matter of the files which are there.
pub fn build_of_folder(place: &Place<'_>, sources: &Sources) -> Option<String> {
    let folder = place.node.as_text().filter(|text| matches!(keys(&place.path).as_slice(), ["services", _, "build"]) && !text.contains("Dockerfile"))?;
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let (folder, below) = if matches!(folder, "" | ".") { (".", String::new()) } else { (folder, format!("{folder}/")) };
    let has = |file: &str| sources.files.at(&sources.project.join(format!("{below}{file}"))).exists();
    let file = package_files::DOCKERFILES.into_iter().find(|file| has(file));
    let own = format!("build: {{dockerfile: {}, context: {}}}", scalar(&format!("{below}{}", file.unwrap_or("Dockerfile"))), scalar(folder));
    let python = format!("build: {{runtime: python, version: \"3.12\", context: {}}}", scalar(folder));
    let is_python = package_files::PYTHON.iter().any(|file| has(file));
    let other = package_files::OF_OTHERS.into_iter().find(|file| has(file)).filter(|_| !is_python);
    Some(match (file, other) {
        (Some(_), _) => format!("write `{own}`"),
        (None, Some(other)) => format!("write `{own}`, and such a Dockerfile: only for Python infragen makes one, and `{below}{other}` is of another language"),
        (None, None) if is_python => format!("write `{python}`"),
        (None, None) => format!("write `{python}`, for which a Dockerfile is made; or, with a Dockerfile of your own, `{own}`"),
    })
}

/// True if a value may be a text.
fn takes_text(rule: &Json) -> bool {
    rule["type"] == "string" || rule["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "string"))
}

/// Words that are keys of an item, and no names of one's own.
const KEYS_OF_ITEMS: [&str; 10] = ["name", "host", "hostname", "domain", "path", "location", "prefix", "source", "secret", "service"];

/// A list whose items are maps of one entry each is the map of these entries, but for the dashes.
fn without_dashes(path: &[&str], key: &str, items: &[Node]) -> Option<String> {
    let entry = |item: &Node| item.as_map().filter(|map| map.len() == 1)?.first().map(|(name, entry)| (name.clone(), entry.node.clone()));
    let entries: Vec<(String, Node)> = items.iter().map(entry).collect::<Option<_>>()?;
    let is_named = |(name, node): &(String, Node)| node.as_map().is_some() && !KEYS_OF_ITEMS.contains(&name.as_str());
    if entries.is_empty() || !entries.iter().all(is_named) || matches!(path, ["services" | "backing_services", _, "env"] | ["env_groups", _]) {
        return None;
    }
    let short = joined(entries.iter().map(|(name, node)| Some(format!("{}: {}", scalar(name), flow(node)?))));
    Some(match short {
        Some(entries) => format!("write a map, without the dashes: `{key}: {{{entries}}}`"),
        None => format!("remove the dashes: each entry starts with its name, such as `{}:`, below `{key}:` and indented more", scalar(&entries[0].0)),
    })
}

/// `a=b` of a list as entries of a map.
pub fn pairs(items: &[Node]) -> Option<String> {
    joined(items.iter().map(|item| item.as_text()?.split_once('=').map(|(name, value)| format!("{}: {}", scalar(name), scalar(value)))))
}

/// Variables of a list as a map: `NAME=value` and `NAME` of Compose, `name` and `value` of Kubernetes. What comes from a secret there is
/// named apart.
fn variables(key: &str, items: &[Node], tree: &Node) -> Option<String> {
    let (mut entries, mut secrets) = (Vec::new(), Vec::new());
    for item in items {
        match &item.value {
            Value::Text(text) => entries.push(match text.split_once('=') {
                Some((name, value)) => format!("{}: {}", scalar(name), scalar(value)),
                // The value is that of the shell that starts Compose.
                None => format!("{}: {{param: {{}}}}", scalar(text)),
            }),
            Value::Map(map) => match (map.get("name").and_then(|entry| entry.node.as_text()), map.get("value"), map.get("valueFrom")) {
                (Some(name), Some(value), _) => entries.push(format!("{}: {}", scalar(name), plain(&value.node)?)),
                (Some(name), None, Some(source)) if first(&source.node, &["secretKeyRef"]).is_some() => {
                    let secret = hints::secret_meant(name, first(&source.node, &["secretKeyRef"]), tree);
                    secrets.push(format!("{secret}: {{{}}}", if secret == name { String::new() } else { format!("as: {}", scalar(name)) }));
                }
                // What a cluster says of a pod is not known before.
                (Some(_), None, Some(source)) if first(&source.node, &["fieldRef", "resourceFieldRef"]).is_some() => {}
                (Some(name), None, _) => entries.push(format!("{}: {{param: {{}}}}", scalar(name))),
                (None, ..) => {
                    for (name, entry) in map {
                        entries.push(format!("{}: {}", scalar(name), flow(&entry.node)?));
                    }
                }
            },
            _ => return None,
        }
    }
    let own = format!("`{key}: {{{}}}`", entries.join(", "));
    let named = format!("`secrets: {{{}}}`", secrets.join(", "));
    match (entries.is_empty(), secrets.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("write a map: {own}")),
        (false, false) => Some(format!("write a map: {own}, and name what is secret beside it: {named}")),
        (true, false) => Some(format!("remove it, and name what is secret in the service's `secrets`: {named}")),
    }
}

/// The name of a secret in a list: alone, as the key of a map, or as what Compose and Kubernetes call it.
fn secret_name(item: &Node) -> Option<String> {
    let named = || first(item, &["name", "secret", "source"]).and_then(Node::as_text);
    let name = item.as_text().or_else(named).or_else(|| item.as_map().filter(|map| map.len() == 1)?.keys().next().map(String::as_str))?;
    Some(value("secret-name", name).unwrap_or_else(|| scalar(name).into_owned()))
}

/// A volume of a list, by its name: Compose's two notations, and that of Kubernetes.
fn mount(item: &Node) -> Option<(String, String)> {
    if let Some(text) = item.as_text() {
        return mount_of_text(text);
    }
    let text = |keys: &[&str]| first(item, keys).and_then(Node::as_text);
    let (target, source) = (text(&["target", "mountPath", "path"])?, text(&["source", "name"])?);
    let is_read_only = first(item, &["read_only", "readOnly"]).is_some_and(|node| node.value == Value::Bool(true));
    mount_of_text(&format!("{source}:{target}{}", if is_read_only { ":ro" } else { "" }))
}

/// Compose's notation `NAME:FOLDER:ro`.
fn mount_of_text(text: &str) -> Option<(String, String)> {
    let mut parts = text.split(':');
    let (name, folder, mode) = (parts.next()?, parts.next()?, parts.next());
    let read_only = if mode.is_some_and(|mode| mode.split(',').any(|word| word == "ro")) { ", read_only: true" } else { "" };
    Some(if name.starts_with(['.', '/', '~']) {
        // A folder of the host has no name of its own.
        let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name).trim_start_matches('.').to_ascii_lowercase().replace(['_', '.', ' '], "-");
        let name = name.trim_end_matches('/');
        (scalar(if last.is_empty() { "data" } else { &last }).into_owned(), format!("{{path: {}, host: {}{read_only}}}", scalar(folder), scalar(name)))
    } else {
        let own = value("service-name", name);
        (scalar(own.as_deref().unwrap_or(name)).into_owned(), format!("{{path: {}{read_only}}}", scalar(folder)))
    })
}

/// A file of a list: `SOURCE:PATH:ro`, or `source` and `target`.
fn file(item: &Node) -> Option<String> {
    let (source, target) = match item.as_text() {
        Some(text) => {
            let mut parts = text.split(':');
            (parts.next()?, parts.next()?)
        }
        None => (first(item, &["source"])?.as_text()?, first(item, &["target", "path"])?.as_text()?),
    };
    Some(format!("{}: {{source: {}}}", scalar(target), scalar(source.trim_start_matches("./"))))
}

/// A route of a list: a path alone, or a map that names the path and where it leads.
fn route(item: &Node, tree: &Node) -> Option<String> {
    let Some(map) = item.as_map() else { return item.as_text().map(|path| format!("{}: {{service: {}}}", scalar(path), web_service(tree))) };
    // `- /api: {service: web}` has the path for its key.
    if let Some((path, entry)) = map.first().filter(|(path, _)| map.len() == 1 && path.starts_with('/')) {
        return Some(format!(
            "{}: {}",
            scalar(path),
            if entry.node.as_text().is_some() { format!("{{service: {}}}", plain(&entry.node)?) } else { flow(&entry.node)? }
        ));
    }
    let path = first(item, &["path", "location", "prefix", "match"]).and_then(Node::as_text).unwrap_or("/");
    Some(format!("{}: {{service: {}}}", scalar(path), scalar(service_of(item).unwrap_or_else(|| web_service(tree)))))
}

/// The service that something leads to, in the words of other tools; without its port.
fn service_of(item: &Node) -> Option<&str> {
    led_to(first(item, &["service", "backend", "to", "upstream", "target", "proxy_pass"])?)
}

/// The service that an address or an object of other tools names; without its port.
pub fn led_to(node: &Node) -> Option<&str> {
    let Some(text) = node.as_text() else { return first(node, &["name"]).and_then(Node::as_text).or_else(|| service_of(node)) };
    text.split_once("://").map_or(text, |(_, rest)| rest).split([':', '/']).next().filter(|name| !name.is_empty())
}

/// A reference that this profile has.
fn reference(tree: &Node) -> String {
    let store = at(tree, &["backing_services"]).and_then(Node::as_map).and_then(|stores| stores.keys().next());
    match store {
        Some(store) => format!("{store}.url"),
        None if at(tree, &["edge"]).is_some() => "edge.url".into(),
        None => "database.url".into(),
    }
}

/// True for a backing service whose program is known by its kind, so that its version says which image it is.
fn has_version(tree: &Node, store: &str) -> bool {
    at(tree, &["backing_services", store, "kind"]).and_then(Node::as_text).is_some_and(|kind| kind != "image")
}

/// In which condition a dependency is waited for.
fn condition(tree: &Node, service: &str) -> &'static str {
    let written = |key: &str| {
        let own = at(tree, &["services", service, key]);
        let original = || at(tree, &["services", at(tree, &["services", service, "like"])?.as_text()?, key]);
        own.or_else(original)
    };
    let store = at(tree, &["backing_services", service]);
    if store.is_none() && at(tree, &["services", service]).is_none() {
        return "healthy";
    }
    let has_check = match store.map(|store| first(store, &["kind"]).and_then(Node::as_text)) {
        Some(kind) => kind != Some("image") || store.is_some_and(|store| first(store, &["health"]).is_some()),
        // Nothing but a command asks an image of somebody else's.
        None => {
            let is_built = || written("build").is_some_and(|build| first(build, &["dockerfile"]).is_none());
            written("health").is_some_and(|health| first(health, &["command"]).is_some() || is_built())
        }
    };
    match written("kind").and_then(Node::as_text) {
        Some("release") => "completed",
        _ if has_check => "healthy",
        _ => "started",
    }
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

/// Entries of a map in one line; nothing if one of them is unknown.
fn joined(entries: impl Iterator<Item = Option<String>>) -> Option<String> {
    Some(entries.collect::<Option<Vec<_>>>()?.join(", "))
}

/// What a map has at the first of these keys that is there.
fn first<'n>(node: &'n Node, keys: &[&str]) -> Option<&'n Node> {
    let map = node.as_map()?;
    keys.iter().find_map(|key| map.get(*key)).map(|entry| &entry.node)
}
