//! What to write in place of what other tools have: their keys, their short forms, their notations of a value.

use super::violations::Place;
use crate::key_path::{KeyPath, Segment};
use crate::values::{FORMATS, without_typographic_quotes};
use crate::yaml::{Entry, Node, Value};
use serde_json::Value as Json;
use std::borrow::Cow;

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
pub fn elsewhere(path: &KeyPath, format: &str, text: &str, tree: &Node) -> Option<String> {
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
        (["backing_services", _, "backup"], _) if text.contains([' ', '@', ':']) => {
            let schedule = Some(text.to_owned()).filter(|text| value_is("cron", text)).or_else(|| value("cron", text));
            let schedule = schedule.unwrap_or_else(|| "0 3 * * *".into());
            let plan = at(tree, &["backups"]).and_then(Node::as_map).and_then(|plans| plans.keys().next());
            Some(match plan {
                Some(plan) => format!("write `backup: {0}`: it names a plan of the section `backups`, and `backups.{0}.schedule` says when", scalar(plan)),
                None => format!(
                    "write `backup: nightly`: it names a plan of the profile's section `backups`, and that is `backups: {{nightly: {{schedule: \"{schedule}\"}}}}`"
                ),
            })
        }
        (["services", _, "hostname"], _) if text.contains('.') => {
            Some(format!("remove it: what the public reaches stands in the section `edge`, `hosts: {{{}: {{routes: {{/: {{service: {}}}}}}}}}`", scalar(text), keys(path)[1]))
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
        (["services" | "backing_services", _, "volumes", name, "external"], _) if matches!(text, "true" | "false") => {
            Some(external_volume(name, text == "true", tree))
        }
        (["services" | "backing_services", _, "volumes", _, "host"], _) if matches!(text, "." | "./") => {
            Some("mount the folders that are edited one by one, such as `host: ./src`, with the folder of the image that each stands for as `path`: the whole project has `.git` and the env files in it, too".into())
        }
        (["services" | "backing_services", _, "user" | "user_id"], _) if text.starts_with("root") => {
            Some("write the number of a user without rights, such as `\"10001:10001\"`: nothing runs as root here".into())
        }
        (["services" | "backing_services", _, "env", variable, "from"] | ["env_groups", _, variable, "from"], _) => {
            let is_store = at(tree, &["backing_services", text]).is_some();
            Some(match text.strip_prefix("secrets.").or_else(|| text.strip_prefix("secret.")) {
                Some(secret) => secret_use(variable, secret),
                None if is_store || text == "edge" => format!("did you mean `{text}.url`?"),
                // What a server decides, in the words of Compose or of GitHub.
                None if text.contains("://") => {
                    let host = text.split_once("://").and_then(|(_, rest)| rest.rsplit('@').next()?.split([':', '/']).next()).unwrap_or_default();
                    if at(tree, &["backing_services", host]).is_some() {
                        format!("did you mean `{host}.url`?")
                    } else {
                        format!("write the text itself, without `from`: `{variable}: {}`", scalar(text))
                    }
                }
                None if text.contains('$') || text.starts_with("env.") => {
                    format!("write `{variable}: {{param: {{required: true}}}}`: each server's env file decides")
                }
                None => return None,
            })
        }
        (["services" | "backing_services", _, "user" | "user_id"], _) if text.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Some("write its number, such as `\"10001:10001\"`: names are those of one image, and a cluster refuses them. `docker run --rm --entrypoint id IMAGE` prints it".into())
        }
        _ => None,
    }
}

/// What to write for a volume of which only a truth says that it is there already, or that it is not.
pub fn external_volume(name: &str, is_there: bool, tree: &Node) -> String {
    if !is_there {
        return "remove it: without `external`, the volume is one of this deployment's own".into();
    }
    // Compose names the volumes of a project so.
    let project = at(tree, &["project", "name"]).and_then(Node::as_text).unwrap_or("shop");
    let sign = if at(tree, &["targets", "kubernetes"]).is_some() { "-" } else { "_" };
    let named = format!("{project}{sign}{name}");
    format!("write the name of the volume that is there, such as `external: {}`; `docker volume ls` lists them", scalar(&named))
}

