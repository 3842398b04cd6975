//! Keys of other tools by the place where they are met, with the next step.

pub type Keys = &'static [(&'static [&'static str], &'static str)];

/// Keys that a service has elsewhere, and the next step. `{}` is what stands behind the key; `<host>` and `<service>` are those of the profile.
pub const SERVICE_KEYS: Keys = &[
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
    (&["runtime"], "did you mean `build`? Such as `build: {runtime: python, version: \"3.12\"}`"),
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
    (
        &["hosts", "domains", "domain", "ingress", "virtual_host", "vhost"],
        "remove it: what the public reaches stands in the section `edge: {hosts: {<host>: {routes: {/: {service: <name>}}}}, tls: {kind: acme}}`",
    ),
    (
        &["labels"],
        "write `compose: {labels: {}}` for the containers of Compose. Labels for a reverse proxy are not needed: what the public reaches stands in `edge.hosts`. In a cluster \
         `kubernetes: {annotations: {}}` is for the pods of this service, `targets.kubernetes.labels` for all objects",
    ),
    (&["annotations"], "write `kubernetes: {annotations: {}}`, which is for the pods of this service"),
    (&["livenessProbe", "liveness"], "did you mean `health`? Such as `health: {live: /live}`"),
    (&["readinessProbe", "startupProbe", "readiness", "probes"], "did you mean `health`? Such as `health: {ready: /ready}`"),
    (&["containerPort", "targetPort", "listen"], "did you mean `port`? Write `port: {}`"),
    (&["build_args", "dockerfile", "context"], "did you mean `build`? An existing Dockerfile is `build: {dockerfile: Dockerfile}`"),
    (&["cron", "interval"], "did you mean `schedule`? Such as `schedule: \"0 3 * * *\"`, with `kind: cron`"),
    (
        &["public", "url", "route", "routes", "path"],
        "remove it: a route leads to the service, `edge: {hosts: {<host>: {routes: {/: {service: <name>}}}}, tls: {kind: acme}}`",
    ),
    (&["extends"], "did you mean `like`? It names another service whose image and environment this one shares"),
    (&["hpa", "autoscaling"], "did you mean `autoscale`? Such as `autoscale: {min: 2, max: 6}`"),
    (&["configs", "mounts"], "did you mean `files`? Such as `files: {/etc/app/app.conf: {source: config/app.conf}}`"),
    (&["security_opt", "securityContext"], "remove it: each service runs without rights, on a file system that it cannot write to"),
    (&["read_only"], "remove it: a service writes to its folders alone, those in memory, `tmpfs: {/var/cache: 64Mi}`, and its `volumes`"),
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
    (
        &["envFrom"],
        "did you mean `env_from`? It names blocks of the profile's section `env_groups`, such as `env_from: [common]`; what a Secret has is named key by key in the service's `secrets`",
    ),
    (
        &["template", "selector", "metadata", "spec", "podAnnotations"],
        "remove it: a service is no manifest. What it says here becomes one; `kubernetes: {pod: {...}}` adds to its pod",
    ),
    (&["runAsUser", "uid"], "did you mean `user`? Such as `user: \"10001:10001\"`"),
    (&["secret", "secret_env"], "did you mean `secrets`? It is a map, such as `secrets: {API_KEY: {}}`"),
    (&["depends", "needs", "requires", "wait_for"], "did you mean `depends_on`? It is a map, such as `depends_on: {migrate: completed}`"),
    (&["pull_policy", "imagePullPolicy"], "remove it: tags are never moved, so that nothing has to be pulled again"),
    (
        &["timeZone", "timezone", "time_zone", "tz"],
        "remove it: schedules are in UTC, so that hosts and clusters agree: 3 o'clock of Berlin is `\"0 2 * * *\"` in winter. For the program's own clock write `env: {TZ: {}}`",
    ),
    (&["concurrencyPolicy"], "remove it: a job never runs twice at once"),
    (&["suspend", "paused"], "did you mean `enabled`? Write `enabled: false`"),
    (
        &["successfulJobsHistoryLimit", "failedJobsHistoryLimit", "ttlSecondsAfterFinished", "completions", "parallelism", "startingDeadlineSeconds"],
        "remove it: a job of a cluster runs once at its time, or up to an hour later, and the last three of each outcome are kept",
    ),
    (&["backoffLimit", "retries"], "remove it: a job of a cluster is tried three times at most; on one host its next time is the next try"),
    (
        &["activeDeadlineSeconds", "job_timeout", "max_runtime"],
        "did you mean `deadline`? Such as `deadline: 1h`, for services of `kind: cron` and `kind: release`",
    ),
    (
        &["timeout"],
        "say whose: the server's is `run: {timeout: 60s}`, the proxy's is `timeout` at `edge` or at a route, that of a check is `health: {timeout: 5s}`; that of a job is `deadline: 1h`",
    ),
    (&["replicaCount", "num_replicas", "count", "quantity", "formation"], "did you mean `replicas`? Write `replicas: {}`"),
    (&["env_vars", "envVars", "vars", "envs", "environment_variables", "extraEnv"], "did you mean `env`? Write `env: {}`"),
    (
        &["config", "configMap", "configMapRef", "config_map"],
        "did you mean `env`? Variables are a map there; a file of configuration is `files: {/etc/app/app.conf: {source: config/app.conf}}`",
    ),
    (&["secretRef", "secretKeyRef", "secretName"], "did you mean `secrets`? It is a map, such as `secrets: {API_KEY: {}}`"),
    (&["pdb", "podDisruptionBudget"], "remove it: where there are two replicas or more, a PodDisruptionBudget is made"),
    (&["persistence", "storage"], "did you mean `volumes`? Such as `volumes: {data: {path: /srv/data, size: 5Gi}}`"),
    (
        &["serviceMonitor", "metrics", "prometheus"],
        "write `ports: {metrics: {port: 9100}}`, which those that depend on it reach, and for a Prometheus that looks for annotations `kubernetes: {annotations: {prometheus.io/scrape: \"true\"}}`",
    ),
    (&["image_name", "imageName", "repository"], "did you mean `image`? Write `image: {name: {}, tag: \"1.0.0\"}`"),
    (
        &["ready_path", "readyPath", "health_check", "healthCheck", "healthcheck_path", "health_path", "health_url", "healthCheckPath", "ready"],
        "did you mean `health`? Such as `health: {ready: /health}`",
    ),
    (
        &["min", "max", "min_replicas", "max_replicas", "minReplicas", "maxReplicas", "min_instances", "max_instances"],
        "did you mean `autoscale`? Such as `autoscale: {min: 2, max: 6}`",
    ),
    (&["log_level", "logLevel", "loglevel"], "write `env: {LOG_LEVEL: {}}`: what the application reads is a variable"),
    (&["debug"], "write `env: {DEBUG: \"{}\"}`: what the application reads is a variable"),
    (&["watch", "develop"], "remove it: in development the source is mounted, and `run: {server: uvicorn, app: ..., reload: true}` starts anew after a change"),
    (&["cpu_limit", "cpus_limit"], "did you mean `resources`? Write `resources: {limits: {cpu: {}}}`"),
    (&["memory_limit", "mem_swap", "memory_reservation"], "did you mean `resources`? Write `resources: {limits: {memory: {}}}`"),
    (
        &["concurrency", "queue", "queues", "pool", "prefetch"],
        "write it into the command, such as `command: [celery, --app, app, worker, --concurrency, \"4\", --queues, mail]`",
    ),
    (
        &["start", "start_command", "startCommand", "run_command", "cmdline", "script", "exec", "procfile", "process"],
        "did you mean `command`? Write `command: <words>`",
    ),
    (
        &["migrate", "migrations", "migration", "before", "pre_deploy", "preDeploy", "predeploy", "release", "release_command", "before_script"],
        "remove it: what runs before is a service of its own, `migrate: {kind: release, like: <name>, command: [python, -m, app.migrate]}`, which this one waits for by `depends_on: {migrate: completed}`",
    ),
    (
        &["hooks", "after_deploy", "post_deploy", "postDeploy"],
        "remove it: scripts of your own are files of the output folder, such as `hooks/before_deploy`, which the script that deploys runs",
    ),
    (
        &["lifecycle", "preStop", "postStart", "post_start", "pre_stop"],
        "write `kubernetes: {container: {lifecycle: {preStop: {exec: {command: [sleep, \"5\"]}}}}}`, in the words of Kubernetes; on one host a process gets SIGTERM and `stop_grace`",
    ),
    (&["python_version", "pythonVersion"], "did you mean `build`? Write `build: {runtime: python, version: \"{}\"}`"),
    (&["version"], "did you mean `image`? Its version is `image: {name: example/web, tag: {}}`; that of Python is said in `build`"),
    (
        &["requirements", "requirements_file", "dependencies", "pip", "poetry", "uv"],
        "did you mean `build`? Such as `build: {runtime: python, version: \"3.12\", package_manager: pip}`, which reads `requirements.txt`",
    ),
    (
        &["dyno", "buildpack", "buildpacks", "stack", "addons", "region", "plan", "size", "instance_type", "machine"],
        "remove it: nothing is rented here. CPU and memory are `resources: {limits: {cpu: 1, memory: 512Mi}}`, the number of instances is `replicas`",
    ),
    (
        &["runs-on", "steps", "uses", "with", "job", "stage", "on"],
        "remove it: a profile says what runs, not how it is built and tested. In CI, `infragen check` is the one line",
    ),
    (
        &["state", "become", "tags", "register", "when", "notify"],
        "remove it: a profile says what there is, and `scripts/deploy_prod.sh` of the output folder makes it so",
    ),
    (&["service"], "remove it: what others reach it by follows from `port`"),
    (&["https", "certificate", "certificates", "acme", "letsencrypt", "tls", "ssl"], "remove it: TLS ends at the edge, `edge: {tls: {kind: acme}}`"),
    (
        &["sticky", "session_affinity", "sessionAffinity"],
        "remove it: each request goes to the replica that has the fewest; what has to be known to all is kept in a backing service",
    ),
    (&["cors", "headers", "auth", "basic_auth"], "remove it: the application says that itself, or a snippet for nginx, as `infragen explain snippets` says"),
    (
        &["database", "databases", "db", "postgres", "postgresql", "redis", "cache", "mysql"],
        "remove it: a store is a section of its own, `backing_services: {database: {kind: postgres, version: \"17\"}}`, and this service has its address by `env: {DATABASE_URL: {from: database.url}}`",
    ),
];

