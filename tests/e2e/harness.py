"""Parts of the end-to-end suite: results, the binary, and one Compose stack in a copy of the project."""
import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class Results:
    """Prints each assertion as it is made, and the closing line."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, ok, seen="", fact=""):
        """`seen` is the evidence of a failure; `fact` is worth knowing either way."""
        self.passed, self.failed = self.passed + bool(ok), self.failed + (not ok)
        notes = [str(note) for note in (fact, "" if ok else seen) if note != ""]
        print(f"{'ok  ' if ok else 'FAIL'}  {name}{f'  ({chr(32).join(notes)})' if notes else ''}", flush=True)
        return bool(ok)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip  {name}  ({why})", flush=True)

    def attempt(self, part, *args):
        """Runs a part of a suite; what it does not catch is a failure of that part and not the end of the others."""
        try:
            return part(*args)
        except Exception as error:  # noqa: BLE001
            self.check(f"{part.__module__}.{part.__name__} runs to its end", False, f"{type(error).__name__}: {error}")

    def close(self, skips=False):
        print(f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if skips else ""), flush=True)
        return 1 if self.failed or not self.passed else 0


class Failed(Exception):
    """A command's exit status was not 0."""


def sh(*command, ok=True, timeout=120, **options):
    """Runs a command; its output is captured."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, text=True, errors="replace", timeout=timeout, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    except subprocess.TimeoutExpired:
        raise Failed(f"`{' '.join(command)}` took longer than {timeout} s") from None
    if ok and done.returncode:
        raise Failed(f"`{' '.join(command)}`: exit status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-5000:]}")
    return done


def until(condition, within, pause=0.3):
    """Waits until `condition()` is true; its last value."""
    end = time.monotonic() + within
    while True:
        try:
            value = condition()
        except (OSError, ValueError):
            value = None
        if value or time.monotonic() > end:
            return value
        time.sleep(pause)


def binary():
    """infragen itself: INFRAGEN names it, or cargo builds it."""
    if "INFRAGEN" in os.environ:
        return Path(os.environ["INFRAGEN"]).resolve()
    built = sh("cargo", "build", "--quiet", "--message-format=json", cwd=REPOSITORY, timeout=1800).stdout
    return Path([artifact["executable"] for artifact in map(json.loads, built.splitlines()) if artifact.get("executable")][-1])


def copy_of_project():
    """The files that a render and a build read, in a new folder: nothing is written into the repository."""
    root = Path(tempfile.mkdtemp(prefix="infragen-"))
    for part in ("profiles", "examples", "tests/e2e", "tests/conformance", "tests/deployments"):
        skip = shutil.ignore_patterns("__pycache__", "node_modules", ".venv")
        shutil.copytree(REPOSITORY / part, root / part, ignore=skip, symlinks=True)
    return root


def free_ports(count):
    """Ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextlib.contextmanager
def stack_of(results, infragen, keep, profile, environment):
    """A stack for the length of a block: logs are shown if an assertion failed, and nothing of it is left behind."""
    root, before, stack = copy_of_project(), results.failed, None
    try:
        stack = Stack(root, infragen, profile, environment)
        yield stack
    except Exception as error:  # noqa: BLE001
        results.check(f"{profile}: no step fails", False, f"{type(error).__name__}: {error}")
    finally:
        if stack and results.failed > before:
            print(sh("docker", "ps", "--all", "--filter", f"label=com.docker.compose.project={stack.project}", ok=False).stdout, stack.logs()[-20000:], sep="\n")
        if keep:
            print(f"left running: project {stack and stack.project}, {root}")
        else:
            left = stack.close() if stack else []
            shutil.rmtree(root, ignore_errors=True)
            results.check(f"{profile}: nothing is left of it", not left, left or "")


class Stack:
    """What one profile renders, as a Compose project of its own."""

    def __init__(self, root, infragen, profile, environment):
        self.root, self.folder = root, root / "deploy" / profile
        sh(infragen, "render", f"tests/e2e/{profile}.yaml", cwd=root)
        self.file = next(self.folder.glob("docker-compose*.yml"))
        self.infragen = infragen
        self.env_file = self.folder / f".env.{environment}"
        example = Path(f"{self.env_file}.example")
        # As the head of the Compose file says, or the rendered scripts do it.
        named = re.search(r"^#   (docker compose .*) up --detach --wait$", self.file.read_text(), re.MULTILINE)
        self.command = named[1].split() if named else ["docker", "compose", "--env-file", self.env_file.name, "--file", self.file.name]
        if example.exists():
            shutil.copy(example, self.env_file)
            self.env_file.chmod(0o600)
        self.tag = "e2e-" + secrets.token_hex(4)
        self.project = f"infragen-{profile}-{self.tag}"
        # An image tag of its own, too: what an earlier run built must not hide that this one does not build.
        self.variables = {"COMPOSE_PROJECT_NAME": self.project, "COMPOSE_ANSI": "never", "API_TAG": self.tag}

    def compose(self, *args, **options):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
        return sh(*self.command, *args, cwd=self.folder, env={**kept, **self.variables}, **options)

    def up(self, *services):
        """How long it took until all of it was healthy."""
        began = time.monotonic()
        self.compose("up", "--detach", "--wait", "--wait-timeout", "240", *services, timeout=420)
        return f"{time.monotonic() - began:.0f} s"

    def ids(self, service=None):
        """Containers of a service, or of all; those that ended too."""
        labels = [f"label=com.docker.compose.project={self.project}"]
        labels += [f"label=com.docker.compose.service={service}"] if service else []
        return sh("docker", "ps", "--all", "--quiet", "--no-trunc", *[word for label in labels for word in ("--filter", label)]).stdout.split()

    def inspect(self, service=None):
        ids = self.ids(service)
        return json.loads(sh("docker", "inspect", *ids).stdout) if ids else []

    def exec(self, service, *command, **options):
        return self.compose("exec", "--no-TTY", service, *command, **options)

    def logs(self):
        return self.compose("logs", "--no-color", "--timestamps", ok=False).stdout

    def close(self):
        names = [self.project + "_" + name for name in ("default", "edge", "frontend", "backend", "outside", "elsewhere")]
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20", ok=False, timeout=180)
        images = sh("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", ok=False).stdout.split()
        for image in [image for image in images if f":{self.tag}" in image]:
            sh("docker", "image", "rm", "--force", image, ok=False)
        left = self.ids() + [n for n in sh("docker", "network", "ls", "--format", "{{.Name}}", ok=False).stdout.split() if n in names]
        return left + [v for v in sh("docker", "volume", "ls", "--format", "{{.Name}}", ok=False).stdout.split() if v.startswith(self.project)]


def service_of(container):
    return container["Config"]["Labels"]["com.docker.compose.service"]


def status_of(container):
    """The kernel's word on the first process: its user, its capabilities, and whether it can gain more."""
    text = sh("docker", "exec", container["Id"], "cat", "/proc/1/status").stdout
    fields = dict(re.findall(r"^(\w+):\s*(\S+)", text, re.MULTILINE))
    return {name: fields[name] for name in ("Uid", "CapEff", "CapBnd", "NoNewPrivs")}
