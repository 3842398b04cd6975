//! What other tools call what the language has: their keys and their choices, with what to write in their place.

mod tables;

use super::command_line;
use super::hints::{self, at, flow, keys, plain, scalar};
use super::shapes;
use super::violations::Place;
use crate::diagnostics::{Diagnostic, nearest, nearest_within};
use crate::key_path::KeyPath;
use crate::known_images::{self, Written};
use crate::target_words::{self, Said};
use crate::yaml::{Node, Value};
use std::borrow::Cow;

/// The next step for a key that this place does not have, but another tool has.
pub fn key(above: &Place<'_>, key: &str, tree: &Node) -> Option<String> {
    as_word(above, key, key, tree).or_else(|| said_in_target(above, key))
}

/// The next step for a key that may be such a one, misspelt.
pub fn near_key(above: &Place<'_>, key: &str, tree: &Node) -> Option<String> {
    let words = keys_of_others(&keys(&above.path), above.node, key).iter().flat_map(|(words, _)| words.iter().copied());
    // A short word is near to many.
    let near = nearest_within(2, key, words.filter(|word| word.len() > 6))?;
    as_word(above, key, near, tree)
}

/// Keys of a backing service that is an image of others, which has more of a service's own keys.
const CONTAINER_KEYS: tables::Keys =
    &[(&["healthcheck"], "did you mean `health`? Write `health: {command: <test>}`"), (&["environment"], "did you mean `env`? Write `env: {}`")];

/// The keys of other tools that are known at a place.
fn keys_of_others(path: &[&str], above: &Node, key: &str) -> tables::Keys {
    match path {
        [] => tables::TOP_KEYS,
        ["services", _] => tables::SERVICE_KEYS,
        ["services" | "backing_services", _, "health"] => tables::HEALTH_KEYS,
        ["services" | "backing_services", _, "volumes", _] => tables::VOLUME_KEYS,
        ["backing_services", _] => {
            let own = match at(above, &["kind"]).and_then(Node::as_text) {
                Some("postgres") => tables::POSTGRES_KEYS,
                Some("redis") => tables::REDIS_KEYS,
                Some("image") => CONTAINER_KEYS,
                _ => &[],
            };
            if own.iter().any(|(words, _)| words.contains(&key)) { own } else { tables::STORE_KEYS }
        }
        ["services", _, "run"] => tables::RUN_KEYS,
        ["services" | "backing_services", _, "image"] => tables::IMAGE_KEYS,
        ["services", _, "build"] => tables::BUILD_KEYS,
        ["observability"] => tables::OBSERVABILITY_KEYS,
        ["environment"] => tables::ENVIRONMENT_KEYS,
        ["edge", "rate_limit"] | ["edge", "hosts", _, "routes", _, "rate_limit"] => tables::RATE_KEYS,
        ["edge"] => tables::EDGE_KEYS,
        ["edge", "tls"] => tables::TLS_KEYS,
        ["edge", "hosts", _] => tables::HOST_KEYS,
        ["edge", "hosts", _, "routes", _] => tables::ROUTE_KEYS,
        ["targets"] => tables::TARGET_KEYS,
        ["services" | "backing_services", _, "resources"] => tables::RESOURCE_KEYS,
        ["services", _, "autoscale"] => tables::AUTOSCALE_KEYS,
        ["backups", _] => tables::BACKUP_KEYS,
        ["backups", _, "destination"] => tables::DESTINATION_KEYS,
        ["secrets", _] => tables::SECRET_KEYS,
        ["services" | "backing_services", _, "secrets", _] => tables::SECRET_USE_KEYS,
        ["services" | "backing_services", _, "env", _, "param"] | ["env_groups", _, _, "param"] => tables::PARAMETER_KEYS,
        ["services" | "backing_services", _, "env", _] | ["env_groups", _, _] => tables::ENV_KEYS,
        _ => &[],
    }
}