/// Keys of a rate limit.
pub const RATE_KEYS: Keys = &[
    (&["requests_per_second", "rps", "limit", "requests", "per_second", "requestsPerSecond"], "did you mean `rate`? Write `rate: {}/s`"),
    (&["requests_per_minute", "rpm", "per_minute"], "did you mean `rate`? Write `rate: {}/m`"),
];

/// Keys of the kind of environment.
pub const ENVIRONMENT_KEYS: Keys = &[(&["name", "type", "env", "stage"], "did you mean `kind`? Write `kind: {}`")];

/// Keys that a profile has elsewhere.
pub const TOP_KEYS: Keys = &[
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
    (
        &["worker", "workers", "web", "api", "backend", "frontend", "clock", "scheduler", "migrate", "release", "server"],
        "did you mean `services`? Write `services: {KEY: <process>}`",
    ),
    (
        &["redis", "postgres", "postgresql", "cache", "db", "mysql"],
        "did you mean `backing_services`? Such as `backing_services: {database: {kind: postgres, version: \"17\"}}`",
    ),
    (
        &["vars", "environment_variables", "env_vars"],
        "did you mean `env_groups`? A service takes its blocks by `env_from`; what only one needs stands in its own `env`",
    ),
    (
        &["roles", "tasks", "become", "playbook", "inventory"],
        "remove it: a profile says what there is, and `scripts/deploy_prod.sh` of the output folder makes it so",
    ),
    (
        &["on", "runs-on", "steps", "stages", "script", "pipeline"],
        "remove it: a profile says what runs, not how it is built and tested. In CI, `infragen check` is the one line",
    ),
    (
        &["formation", "addons", "buildpacks", "stack"],
        "remove it: a process is a service with its `replicas`, an add-on is one of the `backing_services`, and `build` makes images",
    ),
    (
        &["replicas", "ports", "health", "healthcheck", "command"],
        "remove it: it is a key of a service, such as `services: {web: {kind: web, image: {name: example/web, tag: \"1.0.0\"}}}`",
    ),
    (&["namespace"], "write `targets: {kubernetes: {namespace: {}}}`"),
    (&["registry"], "remove it: the registry is a part of the image's name, such as `image: {name: registry.example.com/shop/web, tag: \"1.0.0\"}`"),
    (&["config", "configmap"], "did you mean `env_groups`? It holds blocks of variables that services share"),
    (
        &["global", "defaults", "common", "base", "shared"],
        "remove it: what services share is `like` another service and blocks of `env_groups`; what profiles share is a file of its own that they `extends`",
    ),
    (
        &["provider", "region", "zone", "cloud", "ssh", "servers", "host_name"],
        "remove it: nothing is rented here. What is rendered runs on any host with Docker, or in any cluster",
    ),
    (&["domain", "domain_name", "url"], "did you mean `edge`? Write `edge: {hosts: {{}: {routes: {/: {service: <service>}}}}, tls: {kind: acme}}`"),
    (
        &["cron", "crontab", "schedules"],
        "remove it: a job is a service, such as `services: {nightly: {kind: cron, like: <service>, schedule: \"0 3 * * *\", command: [python, -m, app.nightly]}}`",
    ),
    (
        &["build", "deploy", "scale", "command", "health"],
        "remove it: it is said at a service, such as `services: {web: {kind: web, image: {name: example/web, tag: \"1.0.0\"}, replicas: 2}}`",
    ),
    (&["profiles", "variants"], "remove it: each environment is a profile of its own, `profiles/staging.yaml`, which may say `extends: [base.yaml]`"),
    (&["alerts", "metrics"], "remove it: what watches is not deployed from here; `observability` says where logs and errors go"),
    (&["backup"], "did you mean `backups`? Such as `backups: {nightly: {schedule: \"0 3 * * *\"}}`, which a PostgreSQL names by `backup: nightly`"),
];

