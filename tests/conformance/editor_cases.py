"""What editors have to show: see editor.py. `¦` is the cursor; `look` asks for the messages of the whole file."""

HEAD = "version: 1\nproject: {name: shop}\nenvironment: {kind: production}\n"
API = HEAD + "services:\n  api:\n    kind: web\n    image: {name: acme/api, tag: '1'}\n    port: 8000\n"
STORES = API + "backing_services:\n"
EDGE = API + "edge:\n"
ROUTES = EDGE + "  tls: {kind: files}\n  hosts:\n    shop.example.com:\n      routes:\n"
TARGETS = API + "targets:\n"

CASES = []


def complete(name, text, **expected):
    CASES.append({"name": name, "ask": "complete", "text": text, **expected})


def keys(name, text, **expected):
    """Completion of keys: each is inserted with its colon."""
    complete(name, text, keys=True, **expected)


def hover(name, text, *has, **expected):
    CASES.append({"name": name, "ask": "hover", "text": text, "has": list(has), **expected})


def look(name, text, *has, **expected):
    # What is not the matter is there.
    if not any(key in text for key in ("targets:", "extends:", "abstract:")):
        text += "targets: {compose: {}}\n"
    CASES.append({"name": name, "ask": "look", "text": text, "has": list(has), "count": len(has), **expected})


# --- keys are offered

keys("root: an empty file", "¦\n", has=["version", "extends", "project", "environment", "services", "backing_services", "edge", "secrets", "targets", "output"])
keys("root: what is there is not offered again", HEAD + "¦\n", has=["services", "edge"], lacks=["version", "project", "environment"])
keys("root: while a word is typed", HEAD + "ser¦\n", has=["services"])
keys("project", "version: 1\nproject:\n  ¦\n", only=["name"])
keys("environment", "version: 1\nenvironment:\n  ¦\n", only=["kind"])
keys("a service", HEAD + "services:\n  api:\n    ¦\n",
     has=["kind", "like", "image", "build", "run", "command", "port", "publish", "health", "replicas", "resources", "env", "env_from", "secrets", "depends_on",
          "egress", "schedule", "user", "tmpfs"])
