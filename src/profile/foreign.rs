//! What other tools call what the language has: their keys and their choices, with what to write in their place.

mod tables;

use super::command_line;
use super::hints::{self, at, flow, keys, scalar};
use super::shapes;
use super::violations::Place;
use crate::diagnostics::Diagnostic;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::yaml::{Node, Value};
use std::borrow::Cow;

/// The next step for a key that this place does not have, but another tool has.
pub fn key(above: &Place<'_>, key: &str, tree: &Node) -> Option<String> {
    let path = keys(&above.path);
    let written = above.node.as_map().and_then(|map| map.get(key)).map(|entry| &entry.node);
    let table = match path.as_slice() {
        [] => tables::TOP_KEYS,
        ["services", _] => tables::SERVICE_KEYS,
        ["services" | "backing_services", _, "health"] => tables::HEALTH_KEYS,
        ["services" | "backing_services", _, "volumes", _] => tables::VOLUME_KEYS,
        ["backing_services", _] => {
            let own = match at(above.node, &["kind"]).and_then(Node::as_text) {
                Some("postgres") => tables::POSTGRES_KEYS,
                Some("redis") => tables::REDIS_KEYS,
                _ => &[],
            };
            if own.iter().any(|(words, _)| words.contains(&key)) { own } else { tables::STORE_KEYS }
        }
        ["services", _, "run"] => {
            // Gunicorn reads its further options from a variable.
            let is_gunicorn = at(above.node, &["server"]).and_then(Node::as_text) == Some("gunicorn");
            if let Some(option) = written.filter(|_| is_gunicorn && tables::GUNICORN_OPTIONS.contains(&key)).and_then(|node| option(key, node)) {
                return Some(format!(
                    "remove it, and write `env: {{GUNICORN_CMD_ARGS: \"{option}\"}}` at the service: Gunicorn reads its further options there"
                ));
            }
            tables::RUN_KEYS
        }
        ["services" | "backing_services", _, "image"] => tables::IMAGE_KEYS,
        ["services", _, "build"] => tables::BUILD_KEYS,
        ["observability"] => tables::OBSERVABILITY_KEYS,
        ["edge"] => tables::EDGE_KEYS,
        ["edge", "tls"] => tables::TLS_KEYS,
        ["edge", "hosts", _] => tables::HOST_KEYS,
        ["edge", "hosts", _, "routes", _] => tables::ROUTE_KEYS,
        ["targets"] => tables::TARGET_KEYS,
        ["services" | "backing_services", _, "resources"] => tables::RESOURCE_KEYS,
        ["services", _, "autoscale"] => tables::AUTOSCALE_KEYS,
        ["backups", _] => tables::BACKUP_KEYS,
        ["secrets", _] => tables::SECRET_KEYS,
        ["services" | "backing_services", _, "secrets", _] => tables::SECRET_USE_KEYS,
        ["services" | "backing_services", _, "env", _, "param"] | ["env_groups", _, _, "param"] => tables::PARAMETER_KEYS,
        ["services" | "backing_services", _, "env", variable] | ["env_groups", _, variable] => match (key, written) {
            ("secret", Some(node)) => return Some(hints::secret_use(variable, node.as_text().unwrap_or(variable))),
            ("secretKeyRef" | "valueFrom", Some(node)) if key == "secretKeyRef" || at(node, &["secretKeyRef"]).is_some() => {
                return Some(hints::secret_use(variable, variable));
            }
            _ => tables::ENV_KEYS,
        },
        _ => return None,
    };
    let (_, help) = table.iter().find(|(words, _)| words.contains(&key))?;
    // Labels are a list in Compose, too.
    let value = match written.map(|node| &node.value) {
        Some(Value::List(items)) if matches!(key, "labels" | "annotations") => shapes::pairs(items).map(|pairs| format!("{{{pairs}}}")),
        _ => written.and_then(flow),
    };
    let mut help = help.replace("KEY", key).replace("{}", value.as_deref().unwrap_or("..."));
    // What the profile has itself is shown, and nothing that is foreign to it.
    let parts: [(&str, &dyn Fn() -> String); 10] = [
        ("<host>", &|| hints::host(tree)),
        ("<service>", &|| scalar(hints::web_service(tree)).into_owned()),
        ("<address>", &|| written.and_then(Node::as_text).map_or_else(|| "https://www.example.com".into(), address)),
        ("<managed>", &|| managed(path.last().copied().unwrap_or_default(), above.node, tree)),
        ("<limits>", &|| limits(above.node)),
        ("<name>", &|| path.get(1).map(|name| scalar(name).into_owned()).unwrap_or_default()),
        ("<secret>", &|| path.get(3).map(|name| scalar(name).into_owned()).unwrap_or_default()),
        ("<words>", &|| written.map(|node| words(node, command_line::port(tree, &path))).unwrap_or_default()),
        ("<process>", &|| process(key, written, tree)),
        ("<list>", &|| match written.map(|node| &node.value) {
            Some(Value::Text(file)) => format!("[{}]", scalar(file)),
            _ => written.and_then(flow).unwrap_or_else(|| "[base.yaml]".into()),
        }),
    ];
    for (word, part) in parts {
        if help.contains(word) {
            help = help.replace(word, &part());
        }
    }
    Some(help)
}

