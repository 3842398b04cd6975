//! What other tools call what the language has: their keys and their choices, with what to write in their place.

use super::hints::{self, at, flow, keys, scalar};
use super::violations::Place;
use crate::diagnostics::Diagnostic;
use crate::key_path::KeyPath;
use crate::yaml::{Node, Value};
use std::borrow::Cow;

/// Keys that a service has elsewhere, and the next step. `{}` is what stands behind the key; `<host>` and `<service>` are those of the profile.
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
    (&["memory", "mem_limit", "mem", "mem_reservation"], "did you mean `resources`? Write `resources: {limits: {memory: {}}}`"),
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
    (&["privileged", "cap_add", "cap_drop"], "remove it: no service gets more rights than it needs to run"),
    (&["workers"], "did you mean `run`? Write `run: {server: gunicorn, app: ..., workers: {}}`"),
    (&["hosts", "domains", "domain", "ingress"], "remove it: what the public reaches stands in `edge.hosts`"),
    (
        &["labels"],
        "write `compose: {labels: {}}` for the containers of Compose. Labels for a reverse proxy are not needed: what the public reaches stands in `edge.hosts`. In a cluster \
         `kubernetes: {annotations: {}}` is for the pods of this service, `targets.kubernetes.labels` for all objects",
    ),
    (&["annotations"], "write `kubernetes: {annotations: {}}`, which is for the pods of this service"),
    (&["livenessProbe", "liveness"], "did you mean `health`? Such as `health: {live: /live}`"),
    (&["readinessProbe", "startupProbe", "readiness", "probes"], "did you mean `health`? Such as `health: {ready: /ready}`"),
    (&["containerPort", "targetPort", "listen"], "did you mean `port`? Write `port: {}`"),
    (&["nodeSelector", "tolerations", "affinity", "imagePullSecrets"], "write `kubernetes: {pod: {KEY: {}}}`"),
    (&["dns", "extra_hosts", "platform", "sysctls", "working_dir", "group_add", "gpus"], "write `compose: {KEY: {}}`"),
    (&["build_args", "dockerfile", "context"], "did you mean `build`? An existing Dockerfile is `build: {dockerfile: Dockerfile}`"),
    (&["cron", "interval"], "did you mean `schedule`? Such as `schedule: \"0 3 * * *\"`, with `kind: cron`"),
    (
        &["public", "url", "route", "routes", "path"],
        "remove it: a route leads to the service, `edge: {hosts: {<host>: {routes: {/: {service: <service>}}}}, tls: {kind: acme}}`",
    ),
    (&["extends"], "did you mean `like`? It names another service whose image and environment this one shares"),
    (&["hpa", "autoscaling"], "did you mean `autoscale`? Such as `autoscale: {min: 2, max: 6}`"),
    (&["configs", "mounts"], "did you mean `files`? Such as `files: {/etc/app/app.conf: {source: config/app.conf}}`"),
    (&["security_opt", "securityContext", "read_only"], "remove it: each service runs without rights, on a file system that it cannot write to"),
    (&["stop_grace_period", "terminationGracePeriodSeconds"], "did you mean `stop_grace`? Such as `stop_grace: 30s`"),
    (&["restartPolicy", "restart_policy"], "remove it: what runs on is started again unless somebody stops it, jobs (`kind: cron`, `kind: release`) are not"),
    (
        &["strategy", "updateStrategy", "update_config", "rollingUpdate", "revisionHistoryLimit", "minReadySeconds", "maxSurge", "maxUnavailable"],
        "remove it: new instances start beside the old ones, which go when the new ones are healthy; `singleton: true` is for what must never be there twice",
    ),
    (
        &["serviceAccountName", "serviceAccount", "automountServiceAccountToken"],
        "remove it: each service has an account of its own, without rights in the cluster. A patch of `kubernetes:ServiceAccount/NAME` gives it annotations, such as the name of a role in a cloud",
    ),
    (&["volumeMounts", "volume_mounts"], "did you mean `volumes`? A map by name, such as `volumes: {uploads: {path: /srv/uploads}}`"),
    (&["envFrom"], "did you mean `env_from`? It names blocks of the profile's section `env_groups`, such as `env_from: [common]`"),
    (
        &["template", "selector", "metadata", "spec", "podAnnotations"],
        "remove it: a service is no manifest. What it says here becomes one; `kubernetes: {pod: {...}}` adds to its pod",
    ),
    (&["runAsUser", "uid"], "did you mean `user`? Such as `user: \"10001:10001\"`"),
    (&["secret", "secret_env"], "did you mean `secrets`? It is a map, such as `secrets: {API_KEY: {}}`"),
    (&["depends", "needs", "requires", "wait_for"], "did you mean `depends_on`? It is a map, such as `depends_on: {migrate: completed}`"),
    (&["pull_policy", "imagePullPolicy"], "remove it: tags are never moved, so that nothing has to be pulled again"),
];