/// The next step for a key that stands for a word of another tool.
fn as_word(above: &Place<'_>, key: &str, word: &str, tree: &Node) -> Option<String> {
    let path = keys(&above.path);
    let written = above.node.as_map().and_then(|map| map.get(key)).map(|entry| &entry.node);
    match (path.as_slice(), word, written) {
        // Gunicorn reads its further options from a variable.
        (["services", _, "run"], _, Some(node))
            if tables::GUNICORN_OPTIONS.contains(&word) && at(above.node, &["server"]).and_then(Node::as_text) == Some("gunicorn") =>
        {
            if let Some(option) = option(word, node) {
                return Some(format!(
                    "remove it, and write `env: {{GUNICORN_CMD_ARGS: \"{option}\"}}` at the service: Gunicorn reads its further options there"
                ));
            }
        }
        (["services", _], "livenessProbe" | "liveness", Some(node)) if says_nothing_else(above.node, node) => {
            return Some(
                "remove it: it asks what readiness asks, or nothing but the port, and without `live` the engine tries that connection by itself".into(),
            );
        }
        (["services", _], _, Some(_)) if PROBES.iter().any(|(probe, ..)| *probe == word) => {
            if let Some(checks) = checks(above.node) {
                let beside = above.node.as_map().is_some_and(|map| map.contains_key("health"));
                return Some(if beside {
                    format!("did you mean `health`? Add `{checks}` to it")
                } else {
                    format!("did you mean `health`? Write `health: {{{checks}}}`")
                });
            }
        }
        (["edge", "hosts", _], route, Some(node)) if route.starts_with('/') => {
            let route = format!("{}: {}", scalar(route), flow(node).unwrap_or_else(|| format!("{{service: {}}}", hints::web_service(tree))));
            return Some(format!("did you mean `routes`? Write `routes: {{{route}}}`"));
        }
        (["backing_services", _], "backup", _) if at(above.node, &["kind"]).and_then(Node::as_text) == Some("image") => {
            return Some(backup(at(above.node, &["image", "name"]).and_then(Node::as_text).unwrap_or_default()));
        }
        (["services" | "backing_services", _, "env", variable] | ["env_groups", _, variable], ..) => {
            if let Some(help) = of_variable(variable, word, written, tree) {
                return Some(help);
            }
        }
        _ => {}
    }
    let (_, help) = keys_of_others(&path, above.node, word).iter().find(|(words, _)| words.contains(&word))?;
    // Labels are a list in Compose, too.
    let value = match written.map(|node| &node.value) {
        Some(Value::List(items)) if matches!(word, "labels" | "annotations") => shapes::pairs(items).map(|pairs| format!("{{{pairs}}}")),
        _ => written.and_then(flow),
    };
    let mut help = help.replace("KEY", word).replace("{}", value.as_deref().unwrap_or("..."));
    // What the profile has itself is shown, and nothing that is foreign to it.
    let parts: [(&str, &dyn Fn() -> String); 14] = [
        ("<page>", &|| page(tree)),
        ("<host>", &|| hints::host(tree)),
        ("<service>", &|| scalar(hints::web_service(tree)).into_owned()),
        ("<address>", &|| written.and_then(Node::as_text).map_or_else(|| "https://www.example.com".into(), address)),
        ("<managed>", &|| managed(path.last().copied().unwrap_or_default(), above.node, tree)),
        ("<limits>", &|| limits(above.node)),
        ("<name>", &|| path.get(1).map(|name| scalar(name).into_owned()).unwrap_or_default()),
        ("<secret>", &|| path.get(3).map(|name| scalar(name).into_owned()).unwrap_or_default()),
        ("<words>", &|| written.map(|node| words(node, command_line::port(tree, &path))).unwrap_or_default()),
        ("<to>", &|| scalar(written.and_then(shapes::led_to).unwrap_or_else(|| hints::web_service(tree))).into_owned()),
        ("<check>", &|| written.and_then(check).unwrap_or_else(|| "[pg_isready]".into())),
        ("<test>", &|| {
            let test = written.and_then(|node| at(node, &["test"]).or(Some(node).filter(|node| node.as_map().is_none())));
            test.and_then(check).unwrap_or_else(|| "[...]".into())
        }),
        ("<process>", &|| process(key, written, tree)),
        ("<list>", &|| match written.map(|node| &node.value) {
            Some(Value::Text(file)) => format!("[{}]", scalar(file)),
            _ => written.and_then(flow).unwrap_or_else(|| "[base.yaml]".into()),
        }),
    ];
    for (mark, part) in parts {
        if help.contains(mark) {
            help = help.replace(mark, &part());
        }
    }
    Some(help)
}