/// Keys that the checks of a service have elsewhere.
pub const HEALTH_KEYS: Keys = &[
    (&["path", "http", "endpoint", "url", "httpGet", "readiness", "healthcheck"], "did you mean `ready`? Write `ready: {}`"),
    (&["liveness"], "did you mean `live`? Write `live: {}`"),
    (&["test", "cmd", "exec"], "did you mean `command`? Write `command: <check>`"),
    (&["initialDelaySeconds", "start_interval", "delay"], "did you mean `start_period`? Such as `start_period: 30s`"),
    (&["periodSeconds", "every"], "did you mean `interval`? Such as `interval: 10s`"),
    (&["timeoutSeconds"], "did you mean `timeout`? Such as `timeout: 5s`"),
    (&["failureThreshold"], "did you mean `retries`? Write `retries: {}`"),
    (&["disable", "disabled"], "remove it: a service without `health` has no check"),
    (&["successThreshold"], "remove it: one success is enough"),
    (&["initial_delay", "grace_period", "startup"], "did you mean `start_period`? Such as `start_period: 30s`"),
    (&["tcpSocket"], "did you mean `tcp`? Write `tcp: true`"),
];

/// Keys that the edge, a host and a route have elsewhere.
pub const EDGE_KEYS: Keys = &[
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
    (&["maintenance", "maintenance_page", "maintenance_mode", "error_page", "error_pages", "errors", "custom_errors"], "<page>"),
    (&["http2", "http3", "quic"], "remove it: with TLS, HTTP/2 is always there"),
    (&["redirect_https", "force_https", "https_redirect", "ssl_redirect"], "remove it: where TLS ends here, HTTP leads to HTTPS by itself"),
    (&["email", "acme_email"], "write `tls: {kind: acme, email: {}}`"),
    (
        &["access_log", "error_log", "log_format", "logs"],
        "remove it: nginx logs each request to its output, and `observability.logs` says how much of it a host keeps",
    ),
    (&["allow", "deny", "ip_whitelist", "whitelist", "basic_auth", "auth", "waf"], "write a snippet for nginx: `infragen explain snippets` says how"),
    (
        &["listen", "server", "kind", "type", "class", "worker_processes"],
        "remove it: on Compose the edge is nginx, on Kubernetes what `targets.kubernetes` says; its version is `targets: {nginx: {version: \"1.30\"}}`",
    ),
    (&["websocket", "websockets"], "it is a key of a route: `hosts: {<host>: {routes: {/ws: {service: <service>, websocket: true}}}}`"),
    (&["upstream", "upstreams", "backend", "service", "services"], "did you mean `hosts`? Such as `hosts: {<host>: {routes: {/: {service: <service>}}}}`"),
    (
        &["real_ip_from", "set_real_ip_from", "load_balancer", "proxies", "cdn"],
        "did you mean `trusted_proxies`? Such as `trusted_proxies: [\"192.0.2.0/24\"]`, the addresses of what stands in front",
    ),
];
pub const HOST_KEYS: Keys = &[
    (&["paths", "locations", "location", "rules"], "did you mean `routes`? Such as `routes: {/: {service: <service>}}`"),
    (&["redirect", "redirect_to", "redirectTo", "return"], "did you mean `routes`? Write `routes: {/: {redirect: <address>}}`"),
    (&["service", "backend", "to", "upstream"], "did you mean `routes`? Write `routes: {/: {service: {}}}`"),
    (&["tls", "ssl", "acme"], "remove it: `edge.tls` is for all hosts"),
    (
        &["body_size", "client_max_body_size", "max_body_size"],
        "it is a key of a route, or of `edge` for all: `routes: {/: {service: <service>, body_size: {}}}`",
    ),
    (&["rate_limit", "timeout", "websocket", "streaming"], "it is a key of a route: `routes: {/: {service: <service>, KEY: {}}}`"),
    (
        &["aliases", "alias", "server_name", "server_alias", "www"],
        "remove it: each name is a host of its own, such as `www.<host>: {routes: {/: {redirect: \"https://<host>\"}}}`",
    ),
    (&["port"], "remove it: the host's ports are said by the target, `targets: {compose: {http_port: 8080, https_port: 8443}}`"),
];
pub const ROUTE_KEYS: Keys = &[
    (&["paths", "path", "prefix"], "remove it: the path is the key above; a further one is a route of its own, such as `/admin: {service: <service>}`"),
    (&["backend", "upstream", "proxy_pass", "to", "target", "name"], "did you mean `service`? Write `service: <to>`"),
    (&["root", "static", "alias", "dir", "folder"], "did you mean `files`? It is a folder below the project's root: `files: {}`"),
    (&["redirect_to", "redirectTo", "return"], "did you mean `redirect`? Write `redirect: <address>`"),
    (&["rewrite", "strip", "stripPrefix"], "did you mean `strip_prefix`? Write `strip_prefix: true`, or a start of the path: `strip_prefix: /api`"),
    (&["websockets", "ws"], "did you mean `websocket`? Write `websocket: true`"),
    (&["client_max_body_size", "max_body_size"], "did you mean `body_size`? Such as `body_size: 20m`"),
    (
        &["auth", "basic_auth", "basicAuth", "deny", "allow", "allow_from", "whitelist", "allowlist", "ip_whitelist"],
        "write a snippet for nginx (`infragen explain snippets`): it holds on Compose alone; the edge of a cluster needs a patch (`infragen explain patches`)",
    ),
    (&["pathType", "path_type", "exact"], "did you mean `match`? A route is a prefix; one path alone is `match: exact`"),
    (&["proxy_read_timeout", "read_timeout"], "did you mean `timeout`? Such as `timeout: 2m`"),
    (&["limit", "limit_req"], "did you mean `rate_limit`? Such as `rate_limit: {rate: 10/s}`"),
    (&["host", "hosts"], "remove it: the host is a key above, `hosts: {<host>: {routes: {/: {service: <service>}}}}`"),
    (&["upgrade"], "did you mean `websocket`? Write `websocket: true`"),
    (&["proxy", "forward"], "did you mean `service`? Such as `service: <service>`: the port stands at the service"),
    (&["headers", "cors", "methods"], "write a snippet for nginx: `infragen explain snippets` says how"),
    (&["code", "status", "permanently"], "did you mean `permanent`? A redirect is for good, with 308, unless `permanent: false` says otherwise"),
    (&["index", "try_files", "spa"], "did you mean `fallback`? Such as `fallback: index.html`"),
    (&["sse", "buffering"], "did you mean `streaming`? Write `streaming: true`"),
];
pub const TLS_KEYS: Keys = &[(
    &["cert", "key", "certificate", "crt", "cert_file", "key_file", "private_key"],
    "remove it: with `kind: files` they are `secrets/tls.crt` and `secrets/tls.key` in the output folder",
)];