/// Keys that a profile has elsewhere.
const TOP_KEYS: &[(&[&str], &str)] = &[
    (&["name"], "did you mean `project`? Write `project: {name: {}}`"),
    (&["networks"], "remove it: a service reaches what it depends on, and nothing else"),
    (&["volumes"], "remove it: a volume is named at the services that use it, such as `volumes: {uploads: {path: /srv/uploads}}`"),
    (&["env", "variables"], "did you mean `env_groups`? A service takes its blocks by `env_from`; what only one needs stands in its own `env`"),
    (&["databases", "database", "stores"], "did you mean `backing_services`? Such as `backing_services: {database: {kind: postgres, version: \"17\"}}`"),
    (&["nginx", "ingress", "hosts", "domains", "proxy"], "did you mean `edge`? What the public reaches stands in `edge.hosts`"),
    (&["kind"], "did you mean `environment`? Such as `environment: {kind: production}`"),
    (
        &["hooks", "install", "installer"],
        "remove it: scripts of your own are files of the output folder, such as `hooks/before_deploy`, which the script that deploys runs",
    ),
    (&["apiVersion", "metadata", "spec"], "remove it: a profile is no manifest. It says what is deployed, and its target `kubernetes` renders the manifests"),
    (
        &["replicaCount", "image", "resources", "port"],
        "remove it: it is a key of a service, such as `services: {web: {kind: web, image: {name: example/web, tag: \"1.0.0\"}}}`",
    ),
    (&["configs"], "remove it: a file is named at the services that use it, such as `files: {/etc/app/app.conf: {source: config/app.conf}}`"),
    (&["environments"], "did you mean `environment`? One profile describes one: `environment: {kind: production}`"),
    (
        &["app", "apps", "applications", "processes", "deployments"],
        "did you mean `services`? Such as `services: {web: {kind: web, image: {name: example/web, tag: \"1.0.0\"}}}`",
    ),
    (&["tls", "ssl", "letsencrypt"], "remove it: it is a key of `edge`, such as `tls: {kind: acme}`"),
    (&["cronjobs", "jobs"], "remove it: a job is a service, with `kind: cron` and a `schedule`, or with `kind: release` before each roll-out"),
    (&["logging", "monitoring", "sentry"], "did you mean `observability`? Such as `observability: {logs: {max_size: 50m}}`"),
    (&["include", "includes", "imports", "inherits", "parent"], "did you mean `extends`? Write `extends: <list>`"),
];

/// Keys that the checks of a service have elsewhere.
const HEALTH_KEYS: &[(&[&str], &str)] = &[
    (&["path", "http", "endpoint", "url", "httpGet", "readiness", "healthcheck"], "did you mean `ready`? Write `ready: {}`"),
    (&["liveness"], "did you mean `live`? Write `live: {}`"),
    (&["test", "cmd", "exec"], "did you mean `command`? It is a list, such as `command: [pg_isready]`"),
    (&["initialDelaySeconds", "start_interval", "delay"], "did you mean `start_period`? Such as `start_period: 30s`"),
    (&["periodSeconds", "every"], "did you mean `interval`? Such as `interval: 10s`"),
    (&["timeoutSeconds"], "did you mean `timeout`? Such as `timeout: 5s`"),
    (&["failureThreshold"], "did you mean `retries`? Write `retries: {}`"),
    (&["disable", "disabled"], "remove it: a service without `health` has no check"),
];

