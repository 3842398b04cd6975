"""Assertions on the production stack: the edge, isolation, failures, data."""
import base64
import contextlib
import json
import os
import re
import secrets
import socket
import ssl
import stat
import time
from pathlib import Path

from client import Asking, Edge, Keeping
from harness import free_ports, service_of, sh, stack_of, status_of, until

HOST = "api.example.com"
HEALTH = "/api/v1/monitoring/health"
NOTES = "/api/v1/notes"
WHOAMI = "/api/v1/whoami"
ECHO = "/api/v1/echo-size"
# In every secret, so that one search finds any of them, however it is encoded.
MARK = "mark" + secrets.token_hex(6)
ODD = MARK + "p@ss/w:ord$1'\"# %\\ žluťoučký 密碼" + MARK
CPUS = {"api": 1, "database": 1, "cache": 0.5, "migrate": 0.5, "nginx": 1}
MIB = 1024 * 1024
MEMORY = {"api": 512, "database": 512, "migrate": 256}


def env_file(results, stack, infragen, ports):
    """The server's env file: odd passwords by hand, the rest made, then split into the files that Compose mounts."""
    values = {"ADMIN_PASSWORD": ODD, "CACHE_PASSWORD": ODD + "c", "DATABASE_PASSWORD": ODD + "d"}
    # As Compose reads single quotes.
    text = re.sub(r"^(\w+)=$", lambda line: f"{line[1]}=" + ("'" + values[line[1]].replace("'", "\\'") + "'" if line[1] in values else ""), stack.env_file.read_text(), flags=re.MULTILINE)
    for name, port in zip(("HTTP_PORT", "HTTPS_PORT"), ports):
        text = re.sub(rf"^# ({name})=.*$", rf"\1={port}", text, flags=re.MULTILINE)
    stack.env_file.write_text(text, encoding="utf-8")
    made = sh(infragen, "env", "generate", "tests/e2e/e2e.yaml", cwd=stack.root).stdout
    expected = {"composed  CACHE_URL", "composed  DATABASE_URL", "generated  SECRET_KEY"}
    results.check("env generate: what is missing, and nothing else", {line.strip() for line in made.splitlines()[:-1]} == expected, made)
    mode = stat.S_IMODE(stack.env_file.stat().st_mode)
    results.check("env generate: the file is its owner's alone", mode == 0o600, oct(mode))
    checked = sh(infragen, "env", "check", stack.root / "tests/e2e/e2e.yaml", ".env.production", cwd=stack.folder, ok=False)
    validated = sh("scripts/validate_config.sh", cwd=stack.folder, ok=False)
    lines = [line for line in checked.stdout.splitlines() if "[" in line]
    # Shells read these three otherwise; nothing else is wrong with them.
    odd = len(lines) == 3 and all("[ambiguous-line]" in line for line in lines)
    results.check("env check: the odd passwords are named, and nothing else is wrong", odd and checked.returncode == 1, checked.stdout + checked.stderr)
    results.check("validate_config.sh: says the same", (validated.stdout, validated.returncode) == (checked.stdout, 1), validated.stdout + validated.stderr)

    folder = stack.folder / "secrets"
    folder.mkdir(mode=0o700)
    sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
       "-keyout", folder / "tls.key", "-out", folder / "tls.crt")
    done = sh("scripts/install_secrets.sh", cwd=stack.folder)
    named = json.loads(stack.compose("config", "--format", "json").stdout)["secrets"]
    files = {Path(secret["file"]) for secret in named.values()}
    there = {file for file in folder.rglob("*") if file.is_file() and file.parent != folder}
    results.check("secrets: the stack asks for those that the script makes, and no other", files == there and len(files) == 8, sorted(map(str, files ^ there)))
    private = all((stat.S_IMODE(file.stat().st_mode), str(file.stat().st_uid)) == (0o400, file.parent.name) for file in there)
    results.check("secrets: each file is its reader's, and nobody else's", private, [(str(file), oct(file.stat().st_mode), file.stat().st_uid) for file in there])
    results.check("secrets: no script prints a value", MARK not in made + checked.stdout + validated.stdout + done.stdout + done.stderr)
    exact = (folder / "10001/ADMIN_PASSWORD").read_text(encoding="utf-8") == ODD and (folder / "999/DATABASE_PASSWORD").read_text(encoding="utf-8") == ODD + "d"
    results.check("secrets: odd passwords arrive as they are", exact)


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "e2e", "production") as stack:
        http, https = free_ports(2)
        folder = stack.root / "examples/fastapi/static/folder"
        (folder / ".hidden").mkdir(parents=True)
        for file in (folder / "seen.txt", folder / ".hidden/seen.txt", folder.parent / ".hidden"):
            file.write_text("seen")
        env_file(results, stack, infragen, (http, https))
        edge = Edge(HOST, http, https, stack.folder / "secrets/tls.crt")
        stack.compose("build", timeout=600)
        took = stack.up()
        results.check("up: everything is healthy", until(lambda: edge.ask(HEALTH).status == 200, 20), fact=took)
        for part in (answers, routes, tls, proxying, application, migrations, again, containers, networks, workers, connections, volumes, cron, backups, cache_away, database_again, reloaded, scaled, replica_killed, leaks, data):
            results.attempt(part, results, stack, edge)


