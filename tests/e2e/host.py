"""Assertions on what runs on a host without containers: start_dev.sh, start_prod.sh, and deploy_prod.sh local below a real systemd."""
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from client import read
from harness import REPOSITORY, Failed, sh, stack_of, until

DEVELOPMENT, PRODUCTION = 28100, 28101
HEALTH = "/api/v1/monitoring/health"
# Debian with a systemd, and the Python of the profile: what is deployed in it finds its packages in /opt/wheels.
MACHINE = """\
FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends systemd dbus git && rm -rf /var/lib/apt/lists/*
RUN systemctl mask getty.target console-getty.service systemd-logind.service && printf '[global]\\nno-index = true\\nfind-links = /opt/wheels\\n' > /etc/pip.conf
STOPSIGNAL SIGRTMIN+3
CMD ["/lib/systemd/systemd"]
"""
UNIT = "infragen-hosted-production-api.service"


def get(port, path):
    return read(http.client.HTTPConnection("127.0.0.1", port, timeout=10), "GET", path)


def checks(port):
    return json.loads(get(port, HEALTH).body)["checks"]


def folders():
    found = [Path(base).glob("infragen-host*") for base in ("/dev/shm", "/run", os.environ.get("XDG_RUNTIME_DIR", "/run")) if Path(base).is_dir()]
    return sorted({str(folder) for group in found for folder in group})


def environment(root):
    """The application's packages, as its README installs them."""
    venv = root / "venv"
    sh(sys.executable, "-m", "venv", venv)
    sh(venv / "bin/pip", "install", "--quiet", "--requirement", REPOSITORY / "examples/fastapi/requirements.txt", timeout=600)
    return venv


class Running:
    """A script in the foreground of a session of its own."""

    def __init__(self, stack, *command):
        self.log = stack.root / "started.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([str(word) for word in command], cwd=stack.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, env={**os.environ, **stack.variables})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def end(self, number):
        os.kill(self.process.pid, number)
        return self.process.wait(60)


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "host", "development") as stack:
        venv = environment(stack.root)
        results.attempt(development, results, stack, venv)
    with stack_of(results, infragen, keep, "hosted", "production") as stack:
        sh(infragen, "env", "generate", "tests/e2e/hosted.yaml", cwd=stack.root)
        for name in ("tls.crt", "tls.key"):
            (stack.folder / "secrets").mkdir(exist_ok=True)
            (stack.folder / "secrets" / name).write_text("nobody reads it here")
        sh("scripts/install_secrets.sh", cwd=stack.folder)
        stack.up("database", "cache")
        results.attempt(production, results, stack, environment(stack.root))
        results.attempt(local, results, stack, keep)


def development(results, stack, venv):
    command = ("scripts/start_dev.sh", "--venv", venv)
    with Running(stack, *command) as app:
        seen = until(lambda: checks(DEVELOPMENT), 120)
        results.check("start_dev.sh: from nothing, the application works", seen == {"postgres": "ok", "redis": "ok"}, app.log.read_text()[-3000:])
        line = Path(f"/proc/{app.process.pid}/cmdline").read_text().split("\0")
        results.check("start_dev.sh: it is the application itself, with reload", "--reload" in line, line)
        secret = [word for line in stack.env_file.read_text().splitlines() for word in line.partition("=")[2:] if word.startswith("development-only")]
        variables = Path(f"/proc/{app.process.pid}/environ").read_text()
        results.check("start_dev.sh: no secret in its output or its environment", secret and not any(one in app.log.read_text() + variables for one in secret))
        second = sh(*command, cwd=stack.folder, env={**os.environ, **stack.variables}, ok=False, timeout=90)
        results.check("start_dev.sh: a second one says that the port is taken", second.returncode == 2 and "listens on 127.0.0.1:28100 already" in second.stderr, second.stderr[-500:])
        results.check("start_dev.sh: one folder for secrets, mode 700", [oct(os.stat(one).st_mode & 0o777) for one in folders()] == ["0o700"], folders())
        app.end(signal.SIGINT)
        results.check("start_dev.sh: the folder goes with the application", until(lambda: not folders(), 10), folders())