/// What a service's use of a secret does not say, but the declaration does.
pub fn declared_elsewhere(place: &Place<'_>, key: &str, schema: &Json) -> Option<String> {
    let path = super::keys::rules(schema, &KeyPath::of(&["secrets", "NAME", key]));
    match keys(&place.path).as_slice() {
        ["services" | "backing_services", _, "secrets", name] if !path.is_empty() => {
            let written = place.node.as_map().and_then(|map| map.get(key)).and_then(|entry| flow(&entry.node))?;
            Some(format!(
                "it stands where the secret is declared, in the profile's section `secrets: {{{name}: {{{key}: {written}}}}}`; here it is `{name}: {{}}`"
            ))
        }
        _ => None,
    }
}

/// The secret of the profile that is meant where Kubernetes names a key of a Secret for the value of a variable: one that is declared
/// under the name of the variable, of the key, or of both names together; or else one with the variable's own name.
pub fn secret_meant(variable: &str, reference: Option<&Node>, tree: &Node) -> String {
    let text = |key: &str| reference.and_then(|node| at(node, &[key])).and_then(Node::as_text);
    let both = text("name").zip(text("key")).map(|(name, key)| format!("{name}_{key}"));
    let names = [Some(variable.to_owned()), text("key").map(str::to_owned), both, text("name").map(str::to_owned)];
    let declared = |name: String| Some(name.to_ascii_uppercase().replace(['-', '.'], "_")).filter(|name| at(tree, &["secrets", name]).is_some());
    names.into_iter().flatten().find_map(declared).unwrap_or_else(|| variable.to_owned())
}

/// How a service gets a secret that it has for the value of a variable.
pub fn secret_use(variable: &str, secret: &str) -> String {
    let secret = value("secret-name", secret).unwrap_or_else(|| secret.to_owned());
    let alias = if variable == secret { String::new() } else { format!("as: {}", scalar(variable)) };
    format!(
        "remove the variable, and write `{secret}: {{{alias}}}` in the service's `secrets`: `{variable}_FILE` then names the file that has it. With `{secret}: {{deliver: env}}` in the \
         profile's section `secrets`, `{variable}` has it"
    )
}

/// Host and port of what a service may reach, where a variable beside the host's has the port: `SMTP_PORT` beside `SMTP_HOST`.
pub fn with_port(path: &KeyPath, host: &str, tree: &Node) -> Option<String> {
    let [Segment::Key(section), Segment::Key(name), Segment::Key(key), Segment::Index(_)] = path.0.as_slice() else { return None };
    let env = at(tree, &[section, name, "env"]).filter(|_| key == "egress")?.as_map()?;
    let (variable, _) = env.iter().find(|(_, entry)| entry.node.as_text() == Some(host))?;
    let start = ["HOST", "SERVER", "ADDRESS"].iter().find_map(|end| variable.strip_suffix(end))?;
    let port = plain(&env.get(&format!("{start}PORT"))?.node)?;
    let port: u16 = port.trim_matches(['"', '\'']).parse().ok()?;
    Some(format!("{host}:{port}"))
}

/// True for a text that a format takes.
fn value_is(format: &str, text: &str) -> bool {
    FORMATS.iter().any(|known| known.0 == format && (known.4)(text).is_ok())
}