/// A command, also one that is a text.
fn words(node: &Node, port: Option<u16>) -> String {
    match node.as_text() {
        Some(text) => command_line::arguments(text, port),
        None => flow(node).unwrap_or_else(|| "[python, -m, app]".into()),
    }
}

/// A process of a Procfile, or a service that stands outside its section.
fn process(name: &str, node: Option<&Node>, tree: &Node) -> String {
    match node {
        Some(node) if node.as_map().is_some() => flow(node).unwrap_or_else(|| "{kind: web}".into()),
        Some(Node { value: Value::Text(text), .. }) => command_line::process(name, text, tree),
        _ => format!("{{kind: web, image: {{name: example/{name}, tag: \"1.0.0\"}}, port: 8000}}"),
    }
}

/// An option of Gunicorn: `max_requests: 1000` is `--max-requests 1000`.
fn option(key: &str, node: &Node) -> Option<String> {
    let name = if key == "loglevel" { "log-level".to_owned() } else { key.replace('_', "-") };
    match &node.value {
        Value::Bool(true) => Some(format!("--{name}")),
        Value::Bool(false) => None,
        _ => Some(format!("--{name} {}", hints::plain(node)?.trim_matches('"'))),
    }
}

/// Where a redirect leads.
fn address(text: &str) -> String {
    hints::value("redirect-target", text).unwrap_or_else(|| text.to_owned())
}

/// A backing service that somebody else runs.
fn managed(name: &str, store: &Node, tree: &Node) -> String {
    let text = |path: &[&str]| at(store, path).and_then(Node::as_text);
    let kind = text(&["kind"]).unwrap_or("postgres");
    let host = text(&["host"]).unwrap_or("db.example.com");
    let project = at(tree, &["project", "name"]).and_then(Node::as_text).unwrap_or("shop").replace('-', "_");
    let names = if kind == "postgres" {
        format!(", database: {}, user: {}", scalar(text(&["database"]).unwrap_or(&project)), scalar(text(&["user"]).unwrap_or(&project)))
    } else {
        String::new()
    };
    format!("{}: {{kind: {}, mode: managed, host: {}{names}}}", scalar(name), scalar(kind), scalar(host))
}

/// CPU and memory that stand beside each other, as limits.
fn limits(resources: &Node) -> String {
    let limit = |(key, words, format): (&str, [&str; 2], &str)| {
        let map = resources.as_map()?;
        let node = &words.iter().find_map(|word| map.get(*word))?.node;
        let text = flow(node)?;
        let bare = text.trim_matches('"');
        let is_number = matches!(node.value, Value::Int(_) | Value::Float(_));
        let meant = if is_number && format == "size" { Some(format!("{bare}Mi")) } else { hints::value(format, bare) };
        Some(format!("{key}: {}", meant.unwrap_or(text)))
    };
    let limits = [("cpu", ["cpu", "cpus"], "cpu"), ("memory", ["memory", "mem"], "size")].into_iter().filter_map(limit);
    format!("{{{}}}", limits.collect::<Vec<_>>().join(", "))
}