def production(results, stack, venv):
    asked = sh("scripts/start_prod.sh", "--venv", venv, cwd=stack.folder, ok=False, timeout=60)
    results.check("start_prod.sh: it asks first", asked.returncode == 2 and "--yes says yes" in asked.stderr, asked.stderr[-500:])
    wrong = stack.root / "wrong.env"
    wrong.write_text(stack.env_file.read_text().replace("CACHE_PASSWORD=", "CACHE_PASSWORD=0f").replace("redis://:", "redis://:0f"))
    wrong.chmod(0o600)
    refused = sh("scripts/start_prod.sh", "--venv", venv, "--check", "--env-file", wrong, cwd=stack.folder, ok=False, timeout=60)
    said = "cache at 127.0.0.1:26480: it does not take the password" in refused.stderr and "database answers" in refused.stderr
    results.check("start_prod.sh: a wrong password is said before anything starts", refused.returncode == 2 and said, refused.stderr[-800:])
    away = sh("scripts/start_prod.sh", "--venv", venv, "--check", "--host", "database=127.0.0.1:1", cwd=stack.folder, ok=False, timeout=60)
    results.check("start_prod.sh: a database that is away, too", away.returncode == 2 and "database at 127.0.0.1:1: Connection refused" in away.stderr, away.stderr[-500:])
    with Running(stack, "scripts/start_prod.sh", "--yes", "--venv", venv) as app:
        seen = until(lambda: checks(PRODUCTION), 60)
        results.check("start_prod.sh: the application works", seen == {"postgres": "ok", "redis": "ok"}, app.log.read_text()[-3000:])
        results.check("start_prod.sh: with the workers of the profile", json.loads(get(PRODUCTION, "/api/v1/whoami").body)["workers"] == 2)
        results.check("start_prod.sh: the release job ran first", "migrate: schema is at version" in app.log.read_text())
    # That killed all of it at once: even what removes the folder.
    left = folders()
    with Running(stack, "scripts/start_prod.sh", "--yes", "--venv", venv) as app:
        seen = until(lambda: checks(PRODUCTION), 60)
        results.check("start_prod.sh: the next start removes what was left", seen and len(left) == 1 and len(folders()) == 1 and folders() != left, (left, folders()))
        app.end(signal.SIGTERM)
        results.check("start_prod.sh: the folder goes with the application", until(lambda: not folders(), 20), folders())