/// Who makes backups of what infragen makes none of.
fn backup(image: &str) -> String {
    let known = known_images::family(image).and_then(|family| Some((family.title(), family.dump()?)));
    match known {
        Some((title, program)) => format!(
            "remove it: infragen makes backups of `kind: postgres` alone. For {title} a service of `kind: cron` calls `{program}`: \"a backup of MySQL\" in docs/recipes.md"
        ),
        None => {
            "remove it: infragen makes backups of `kind: postgres` alone, and for any other program a service of `kind: cron` calls what belongs to it".into()
        }
    }
}

/// What a variable has in place of what others say of it.
fn of_variable(variable: &str, word: &str, written: Option<&Node>, tree: &Node) -> Option<String> {
    match (word, written) {
        ("secret", Some(node)) => Some(hints::secret_use(variable, node.as_text().unwrap_or(variable))),
        ("secretKeyRef" | "valueFrom", Some(node)) if word == "secretKeyRef" || at(node, &["secretKeyRef"]).is_some() => {
            let reference = if word == "secretKeyRef" { Some(node) } else { at(node, &["secretKeyRef"]) };
            Some(hints::secret_use(variable, &hints::secret_meant(variable, reference, tree)))
        }
        ("valueFrom", Some(node)) if at(node, &["fieldRef"]).or(at(node, &["resourceFieldRef"])).is_some() => {
            Some("remove the variable: what a cluster says of a pod has no key here".into())
        }
        ("configMapKeyRef" | "valueFrom", _) => Some(format!(
            "write `{variable}: {{param: {{required: true}}}}` for what each server's env file decides, or the value itself; values that services share stand in `env_groups`"
        )),
        _ => None,
    }
}

/// A key of a service in the words of Compose, of a pod or of its container.
fn said_in_target(above: &Place<'_>, key: &str) -> Option<String> {
    let path = keys(&above.path);
    let [section @ ("services" | "backing_services"), name] = path.as_slice() else { return None };
    let value = above.node.as_map().and_then(|map| map.get(key)).and_then(|entry| flow(&entry.node)).unwrap_or_else(|| "...".into());
    let is_service = *section == "services";
    Some(match target_words::said(key)? {
        Said::Rights => "remove it: it gives a container rights over its host or its neighbours; what needs them runs apart from this deployment".into(),
        Said::Compose if is_service => format!("write `compose: {{{key}: {value}}}`"),
        Said::Compose => format!(
            "write a patch in the profile, `patches: {{{name}-{}: {{target: compose:services/{name}, merge: {{{key}: {value}}}, reason: Why it is needed}}}}`",
            key.replace('_', "-")
        ),
        Said::Pod => format!("write `kubernetes: {{pod: {{{key}: {value}}}}}`"),
        Said::Container if is_service => format!("write `kubernetes: {{container: {{{key}: {value}}}}}`"),
        Said::Container => return None,
    })
}

/// A command, also one that is a text.
fn words(node: &Node, port: Option<u16>) -> String {
    match node.as_text() {
        Some(text) => command_line::arguments(text, port),
        None => flow(node).unwrap_or_else(|| "[python, -m, app]".into()),
    }
}

