"""Assertions on what a profile says of services and stores beyond the usual, deployed by the script."""
import hashlib
import http.client
import json
import re
import socket
import subprocess
import time

from deploy import Deployment
from harness import free_ports, sh, stack_of, until

HOST = "shapes.example.com"
TOKEN = "tok-5f2c9a7e-shapes"


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "shapes", "production") as stack:
        http_port, udp_port = free_ports(2)
        edit(stack, "publish: {port: 5514}", f"publish: {{port: {udp_port}}}")
        inbox = stack.root / "tests/e2e/shapes/inbox"
        inbox.mkdir()
        inbox.chmod(0o777)
        deploy = Deployment(stack)
        results.check("without the build's secret: said before anything is changed", refused(stack, deploy, http_port))
        text = stack.env_file.read_text()
        stack.env_file.write_text(text.replace("INDEX_TOKEN=", f"INDEX_TOKEN={TOKEN}"))
        status, said = deploy("--tag", stack.tag + "-1")
        if not results.check("deployed", status == 0, said[-3000:]):
            return
        told = until(lambda: json.loads(ask(http_port)), 20)
        results.check("edge: reaches the service", told, told)
        more = json.loads(ask(http_port, "/admin/x"))
        results.check("edge: a route leads to another port of the service", (told["port"], more["port"], more["path"]) == (8000, 8001, "/admin/x"), more)
        results.attempt(image, results, stack, told)
        results.attempt(container, results, stack, told, udp_port)
        results.attempt(changes, results, stack, http_port)
        results.attempt(databases, results, stack)
        results.attempt(stops, results, stack)
        results.attempt(releases, results, stack, deploy, http_port)


def edit(stack, old, new):
    profile = stack.root / "tests/e2e/shapes.yaml"
    text = profile.read_text()
    assert old in text, old
    profile.write_text(text.replace(old, new))
    sh(stack.infragen, "render", "tests/e2e/shapes.yaml", cwd=stack.root)


def refused(stack, deploy, port):
    """The passwords as `env generate` makes them; what others hand out is missing."""
    sh(stack.infragen, "env", "generate", "tests/e2e/shapes.yaml", cwd=stack.root)
    stack.env_file.write_text(stack.env_file.read_text() + f"\nHTTP_PORT={port}\n")
    status, said = deploy()
    return status == 2 and "needs INDEX_TOKEN" in said and "error[not-supplied]" not in said and not stack.ids()


def ask(port, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": HOST, "Connection": "close"})
    return connection.getresponse().read()


def image(results, stack, told):
    results.check("build: the stage that the profile names, with its argument", told["/srv/colour"] == "blue", told)
    results.check("build: it had the secret", told["/srv/token.sha256"].split()[0] == hashlib.sha256(f"{TOKEN}".encode()).hexdigest(), told)
    history = sh("docker", "history", "--no-trunc", f"infragen-shapes/mirror:{stack.tag}-1").stdout
    results.check("build: neither the image nor the container has the secret", not told["secret"] and TOKEN not in history)


def container(results, stack, told, udp_port):
    results.check("files: their texts, and a script that runs", (told["/etc/mirror/told.txt"], told["kept"]) == ("told, first", "kept, first"), told)
    results.check("files: nobody writes them", stack.exec("mirror", "sh", "-c", "echo no > /etc/mirror/told.txt", ok=False).returncode != 0)
    results.check("process: its own name, limit and shared memory", (told["hostname"], told["nofile"], told["shm"]) == ("glass", 4096, 96 << 20), told)
    names = stack.exec("reader", "python", "-c", "import socket; print(socket.gethostbyname('looking-glass') == socket.gethostbyname('mirror'))").stdout
    results.check("alias: another name of the same container", names.strip() == "True", names)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        line.sendto(b"one line", ("127.0.0.1", udp_port))
        results.check("udp: the published port answers", line.recvfrom(100)[0] == b"one line")
    stack.exec("mirror", "sh", "-c", "echo shared > /srv/notes/note")
    results.check("volume: shared, as the service's user", stack.exec("reader", "cat", "/srv/notes/note").stdout == "shared\n")
    results.check("volume: read only where the profile says so", stack.exec("reader", "touch", "/srv/notes/other", ok=False).returncode != 0)
    stack.exec("reader", "sh", "-c", "echo put > /srv/inbox/letter")
    results.check("host folder: what is written there is on the host", (stack.root / "tests/e2e/shapes/inbox/letter").read_text() == "put\n")


def changes(results, stack, port):
    """What the profile changes in rendered files is what runs."""
    [mirror] = stack.inspect("mirror")
    results.check("patch: a label more", mirror["Config"]["Labels"].get("com.example.team") == "looking", mirror["Config"]["Labels"])
    results.check("patch: a limit less, and the others as they were", (mirror["HostConfig"]["PidsLimit"] or 0, mirror["HostConfig"]["Memory"]) == (0, 512 << 20))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers={"Host": HOST})
    answer = connection.getresponse()
    results.check("snippet: a header more", answer.getheader("X-Looked-At") == "yes", answer.getheaders())
    answer.read()
    connection.request("GET", "/", headers={"Host": "other.example.com"})
    status = connection.getresponse().status
    results.check("template: another answer to unknown hosts", status == 421, status)