def write(edge, body):
    return edge.ask(NOTES, "POST", json.dumps({"body": body}), {"Content-Type": "application/json"}).status


def answers(results, stack, edge):
    health = edge.json(HEALTH)
    results.check("health: over HTTPS, PostgreSQL and Redis asked, with odd passwords", health["checks"] == {"postgres": "ok", "redis": "ok"}, health)
    _, headers, _ = edge.ask(HEALTH)
    expected = {"strict-transport-security": "max-age=63072000", "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "strict-origin"}
    missing = [name for name, value in expected.items() if value not in headers.get(name, "")]
    results.check("headers: HSTS and the security headers", not missing, missing or "")
    seen = edge.ask(WHOAMI)
    results.check("headers: the request id that the application got", seen.headers.get("x-request-id") == json.loads(seen.body)["request_id"], seen)
    results.check("headers: no version of the server", headers.get("server") == "nginx", headers.get("server"))
    status, headers, body = edge.ask("/static/app.css")
    cached = "max-age=2592000" in headers.get("cache-control", "") and "expires" in headers
    results.check("static: the file, cacheable for 30 days", status == 200 and body == (stack.root / "examples/fastapi/static/app.css").read_bytes() and cached, headers)
    results.check("static: with the security headers", "strict-transport-security" in headers)
    reply = edge.ask("/static?a=b")
    results.check("static: the folder itself is below its path", (reply.status, reply.headers.get("location")) == (301, "/static/?a=b"), reply)
    reply = edge.ask("/static/folder")
    results.check("static: a folder's address has no port of the container", (reply.status, reply.headers.get("location")) == (301, "/static/folder/"), reply)
    statuses = [edge.ask(path).status for path in ("/static/folder/seen.txt", "/static/.hidden", "/static/folder/.hidden/seen.txt")]
    results.check("static: no hidden file", statuses == [200, 404, 404], statuses)
    results.check("static: nothing outside its folder", edge.ask("/static/..%2f..%2fetc/passwd").status in (400, 404) and edge.ask("/static../").status == 404)
    results.check("websocket: echo", edge.echo("hello, world") == "hello, world")
    inside = ["/metrics", "/livez", "/%6detrics", "//metrics", "/x/../livez", "/x/..%2fmetrics", "/metrics?x"]
    statuses = [edge.ask(path).status for path in inside]
    results.check("inside only: /metrics and /livez", set(statuses) == {404}, statuses)
    measured = stack.exec("api", "python", "-c", "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/metrics', timeout=5).read().decode())").stdout
    results.check("inside: there are metrics, of all workers", 'notes_http_requests_total{method="GET"' in measured, measured[:200])
    sizes = [edge.ask(ECHO, "POST", b"x" * size).status for size in (1_900_000, 2_200_000)]
    results.check("body: the limit is 2m", sizes == [200, 413], sizes)
    # The application knows no such path: what counts is who refuses.
    sizes = [edge.ask("/login", "POST", b"x" * size).status for size in (3_000_000, 4_400_000)]
    results.check("body: a route has its own limit", sizes == [404, 413], sizes)
    statuses = [edge.ask(path).status for path in ("/login", "/login/x", "/login", "/login")]
    results.check("rate: a route has its own limit, the others are not touched", statuses[-1] == 429 and edge.ask(WHOAMI).status == 200, statuses)
    write(edge, "compressible " * 200)
    _, headers, body = edge.ask(NOTES, headers={"Accept-Encoding": "gzip"})
    results.check("gzip: a large JSON answer", headers.get("content-encoding") == "gzip" and body[:2] == b"\x1f\x8b", len(body))


def routes(results, stack, edge):
    seen = edge.json("/below" + WHOAMI, headers={"X-Forwarded-Prefix": "/forged"})
    results.check("prefix: the service gets the path without it, and its name", seen["prefix"] == "/below", seen)
    results.check("prefix: there is none where it stays", edge.json(WHOAMI)["prefix"] is None)
    statuses = [edge.ask(path).status for path in ("/below", "/below/", "/below/metrics", "/below/livez", "/below" + HEALTH, "/below/static/app.css")]
    results.check("prefix: what stays inside stays inside", statuses == [200, 200, 404, 404, 200, 200], statuses)
    logged = until(lambda: f'"uri":"/below{WHOAMI}"' in stack.compose("logs", "--no-color", "nginx").stdout, 5)
    results.check("prefix: the log has the path that was asked for", logged)
    statuses = [edge.ask(path).status for path in ("/only", "/only/", "/only/x", "/onlyx")]
    results.check("exact: nothing below it", statuses == [200, 404, 404, 404], statuses)
    with edge.wrap(edge.trust, edge.host) as stream:
        stream.sendall(f"GET /api/v1/ticks?count=6 HTTP/1.0\r\nHost: {edge.host}\r\n\r\n".encode())
        reader, first, began = stream.makefile("rb"), None, time.monotonic()
        for line in reader:
            first = first or (line.startswith(b"data:") and time.monotonic() - began)
        whole = time.monotonic() - began
    results.check("streaming: what comes first arrives first", first and whole - first > 1.5, (first, whole))
    stack.exec("api", "sh", "-c", "echo picture > /srv/uploads/a.txt")
    reply = edge.ask("/uploads/a.txt")
    results.check("volume: what the application writes is served", (reply.status, reply.body) == (200, b"picture\n"), reply)
    page = (stack.root / "examples/fastapi/static/index.html").read_bytes()
    replies = [edge.ask(path) for path in ("/app/", "/app/some/place", "/app/app.css")]
    caching = [reply.headers.get("cache-control", "") for reply in replies]
    results.check("fallback: the page answers everywhere, and is asked for again", [r.body == page for r in replies] == [True, True, False] and
                  caching == ["no-cache", "no-cache", "max-age=2592000"], caching)
    there = {"/old": "/new", "/old/a%20b?c=d&e": "/new/a%20b?c=d&e", "/old?x": "/new?x", "/top": "/", "/top/x?y": "/x?y", "/top//evil.example.com": "/",
             "/top/%0d%0aSet-Cookie:x": "/%0d%0aSet-Cookie:x", "/top?x": "/?x", "/away?a=b": "https://www.example.com/x?a=b"}
    replies = {path: edge.ask(path) for path in there}
    found = {path: reply.headers.get("location") for path, reply in replies.items()}
    results.check("redirect: to the new place, with what follows", found == there, found)
    results.check("redirect: for good, or for now", [replies[path].status for path in ("/old", "/top", "/away?a=b")] == [301, 302, 301])
    results.check("redirect: an exact one leads nowhere else", edge.ask("/away/x").status == 404)


def tls(results, stack, edge):
    reply = edge.plain("/a?b=c", HOST)
    results.check("http: leads to HTTPS", reply and (reply.status, reply.headers.get("location")) == (301, f"https://{HOST}/a?b=c"), reply)
    results.check("http: another host name gets no answer", edge.plain("/", "other.example.net") is None)
    both = [edge.handshake(version=version)[0] for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)]
    results.check("tls: 1.2 and 1.3", both == ["TLSv1.2", "TLSv1.3"], both)
    refused = edge.handshake(version=ssl.TLSVersion.TLSv1_1)
    results.check("tls: 1.1 is refused by the server", refused == (None, "TLSV1_ALERT_PROTOCOL_VERSION"), refused)
    refused = edge.handshake(name="other.example.net")
    results.check("tls: another host name gets no certificate", refused == (None, "TLSV1_UNRECOGNIZED_NAME"), refused)
    results.check("tls: HTTP/2 is offered", edge.handshake(offer=("h2", "http/1.1"))[1] == "h2")