/// Keys that the edge, a host and a route have elsewhere.
const EDGE_KEYS: &[(&[&str], &str)] = &[
    (
        &["letsencrypt", "acme", "ssl", "https", "certificate", "certificates"],
        "did you mean `tls`? Write `tls: {kind: acme}`, which gets certificates from Let's Encrypt by itself",
    ),
    (&["routes"], "did you mean `hosts`? Write `hosts: {<host>: {routes: {}}}`"),
    (&["host", "domain", "domains"], "did you mean `hosts`? Such as `hosts: {<host>: {routes: {/: {service: <service>}}}}`"),
    (&["client_max_body_size", "max_body_size"], "did you mean `body_size`? Such as `body_size: 20m`"),
    (
        &["port", "ports", "http_port", "https_port"],
        "remove it: the host's ports are said by the target, `targets: {compose: {http_port: 8080, https_port: 8443}}`",
    ),
    (&["headers", "gzip", "cors"], "write a snippet for nginx: `infragen explain snippets` says how"),
];
const HOST_KEYS: &[(&[&str], &str)] = &[
    (&["paths", "locations", "location", "rules"], "did you mean `routes`? Such as `routes: {/: {service: <service>}}`"),
    (&["redirect", "redirect_to", "redirectTo", "return"], "did you mean `routes`? Write `routes: {/: {redirect: <address>}}`"),
    (&["service", "backend", "to", "upstream"], "did you mean `routes`? Write `routes: {/: {service: {}}}`"),
    (&["tls", "ssl", "acme"], "remove it: `edge.tls` is for all hosts"),
];
const ROUTE_KEYS: &[(&[&str], &str)] = &[
    (&["paths", "path", "prefix"], "remove it: the path is the key above; a further one is a route of its own, such as `/admin: {service: <service>}`"),
    (&["backend", "upstream", "proxy_pass", "to", "target", "name"], "did you mean `service`? Write `service: {}`"),
    (&["root", "static", "alias", "dir", "folder"], "did you mean `files`? It is a folder below the project's root: `files: {}`"),
    (&["redirect_to", "redirectTo", "return"], "did you mean `redirect`? Write `redirect: <address>`"),
    (&["rewrite", "strip", "stripPrefix"], "did you mean `strip_prefix`? Write `strip_prefix: true`"),
    (&["websockets", "ws"], "did you mean `websocket`? Write `websocket: true`"),
    (&["client_max_body_size", "max_body_size"], "did you mean `body_size`? Such as `body_size: 20m`"),
    (&["auth", "basic_auth", "headers"], "write a snippet for nginx: `infragen explain snippets` says how"),
];
const TLS_KEYS: &[(&[&str], &str)] = &[(
    &["cert", "key", "certificate", "crt", "cert_file", "key_file", "private_key"],
    "remove it: with `kind: files` they are `secrets/tls.crt` and `secrets/tls.key` in the output folder",
)];

/// Targets that others know by another name.
const TARGET_KEYS: &[(&[&str], &str)] = &[
    (&["docker-compose", "docker_compose", "swarm"], "did you mean `compose`?"),
    (&["k8s", "kube", "helm", "kustomize", "k3s"], "did you mean `kubernetes`?"),
    (&["env", ".env", "env_file", "envfile"], "did you mean `dotenv`?"),
    (&["dockerfile", "Dockerfile", "image", "build"], "did you mean `docker`?"),
    (
        &["proxy", "traefik", "caddy", "edge", "ingress"],
        "did you mean `nginx`? On Compose it is the only edge; on Kubernetes `ingress_class` names the controller",
    ),
    (&["script", "deploy", "shell"], "did you mean `scripts`?"),
];

/// Keys of smaller maps.
const RESOURCE_KEYS: &[(&[&str], &str)] = &[(&["cpu", "cpus", "memory", "mem"], "did you mean `limits`? Write `limits: <limits>`")];
const VOLUME_KEYS: &[(&[&str], &str)] = &[
    (&["mountPath", "target", "mount", "mount_path", "folder", "dir", "destination"], "did you mean `path`? Write `path: {}`"),
    (&["source", "bind", "hostPath", "host_path", "device"], "did you mean `host`? Write `host: {}`"),
    (&["readOnly", "readonly", "ro"], "did you mean `read_only`? Write `read_only: {}`"),
    (&["storage", "capacity"], "did you mean `size`? Write `size: {}`"),
    (&["claim", "claimName", "existingClaim", "name"], "did you mean `external`? Write `external: {}`"),
    (&["type", "driver"], "remove it: a volume is the deployment's own, unless `host` names a folder of the host or `external` one that is there already"),
];
const AUTOSCALE_KEYS: &[(&[&str], &str)] = &[
    (&["min_replicas", "minReplicas"], "did you mean `min`? Write `min: {}`"),
    (&["max_replicas", "maxReplicas"], "did you mean `max`? Write `max: {}`"),
    (&["targetCPUUtilizationPercentage", "target_cpu", "cpu_percent"], "did you mean `cpu`? Write `cpu: {}`"),
    (&["targetMemoryUtilizationPercentage", "target_memory"], "did you mean `memory`? Write `memory: {}`"),
];
const BACKUP_KEYS: &[(&[&str], &str)] = &[
    (&["retention", "retain", "days"], "did you mean `keep`? `infragen explain backups.x.keep` says what it takes"),
    (&["cron", "at", "when"], "did you mean `schedule`? Such as `schedule: \"0 3 * * *\"`"),
    (&["bucket", "to", "path", "s3"], "did you mean `destination`? `infragen explain backups.x.destination` says what it takes"),
];
const SECRET_KEYS: &[(&[&str], &str)] = &[
    (&["external", "file", "from", "vault"], "did you mean `source`? Write `source: external`: the value is supplied in the env file of each server"),
    (&["value", "default"], "remove it: a secret's value never stands in a profile, it is in the env file of each server"),
    (&["length", "bytes"], "did you mean `generate`? Write `generate: {KEY: {}}`"),
];
const ENV_KEYS: &[(&[&str], &str)] = &[
    (&["value"], "write the value itself: `NAME: {}`"),
    (&["default"], "did you mean `param`? Write `param: {default: {}}`"),
    (&["valueFrom", "configMapKeyRef"], "did you mean `from`? Such as `from: database.url`; a secret is named in the service's `secrets`"),
];