keys("a second service", API + "  worker:\n    ¦\n", has=["kind", "image", "command"])
keys("a service with some keys", API + "    ¦\n", has=["health", "replicas"], lacks=["kind", "image", "port"])
keys("a web service", HEAD + "services:\n  api:\n    kind: web\n    ¦\n", has=["port", "replicas", "health", "run", "command"], lacks=["schedule", "deadline"])
keys("a cron service", HEAD + "services:\n  api:\n    kind: cron\n    ¦\n", has=["schedule", "deadline", "command"], lacks=["port", "replicas", "health", "run", "publish"])
keys("a release service", HEAD + "services:\n  api:\n    kind: release\n    ¦\n", has=["deadline", "command"], lacks=["schedule", "port", "replicas"])
keys("an image", HEAD + "services:\n  api:\n    image:\n      ¦\n", only=["name", "tag"])
keys("a build", API + "    build:\n      ¦\n", has=["runtime", "dockerfile", "target", "version", "package_manager", "context", "include", "system_packages", "args", "secrets"])
keys("a server, before it is chosen", API + "    run:\n      ¦\n", has=["server"])
keys("gunicorn's keys", API + "    run:\n      server: gunicorn\n      ¦\n", has=["app", "workers", "timeout", "graceful_timeout"], lacks=["reload", "server"])
keys("uvicorn's keys", API + "    run:\n      server: uvicorn\n      ¦\n", has=["app", "reload"], lacks=["workers", "graceful_timeout"])
keys("health", API + "    health:\n      ¦\n", has=["ready", "live", "tcp", "grpc", "port", "headers", "command", "interval", "timeout", "retries", "start_period"])
keys("a mounted file", API + "    files:\n      /etc/app.yaml:\n        ¦\n", only=["source", "text", "mode"])
keys("a volume", API + "    volumes:\n      data:\n        ¦\n", only=["path", "size", "host", "external", "read_only"])
keys("a further port", API + "    ports:\n      metrics:\n        ¦\n", only=["port", "protocol", "publish"])
keys("in Kubernetes' words", API + "    kubernetes:\n      ¦\n", only=["pod", "container", "annotations"])
keys("resources", API + "    resources:\n      ¦\n", only=["requests", "limits"])
keys("limits", API + "    resources:\n      limits:\n        ¦\n", only=["cpu", "memory"])
keys("a published port", API + "    publish:\n      ¦\n", only=["port", "address"])
keys("a variable from elsewhere", API + "    env:\n      DATABASE_URL:\n        ¦\n", has=["from", "param", "deliver"])
keys("a parameter", API + "    env:\n      LOG_LEVEL:\n        param:\n          ¦\n", has=["default", "required", "description", "format", "section"])
keys("a build by a Dockerfile", API + "    build:\n      dockerfile: Dockerfile\n      ¦\n", has=["target", "context", "args", "secrets"], lacks=["runtime", "version", "include"])
keys("a managed server", STORES + "  database:\n    kind: postgres\n    mode: managed\n    ¦\n", has=["host", "database", "user"], lacks=["version", "storage", "backup"])
keys("a server of one's own", STORES + "  cache:\n    kind: redis\n    mode: self_hosted\n    ¦\n", has=["version", "storage", "eviction"], lacks=["host", "addresses"])
keys("a server in a part of others", "version: 1\nextends: [base.yaml]\nbacking_services:\n  cache:\n    kind: redis\n    ¦\n", has=["version", "host"])
CHILD = "version: 1\nextends: [base.yaml]\n"
keys("a store whose kind is inherited", CHILD + "backing_services:\n  database:\n    ¦\n", has=["kind", "storage", "max_memory"])
keys("a server that is inherited", CHILD + "services:\n  api:\n    run:\n      ¦\n", has=["server", "workers", "reload"])
keys("the words of TLS that is inherited", CHILD + "edge:\n  tls:\n    ¦\n", has=["kind", "email"])
complete("the rule of a waiver", API + "waivers:\n  old:\n    rule: ¦\n", has=["single-replica", "no-backup", "unused"])
keys("a variable that is from elsewhere", API + "    env:\n      DATABASE_URL:\n        from: database.url\n        ¦\n", has=["deliver", "scheme"], lacks=["param"])
keys("a backing service, before its kind", STORES + "  database:\n    ¦\n", has=["kind"])
keys("PostgreSQL's keys", STORES + "  database:\n    kind: postgres\n    ¦\n", has=["version", "database", "user", "storage", "mode"], lacks=["max_memory", "eviction", "kind"])
keys("Redis' keys", STORES + "  cache:\n    kind: redis\n    ¦\n", has=["version", "max_memory", "eviction"], lacks=["database", "kind"])
keys("a container's keys", STORES + "  queue:\n    kind: image\n    ¦\n", has=["image", "port", "url", "volumes", "read_only", "egress"], lacks=["max_memory", "database", "kind"])
keys("a connection string's parts", STORES + "  queue:\n    kind: image\n    url:\n      ¦\n", only=["scheme", "user", "password", "path"])
keys("the edge", EDGE + "  ¦\n", has=["hosts", "tls", "body_size", "rate_limit", "timeout", "hsts", "trusted_proxies"])
keys("a host", EDGE + "  hosts:\n    shop.example.com:\n      ¦\n", has=["routes"])
keys("a route to a service", ROUTES + "        /:\n          service: api\n          ¦\n", has=["websocket", "timeout"], lacks=["files", "redirect", "cache"])
keys("a route with files", ROUTES + "        /:\n          files: public\n          ¦\n", has=["cache", "fallback"], lacks=["service", "websocket", "redirect"])
keys("a route", ROUTES + "        /:\n          ¦\n", has=["service", "files", "websocket", "cache"])
keys("a rate limit", EDGE + "  rate_limit:\n    ¦\n", only=["rate", "burst"])
keys("a secret", API + "secrets:\n  SECRET_KEY:\n    ¦\n", has=["generate", "source", "required", "min_length", "format", "description"])
keys("how a secret is made", API + "secrets:\n  SECRET_KEY:\n    generate:\n      ¦\n", only=["kind", "length", "bytes"])
keys("a secret from outside", API + "secrets:\n  SECRET_KEY:\n    source: external\n    ¦\n", has=["format"], lacks=["generate"])
keys("a cluster with a Gateway", TARGETS + "  kubernetes:\n    gateway: {name: public, namespace: edge}\n    ¦\n", has=["version"], lacks=["ingress_class", "cluster_issuer"])
keys("a check by TCP", API + "    health:\n      tcp: true\n      ¦\n", has=["port", "interval"], lacks=["ready", "grpc"])
keys("numbers that are accepted", API + "    ¦\n", has=["replicas"], inserts={"replicas": "replicas: ${1:1}"})
keys("numbers of a check", API + "    health:\n      ¦\n", has=["retries"], inserts={"retries": "retries: ${1:3}"})
keys("numbers of a store", STORES + "  database:\n    kind: postgres\n    ¦\n", has=["mode"], inserts={"max_connections": "${1:100}", "mode": "mode: "})
complete("the name of a service", HEAD + "services:\n  ¦\n", only=["service-name"], inserts={"service-name": "${1:service-name}: "})
complete("the name of a secret", API + "secrets:\n  ¦\n", only=["secret-name"])
complete("the path of a route", ROUTES + "        ¦\n", only=["route-path"])
complete("names of limits", API + "    ulimits:\n      ¦\n", has=["nofile", "memlock"])
keys("targets", TARGETS + "  ¦\n", has=["docker", "compose", "nginx", "kubernetes", "dotenv", "scripts"])
keys("a target", TARGETS + "  kubernetes:\n    ¦\n", has=["version", "namespace", "ingress_class"])
keys("observability", API + "observability:\n  logs:\n    ¦\n", only=["driver", "options", "max_size", "max_file"])
keys("a file kept by hand", API + "unmanaged:\n  docker-compose.prod.yml:\n    ¦\n", only=["reason"])
keys("a patch", API + "patches:\n  tuning:\n    ¦\n", only=["target", "merge", "remove", "reason"])
keys("a snippet", API + "snippets:\n  header:\n    ¦\n", only=["file", "after", "text", "reason"])
keys("a plan of backups", API + "backups:\n  nightly:\n    ¦\n", only=["schedule", "keep", "destination"])
keys("where backups go", API + "backups:\n  nightly:\n    destination:\n      ¦\n", only=["size", "external"])
keys("what a cluster may be without", TARGETS + "  kubernetes:\n    ¦\n", has=["network_policies", "disruption_budgets", "quotas", "labels", "annotations", "existing_secret", "storage_class"])
keys("a waiver", API + "waivers:\n  old:\n    ¦\n", only=["rule", "path", "reason", "until"])
complete("where logs go", API + "observability:\n  logs:\n    driver: ¦\n", has=["syslog", "journald", "json-file"])