/// A check of Compose as a command: without its first word, which says who reads the rest.
fn check(node: &Node) -> Option<String> {
    let Value::List(items) = &node.value else { return node.as_text().map(|text| command_line::arguments(text, None)) };
    let words: Vec<&str> = items.iter().map(Node::as_text).collect::<Option<_>>()?;
    match words.as_slice() {
        ["CMD", rest @ ..] => Some(format!("[{}]", rest.iter().map(|word| scalar(word)).collect::<Vec<_>>().join(", "))),
        ["CMD-SHELL", line] => Some(command_line::arguments(line, None)),
        _ => flow(node),
    }
}

/// Probes of Kubernetes, with the keys of `health` for a path and for a command.
const PROBES: [(&str, &str, &str); 6] = [
    ("readinessProbe", "ready", "command"),
    ("readiness", "ready", "command"),
    ("startupProbe", "ready", "command"),
    ("livenessProbe", "live", "live_command"),
    ("liveness", "live", "live_command"),
    ("probes", "ready", "command"),
];

/// The path that a probe asks.
fn asked_path(probe: &Node) -> Option<&str> {
    [&["httpGet", "path"][..], &["path"]].iter().find_map(|keys| at(probe, keys)).and_then(Node::as_text).or_else(|| probe.as_text())
}

/// True for a probe of liveness that has no path of its own: none, or that of readiness.
fn says_nothing_else(service: &Node, probe: &Node) -> bool {
    let ready = ["readinessProbe", "readiness", "startupProbe"].iter().find_map(|key| at(service, &[key])).and_then(asked_path);
    let ready = at(service, &["health", "ready"]).and_then(Node::as_text).or(ready);
    match asked_path(probe) {
        Some(path) => Some(path) == ready,
        None => ready.is_some() && at(probe, &["exec"]).is_none() && at(probe, &["grpc"]).is_none(),
    }
}

/// What the probes of a service say, as entries of `health`: all of them, so that both messages have one next step.
fn checks(service: &Node) -> Option<String> {
    let mut entries: Vec<(&str, String)> = Vec::new();
    for (probe, path, command) in PROBES {
        let Some(node) = at(service, &[probe]) else { continue };
        let entry = match (asked_path(node), at(node, &["exec", "command"]).and_then(flow)) {
            (Some(text), _) if text.starts_with('/') => (path, scalar(text).into_owned()),
            (_, Some(words)) => (command, words),
            _ if at(node, &["tcpSocket"]).is_some() => ("tcp", "true".into()),
            _ if at(node, &["grpc"]).is_some() => ("grpc", "{}".into()),
            _ => continue,
        };
        if !entries.iter().any(|(key, _)| *key == entry.0) {
            entries.push(entry);
        }
    }
    (!entries.is_empty()).then(|| entries.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", "))
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