ASK = 'PGPASSWORD=$(cat /run/secrets/{secret}) exec psql -h 127.0.0.1 -U {user} -d {database} -Atc "{sql}"'


def databases(results, stack):
    def sql(service, secret, user, database, text):
        return stack.exec(service, "sh", "-c", ASK.format(secret=secret, user=user, database=database, sql=text), ok=False)
    found = sql("database", "DATABASE_PASSWORD", "shapes", "shapes", "SELECT extname FROM pg_extension WHERE extname = 'pgcrypto'")
    results.check("PostgreSQL: the extension", found.stdout.strip() == "pgcrypto", found.stderr)
    found = sql("database", "DATABASE_REPORTS_PASSWORD", "reports", "reports", "CREATE TABLE one (id int); SELECT current_user")
    results.check("PostgreSQL: a second database, with an owner and a password of its own", found.stdout.split()[-1:] == ["reports"], found.stderr)
    found = sql("database", "DATABASE_PASSWORD", "shapes", "shapes", "SELECT number FROM seeded")
    results.check("PostgreSQL: SQL of the profile has been run", found.stdout.strip() == "7", found.stderr)
    text = stack.exec("mirror", "cat", "/run/secrets/DATABASE_REPORTS_URL").stdout
    results.check("PostgreSQL: its connection string", re.fullmatch(r"postgresql://reports:\S+@database:5432/reports", text.strip()))
    found = sql("ledger", "LEDGER_PASSWORD", "postgres", "postgres", "SELECT 6 * 7")
    results.check("any image as a store: its password is the one of the env file", found.stdout.strip() == "42", found.stderr)
    text = stack.exec("mirror", "cat", "/run/secrets/LEDGER_URL").stdout
    results.check("any image as a store: a connection string", re.fullmatch(r"postgresql://postgres:\S+@ledger:5432/postgres", text.strip()))


def stops(results, stack):
    [reader] = stack.ids("reader")
    began = time.monotonic()
    sh("docker", "stop", reader)
    took = time.monotonic() - began
    results.check("init: a shell that is asked to stop does, and is not killed", took < 8, f"{took:.0f} s", fact=f"{took:.1f} s")
    sh("docker", "start", reader)


def releases(results, stack, deploy, port):
    """Three releases: what is mounted changes, one is never there twice, and images that nothing leads back to are gone."""
    began = stack.compose("logs", "--no-color", "clock").stdout
    edit(stack, "told, first", "told, second")
    edit(stack, "time.sleep(0.2)", "time.sleep(0.3)")
    # It logs when it stops: read before the container goes.
    lines = []
    follow = stack.ids("clock")[0]
    with Following("docker", "logs", "--follow", follow, into=lines):
        status, said = deploy("--tag", stack.tag + "-2")
    told = json.loads(ask(port))
    results.check("release: with another text in its file", status == 0 and told["/etc/mirror/told.txt"] == "told, second", said[-2000:] + str(told))
    times = [float(line.split()[-1]) for line in lines if line.startswith("stopped")]
    started = re.findall(r"started (\S+)", stack.compose("logs", "--no-color", "clock").stdout)
    results.check("singleton: the old one stops before the new one starts", times and started and times[0] < float(started[-1]), (lines, started, began))
    script = stack.root / "tests/e2e/shapes/kept.sh"
    script.write_text(script.read_text().replace("first", "second"))
    status, said = deploy("--tag", stack.tag + "-2")
    told = json.loads(ask(port))
    results.check("release: the same one, with another file of the checkout", status == 0 and told["kept"] == "kept, second", said[-2000:] + str(told))
    status, said = deploy("--tag", stack.tag + "-3")
    images = sh("docker", "image", "ls", "--format", "{{.Tag}}", "infragen-shapes/mirror").stdout.split()
    own = sorted(tag for tag in images if tag.startswith(stack.tag))
    results.check("images: those of this release and the one before stay", status == 0 and own == [f"{stack.tag}-2", f"{stack.tag}-3"], (own, said[-2000:]))
    status, said = deploy("rollback")
    results.check("rollback: to the release before", status == 0 and all("-2" in one["Config"]["Image"] for one in stack.inspect("mirror")), said[-2000:])


class Following:
    """The lines of a command that runs during a block and ends by itself."""

    def __init__(self, *command, into):
        self.command, self.into = command, into

    def __enter__(self):
        self.process = subprocess.Popen(self.command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __exit__(self, *_):
        said, _ = self.process.communicate(timeout=60)
        self.into.extend(said.splitlines())