# --- values are offered

complete("kinds of environments, each with its meaning", "version: 1\nenvironment:\n  kind: ¦\n", only=["production", "staging", "development"])
complete("kinds of services", HEAD + "services:\n  api:\n    kind: ¦\n", has=["web", "worker", "cron", "release"])
complete("a kind while it is typed", HEAD + "services:\n  api:\n    kind: wo¦\n", has=["worker"])
complete("servers", API + "    run:\n      server: ¦\n", only=["gunicorn", "uvicorn"])
complete("package managers", API + "    build:\n      package_manager: ¦\n", only=["pip", "uv", "poetry"])
complete("kinds of backing services", STORES + "  database:\n    kind: ¦\n", has=["postgres", "redis"])
complete("what Redis may forget", STORES + "  cache:\n    kind: redis\n    eviction: ¦\n", has=["noeviction", "allkeys-lru"])
complete("conditions of a dependency", API + "    depends_on:\n      database: ¦\n", only=["started", "healthy", "completed"])
complete("an amount of memory", API + "    resources: \n      limits:\n        memory: ¦\n", has=["512Mi", "4Gi"], documented=False)
complete("a duration", EDGE + "  timeout: ¦\n", has=["30s"], documented=False)
complete("the version of the language", "version: ¦\n", only=["1"], documented=False)
complete("whether files are reloaded", API + "    run:\n      server: uvicorn\n      reload: ¦\n", has=["true", "false"], documented=False)