/// How nginx gets a page of one's own for requests that no replica answers.
fn page(tree: &Node) -> String {
    let why = "where no replica answers, nginx does. A page of your own is a snippet for it";
    let hosts = at(tree, &["edge", "hosts"]).and_then(Node::as_map).map(|hosts| hosts.keys().collect::<Vec<_>>()).unwrap_or_default();
    let ([host], Some(_)) = (hosts.as_slice(), at(tree, &["targets", "nginx"])) else {
        return format!("remove it: {why}, `error_page` and a `location` of each host: `infragen explain snippets` says how, and docs/profile.md has one");
    };
    // The line has to be there once; with TLS a second server has the name, too, and leads to HTTPS.
    let has_tls = at(tree, &["edge", "tls", "kind"]).and_then(Node::as_text) != Some("none");
    let after = if has_tls { "http2_max_concurrent_streams 64;".to_owned() } else { format!("server_name {host};") };
    let text =
        "error_page 502 503 504 @page;\nrecursive_error_pages on;\nlocation @page {\n    default_type text/html;\n    return 503 \"<h1>Back soon</h1>\";\n}\n";
    format!(
        "remove it: {why}, in the profile's section `snippets: {{page: {{file: nginx/nginx.conf, after: {}, text: {}, reason: Where no replica answers}}}}`",
        scalar(&after),
        scalar(text)
    )
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

/// What a store says already that it says in other words, too.
fn written(name: &str, tree: &Node) -> Written {
    let value = |keys: &[&str]| keys.iter().find_map(|key| plain(at(tree, &["backing_services", name, key])?));
    // A number is the container's user, a name the login's.
    let is_number = |user: &String| user.trim_matches('"').chars().all(|c| c.is_ascii_digit() || c == ':');
    let user = value(&["user", "username"]);
    let image = at(tree, &["backing_services", name, "image"]);
    let of_map = |key: &str| image?.as_map()?.get(key)?.node.as_text().map(str::to_owned);
    let image = of_map("name").zip(of_map("tag"));
    Written {
        database: value(&["database", "db", "name"]),
        owner: user.as_ref().filter(|user| is_number(user)).map(|user| user.trim_matches('"').to_owned()),
        user: user.filter(|user| !is_number(user)),
        image,
        ports: at(tree, &["backing_services", name, "ports"]).filter(|ports| ports.as_map().is_some()).and_then(flow),
        storage: value(&["storage", "size"]),
        version: at(tree, &["backing_services", name, "version"]).and_then(Node::as_text).map(|version| format!("\"{version}\"")),
        resources: at(tree, &["backing_services", name, "resources"]).and_then(flow),
    }
}

/// What is said behind a list of choices that is not all that there can be.
pub fn any_other(path: &KeyPath) -> &'static str {
    match keys(path).as_slice() {
        ["backing_services", _, "kind"] => "; any other program is `kind: image`, with its `image` and `port`",
        _ => "",
    }
}

/// What to write in place of a choice that other tools have.
pub fn choice(path: &KeyPath, given: &str, tree: &Node) -> Option<Cow<'static, str>> {
    let whole = match (keys(path).as_slice(), given) {
        (["backing_services", name, "kind"], _) => known_images::by_kind(given, name, &written(name, tree)),
        _ => None,
    };
    if let (Some((snippet, secrets)), ["backing_services", name, _]) = (whole, keys(path).as_slice()) {
        let secrets = if secrets.is_empty() { String::new() } else { format!(", and `secrets: {{{secrets}}}` in the profile") };
        return Some(
            format!("did you mean `image`? Write `{}: {snippet}` in its place{secrets}: only PostgreSQL and Redis are known by their names", scalar(name))
                .into(),
        );
    }
    let text = match (keys(path).as_slice(), given) {
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
        // The name of a program.
        (["services", name, "kind"], _) if nearest(given, ["web", "worker", "cron", "release"]).is_none() => {
            return of_program(name, given, tree).map(Cow::Owned);
        }
        (["secrets", _, "generate", "kind"], "rsa" | "ed25519" | "ecdsa" | "ec" | "jwt" | "key-pair" | "keypair" | "key_pair" | "pem" | "x509") => {
            "write `{source: external, format: base64}` in place of `generate`: a pair of keys is made by openssl, and its private key goes into the env file on one line, \
             `openssl genpkey -algorithm ed25519 | base64 -w0`; what is signed by it, such as a JWT, likewise"
        }
        _ => return None,
    };
    Some(text.into())
}

/// What to write for a service whose kind is the program that it runs.
fn of_program(name: &str, given: &str, tree: &Node) -> Option<String> {
    let (program, tag) = given.rsplit_once(':').unwrap_or((given, "1.0.0"));
    if ["postgres", "postgresql", "redis"].contains(&program) {
        return Some(format!("write it in `backing_services`, where that is a kind, in place of `services.{}`", scalar(name)));
    }
    hints::value("image-name", program).map_or(Some(program), |_| None).filter(|program| program.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let image = if at(tree, &["services", name, "image"]).is_some() || at(tree, &["services", name, "like"]).is_some() {
        ": which program it runs, `image` says".to_owned()
    } else {
        format!(", and which program it runs as `image: {{name: {}, tag: \"{tag}\"}}`, with the tag that is meant", scalar(program))
    };
    Some(format!("write `kind: web`, or `kind: worker` for what has no port{image}"))
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