/// A value that may have been meant by one that its type refuses.
pub fn value(format: &str, text: &str) -> Option<String> {
    let (.., check) = FORMATS.iter().find(|known| known.0 == format).filter(|_| text.len() <= LONGEST)?;
    if let Some(inside) = without_typographic_quotes(text) {
        return check(inside).is_ok().then(|| inside.to_owned());
    }
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let unit = text[digits.len()..].trim();
    let candidate = match format {
        "size" => format!("{digits}{}i", unit.trim_end_matches(['B', 'b']).trim_end_matches('i').to_ascii_uppercase()),
        "duration" => match (digits.parse::<u64>(), unit.chars().next()?.to_ascii_lowercase()) {
            (Ok(number), 'w') => format!("{}d", number.saturating_mul(7)),
            (Ok(number), 'y') => format!("{}d", number.saturating_mul(365)),
            (_, unit) => format!("{digits}{unit}"),
        },
        "relative-path" | "folder" => text.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/').to_owned(),
        "rate" => match unit.to_ascii_lowercase().as_str() {
            "rps" => format!("{digits}/s"),
            "rpm" => format!("{digits}/m"),
            _ => format!("{digits}/{}", unit.trim_start_matches(['r', '/', ' ']).chars().next()?),
        },
        "cron" => match text.trim_start_matches('@') {
            "hourly" => "0 * * * *".into(),
            "nightly" => "0 3 * * *".into(),
            "daily" | "midnight" => "0 0 * * *".into(),
            "weekly" => "0 0 * * 0".into(),
            "monthly" => "0 0 1 * *".into(),
            "yearly" | "annually" => "0 0 1 1 *".into(),
            _ => match text.split_once(':').map(|(hour, minute)| (hour.parse::<u8>(), minute.parse::<u8>())) {
                // A time of the day.
                Some((Ok(hour), Ok(minute))) => format!("{minute} {hour} * * *"),
                _ => text.split_whitespace().skip(1).collect::<Vec<_>>().join(" "),
            },
        },
        "version" => number_with_dots(text.trim_start_matches('v')).to_owned(),
        "host-name" => text.split_once("://").map_or(text, |(_, rest)| rest).split(['/', ':']).next()?.to_ascii_lowercase(),
        "route-path" => {
            // What other proxies have for a prefix: `~ ^/live`, `/live$`, `/live/*`, `/live(/|$)(.*)`.
            let start = text.trim_start_matches(['~', '*', '^', '=', ' ']);
            let prefix = &start[..start.find(['*', '(', '$', '[', '?', '\\']).unwrap_or(start.len())];
            format!("/{}", prefix.trim_end_matches('.').trim_matches('/'))
        }
        "url-path" => {
            format!("/{}", text.split_once("://").map_or(text, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path)).trim_start_matches('/'))
        }
        "environment-variable" | "secret-name" => text.trim_start_matches("export ").to_ascii_uppercase().replace(['-', ' ', '.'], "_"),
        "service-name" | "project-name" | "rule-name" => text.to_ascii_lowercase().replace(['_', ' '], "-"),
        "database-name" => text.to_ascii_lowercase().replace(['-', ' '], "_"),
        "image-name" => text.to_ascii_lowercase(),
        "host-port" => {
            let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
            if rest == text && text.contains('/') {
                return None;
            }
            let host = rest.split('/').next()?.to_ascii_lowercase();
            let port = match scheme {
                "http" => 80,
                "smtp" => 587,
                "smtps" => 465,
                "postgres" | "postgresql" => 5432,
                "redis" => 6379,
                _ if ["smtp.", "mail."].iter().any(|start| host.starts_with(start)) => 587,
                _ => 443,
            };
            if host.contains(':') { host } else { format!("{host}:{port}") }
        }
        "container-path" => format!("/{}", text.trim_start_matches("./")),
        "redirect-target" => format!("https://{}", text.trim_start_matches("http://").trim_start_matches('/')),
        // Thousandths have a small letter.
        "cpu" if unit == "M" => format!("{digits}m"),
        "cpu" => text.trim_end_matches("cpus").trim_end_matches("cores").trim_end_matches("core").trim().to_owned(),
        _ => return None,
    };
    (candidate != text && check(&candidate).is_ok()).then_some(candidate)
}

