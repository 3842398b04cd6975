"""Assertions on scripts/deploy_prod.sh docker: releases that replace each other under load, and all that may go wrong."""
import base64
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time

from client import Asking, Edge
from harness import free_ports, service_of, sh, stack_of, until

HOST = "api.example.com"
WHOAMI = "/api/v1/whoami"
ECHO = "/api/v1/echo-size"
APP = "examples/fastapi/src/api/app.py"
MIGRATE = "examples/fastapi/src/migrate.py"


class Kept(Asking):
    """As `Asking`, over connections that are kept as long as the server keeps them."""

    def loop(self):
        connection = None
        while not self.over.is_set():
            began = time.monotonic()
            try:
                if connection is None or connection.sock is None:
                    connection = http.client.HTTPSConnection(self.edge.host, timeout=30)
                    connection.sock = self.edge.wrap(self.edge.trust, self.edge.host, 30)
                path, method, body = self.request
                connection.request(method, path, body)
                reply = connection.getresponse()
                reply.read()
                status = reply.status
            except (OSError, http.client.HTTPException) as error:
                status, connection = type(error).__name__, None
            self.replies.append((began, time.monotonic() - began, status))
            time.sleep(0.1)


class Socket:
    """A web socket that is asked for an echo all the time, and opened again when it is cut."""

    def __init__(self, edge):
        self.edge, self.opened, self.echoes, self.refused, self.over = edge, 0, 0, [], threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(40)

    def loop(self):
        while not self.over.is_set():
            try:
                self.talk()
            except OSError:
                pass

    def talk(self):
        key = base64.b64encode(os.urandom(16)).decode()
        with self.edge.wrap(self.edge.trust, self.edge.host) as stream:
            stream.sendall((f"GET /ws HTTP/1.1\r\nHost: {self.edge.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
            reader = stream.makefile("rb")
            status = reader.readline()
            if b" 101 " not in status:
                self.refused.append(status)
                return
            while reader.readline().strip():
                pass
            self.opened += 1
            while not self.over.is_set():
                stream.sendall(bytes([0x81, 0x80 | 4]) + b"\0\0\0\0" + b"ping")
                head = reader.read(2)
                if len(head) < 2 or head[0] != 0x81:
                    return
                self.echoes += reader.read(head[1] & 0x7F) == b"ping"
                time.sleep(0.2)


class Deployment:
    """The rendered script, in the stack's folder."""

    def __init__(self, stack):
        self.stack, self.said = stack, ""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
        self.environment = {**kept, "COMPOSE_PROJECT_NAME": stack.project}

    def start(self, *args):
        return subprocess.Popen(["scripts/deploy_prod.sh", "docker", *args, "--yes"], cwd=self.stack.folder, env=self.environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def finish(self, process):
        said, _ = process.communicate(timeout=400)
        self.said += said
        return process.returncode, said

    def __call__(self, *args):
        return self.finish(self.start(*args))

    def compose(self, *args):
        return sh("scripts/compose.sh", *args, cwd=self.stack.folder, env=self.environment, timeout=200)


@contextlib.contextmanager
def load(edge):
    with Asking(edge, WHOAMI) as get, Asking(edge, ECHO, "POST", b"x" * 20_000) as post, Kept(edge, WHOAMI) as kept, \
            Kept(edge, ECHO, "POST", b"x" * 2_000) as kept_post, Asking(edge, "/api/v1/slow?seconds=2") as slow:
        until(lambda: len(get.replies) > 20, 10)
        yield {"GET": get, "POST": post, "kept GET": kept, "kept POST": kept_post, "slow GET": slow}


def judge(results, name, asking):
    for kind, requests in asking.items():
        results.check(f"{name}: not one {kind} fails", len(requests.replies) > 3 and not requests.bad(), fact=requests.summary())


def release(edge):
    """The tags of the images that answer."""
    hosts = {edge.json(WHOAMI)["hostname"] for _ in range(8)}
    return {sh("docker", "inspect", "--format", "{{.Config.Image}}", host).stdout.strip().rpartition(":")[2] for host in hosts}


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "deploy", "production") as stack:
        ports = free_ports(2)
        text = stack.env_file.read_text()
        for name, port in zip(("HTTP_PORT", "HTTPS_PORT"), ports):
            text = re.sub(rf"^# ({name})=.*$", rf"\1={port}", text, flags=re.MULTILINE)
        stack.env_file.write_text(text)
        sh(infragen, "env", "generate", "tests/e2e/deploy.yaml", cwd=stack.root)
        (stack.folder / "secrets").mkdir(mode=0o700)
        certificate(stack)
        edge = Edge(HOST, *ports, stack.folder / "secrets/tls.crt")
        deploy = Deployment(stack)
        for part in (first, again, rolls, back, crashes, migration, hook, secret, wrong_password, store_password, store, new_certificate, proxy, pinned, lock, interrupted, scaled, gone, silent):
            results.attempt(part, results, stack, edge, deploy)


def certificate(stack):
    folder = stack.folder / "secrets"
    sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "20", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
       "-keyout", folder / "tls.key", "-out", folder / "tls.crt")


def tag(stack, name):
    # With the run's own tag at the end, so that the harness removes the images.
    return f"{name}-{stack.tag}"


def everything(stack):
    """What runs or ran, by service; containers that were made anew are others."""
    return sorted((service_of(one), one["Id"]) for one in stack.inspect())


def only(stack, *services):
    return [pair for pair in everything(stack) if pair[0] in services]


def first(results, stack, edge, deploy):
    began = time.monotonic()
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("first deployment: done", status == 0, said[-3000:], f"{time.monotonic() - began:.0f} s")
    results.check("first deployment: its release answers", release(edge) == {tag(stack, "one")})
    names = [name for name, _ in everything(stack)]
    results.check("first deployment: all of it runs, and nothing else", names == ["api", "api", "cache", "database", "migrate", "nginx"], names)
    results.check("first deployment: the status names the release", said.count(tag(stack, "one")) >= 2 and "(healthy)" in said, said)


def again(results, stack, edge, deploy):
    before = everything(stack)
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("again: nothing has changed, and it says so", status == 0 and "nothing has changed" in said and everything(stack) == before, said[-3000:])
    status, said = deploy()
    results.check("again: without a tag it stays at the one that was deployed", status == 0 and f"api stays at {tag(stack, 'one')}" in said and everything(stack) == before, said[-3000:])
    deploy.compose("up", "--detach", "--wait")
    results.check("again: scripts/compose.sh up recreates nothing", everything(stack) == before, everything(stack))


def rolls(results, stack, edge, deploy):
    before = only(stack, "database", "cache", "nginx")
    with load(edge) as asking, Socket(edge) as socket:
        began = time.monotonic()
        status, said = deploy("--tag", tag(stack, "two"))
        took = time.monotonic() - began
        time.sleep(2)
        results.check("roll-out: done", status == 0, said[-3000:], f"{took:.0f} s")
        results.check("roll-out: the new release answers", release(edge) == {tag(stack, "two")})
    judge(results, "roll-out", asking)
    results.check("roll-out: web sockets are cut and come again", socket.echoes > 20 and not socket.refused, socket.refused, f"{socket.opened} opened, {socket.echoes} echoes")
    results.check("roll-out: nothing else was touched", only(stack, "database", "cache", "nginx") == before)
    results.check("roll-out: the old ones are gone", len(stack.ids("api")) == 2)
    link = sh("docker", "exec", stack.ids("nginx")[0], "readlink", "/tmp/nginx.conf").stdout.strip()
    results.check("roll-out: nginx has its own configuration again", link == "/etc/nginx/site/nginx.conf", link)
    before = everything(stack)
    deploy.compose("up", "--detach", "--wait")
    results.check("roll-out: scripts/compose.sh up recreates nothing", everything(stack) == before)


def back(results, stack, edge, deploy):
    with load(edge) as asking:
        status, said = deploy("rollback")
        time.sleep(2)
        results.check("rollback: done", status == 0, said[-3000:])
        results.check("rollback: the release before answers", release(edge) == {tag(stack, "one")})
    judge(results, "rollback", asking)
    results.check("rollback: without the release job", "running migrate" not in said and "the release job is not run" in said, said)
    before = only(stack, "api", "database", "cache", "nginx")
    deploy.compose("up", "--detach", "--wait")
    results.check("rollback: scripts/compose.sh up recreates nothing", only(stack, "api", "database", "cache", "nginx") == before)


@contextlib.contextmanager
def changed(stack, file, text):
    path = stack.root / file
    before = path.read_text()
    path.write_text(text + before)
    try:
        yield
    finally:
        path.write_text(before)


def refused(results, stack, edge, deploy, name, reason, *args):
    """A release that does not come up: the old one goes on, and nothing is left over."""
    before = only(stack, "api", "database", "cache", "nginx")
    with load(edge) as asking:
        status, said = deploy(*args)
    results.check(f"{name}: status 1, and why", status == 1 and reason in said, f"{status}\n{said[-3000:]}")
    judge(results, name, asking)
    left = only(stack, "api", "database", "cache", "nginx")
    results.check(f"{name}: the old containers, and no other", left == before, left)
    results.check(f"{name}: the release before answers", release(edge) == {tag(stack, "one")})


def crashes(results, stack, edge, deploy):
    with changed(stack, APP, "raise SystemExit('this release is broken')\n"):
        refused(results, stack, edge, deploy, "a release that crashes", "this release is broken", "--tag", tag(stack, "broken"))


def migration(results, stack, edge, deploy):
    with changed(stack, MIGRATE, "raise SystemExit('no such table')\n"):
        refused(results, stack, edge, deploy, "a failing migration", "no such table", "--tag", tag(stack, "badschema"))


def hook(results, stack, edge, deploy):
    hooks = stack.folder / "hooks"
    hooks.mkdir()
    for name, text in (("test", "echo the test fails; exit 1"), ("notify", 'echo "$@" $MODE $TAG >> hooks/notified')):
        (hooks / name).write_text(f"#!/bin/sh\n{text}\n")
        (hooks / name).chmod(0o755)
    refused(results, stack, edge, deploy, "a failing test hook", "the test fails", "--tag", tag(stack, "two"))
    said = (hooks / "notified").read_text()
    results.check("hooks: notify learns of it", said == f"deploy failed docker {tag(stack, 'two')}\n", said)
    (hooks / "test").unlink()


def secret(results, stack, edge, deploy):
    before = everything(stack)
    stack.env_file.write_text(re.sub(r"^SECRET_KEY=.*$", "SECRET_KEY=" + os.urandom(32).hex(), stack.env_file.read_text(), flags=re.MULTILINE))
    with load(edge) as asking:
        status, said = deploy("--tag", tag(stack, "one"))
        time.sleep(2)
    judge(results, "a new secret", asking)
    gone = {service for service, one in before if (service, one) not in everything(stack)}
    results.check("a new secret: its readers are recreated, and nothing else", status == 0 and gone == {"api", "migrate"}, f"{gone}\n{said[-3000:]}")
    tags = sh("docker", "image", "ls", "--format", "{{.Tag}}", "registry.example.com/acme/api").stdout.split()
    left = [one for one in tags if one in (tag(stack, "broken"), tag(stack, "badschema"))]
    results.check("images of releases that did not come up are gone", not left, left)


def new_password(stack, store):
    """Another password of a store, and the connection string that goes with it; what the env file was."""
    env = stack.env_file.read_text()
    text = re.sub(rf"^{store}_PASSWORD=.*$", f"{store}_PASSWORD=" + os.urandom(24).hex(), env, flags=re.MULTILINE)
    stack.env_file.write_text(re.sub(rf"^{store}_URL=.*\n", "", text, flags=re.MULTILINE))
    sh(stack.infragen, "env", "generate", "tests/e2e/deploy.yaml", cwd=stack.root)
    return env


def wrong_password(results, stack, edge, deploy):
    """PostgreSQL keeps the password that it was made with."""
    before, env = everything(stack), new_password(stack, "DATABASE")
    status, said = deploy("--tag", tag(stack, "one"))
    told = "DATABASE_PASSWORD in .env.production is not the password of" in said and "psql --username" in said
    results.check("a wrong password: refused, with the way to change it", status == 2 and told and everything(stack) == before, said[-3000:])
    stack.env_file.write_text(env)
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("a wrong password: with the right one nothing has changed", status == 0 and everything(stack) == before, said[-3000:])


def store_password(results, stack, edge, deploy):
    """A store has its new password already when the release fails: it gets the old one back."""
    file = stack.folder / "secrets/10001/CACHE_URL"
    before, env = file.read_bytes(), new_password(stack, "CACHE")
    with changed(stack, MIGRATE, "raise SystemExit('no such table')\n"):
        status, said = deploy("--tag", tag(stack, "badpassword"))
    results.check("a failing release with a new password: status 1", status == 1 and "putting back cache" in said and "what ran before goes on" in said, said[-3000:])
    results.check("a failing release with a new password: the secrets of before are back", file.read_bytes() == before)
    results.check("a failing release with a new password: what ran before works", until(lambda: edge.ask("/api/v1/monitoring/health").status == 200, 30))
    one = stack.ids("api")[0]
    sh("docker", "restart", one, timeout=120)
    healthy = until(lambda: sh("docker", "inspect", "--format", "{{.State.Health.Status}}", one).stdout.strip() == "healthy", 60)
    results.check("a failing release with a new password: a container that starts again works", healthy)
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("a new password: the same command works once the release does", status == 0 and file.read_bytes() != before, said[-3000:])
    results.check("a new password: the store has it", edge.ask("/api/v1/monitoring/health").status == 200)
    sh("docker", "stop", *stack.ids("cache"))
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("a store that is down as it should be: made anew", status == 0 and "cache does not work as it is" in said, said[-3000:])
    stack.env_file.write_text(env)
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("a new password: and the old one again", status == 0 and file.read_bytes() == before, said[-3000:])


def store(results, stack, edge, deploy):
    """A backing service is replaced where it is: one that does not start with its settings gets back those that it had."""
    file, backup = stack.file.read_text(), stack.folder / "hooks/backup"
    backup.write_text("#!/bin/sh\necho >> hooks/saved\nexit 0\n")
    stack.file.write_text(file.replace("max_connections=", "max_connections=none"))
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("a hook that cannot be run is no hook that is left out", status == 1 and "chmod +x hooks/backup" in said, said[-2000:])
    backup.chmod(0o755)
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("a store that does not start: status 1", status == 1 and "does not become healthy" in said and "putting back database" in said, said[-3000:])
    results.check("a store that does not start: saved before it was touched", (stack.folder / "hooks/saved").exists())
    results.check("a store that does not start: it is back as it was", until(lambda: edge.ask("/api/v1/monitoring/health").status == 200, 30))
    stack.file.write_text(file)
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("a store that does not start: with the settings of before nothing has changed", status == 0 and "nothing has changed" in said, said[-2000:])
    backup.unlink()


def pinned(results, stack, edge, deploy):
    """As an interruption may leave it: nginx reads a copy, with the addresses of then."""
    sh("docker", "exec", stack.ids("nginx")[0], "sh", "-c", "cp /etc/nginx/site/nginx.conf /tmp/rollout.conf && ln -sf /tmp/rollout.conf /tmp/nginx.conf && nginx -s reload -c /tmp/nginx.conf")
    status, said = deploy("--tag", tag(stack, "one"))
    link = sh("docker", "exec", stack.ids("nginx")[0], "readlink", "/tmp/nginx.conf").stdout.strip()
    results.check("nginx at a copy: the next deployment brings it back", status == 0 and link == "/etc/nginx/site/nginx.conf", f"{link}\n{said[-2000:]}")


def new_certificate(results, stack, edge, deploy):
    before = everything(stack)
    certificate(stack)
    status, said = deploy("--tag", tag(stack, "one"))
    renewed = Edge(HOST, edge.http_port, edge.https_port, edge.certificate)
    results.check("a new certificate: nginx has it", status == 0 and until(lambda: renewed.ask(WHOAMI).status == 200, 5), said[-3000:])
    results.check("a new certificate: nothing is recreated", everything(stack) == before)
    edge.trust = renewed.trust


def proxy(results, stack, edge, deploy):
    def went(name, expected, reason, status, said, same):
        answers = until(lambda: edge.ask(WHOAMI).status == 200, 10)
        unchanged = everything(stack) == before if same else only(stack, "api", "database", "cache") == [pair for pair in before if pair[0] in ("api", "database", "cache")]
        results.check(f"nginx: {name}", status == expected and reason in said and answers and unchanged, f"{status} {answers} {unchanged}\n{said[-3000:]}")

    before, same = everything(stack), ("--tag", tag(stack, "one"))
    with changed(stack, "deploy/deploy/nginx/nginx.conf", "nonsense;\n"):
        went("a configuration that is none is refused", 1, "nginx refuses its configuration", *deploy(*same), True)
    with changed(stack, "deploy/deploy/nginx/nginx.conf", "# Another one.\n"):
        went("a new configuration is loaded", 0, "nginx loads what is new", *deploy(*same), True)
    went("and the old one again", 0, "nginx loads what is new", *deploy(*same), True)
    test, file = stack.folder / "hooks/test", stack.file.read_text()
    test.parent.mkdir(exist_ok=True)
    test.write_text("#!/bin/sh\nexit 1\n")
    test.chmod(0o755)
    stack.file.write_text(file.replace("pids: 64\n", "pids: 65\n"))
    went("another container that is not wanted goes, and the old one comes back", 1, "nginx changes", *deploy(*same), True)
    test.unlink()
    went("another container takes its place", 0, "nginx changes", *deploy(*same), False)
    results.check("nginx: there is one of it", len(stack.ids("nginx")) == 1 and stack.ids("nginx")[0] not in dict(before).values(), stack.ids("nginx"))


def lock(results, stack, edge, deploy):
    path = stack.folder / "hooks/before_deploy"
    path.write_text("#!/bin/sh\nsleep 6\n")
    path.chmod(0o755)
    one = deploy.start("--tag", tag(stack, "one"))
    until(lambda: sh("flock", "--nonblock", stack.folder / ".deploy/lock", "true", ok=False).returncode, 5, 0.05)
    status, said = deploy("--tag", tag(stack, "one"))
    results.check("two at once: the second is refused", status == 2 and "another deployment is running" in said, said)
    results.check("two at once: the first one ends well", deploy.finish(one)[0] == 0)
    path.unlink()


def interrupted(results, stack, edge, deploy):
    for number, how in ((1, signal.SIGINT), (2, signal.SIGKILL), (3, signal.SIGKILL)):
        name = f"{how.name} {number}"
        # The third one is killed behind the switch, when new and old ones are there.
        moment = "nginx goes over" if number == 3 else "starting 2 of api"
        process, seen = deploy.start("--tag", tag(stack, f"cut{number}")), []
        for line in process.stdout:
            seen.append(line)
            if moment in line:
                break
        time.sleep(3 if number < 3 else 0.5)
        if how == signal.SIGINT:
            process.send_signal(how)
        else:
            os.killpg(process.pid, how)
        process.communicate(timeout=120)
        results.check(f"{name}: the service goes on", all(edge.ask(WHOAMI).status == 200 for _ in range(10)))
        if how == signal.SIGINT:
            results.check(f"{name}: status 1, and nothing is left over", process.returncode == 1 and len(stack.ids("api")) == 2, (process.returncode, seen))
        with load(edge) as asking:
            status, said = deploy("--tag", tag(stack, f"cut{number}"))
            time.sleep(2)
        results.check(f"{name}: a second run works", status == 0 and release(edge) == {tag(stack, f"cut{number}")} and len(stack.ids("api")) == 2, said[-3000:])
        judge(results, name, asking)


def scaled(results, stack, edge, deploy):
    running = re.search(r"^API_TAG=(.*)$", (stack.folder / ".deploy/release.env").read_text(), re.MULTILINE)[1]
    # The parts before this one edited files by hand, nginx's among them.
    sh(os.environ.get("INFRAGEN") or stack.infragen, "render", "--force", "tests/e2e/deploy.yaml", cwd=stack.root)
    status, said = deploy("--tag", running)
    results.check("what was edited by hand: rendered again, and deployed", status == 0, said[-3000:])
    for count in (3, 2):
        profile = stack.root / "tests/e2e/deploy.yaml"
        before = profile.read_text()
        profile.write_text(before.replace("  api:\n", f"  api:\n    replicas: {count}\n") if count != 2 else before)
        sh(os.environ.get("INFRAGEN") or stack.infragen, "render", "--force", "tests/e2e/deploy.yaml", cwd=stack.root)
        profile.write_text(before)
        ids = stack.ids("api")
        with load(edge) as asking:
            status, said = deploy("--tag", running)
            reached = until(lambda: len({edge.json(WHOAMI)["hostname"] for _ in range(20)}) == count, 20)
        now = stack.ids("api")
        results.check(f"replicas: {count} of them, and no more are recreated", status == 0 and reached and len(now) == count and (set(now) >= set(ids) or set(now) <= set(ids)), said[-3000:])
        judge(results, f"replicas: {count}", asking)


def gone(results, stack, edge, deploy):
    """What is no longer in the profile is stopped."""
    sh("docker", "run", "--detach", "--label", f"com.docker.compose.project={stack.project}", "--label", "com.docker.compose.service=oldworker",
       "--label", "com.docker.compose.oneoff=False", "--network", "none", "nginx:1.30-alpine", "sleep", "600")
    status, said = deploy("--tag", re.search(r"^API_TAG=(.*)$", (stack.folder / ".deploy/release.env").read_text(), re.MULTILINE)[1])
    results.check("a service that is gone: it is named and removed", status == 0 and "oldworker is no longer in the profile" in said and not stack.ids("oldworker"), said)


def silent(results, stack, edge, deploy):
    values = [value.strip("'") for value in re.findall(r"^\w+(?:PASSWORD|KEY|URL)=(.+)$", stack.env_file.read_text(), re.MULTILINE)]
    shown = [value for value in values if value in deploy.said]
    results.check("no secret in any output", len(values) >= 5 and not shown and len(deploy.said) > 5000)
    inspected = json.dumps(stack.inspect())
    results.check("no secret in any configuration", not [value for value in values if value in inspected])