def proxying(results, stack, edge):
    forged = {"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6;proto=http", "X-Forwarded-Proto": "http", "X-Request-ID": "forged"}
    plain, spoofed = edge.json(WHOAMI), edge.json(WHOAMI, headers=forged)
    results.check("proxy: the scheme reaches the application", plain["scheme"] == spoofed["scheme"] == "https", spoofed)
    results.check("proxy: a client cannot forge its address or request id", spoofed["client"] == plain["client"] and spoofed["request_id"] != "forged", spoofed)
    # From inside, where the client's address is known.
    program = (f"import http.client,json,socket,ssl; t=ssl._create_unverified_context(); s=socket.create_connection(('nginx',8443),5)\n"
               f"c=http.client.HTTPConnection('{HOST}'); c.sock=t.wrap_socket(s,server_hostname='{HOST}'); own=c.sock.getsockname()[0]\n"
               f"c.request('GET','{WHOAMI}'); print(own==json.loads(c.getresponse().read())['client'])")
    results.check("proxy: the client's address reaches the application", stack.exec("api", "python", "-c", program).stdout.strip() == "True")
    # And through a published port. Not from loopback: there the engine stands in between.
    own = own_address(stack)
    if own:
        seen = Edge(HOST, edge.http_port, edge.https_port, edge.certificate, own).json(WHOAMI)["client"]
        results.check("proxy: the client's address survives the published port", seen == own, seen)
    else:
        results.skip("proxy: the client's address survives the published port", "this machine has no address but loopback, or the engine is on another")
    hosts = [edge.json(WHOAMI)["hostname"] for _ in range(40)]
    counts = sorted(hosts.count(host) for host in set(hosts))
    results.check("proxy: both replicas get their share", len(counts) == 2 and counts[0] >= 10, counts)