/// What to write in place of a choice that other tools have.
pub fn choice(path: &KeyPath, given: &str) -> Option<Cow<'static, str>> {
    let image = |name: &str, tag: &str, port: u16| {
        format!(
            "did you mean `image`? Write `kind: image`, `image: {{name: {name}, tag: \"{tag}\"}}` and `port: {port}` in place of `kind` and `version`: only PostgreSQL and Redis are known by their names"
        )
    };
    let whole = match (keys(path).as_slice(), given) {
        (["backing_services", name, "kind"], "mongodb") => known_images::known("mongo").and_then(|image| image.snippet(name)),
        (["backing_services", name, "kind"], _) => known_images::known(given).and_then(|image| image.snippet(name)),
        _ => None,
    };
    if let (Some((snippet, secrets)), ["backing_services", name, _]) = (whole, keys(path).as_slice()) {
        return Some(
            format!(
                "did you mean `image`? Write `{}: {snippet}` in its place, and `secrets: {{{secrets}}}` in the profile: only PostgreSQL and Redis are known by their names",
                scalar(name)
            )
            .into(),
        );
    }
    let text = match (keys(path).as_slice(), given) {
        (["backing_services", _, "kind"], "memcached") => return Some(image("memcached", "1.6", 11211).into()),
        (["backing_services", _, "kind"], "elasticsearch" | "opensearch") => return Some(image("opensearchproject/opensearch", "3.1.0", 9200).into()),
        (["backing_services", _, "kind"], "nats") => return Some(image("nats", "2.11", 4222).into()),
        (["backing_services", _, "kind"], "valkey" | "keydb" | "dragonfly") => return Some(image("valkey/valkey", "8.1", 6379).into()),
        (["backing_services", _, "kind"], "database" | "db" | "sql" | "pg") => "did you mean `postgres`?",
        (["backing_services", _, "kind"], "cache") => "did you mean `redis`?",
        (["edge", "tls", "kind"], "letsencrypt" | "lets-encrypt" | "lets_encrypt" | "auto" | "automatic" | "certbot" | "cert-manager" | "certmanager") => {
            "did you mean `acme`? By that protocol Let's Encrypt gives certificates"
        }
        (["edge", "tls", "kind"], "self-signed" | "selfsigned" | "manual" | "custom" | "secret") => {
            "did you mean `files`? The certificate is `secrets/tls.crt`, its key `secrets/tls.key`, in the output folder"
        }
        (["edge", "tls", "kind"], "off" | "disabled" | "http" | "no" | "proxy" | "external") => {
            "did you mean `none`? TLS ends at a proxy in front, which `trusted_proxies` names"
        }
        (["environment", "kind"], "stage" | "test" | "testing" | "qa" | "uat" | "preview" | "preprod" | "pre-production") => "did you mean `staging`?",
        (
            ["services", _, "build", "runtime"],
            "node" | "nodejs" | "go" | "golang" | "java" | "ruby" | "php" | "rust" | "dotnet" | "deno" | "bun" | "elixir",
        ) => "write `build: {dockerfile: Dockerfile}` with a Dockerfile of your own: only that of Python is made by infragen",
        (["environment", "kind"], "local") => "did you mean `development`?",
        (["environment", "kind"], "live") => "did you mean `production`?",
        (["services" | "backing_services", _, "depends_on", _], "service_healthy" | "ready") => "did you mean `healthy`?",
        (["services" | "backing_services", _, "depends_on", _], "service_started" | "running") => "did you mean `started`?",
        (["services" | "backing_services", _, "depends_on", _], "service_completed_successfully" | "done" | "finished" | "succeeded") => {
            "did you mean `completed`?"
        }
        (["services", _, "run", "server"], server) => {
            let command = match server {
                "rq" => "[rq, worker]",
                "celery" => "[celery, --app, app, worker]",
                "arq" => "[arq, app.worker.WorkerSettings]",
                "dramatiq" => "[dramatiq, app.tasks]",
                "flask" | "django" | "wsgi" => {
                    return Some("write `server: gunicorn`, and `interface: wsgi` beside it, with the application's own module in `app`".into());
                }
                "uwsgi" => "[uwsgi, --http, \"0.0.0.0:8000\", --module, \"app.wsgi:application\"]",
                "hypercorn" => "[hypercorn, --bind, \"0.0.0.0:8000\", \"app.main:app\"]",
                "daphne" => "[daphne, -b, 0.0.0.0, \"app.asgi:application\"]",
                "granian" => "[granian, --interface, asgi, --host, 0.0.0.0, \"app.main:app\"]",
                "node" | "npm" | "python" | "java" | "nginx" | "php" | "ruby" | "puma" => {
                    return Some(format!("remove `run`, which starts Python's ASGI by `gunicorn` or `uvicorn`, and write `command: [{server}, ...]`").into());
                }
                _ => return None,
            };
            return Some(format!("remove `run`, which starts ASGI by `gunicorn` or `uvicorn`, and write `command: {command}`").into());
        }
        (["services", _, "kind"], "api" | "http" | "server" | "app" | "frontend" | "backend" | "service" | "deployment" | "Deployment") => {
            "did you mean `web`? What has no port is a `worker`"
        }
        (["services", _, "kind"], "cronjob" | "CronJob" | "schedule" | "scheduled" | "periodic" | "timer") => "did you mean `cron`?",
        (["services", _, "kind"], "background" | "consumer" | "queue" | "daemon" | "celery") => "did you mean `worker`?",
        (["services", _, "kind"], "job" | "Job" | "migration" | "migrate" | "hook" | "init" | "once" | "oneshot" | "task") => {
            "did you mean `release`? It runs once before each roll-out and ends; what waits for it says `depends_on: {NAME: completed}`"
        }
        (["services", _, "kind"], "scheduler" | "beat") => "did you mean `worker`? With `singleton: true` it is never there twice",
        (["secrets", _, "generate", "kind"], "rsa" | "ed25519" | "ecdsa" | "ec" | "jwt" | "key-pair" | "keypair" | "key_pair" | "pem" | "x509") => {
            "write `{source: external, format: base64}` in place of `generate`: a pair of keys is made by openssl, and its private key goes into the env file on one line, \
             `openssl genpkey -algorithm ed25519 | base64 -w0`; what is signed by it, such as a JWT, likewise"
        }
        _ => return None,
    };
    Some(text.into())
}