fn number_with_dots(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// The first service that a route can lead to.
pub fn web_service(tree: &Node) -> &str {
    let services = at(tree, &["services"]).and_then(Node::as_map);
    let is_web = |node: &Node| node.as_map().and_then(|map| map.get("kind")).and_then(|entry| entry.node.as_text()) == Some("web");
    services.into_iter().flatten().find(|(_, entry)| is_web(&entry.node)).map_or("web", |(name, _)| name)
}

/// What to write for a key that is missing, where the language alone cannot say it.
pub fn missing(path: &KeyPath, key: &str, tree: &Node) -> Option<String> {
    match (keys(path).as_slice(), key) {
        ([], "targets") => {
            let services = at(tree, &["services"]).and_then(Node::as_map);
            let is_built =
                services.is_some_and(|services| services.values().any(|entry| entry.node.as_map().is_some_and(|service| service.contains_key("build"))));
            let targets = [("docker", is_built), ("compose", true), ("nginx", at(tree, &["edge"]).is_some()), ("dotenv", true), ("scripts", true)];
            let targets: Vec<String> = targets.iter().filter(|(_, is_wanted)| *is_wanted).map(|(name, _)| format!("{name}: {{}}")).collect();
            Some(format!(
                "add `targets: {{{}}}` for one host, or `targets: {{kubernetes: {{}}, dotenv: {{}}, scripts: {{}}}}` for a cluster",
                targets.join(", ")
            ))
        }
        (["edge", "hosts", _], "routes") => Some(format!("add `routes: {{/: {{service: {}}}}}`", web_service(tree))),
        (["edge"], "hosts") => Some(format!("add `hosts: {{{}: {{routes: {{/: {{service: {}}}}}}}}}`", host(tree), web_service(tree))),
        (["services", _, "run"], "server") => {
            let command = flow(at(tree, &keys(path))?.as_map()?.get("command").map(|entry| &entry.node)?)?;
            Some(format!("write `command: {command}` at the service, in place of `run`"))
        }
        (["edge"], "tls") => Some(
            "add `tls: {kind: acme}`, which gets certificates from Let's Encrypt by itself; `kind: files` is for certificates of your own, `kind: none` for a proxy in \
             front"
                .into(),
        ),
        _ => None,
    }
}

/// What to write in place of a name that is none.
pub fn name(path: &KeyPath, name: &str, tree: &Node) -> Option<String> {
    match (keys(path).as_slice(), name) {
        // The path is a route's.
        (["edge", "hosts"], name) if !name.contains("://") && name.trim_end_matches('/').contains('/') => {
            let (host, path) = name.split_once('/')?;
            Some(format!("did you mean `{host}`? The path stands below it, in its `routes: {{/{}: {{...}}}}`", path.trim_end_matches('/')))
        }
        (["edge", "hosts"], name) if name.contains('*') => {
            Some(format!("name each host by itself, such as `{}`: a name with `*` is not served", name.replace('*', "www").trim_matches(['~', '^', '$'])))
        }
        (["edge", "hosts"], "_" | "default" | "default_server" | "") => {
            let known = format!("{}.example.com", at(tree, &["project", "name"]).and_then(Node::as_text).unwrap_or("shop"));
            Some(format!("name a host, such as `{known}`: requests for any other name are refused"))
        }
        _ => None,
    }
}

/// A scalar as a profile writes it.
pub fn plain(node: &Node) -> Option<String> {
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

/// What stands at a path of keys.
pub fn at<'n>(tree: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(tree, |node, key| node.as_map()?.get(*key).map(|entry| &entry.node))
}

/// A host that a message may name: one that the edge has, or one with the project's name.
pub fn host(tree: &Node) -> String {
    let is_host = |name: &&String| FORMATS.iter().any(|known| known.0 == "host-name" && (known.4)(name).is_ok());
    let own = at(tree, &["edge", "hosts"]).and_then(Node::as_map).and_then(|hosts| hosts.keys().find(is_host));
    let project = || at(tree, &["project", "name"]).and_then(Node::as_text).map(|name| format!("{name}.example.com")).filter(|name| is_host(&name));
    own.cloned().or_else(project).unwrap_or_else(|| "shop.example.com".into())
}

/// The keys of a path; what stands in a list has none of its own.
pub fn keys(path: &KeyPath) -> Vec<&str> {
    fn key(segment: &Segment) -> Option<&str> {
        if let Segment::Key(key) = segment { Some(key) } else { None }
    }
    path.0.iter().map(key).collect::<Option<_>>().unwrap_or_default()
}