/// Targets that others know by another name.
pub const TARGET_KEYS: Keys = &[
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
pub const RESOURCE_KEYS: Keys = &[(&["cpu", "cpus", "memory", "mem"], "did you mean `limits`? Write `limits: <limits>`")];
pub const VOLUME_KEYS: Keys = &[
    (&["mountPath", "target", "mount", "mount_path", "folder", "dir", "destination"], "did you mean `path`? Write `path: {}`"),
    (&["source", "bind", "hostPath", "host_path", "device"], "did you mean `host`? Write `host: {}`"),
    (&["readOnly", "readonly", "ro"], "did you mean `read_only`? Write `read_only: {}`"),
    (&["storage", "capacity"], "did you mean `size`? Write `size: {}`"),
    (&["claim", "claimName", "existingClaim", "name"], "did you mean `external`? Write `external: {}`"),
    (&["type", "driver"], "remove it: a volume is the deployment's own, unless `host` names a folder of the host or `external` one that is there already"),
    (
        &["mode", "access", "accessMode", "access_mode", "accessModes"],
        "did you mean `read_only`? Write `read_only: true` for a service that only reads; without it, the service writes",
    ),
    (&["storageClass", "storage_class", "storageClassName", "class"], "write `targets: {kubernetes: {storage_class: {}}}`, which is for all volumes"),
];
pub const AUTOSCALE_KEYS: Keys = &[
    (&["min_replicas", "minReplicas"], "did you mean `min`? Write `min: {}`"),
    (&["max_replicas", "maxReplicas"], "did you mean `max`? Write `max: {}`"),
    (&["targetCPUUtilizationPercentage", "target_cpu", "cpu_percent"], "did you mean `cpu`? Write `cpu: {}`"),
    (&["targetMemoryUtilizationPercentage", "target_memory"], "did you mean `memory`? Write `memory: {}`"),
];
/// Keys of the place that a plan of backups writes to.
pub const DESTINATION_KEYS: Keys = &[
    (&["volume", "claim", "name", "volume_name", "claimName"], "did you mean `external`? Write `external: {}`"),
    (&["storage", "capacity"], "did you mean `size`? Write `size: {}`"),
    (
        &[
            "s3", "bucket", "gcs", "gs", "azure", "b2", "minio", "url", "uri", "endpoint", "sftp", "ssh", "rsync", "rclone", "nfs", "path", "host", "dir",
            "folder", "remote",
        ],
        "write `external: NAME`, the name of a volume (on Kubernetes: of a claim) of that storage: of NFS, or of a bucket by a volume plugin or a CSI driver. Or write the name of any \
         volume there, and a service of `kind: cron` with `volumes: {backups: {path: /backups, external: NAME, read_only: true}}` copies the files away by a command of yours",
    ),
];
pub const BACKUP_KEYS: Keys = &[
    (&["retention", "retain", "days"], "did you mean `keep`? `infragen explain backups.x.keep` says what it takes"),
    (&["cron", "at", "when"], "did you mean `schedule`? Such as `schedule: \"0 3 * * *\"`"),
    (&["bucket", "to", "path", "s3"], "did you mean `destination`? `infragen explain backups.x.destination` says what it takes"),
];
pub const SECRET_KEYS: Keys = &[
    (&["external", "file", "from", "vault"], "did you mean `source`? Write `source: external`: the value is supplied in the env file of each server"),
    (&["value", "default"], "remove it: a secret's value never stands in a profile, it is in the env file of each server"),
    (&["length", "bytes"], "did you mean `generate`? Write `generate: {KEY: {}}`"),
];
pub const ENV_KEYS: Keys = &[
    (&["value"], "write the value itself: `NAME: {}`"),
    (&["default"], "did you mean `param`? Write `param: {default: {}}`"),
    (&["ref", "reference", "fromService", "from_store"], "did you mean `from`? Write `from: {}`"),
];

/// Keys that a backing service has elsewhere.
pub const STORE_KEYS: Keys = &[
    (&["storageClass", "storageClassName", "storage_class"], "remove it: it is said once for all volumes, `targets: {kubernetes: {storage_class: {}}}`"),
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
    (&["ports"], "did you mean `publish`? Such as `publish: {port: 5432}`, for a developer's tools; services reach it without"),
    (
        &["replicas", "replicaCount", "cluster", "sentinel", "architecture", "primary", "readReplicas", "replication"],
        "remove it: there is one instance of a store; one of many is somebody else's, `mode: managed`",
    ),
    (&["memory", "mem_limit", "mem", "cpu", "cpus", "limits"], "did you mean `resources`? Such as `resources: {limits: {cpu: 1, memory: 1Gi}}`"),
    (&["auth"], "remove it: the user and the password are made by infragen; a service gets the whole address by `{from: NAME.url}`"),
    (&["ssl"], "remove it: `tls` is a key of a managed one, and `true` there unless told"),
    (
        &["schedule", "retention"],
        "did you mean `backup`? It names a plan of the section `backups`, such as `backups: {nightly: {schedule: \"0 3 * * *\", keep: 14}}`",
    ),
];

/// What PostgreSQL has by other names, or of itself.
pub const POSTGRES_KEYS: Keys = &[
    (&["size", "disk", "disk_size", "volume_size", "persistence"], "did you mean `storage`? Such as `storage: 20Gi`"),
    (&["volumes", "data"], "remove it: its data have a volume of their own, as large as `storage` says; one that is there already is `volume: NAME`"),
    (&["health"], "remove it: it is checked by itself, with `pg_isready`"),
    (&["command", "args"], "did you mean `settings`? Such as `settings: {log_min_duration_statement: 1s}`: `-c NAME=VALUE` of a command is one of them"),
    (&["env", "environment"], "remove it: `database` and `user` are keys here, and the password is made by infragen"),
    (&["secrets"], "remove it: the password is made by infragen; a service gets it by `{from: <name>.url}`"),
    (&["url"], "remove it: a service gets the address by `{from: <name>.url}`"),
    (&["depends_on", "egress", "tmpfs"], "remove it: PostgreSQL needs nothing else"),
    (
        &["init_scripts", "initdb", "initdbScripts", "init", "init_db"],
        "did you mean `files`? Such as `files: {/docker-entrypoint-initdb.d/10-schema.sql: {source: db/schema.sql}}`",
    ),
    (&["name", "db_name", "dbname", "database_name"], "did you mean `database`? Write `database: {}`"),
    (&["user_name", "owner"], "did you mean `user`? Write `user: {}`"),
    (&["pool_size", "pool", "pools"], "remove it: a service says how many connections it keeps, `pools: {<name>: 5}`"),
    (&["config", "parameters", "postgresql_conf", "conf"], "did you mean `settings`? Such as `settings: {log_min_duration_statement: 1s}`"),
    (
        &[
            "shared_buffers",
            "work_mem",
            "effective_cache_size",
            "maintenance_work_mem",
            "max_wal_size",
            "shared_preload_libraries",
            "statement_timeout",
            "random_page_cost",
            "jit",
        ],
        "did you mean `settings`? Write `settings: {KEY: {}}`",
    ),
    (&["shm_size", "shared_memory"], "remove it: it follows from the memory limit"),
];

/// What Redis has by other names, or of itself.
pub const REDIS_KEYS: Keys = &[
    (&["appendonly", "appendfsync", "aof", "append_only"], "did you mean `persistence`? Write `persistence: append_only`, which writes each change"),
    (&["save", "rdb", "snapshots", "snapshot"], "did you mean `persistence`? Write `persistence: snapshot`, which writes what is there from time to time"),
    (&["maxmemory-policy", "maxmemory_policy", "eviction_policy", "policy", "maxmemoryPolicy"], "did you mean `eviction`? Write `eviction: {}`"),
    (&["maxmemory", "memory", "mem", "mem_limit"], "did you mean `max_memory`? Such as `max_memory: 256Mi`"),
    (&["size", "disk", "disk_size"], "did you mean `storage`? Such as `storage: 2Gi`; what it keeps in memory is `max_memory`"),
    (&["volumes", "data"], "remove it: what `persistence` keeps has a volume of its own, as large as `storage` says"),
    (&["databases", "db", "database"], "remove it: it has sixteen, by number: `{from: <name>.url, path: 1}` is the second"),
    (&["requirepass", "user", "users", "auth", "acl"], "remove it: the password is made by infragen; a service gets the whole address by `{from: <name>.url}`"),
    (
        &["maxclients", "timeout", "hz", "lazyfree-lazy-eviction", "notify-keyspace-events", "tcp-keepalive"],
        "did you mean `settings`? Write `settings: {KEY: {}}`",
    ),
    (&["command", "args", "config", "conf"], "did you mean `settings`? Such as `settings: {maxclients: 5000}`"),
    (&["ttl"], "remove it: the application says for each key how long it is kept"),
    (&["backup"], "remove it: backups are those of PostgreSQL. `persistence: append_only` keeps what Redis has on its volume"),
    (&["health"], "remove it: it is checked by itself"),
    (
        &["env", "environment", "secrets", "url", "depends_on", "egress", "tmpfs"],
        "remove it: Redis needs nothing else; a service gets its address by `{from: <name>.url}`",
    ),
];

/// Options of Gunicorn.
pub const GUNICORN_OPTIONS: [&str; 9] =
    ["max_requests", "max_requests_jitter", "preload", "keepalive", "keep_alive", "log_level", "loglevel", "backlog", "threads"];

/// Keys of the map that says how a service is run.
pub const RUN_KEYS: Keys = &[
    (
        &["port", "host", "bind", "address", "listen"],
        "remove it: the server listens on all addresses of its container, at the `port` of the service, which stands beside `run`",
    ),
    (&["module", "application", "target", "entry", "asgi", "wsgi"], "did you mean `app`? Write `app: {}`"),
    (
        &["args", "options", "extra_args", "flags", "command"],
        "remove it: Gunicorn reads more options in `env: {GUNICORN_CMD_ARGS: \"--max-requests 1000\"}`; a command line of your own is `command`, in place of `run`",
    ),
    (
        &["worker_class", "worker"],
        "remove it: the workers follow from `interface: wsgi` or `interface: asgi`; others are started by `command`, in place of `run`",
    ),
    (&["protocol", "type", "kind", "mode"], "did you mean `interface`? Write `interface: wsgi` or `interface: asgi`"),
];

/// Keys of an image.
pub const IMAGE_KEYS: Keys = &[
    (&["repository", "repo", "image"], "did you mean `name`? Write `name: {}`"),
    (&["registry"], "remove it: the registry is a part of the name, such as `name: {}/shop/web`"),
    (&["pullPolicy", "pull_policy", "imagePullPolicy"], "remove it: tags are never moved, so that nothing has to be pulled again"),
    (&["version"], "did you mean `tag`? Write `tag: {}`"),
    (&["digest", "sha", "sha256"], "remove it: digests stand in the section `digests: {\"NAME:TAG\": \"sha256:...\"}`"),
    (&["pullSecrets", "pull_secrets", "imagePullSecrets"], "remove it: write `kubernetes: {pod: {imagePullSecrets: [{name: registry}]}}` at the service"),
];

/// Keys of a build.
pub const BUILD_KEYS: Keys = &[
    (&["file", "Dockerfile", "docker_file"], "did you mean `dockerfile`? Write `dockerfile: {}`"),
    (&["path", "dir", "directory", "folder", "source"], "did you mean `context`? Write `context: {}`"),
    (&["python", "python_version"], "did you mean `runtime`? Write `runtime: python` and `version: \"{}\"`"),
    (&["requirements", "requirements_file"], "remove it: `package_manager: pip` reads `requirements.txt` of the context"),
    (&["apt", "apt_packages", "packages"], "did you mean `system_packages`? Write `system_packages: {}`"),
    (&["build_args", "buildArgs"], "did you mean `args`? Write `args: {}`"),
    (&["stage"], "did you mean `target`? Write `target: {}`"),
    (&["exclude", "ignore", "dockerignore"], "did you mean `include`? It lists what the image carries, such as `include: [app]`"),
    (
        &["platform", "platforms", "cache_from", "cache_to", "push", "tags"],
        "remove it: the image has one name and one tag, those in `image`; how it is pushed, CI says",
    ),
    (
        &["builder", "buildpack", "image", "base"],
        "remove it: the base is the slim image of Python in the `version` that stands here; another one needs `dockerfile: Dockerfile`",
    ),
];

/// Keys of what watches.
pub const OBSERVABILITY_KEYS: Keys = &[
    (&["sentry"], "did you mean `errors`? Write `errors: {sentry: {}}`"),
    (&["logging", "log", "driver"], "did you mean `logs`? Such as `logs: {driver: json-file, max_size: 50m}`"),
    (
        &["metrics", "prometheus", "tracing", "otel", "opentelemetry", "grafana"],
        "remove it: a service that has metrics says `ports: {metrics: {port: 9100}}`; where traces go is a variable of the application",
    ),
];

/// Keys of a use of a secret.
pub const SECRET_USE_KEYS: Keys = &[
    (
        &["value", "default"],
        "remove it: a secret's value never stands in a profile; each server's env file has it, and `<secret>: {}` in the profile's section `secrets` declares it",
    ),
    (
        &["file", "from", "vault", "external", "path", "key"],
        "write `<secret>: {}` here, and `<secret>: {source: external}` in the profile's section `secrets`: the value is supplied in the env file of each server",
    ),
    (&["name", "env", "variable", "target"], "did you mean `as`? Write `as: {}`"),
];

/// Keys of a parameter.
pub const PARAMETER_KEYS: Keys = &[
    (&["type", "kind"], "did you mean `format`? Such as `format: integer`; without it, any text will do"),
    (&["value"], "did you mean `default`? Write `default: {}`"),
    (&["choices", "enum", "options", "values"], "did you mean `one_of`? Write `one_of: {}`"),
    (&["help", "comment", "doc"], "did you mean `description`? Write `description: {}`"),
    (&["optional"], "remove it: a parameter may be left out unless it says `required: true`"),
];