/// Keys of a profile's top that no other tool's file has.
const OWN_SECTIONS: [&str; 12] =
    ["project", "environment", "backing_services", "edge", "targets", "extends", "remove", "abstract", "env_groups", "backups", "observability", "waivers"];

/// Says of a file of another tool what it is: a list of all that is no key of a profile would not help.
pub fn document(tree: &Node) -> Option<Diagnostic> {
    let map = tree.as_map().filter(|map| OWN_SECTIONS.iter().all(|key| !map.contains_key(*key)))?;
    let service = |node: &Node| {
        let has = |keys: &[&str]| node.as_map().is_some_and(|map| keys.iter().any(|key| map.contains_key(*key)));
        !has(&["kind", "like"])
            && (has(&["ports", "environment", "restart", "networks", "container_name", "env_file"]) || at(node, &["image"]).and_then(Node::as_text).is_some())
    };
    let services = map.get("services").and_then(|entry| entry.node.as_map());
    let (key, what, label, help) = if map.contains_key("apiVersion") && map.contains_key("kind") {
        ("apiVersion", "a manifest of Kubernetes", "no profile has this key", "a profile says what is deployed, and the target `kubernetes` renders manifests")
    } else if services.is_some_and(|services| !services.is_empty() && services.values().all(|entry| service(&entry.node))) {
        (
            "services",
            "a file of Docker Compose",
            "written as for Compose",
            "a profile says what is deployed, and the target `compose` renders such a file. Of this one, programs of your own go to `services`, databases and other images to \
             `backing_services`, published ports to `edge`",
        )
    } else if ["replicaCount", "podAnnotations", "nameOverride", "fullnameOverride"].iter().any(|key| map.contains_key(*key)) {
        (
            map.keys().next()?.as_str(),
            "a file of values for Helm",
            "no profile has this key",
            "a profile says what is deployed, and the target `kubernetes` renders manifests",
        )
    } else {
        return None;
    };
    let start =
        "Start with `version: 1`, `project: {name: shop}`, `environment: {kind: production}` and `targets: {compose: {}, nginx: {}, dotenv: {}, scripts: {}}`";
    let error = Diagnostic::error("not-a-profile", format!("this is {what}, not a profile")).at(KeyPath::of(&[key]));
    Some(error.label(map.get(key)?.key, label).help(format!("{help}. {start}; `infragen explain services.web` says what a service has")))
}