/// Keys that a backing service has elsewhere.
const STORE_KEYS: &[(&[&str], &str)] = &[
    (&["type", "engine"], "did you mean `kind`? Write `kind: {}`"),
    (&["environment"], "did you mean `env`? Only `kind: image` has it; PostgreSQL and Redis get theirs by themselves"),
    (
        &["password", "username", "db", "POSTGRES_PASSWORD"],
        "remove it: the user and the password are made by infragen; a service gets the whole address by `{from: NAME.url}`",
    ),
    (&["healthcheck"], "remove it: PostgreSQL and Redis are checked by themselves, `kind: image` has `health`"),
    (&["restart", "container_name", "networks"], "remove it: it is taken care of"),
    (&["tag"], "did you mean `version`? Write `version: {}`"),
    (&["managed", "external"], "write `<managed>`: what that server decides, such as its version, is not said here"),
];

/// The next step for a key that this place does not have, but another tool has.
pub fn key(above: &Place<'_>, key: &str, tree: &Node) -> Option<String> {
    let path = keys(&above.path);
    let written = above.node.as_map().and_then(|map| map.get(key)).map(|entry| &entry.node);
    let table = match path.as_slice() {
        [] => TOP_KEYS,
        ["services", _] => SERVICE_KEYS,
        ["services" | "backing_services", _, "health"] => HEALTH_KEYS,
        ["services" | "backing_services", _, "volumes", _] => VOLUME_KEYS,
        ["backing_services", _] => STORE_KEYS,
        ["edge"] => EDGE_KEYS,
        ["edge", "tls"] => TLS_KEYS,
        ["edge", "hosts", _] => HOST_KEYS,
        ["edge", "hosts", _, "routes", _] => ROUTE_KEYS,
        ["targets"] => TARGET_KEYS,
        ["services" | "backing_services", _, "resources"] => RESOURCE_KEYS,
        ["services", _, "autoscale"] => AUTOSCALE_KEYS,
        ["backups", _] => BACKUP_KEYS,
        ["secrets", _] => SECRET_KEYS,
        ["services" | "backing_services", _, "env", variable] | ["env_groups", _, variable] => match (key, written) {
            ("secret", Some(node)) => return Some(hints::secret_use(variable, node.as_text().unwrap_or(variable))),
            ("secretKeyRef" | "valueFrom", Some(node)) if key == "secretKeyRef" || at(node, &["secretKeyRef"]).is_some() => {
                return Some(hints::secret_use(variable, variable));
            }
            _ => ENV_KEYS,
        },
        _ => return None,
    };
    let (_, help) = table.iter().find(|(words, _)| words.contains(&key))?;
    let mut help = help.replace("KEY", key).replace("{}", written.and_then(flow).as_deref().unwrap_or("..."));
    // What the profile has itself is shown, and nothing that is foreign to it.
    let parts: [(&str, &dyn Fn() -> String); 6] = [
        ("<host>", &|| hints::host(tree)),
        ("<service>", &|| scalar(hints::web_service(tree)).into_owned()),
        ("<address>", &|| written.and_then(Node::as_text).map_or_else(|| "https://www.example.com".into(), address)),
        ("<managed>", &|| managed(path.last().copied().unwrap_or_default(), above.node, tree)),
        ("<limits>", &|| limits(above.node)),
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
    let text = match (keys(path).as_slice(), given) {
        (["backing_services", _, "kind"], "mysql") => return Some(image("mysql", "8.4", 3306).into()),
        (["backing_services", _, "kind"], "mariadb") => return Some(image("mariadb", "11.4", 3306).into()),
        (["backing_services", _, "kind"], "mongodb" | "mongo") => return Some(image("mongo", "8.0", 27017).into()),
        (["backing_services", _, "kind"], "rabbitmq") => return Some(image("rabbitmq", "4.1", 5672).into()),
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
