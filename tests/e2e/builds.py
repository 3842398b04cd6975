"""Images of three package managers: dependencies by their lock files, secrets in no layer, layers that stay."""
import json
import re

from harness import sh, stack_of

BASE = "python:3.12-slim-bookworm"
SECRET = "1.16.0"
MAIN = """import importlib.metadata as metadata, json, os
names = {one.name.lower() for one in metadata.distributions()}
print(json.dumps({"six": metadata.version("six"), "names": sorted(names), "uid": os.getuid(), "secret": os.environ.get("SIX_VERSION")}))
"""
WSGI = """import os
def app(environ, start_response):
    text = f"{environ['wsgi.url_scheme']} {environ['wsgi.multithread']} {os.getuid()}"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text.encode()]
"""
ASK = "import urllib.request as ask; print(ask.urlopen(ask.Request('http://127.0.0.1:8000/', headers={'X-Forwarded-Proto': 'https'})).read().decode())"
PROJECT = '[project]\nname = "app"\nversion = "0"\nrequires-python = ">=3.12"\ndependencies = ["six==1.17.0"]\n'
UV = PROJECT + '[dependency-groups]\ndev = ["iniconfig==2.1.0"]\n'
POETRY = PROJECT + '[tool.poetry]\npackage-mode = false\n[tool.poetry.group.dev.dependencies]\niniconfig = "2.1.0"\n'


def prepare(stack):
    """The sources, and the lock files that the tools themselves make."""
    for name in ("pip", "uv", "poetry"):
        source = stack.root / "apps" / name / "src"
        source.mkdir(parents=True)
        (source / "__init__.py").touch()
        (source / "main.py").write_text(MAIN)
        # As a checkout under a strict umask has it.
        (source / "main.py").chmod(0o600)
        source.chmod(0o700)
    (stack.root / "apps/pip/src/wsgi.py").write_text(WSGI)
    # pip puts variables in: without the secret and the argument nothing is found.
    (stack.root / "apps/pip/requirements.txt").write_text("six==${SIX_VERSION}\nidna==${IDNA}\ngunicorn==23.0.0\n")
    # Poetry asks the public index in a way of its own, which mirrors do not answer; any other index it asks as pip does.
    index = sh("docker", "run", "--rm", BASE, "python", "-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)").stdout.strip()
    source = f'[[tool.poetry.source]]\nname = "index"\nurl = "{index}/"\npriority = "primary"\n'
    for name, text in (("uv", UV), ("poetry", POETRY + source)):
        (stack.root / "apps" / name / "pyproject.toml").write_text(text)
        tool = re.search(rf"pip install ({name}==[\d.]+)", (stack.folder / f"Dockerfile.{name}").read_text())[1]
        trust = [word for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") for word in ("--env", f"{name}=/etc/ssl/certs/ca-certificates.crt")]
        sh("docker", "run", "--rm", *trust, "--volume", f"{stack.root / 'apps' / name}:/app", "--workdir", "/app", BASE, "sh", "-ec",
           f"pip install --quiet --disable-pip-version-check --root-user-action ignore {tool} && {name} lock", timeout=300)
    text = stack.env_file.read_text()
    stack.env_file.write_text(text.replace("SIX_VERSION=", f"SIX_VERSION={SECRET}"))


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "builds", "production") as stack:
        stack.variables |= {f"{name}_TAG": stack.tag for name in ("PIP", "UV", "POETRY")}
        prepare(stack)
        stack.compose("build", timeout=900)
        for name, six in (("pip", SECRET), ("uv", "1.17.0"), ("poetry", "1.17.0")):
            seen = json.loads(stack.compose("run", "--rm", "--no-TTY", name, "python", "-m", "src.main").stdout.strip().splitlines()[-1])
            good = seen["six"] == six and seen["uid"] == 10001 and seen["secret"] is None
            results.check(f"{name}: the locked dependency, as nobody in particular, without the secret", good, seen)
            tools = {"uv", "poetry", "iniconfig"} & set(seen["names"])
            results.check(f"{name}: neither the tool nor what only developers need", not tools, tools)
            image = json.loads(sh("docker", "image", "inspect", f"infragen-builds/{name}:{stack.tag}").stdout)[0]
            labels = image["Config"]["Labels"]
            wanted = {"title": f"infragen-builds-{name}", "version": stack.tag}
            results.check(f"{name}: labels", all(labels.get(f"org.opencontainers.image.{key}") == value for key, value in wanted.items()), labels)
        stack.up("pip")
        answer = stack.compose("exec", "--no-TTY", "pip", "python", "-c", ASK).stdout.strip()
        results.check("pip: Gunicorn serves a WSGI application, and believes the proxy", answer == "https True 10001", answer)
        said = stack.compose("logs", "pip").stdout
        results.check("pip: in two processes with threads", "Using worker: gthread" in said and said.count("Booting worker") == 2, said[-1000:])
        history = sh("docker", "history", "--no-trunc", f"infragen-builds/pip:{stack.tag}").stdout
        results.check("pip: the secret is in no layer's history", SECRET not in history)
        main = stack.root / "apps/uv/src/main.py"
        main.write_text(MAIN + "# changed\n")
        done = stack.compose("--progress", "plain", "build", "uv", timeout=300)
        said = done.stdout + done.stderr
        steps = dict(re.findall(r"^(#\d+) \[.*\] RUN .*?(uv sync)", said, re.MULTILINE))
        cached = [step for step in steps if re.search(rf"^{step} CACHED$", said, re.MULTILINE)]
        results.check("uv: a change of the code installs nothing again", steps and cached == list(steps), said[-2000:])