# --- the pointer explains

hover("a key of a store whose kind is inherited", CHILD + "backing_services:\n  cache: {max_mem¦ory: 1Gi}\n", "Memory for data")
hover("a key", API.replace("    port", "    po¦rt"), "Port that the process listens on")
hover("a section", API.replace("services:", "ser¦vices:"), "The processes of your own")
hover("a name in a map", API.replace("  api:", "  a¦pi:"), "A process of your own")
hover("a key with a default", API + "    repl¦icas: 2\n", "Default: `1`", "1 to 100")
hover("a key with words to choose from", HEAD.replace("{kind", "{ki¦nd"), "production", "Serves users")
hover("a word that was chosen", HEAD.replace("production", "produ¦ction"), "Serves users")
hover("a quantity", API + "    resources: {limits: {mem¦ory: 1Gi}}\n", "512Mi")
hover("a key of a variant", STORES + "  database: {kind: postgres, version: '17', stor¦age: 20Gi}\n", "volume")
hover("the version of infragen", API + "gener¦ator: \"0.1\"\n", "infragen")
hover("a folder of templates", API + "temp¦lates: ops/templates\n", "templates")
hover("a file that is changed", API + "snippets: {x: {fi¦le: nginx/nginx.conf, after: a, text: b, reason: c}}\n", "file")
hover("a variable from elsewhere", API + "    env: {DATABASE_URL: {fr¦om: database.url}}\n", "another part of the profile")

# --- mistakes are marked, each once