def application(results, stack, edge):
    status, notes = write(edge, "first of all: žluťoučký"), edge.json(NOTES)
    results.check("notes: written and read", status == 201 and notes["notes"][0]["body"] == "first of all: žluťoučký", status)
    results.check("notes: the count is cached", edge.json(NOTES)["count_from"] == "cache")
    newest = notes["notes"][0]["token"]
    statuses = {edge.ask(f"{NOTES}?before={newest}").status for _ in range(6)}
    results.check("notes: replicas share the secret key", statuses == {200}, statuses)


def migrations(results, stack, edge):
    found = stack.inspect("migrate")
    states = [(one["State"]["Status"], one["State"]["ExitCode"], one["RestartCount"]) for one in found]
    applied = stack.compose("logs", "--no-color", "migrate").stdout.count("schema is at version")
    results.check("migrate: ran once and ended well", states == [("exited", 0, 0)] and applied == 1, f"{states}, {applied} reports")


def again(results, stack, edge):
    before = sorted(stack.ids())
    stack.up()
    results.check("up again: every container stays", sorted(stack.ids()) == before)


def containers(results, stack, edge):
    found = stack.inspect()
    bad, limits = [], []
    for one in found:
        host, name = one["HostConfig"], service_of(one)
        hardened = host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["CapAdd"] and not host["Privileged"]
        if not hardened or "no-new-privileges:true" not in (host["SecurityOpt"] or []):
            bad.append(name)
        if one["State"]["Running"]:
            status = status_of(one)
            if status["Uid"] == "0" or int(status["CapEff"], 16) or int(status["CapBnd"], 16) or status["NoNewPrivs"] != "1":
                bad.append(f"{name} {status}")
        at_least = {"cache": 128 * 5 // 4, "nginx": 64}.get(name)
        fits = host["Memory"] == MEMORY[name] * MIB if name in MEMORY else host["Memory"] >= at_least * MIB
        if not fits or host["NanoCpus"] != CPUS[name] * 1e9 or not host["PidsLimit"] or host["PidsLimit"] <= 0:
            limits.append((name, host["Memory"], host["NanoCpus"], host["PidsLimit"]))
    names = sorted(service_of(one) for one in found)
    results.check("containers: two replicas of the API, and one of everything else", names == ["api", "api", "cache", "database", "migrate", "nginx"], names)
    results.check("containers: not root, read-only, no capability, no new privileges", not bad, bad or "")
    results.check("containers: memory, CPU and pids limits of the profile", not limits, limits or "")
    rotated = {tuple(sorted(one["HostConfig"]["LogConfig"]["Config"].items())) for one in found}
    results.check("containers: logs are rotated", rotated == {(("max-file", "5"), ("max-size", "50m"))}, rotated)
    published = {service_of(one) for one in found if one["HostConfig"]["PortBindings"]}
    results.check("containers: only nginx publishes ports", published == {"nginx"}, published)


def own_address(stack):
    """This machine's address towards others, if it is the engine's machine and has one."""
    gateway = stack.inspect("nginx")[0]["NetworkSettings"]["Networks"][f"{stack.project}_edge"]["Gateway"]
    try:
        socket.create_server((gateway, 0)).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as towards:
            towards.connect(("198.51.100.1", 9))  # UDP: nothing is sent
            return towards.getsockname()[0]
    except OSError:
        return None


@contextlib.contextmanager
def elsewhere(stack):
    """An address outside of the stack's networks: this machine's on a network of its own, where nginx's ports are published, too."""
    name = f"{stack.project}_elsewhere"
    sh("docker", "network", "create", name)
    try:
        yield json.loads(sh("docker", "network", "inspect", name).stdout)[0]["IPAM"]["Config"][0]["Gateway"]
    finally:
        sh("docker", "network", "rm", name)


def networks(results, stack, edge):
    def short(name):
        return name.removeprefix(stack.project + "_")

    found = {service_of(one): one["NetworkSettings"]["Networks"] for one in stack.inspect()}
    on = {service: sorted(map(short, nets)) for service, nets in found.items() if service in ("api", "database", "nginx")}
    results.check("network: nginx alone is on the edge's, and not in the backend",
                  on == {"api": ["backend", "frontend"], "database": ["backend"], "nginx": ["edge", "frontend"]}, on)
    way_out = found["nginx"][f"{stack.project}_edge"]

    def reaching(host, port):
        return "timeout", "4", "bash", "-c", f"exec 3<> /dev/tcp/{host}/{port}"

    def reaches(service, host, port):
        return stack.exec(service, *reaching(host, port), ok=False).returncode == 0

    with elsewhere(stack) as address:
        targets = [(address, edge.https_port), (way_out["Gateway"], edge.https_port), (way_out["IPAddress"], 8443)]
        for service in ("api", "database"):
            reached = [target for target in targets if reaches(service, *target)]
            results.check(f"network: from the {service} nothing outside is reached", not reached, reached)
        # The same address, so that the silence above has one reason. Compose makes `outside` only now, for the one service on it.
        out = stack.compose("run", "--rm", "--no-TTY", "prune", *reaching(*targets[0]), ok=False)
        results.check("network: from a service with egress the outside is reached", out.returncode == 0, out.stderr[-300:])
    listed = sh("docker", "network", "ls", "--format", "{{.Name}}", "--filter", f"label=com.docker.compose.project={stack.project}").stdout.split()
    internal = {short(net["Name"]): net["Internal"] for net in json.loads(sh("docker", "network", "inspect", *listed).stdout)}
    results.check("network: those of the services are internal", internal == {"edge": False, "frontend": True, "backend": True, "outside": False}, internal)
    results.check("network: within it, the database is reached", reaches("database", "cache", 6379) and reaches("api", "database", 5432))
    database = found["database"][f"{stack.project}_backend"]["IPAddress"]
    touch = [stack.exec("nginx", "sh", "-c", f"nc -w 3 {host} {port} < /dev/null", ok=False).returncode == 0
             for host, port in (("api", 8000), ("database", 5432), ("cache", 6379), (database, 5432))]
    results.check("network: nginx reaches the API, neither the database nor the cache", touch == [True, False, False, False], touch)


def workers(results, stack, edge):
    results.check("workers: two for one CPU", edge.json(WHOAMI)["workers"] == 2)
    image = f"registry.example.com/acme/api:{stack.tag}"
    program = "import runpy; print(runpy.run_path('gunicorn.conf.py')['workers'])"
    # A quota may be larger than this machine.
    seen = [sh("docker", "run", "--rm", "--network", "none", "--cpu-quota", quota, image, "python", "-c", program).stdout.strip() for quota in (50_000, 250_000, 600_000)]
    results.check("workers: follow the container's CPU limit", seen == ["2", "3", "6"], seen)


    small = sh("docker", "run", "--rm", "--network", "none", "--cpu-quota", "600000", "--memory", "512m", image, "python", "-c", program).stdout.strip()
    results.check("workers: no more than the container's memory carries", small == "4", small)


def connections(results, stack, edge):
    query = "SELECT string_agg(current_setting(name), ' ' ORDER BY n) FROM unnest(ARRAY['max_connections', 'shared_buffers', 'work_mem', 'max_wal_size']) WITH ORDINALITY t(name, n)"
    seen = stack.exec("database", "psql", "-U", "pyt_prod", "-d", "pyt_production", "-tAc", query).stdout.strip()
    # 2 replicas x 2 releases x 2 workers x 5, two jobs, 3 reserved, 10 to spare: 55.
    results.check("connections: as many as a roll-out may want, and memory for them", seen == "60 128MB 2MB 2GB", seen)
    pools = [stack.exec("api", "printenv", "DATABASE_POOL_SIZE").stdout.strip(), stack.compose("run", "--rm", "--no-TTY", "prune", "printenv", "DATABASE_POOL_SIZE").stdout.strip()]
    results.check("connections: the application has the number that was counted", pools == ["5", "1"], pools)


def volumes(results, stack, edge):
    stack.exec("api", "sh", "-c", "echo kept > /srv/uploads/file")
    seen = [sh("docker", "exec", one, "cat", "/srv/uploads/file").stdout.strip() for one in stack.ids("api")]
    results.check("volume: the service's user writes to it, every replica reads it", seen == ["kept", "kept"], seen)
    other = stack.compose("run", "--rm", "--no-TTY", "prune", "sh", "-c", "cat /srv/uploads/file; echo x > /srv/uploads/file", ok=False)
    results.check("volume: who shares it to read can only read", other.stdout.strip() == "kept" and "Read-only" in other.stderr, other.stdout + other.stderr[-200:])


def redis(stack, *words):
    program = 'REDISCLI_AUTH="$(cat /run/secrets/CACHE_PASSWORD)" exec redis-cli "$@"'
    return stack.exec("cache", "sh", "-c", program, "sh", *words).stdout.strip()


def cron(results, stack, edge):
    done = stack.compose("run", "--rm", "--no-TTY", "prune", ok=False)
    results.check("cron: prune runs once when asked", done.returncode == 0 and "prune: deleted 0 notes" in done.stdout, done.stdout[-200:] + done.stderr[-200:])
    results.check("cron: it leaves no container", not stack.ids("prune"))


def cache_away(results, stack, edge):
    stack.compose("stop", "cache")
    reply = until(lambda: (lambda r: r if r.status != 200 else None)(edge.ask(HEALTH)), 20)
    results.check("cache away: the health route says so", reply and reply.status == 503 and json.loads(reply.body)["checks"]["postgres"] == "ok", reply and reply.status)
    probes = [edge.ask(HEALTH).status for _ in range(12)]
    results.check("cache away: it goes on saying so", set(probes) == {503}, probes)
    statuses = [edge.ask(NOTES).status for _ in range(6)] + [write(edge, "without a cache")]
    results.check("cache away: what needs no cache works", statuses == [200] * 6 + [201], statuses)
    stack.compose("start", "cache")
    results.check("cache back: the health route recovers", until(lambda: edge.ask(HEALTH).status == 200, 30))


def backups(results, stack, edge):
    """One is made as the timer does it; what is lost afterwards comes back with it."""
    names = {**os.environ, **stack.variables}

    def notes():
        return [note["id"] for note in edge.json(NOTES)["notes"]]

    kept = notes()
    done = sh("scripts/compose.sh", "run", "--rm", "--no-deps", "--no-TTY", "database-backup", cwd=stack.folder, env=names, ok=False)
    results.check("backup: complete", done.returncode == 0 and ".dump is complete" in done.stdout, done.stdout + done.stderr)
    write(edge, "written after the backup")
    more = notes()
    done = sh("scripts/deploy_prod.sh", "docker", "restore", "--yes", "--from", "20200101T000000Z.dump", cwd=stack.folder, env=names, ok=False)
    results.check("restore: a backup that is not there is answered by those that are", done.returncode == 1 and ".dump" in done.stderr, done.stderr)
    results.check("restore: nothing was lost by that", notes() == more)
    done = sh("scripts/deploy_prod.sh", "docker", "restore", "--yes", cwd=stack.folder, env=names, ok=False)
    results.check("restore: done", done.returncode == 0, done.stderr)
    results.check("restore: what was there is there, and what came later is not", until(lambda: notes() == kept and kept != more, 20), (kept, more))


def database_again(results, stack, edge):
    count = len(edge.json(NOTES)["notes"])
    stack.compose("restart", "database", timeout=120)
    results.check("database restarted: the health route recovers, and nothing else was started", until(lambda: edge.ask(HEALTH).status == 200, 30))
    results.check("database restarted: the data is there", len(edge.json(NOTES)["notes"]) == count and write(edge, "afterwards") == 201)


@contextlib.contextmanager
def load(edge):
    """Short requests, requests that are always under way, and requests that must not be sent twice; six clients.

    Nothing is asserted about times: a server that listens before it can answer lets requests wait while its replica starts.
    """
    with Asking(edge, WHOAMI) as short, Asking(edge, "/api/v1/slow?seconds=0.5") as long, Asking(edge, ECHO, "POST", b"x" * 20_000) as post:
        until(lambda: len(short.replies) > 20, 10)
        yield {"GET": short, "long GET": long, "POST": post}


def reloaded(results, stack, edge):
    """As a roll-out does it: nginx is pointed at a copy of its configuration, and back."""
    def point(command):
        stack.exec("nginx", "sh", "-c", f"{command} && nginx -t -q -c /tmp/nginx.conf && kill -HUP 1")
        time.sleep(2)

    with Keeping(edge, WHOAMI) as asking:
        until(lambda: len(asking.replies) > 10, 10)
        for _ in range(3):
            point("sed 's/least_conn/random/' /etc/nginx/site/nginx.conf > /tmp/rollout.conf && ln -sf /tmp/rollout.conf /tmp/nginx.conf")
            point("ln -sf /etc/nginx/site/nginx.conf /tmp/nginx.conf")
    results.check("reloaded: not one request fails on a connection that is kept", len(asking.replies) > 20 and not asking.bad(), fact=asking.summary())


def scaled(results, stack, edge):
    def scale(count):
        stack.compose("up", "--detach", "--wait", "--no-build", "--no-recreate", "--scale", f"api={count}", timeout=300)
        reached = until(lambda: len({edge.json(WHOAMI)["hostname"] for _ in range(20)}) == count, 20)
        results.check(f"scaled: {count} replicas get requests", reached and len(stack.ids("api")) == count)

    with load(edge) as asking:
        scale(4)
        stopping = time.monotonic()
        scale(2)
    for name, requests in asking.items():
        # What nginx promises: a POST that a replica had not yet read when it stopped is lost. Two clients, so two at most.
        lost = requests.bad(until=stopping) if name == "POST" else requests.bad()
        results.check(f"scaled: not one {name} fails", not lost and len(requests.bad()) <= 2, fact=requests.summary())


def replica_killed(results, stack, edge):
    def state(victim, template):
        return sh("docker", "inspect", "--format", template, victim).stdout.strip()

    for victim in stack.ids("api"):
        pid = state(victim, "{{.State.Pid}}")
        with load(edge) as asking:
            # Not `docker kill`: after that the engine would not restart it.
            sh("docker", "run", "--rm", "--pid", "host", "--network", "none", "--user", "0", "--entrypoint", "sh", "nginx:1.30-alpine", "-c", f"kill -9 {pid}")
            dead = time.monotonic()
            back = until(lambda: state(victim, "{{.RestartCount}} {{.State.Health.Status}}") == "1 healthy", 90, 0.5)
        for name, requests in asking.items():
            # What nginx promises: with the replica dies a POST that it had received, an answer that it had begun, and nothing else.
            lost = [status for status in requests.bad(since=dead if name == "POST" else 0) if status != "IncompleteRead"]
            results.check(f"replica killed: not one {name} fails", len(requests.replies) > 20 and not lost, fact=requests.summary())
        results.check("replica killed: it comes back", back)
        results.check("replica killed: it gets requests again", until(lambda: len({edge.json(WHOAMI)["hostname"] for _ in range(10)}) == 2, 30))


def data(results, stack, edge):
    body = "kept " + secrets.token_hex(8)
    write(edge, body)
    count = len(edge.json(NOTES)["notes"])
    redis(stack, "set", "kept", "yes")
    stack.compose("down", "--timeout", "60", timeout=180)
    gone = stack.ids()
    took = stack.up()
    until(lambda: edge.ask(HEALTH).status == 200, 30)
    notes = edge.json(NOTES)["notes"]
    results.check("down, up: the data stays", not gone and notes[0]["body"] == body and len(notes) == count, fact=took)
    file = stack.exec("api", "cat", "/srv/uploads/file").stdout.strip()
    results.check("down, up: the volume stays, and the cache is warm", (file, redis(stack, "get", "kept")) == ("kept", "yes"), file)
    wrong = edge.ask(NOTES, "DELETE", headers={"Authorization": "Basic " + base64.b64encode(b"admin:wrong").decode()}).status
    right = edge.ask(NOTES, "DELETE", headers={"Authorization": "Basic " + base64.b64encode(f"admin:{ODD}".encode()).decode()}).status
    results.check("admin: the password from its file, and no other", (wrong, right) == (401, 200), (wrong, right))


def leaks(results, stack, edge):
    ids = stack.ids()
    images = sorted({one["Image"] for one in stack.inspect()})
    places = {"inspect": json.dumps(stack.inspect(), ensure_ascii=False), "logs": stack.logs(), "compose": stack.compose("config").stdout,
              "processes": "".join(sh("docker", "top", one, "-eo", "pid,args", ok=False).stdout for one in ids),
              "images": "".join(sh("docker", "history", "--no-trunc", one).stdout for one in images)}
    found = [place for place, text in places.items() if MARK in text]
    results.check("secrets: in no configuration, log, process list or image", not found and all(places.values()), found or "")
