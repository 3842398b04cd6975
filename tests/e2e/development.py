"""Assertions on the development stack: started as its .env example says, reached from this machine, reloaded."""
import http.client
import json
import re
import socket

from client import read
from harness import service_of, stack_of, until

PORT, DATABASE_PORT, CACHE_PORT = 28000, 25432, 26379


def get(path):
    return read(http.client.HTTPConnection("127.0.0.1", PORT, timeout=10), "GET", path)


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "dev", "development") as stack:
        took = stack.up()
        health = until(lambda: json.loads(get("/api/v1/monitoring/health").body), 20)
        results.check("up: from nothing but a copy of the example", health and health["checks"] == {"postgres": "ok", "redis": "ok"}, health, took)
        results.check("settings: of development", json.loads(get("/").body)["environment"] == "development" and get("/openapi.json").status == 200)
        for part in (ports, containers, reload):
            results.attempt(part, results, stack)


def ports(results, stack):
    bindings = [(service_of(one), of["HostIp"], of["HostPort"]) for one in stack.inspect() for found in one["HostConfig"]["PortBindings"].values() for of in found]
    expected = [("api", "127.0.0.1", str(PORT)), ("cache", "127.0.0.1", str(CACHE_PORT)), ("database", "127.0.0.1", str(DATABASE_PORT))]
    results.check("ports: API, database and cache, on this machine only", sorted(bindings) == expected, bindings)
    with socket.create_connection(("127.0.0.1", CACHE_PORT), 5) as cache:
        cache.sendall(b"PING\r\n")
        reply = cache.recv(100)
    results.check("ports: the cache answers there, and wants its password", reply.startswith(b"-NOAUTH"), reply)
    with socket.create_connection(("127.0.0.1", DATABASE_PORT), 5) as database:
        database.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))  # a request for TLS; PostgreSQL says yes or no
        results.check("ports: the database answers there", database.recv(1) in (b"N", b"S"))


def containers(results, stack):
    root = [service_of(one) for one in stack.inspect() if one["Config"]["User"].partition(":")[0] in ("", "0", "root")]
    results.check("containers: none runs as root", not root, root or "")
    plain = [one for one in stack.inspect() if "no-new-privileges:true" not in (one["HostConfig"]["SecurityOpt"] or [])]
    results.check("containers: no new privileges", not plain)


def reload(results, stack):
    server = stack.exec("api", "cat", "/proc/1/cmdline").stdout.split("\0")
    results.check("reload: the server runs with --reload", "--reload" in server, server)
    app = stack.root / "examples/fastapi/src/api/app.py"
    text, count = re.subn(r'"service": "notes"', '"service": "changed"', app.read_text())
    app.write_text(text)
    seen = until(lambda: json.loads(get("/").body)["service"] == "changed", 30)
    results.check("reload: an edited file is served without a restart", count == 1 and seen and not [one for one in stack.inspect("api") if one["RestartCount"]])