WHOLE = API + "    health: {ready: /health}\ntargets: {compose: {}}\n"
look("a good profile", WHOLE)
look("a part that others extend", "version: 1\nabstract: true\nservices:\n  api: {replicas: 2}\n")
look("a profile that inherits the rest", "version: 1\nextends: [base.yaml]\nservices:\n  api: {run: {server: gunicorn, workers: 2}}\n")
look("anchors and x- keys", "x-small: &small {cpu: 500m, memory: 256Mi}\n" + API + "    resources: {limits: *small, requests: *small}\n")
look("a typo in a key", API + "    replcas: 2\n", "9:5 Property replcas is not allowed")
look("a typo at the root", HEAD + "servces: {}\n", "4:1 Property servces is not allowed")
look("a typo in a word", HEAD.replace("production", "prod"), '3:21 Value is not accepted. Valid values: "production", "staging", "development"')
look("another server's key", API + "    run: {server: uvicorn, app: 'a:app', workers: 2}\n", "9:42 Property workers is not allowed")
look("another store's key", STORES + "  cache: {kind: redis, version: '7', database: x}\n", "10:38 Property database is not allowed")
look("an unknown kind", STORES + "  db: {kind: mysql}\n", '10:14 Value is not accepted. Valid values: "postgres", "redis", "image"')
look("a unit that is none", API + "    resources: {limits: {memory: 512MB}}\n", "9:34 Expected a size with a binary unit (`Ki`, `Mi`, `Gi`, `Ti`, or Docker's `k`, `m`, `g`), such as `512Mi`")
look("a duration in words", EDGE + "  hosts: {a.example.com: {routes: {/: {service: api}}}}\n  tls: {kind: none}\n  timeout: 30 seconds\n", "12:12 Expected a duration with a unit")
look("a number out of range", API + "    replicas: 0\n", "9:15 Value is below the minimum of 1")
look("a port out of range", API.replace("8000", "80000"), "8:11 Value is above the maximum of 65535")
look("a name with an underscore", API.replace("  api:", "  my_api:"), "5:3 Expected a lower-case DNS label")
look("a section left empty", API + "    resources:\n", '9:15 Incorrect type. Expected "object"')
look("a list in place of a map", HEAD + "services: [api]\n", '4:11 Incorrect type. Expected "object"')
look("a schedule that is none", HEAD + "services:\n  job: {kind: cron, schedule: daily, image: {name: a, tag: '1'}}\n", "5:31 Expected five fields in quotes: minute, hour")
look("a key that is there twice", API + "    port: 8001\n", "9:5 Map keys must be unique")
look("a version that is a number with a dot", STORES + "  db: {kind: postgres, version: 17.10}\n", "10:33 Expected a version in quotes")
look("an object without its target", API + "patches: {x: {target: Deployment/api, merge: {tty: true}, reason: a}}\n", "9:23 Expected `kubernetes:KIND/NAME` or `compose:SECTION/NAME`")
look("a tag that is a number", API.replace("'1'", "1.0"), "7:34 Expected an image tag of at most 128 characters")
look("no version of the language", HEAD.replace("version: 1\n", ""), "1:1 Missing property \"version\"")
look("no version of the language in a child, which inherits it", "extends: [base.yaml]\nservices: {api: {replicas: 3}}\n")
look("two answers of a route", ROUTES + "        /: {files: public, volume: pages}\n", "14:28 Property volume is not allowed")
look("no targets", HEAD + "# targets:\n", "1:1 Missing property \"targets\"")
look("a rule that is none", API + "waivers: {old: {rule: no-tlss, reason: later, until: 2027-01-31}}\n", "9:23 Expected a rule")
look("a typo below an inherited kind", CHILD + "backing_services:\n  cache: {max_memroy: 1Gi}\n", "4:11 Property max_memroy is not allowed")
look("keys of a store of an inherited kind", CHILD + "backing_services:\n  cache: {max_memory: 1Gi, user: '1:1', env: {A: b}}\n")
look("a route to nothing", ROUTES + "        /: {}\n", '14:9 Missing property "service"')
look("a web service without its port", HEAD + "services:\n  api: {kind: web, image: {name: acme/api, tag: '1'}}\n", '5:3 Missing property "port"')
look("a cron service without its schedule", HEAD + "services:\n  job: {kind: cron, image: {name: acme/api, tag: '1'}}\n", '5:3 Missing property "schedule"')
look("a service without its image", HEAD + "services:\n  job: {kind: worker}\n", '5:3 Missing property "image"')
look("a service like another", API + "  job: {kind: worker, like: api}\n")
look("a server without its version", STORES + "  cache: {kind: redis}\n", '10:3 Missing property "version"')
look("a managed server without its place", STORES + "  cache: {kind: redis, mode: managed}\n", '10:3 Missing property "host"')
look("a port of what ends by itself", API + "  job: {kind: release, like: api, port: 8000}\n", "9:35 Property port is not allowed")
look("a volume of a managed server", STORES + "  cache: {kind: redis, mode: managed, host: a.example.com, storage: 1Gi}\n", "10:60 Property storage is not allowed")
look("files with the cache of a service", ROUTES + "        /: {service: api, cache: 1d}\n", "14:27 Property cache is not allowed")
look("a service without its kind", API.replace("    kind: web\n", ""), "5:3 Missing property \"kind\"")
look("an image without its tag", API.replace(", tag: '1'", ""), "7:5 Missing property \"tag\"")
look("a server without its application", API + "    run: {server: gunicorn}\n", "9:5 Missing property \"app\"")
look("a container without its port", STORES + "  queue: {kind: image, image: {name: a, tag: '1'}}\n", "10:3 Missing property \"port\"")
look("a waiver without its day", API + "waivers: {old: {rule: no-tls, reason: later}}\n", "9:11 Missing property \"until\"")
look("a part without its kind", "version: 1\nabstract: true\nservices: {api: {image: {name: a}}}\n")
look("a child that leaves out what it inherits", "version: 1\nextends: [base.yaml]\nbacking_services: {cache: {max_memory: 1Gi}}\n")
look("an x- key among services", API + "  x-parts: {image: {name: a}}\n")