def wheels(folder):
    """The packages of the example for the machine's Python."""
    platforms = [word for name in ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64") for word in ("--platform", name)]
    sh(sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--python-version", "3.12", *platforms, "--dest", folder,
       "--requirement", REPOSITORY / "examples/fastapi/requirements.txt", timeout=600)


def machine(stack, name):
    """A container that systemd runs, with the project below a path with a space."""
    wheels(stack.root / "wheels")
    folder = Path(tempfile.mkdtemp(prefix="infragen-"))
    try:
        (folder / "Dockerfile").write_text(MACHINE)
        sh("docker", "build", "--quiet", "--tag", f"infragen-e2e-machine:{stack.tag}", folder, timeout=900)
    finally:
        shutil.rmtree(folder)
    unconfined = [word for what in ("seccomp", "apparmor") for word in ("--security-opt", f"{what}=unconfined")]
    sh("docker", "run", "--detach", "--name", name, "--cap-add", "SYS_ADMIN", *unconfined, "--network", "host", "--cgroupns", "private", "--tmpfs", "/run:exec",
       "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec", "--volume", f"{stack.root}:/srv/check out", "--volume", f"{stack.root / 'wheels'}:/opt/wheels:ro",
       f"infragen-e2e-machine:{stack.tag}")
    return until(lambda: sh("docker", "exec", name, "systemctl", "is-system-running", ok=False).stdout.strip() in ("running", "degraded"), 30)


def local(results, stack, keep):
    name = f"{stack.project}-machine"
    try:
        try:
            boots = machine(stack, name)
        except Failed as failed:
            boots = False
            print(failed, file=sys.stderr)
        if not boots:
            results.skip("deploy_prod.sh local", "this engine runs no systemd in a container")
            return
        on_machine(results, stack, lambda *command, **options: sh("docker", "exec", "--workdir", "/srv/check out/deploy/hosted", name, *command, ok=False, timeout=300, **options))
    finally:
        if not keep:
            sh("docker", "rm", "--force", name, ok=False)


def on_machine(results, stack, do):
    deploy = ("scripts/deploy_prod.sh", "local")
    first = do(*deploy, "--yes")
    results.check("local: the first deployment", first.returncode == 0 and checks(PRODUCTION) == {"postgres": "ok", "redis": "ok"}, first.stderr[-3000:])
    who = json.loads(get(PRODUCTION, "/api/v1/whoami").body)
    results.check("local: not root, with the workers of the profile", who["uid"] > 1000 and who["workers"] == 2, who)
    limits = do("systemctl", "show", UNIT, "--property=MemoryMax,TasksMax,CPUQuotaPerSecUSec,TimeoutStopUSec").stdout.split()
    results.check("local: the limits of the profile", sorted(limits) == ["CPUQuotaPerSecUSec=1s", "MemoryMax=536870912", "TasksMax=256", "TimeoutStopUSec=40s"], limits)
    verified = do("systemd-analyze", "verify", "--man=no", f"/etc/systemd/system/{UNIT}")
    results.check("local: systemd has nothing against the unit", UNIT not in verified.stdout + verified.stderr, verified.stderr[-500:])
    exposure = do("systemd-analyze", "security", "--no-pager", UNIT).stdout.strip().splitlines()[-1:]
    results.check("local: systemd calls it well protected", exposure and " OK " in exposure[0], exposure, exposure[0].strip() if exposure else "")
    values = [line.partition("=")[2] for line in stack.env_file.read_text().splitlines() if line.partition("=")[0].endswith("PASSWORD")]
    shown = do("bash", "-c", f"journalctl --no-pager; systemctl cat {UNIT}; for one in /proc/[0-9]*; do tr '\\0' ' ' < $one/cmdline; done").stdout
    results.check("local: no secret in the journal, in units, in a list of arguments", values and not any(value in shown for value in values))
    copy = do("bash", "-c", "ls /run/infragen-hosted-production-api/").stdout.split()
    results.check("local: what is left for the service are its own secrets", copy and "env" not in copy, copy)
    timer = do("systemctl", "show", "infragen-hosted-production-prune.timer", "--property=ActiveState,NextElapseUSecRealtime").stdout
    results.check("local: the job has a timer", "ActiveState=active" in timer and " 04:00:00 UTC" in timer, timer)
    job = do("systemctl", "start", "infragen-hosted-production-prune.service")
    results.check("local: and runs", job.returncode == 0 and "prune: deleted" in do("journalctl", "--no-pager", "--unit", "infragen-hosted-production-prune.service").stdout, job.stderr)
    broken(results, stack, do, deploy)
    second = do(*deploy, "--yes")
    release = do("readlink", "/var/lib/infragen-hosted-production/current").stdout.strip()
    results.check("local: a second deployment, with the same packages", second.returncode == 0 and "installing" not in second.stderr, second.stderr[-2000:])
    back = do(*deploy, "rollback", "--yes")
    now = do("readlink", "/var/lib/infragen-hosted-production/current").stdout.strip()
    results.check("local: rollback to the release before", back.returncode == 0 and now and now != release and now in do("systemctl", "cat", UNIT).stdout, back.stderr[-2000:])
    status = do(*deploy, "status")
    results.check("local: status", status.returncode == 0 and "api: active, answers at 127.0.0.1:28101" in status.stdout, status.stdout + status.stderr)


def broken(results, stack, do, deploy):
    """A release that does not come up."""
    app = stack.root / "examples/fastapi/src/api/app.py"
    text = app.read_text()
    app.write_text("raise RuntimeError('this release does not work')\n" + text)
    try:
        began = time.monotonic()
        failed = do(*deploy, "--yes")
        took = f"{time.monotonic() - began:.0f} s"
    finally:
        app.write_text(text)
    said = "api does not work: journalctl" in failed.stderr and "going back to" in failed.stderr
    results.check("local: a release that does not work gives way to the one before", failed.returncode == 1 and said, failed.stderr[-2000:], took)
    results.check("local: which answers", until(lambda: checks(PRODUCTION), 20) == {"postgres": "ok", "redis": "ok"})
