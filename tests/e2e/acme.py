"""Assertions on certificates that come by ACME, from a small authority on this machine (Pebble)."""
import contextlib
import json
import os
import shutil
import ssl
import urllib.request
from pathlib import Path

from client import Asking, Edge
from deploy import Deployment
from harness import REPOSITORY, free_ports, service_of, sh, stack_of, status_of, until

HOST, OTHER = "api.example.com", "www.example.com"
AUTHORITY = "authority.example.net"
TOOLS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "infragen/tools/pebble"
FOLDERS = ["--config-dir", "/var/tmp/certificates", "--work-dir", "/tmp/work", "--logs-dir", "/tmp/logs"]


@contextlib.contextmanager
def authority(stack, http_port):
    """Pebble on the network that the client is on, and the root certificate that its certificates end at.

    It finds every host at this machine, so that its questions take the way that the public takes.
    """
    folder = stack.root / "pebble"
    folder.mkdir()
    shutil.copytree(TOOLS, folder / "bin")
    for file in ("tls.crt", "tls.key"):
        shutil.copy(stack.root / "tests/e2e/acme" / file, folder)
    (folder / "config.json").write_text(json.dumps({"pebble": {
        "listenAddress": "0.0.0.0:14000", "managementListenAddress": "0.0.0.0:15000", "certificate": "/pebble/tls.crt", "privateKey": "/pebble/tls.key",
        "httpPort": http_port, "tlsPort": 5001, "profiles": {"default": {"description": "90 days", "validityPeriod": 7776000}}}}))
    network, name = f"{stack.project}_outside", f"{stack.project}-authority"
    gateway = json.loads(sh("docker", "network", "inspect", network).stdout)[0]["IPAM"]["Config"][0]["Gateway"]
    [management] = free_ports(1)
    program = (f"/pebble/bin/pebble-challtestsrv -defaultIPv4 {gateway} -defaultIPv6 '' -dnsserver :8053 -doh '' -http01 '' -https01 '' -tlsalpn01 '' & "
               "exec /pebble/bin/pebble -config /pebble/config.json -dnsserver 127.0.0.1:8053")
    sh("docker", "run", "--detach", "--name", name, "--network", network, "--network-alias", AUTHORITY, "--publish", f"127.0.0.1:{management}:15000",
       "--env", "PEBBLE_VA_NOSLEEP=1", "--env", "PEBBLE_WFE_NONCEREJECT=0", "--volume", f"{folder}:/pebble:ro", "--entrypoint", "sh", "nginx:1.30-alpine", "-c", program)
    try:
        trust = ssl._create_unverified_context()  # noqa: S323 - it is on loopback
        root = until(lambda: urllib.request.urlopen(f"https://127.0.0.1:{management}/roots/0", context=trust, timeout=5).read(), 20)
        (folder / "root.pem").write_bytes(root or b"")
        yield folder / "root.pem"
    finally:
        sh("docker", "rm", "--force", "--volumes", name, ok=False)


def run(results, infragen, keep):
    if not (TOOLS / "pebble").exists():
        if os.environ.get("INFRAGEN_REQUIRE_TOOLS") == "1":
            results.check("acme: there is an authority", False, "Pebble is not installed: .ci/install-tools")
        else:
            results.skip("acme", "Pebble is not installed: .ci/install-tools")
        return
    with stack_of(results, infragen, keep, "acme", "production") as stack:
        http, https = free_ports(2)
        stack.env_file.write_text(f"HTTP_PORT={http}\nHTTPS_PORT={https}\n")
        folder = stack.root / "tests/e2e/acme"
        folder.mkdir()
        sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={AUTHORITY}", "-addext", f"subjectAltName=DNS:{AUTHORITY}",
           "-keyout", folder / "tls.key", "-out", folder / "tls.crt")
        shutil.copy(folder / "tls.crt", folder / "authority.pem")
        stack.compose("create", timeout=300)
        with authority(stack, http) as root:
            edges = [Edge(name, http, https, root) for name in (HOST, OTHER)]
            for part in (without, arrives, hardened, stays, renewed, deployed):
                results.attempt(part, results, stack, edges)


def serial(edge):
    """Number of the certificate that is served."""
    with edge.wrap(edge.trust, edge.host) as stream:
        return stream.getpeercert()["serialNumber"]


def without(results, stack, edges):
    stack.up("nginx")
    edge = edges[0]
    reply = edge.plain("/a?b=c", HOST)
    results.check("no certificate yet: nginx is healthy, and HTTP leads to HTTPS", (reply.status, reply.headers.get("location")) == (301, f"https://{HOST}/a?b=c"), reply)
    reply = edge.plain("/.well-known/acme-challenge/none", HOST)
    results.check("no certificate yet: challenges are answered over HTTP", reply.status == 404, reply)
    refused = edge.handshake()
    results.check("no certificate yet: HTTPS has none, not even one of its own making", refused[0] is None, refused)


def arrives(results, stack, edges):
    took = stack.up()
    statuses = [edge.ask("/").status for edge in edges]
    results.check("certificates: they come, one for each host, and HTTPS answers with them", statuses == [200, 200] and serial(edges[0]) != serial(edges[1]), statuses, took)
    _, headers, _ = edges[0].ask("/")
    results.check("certificates: HSTS", headers.get("strict-transport-security") == "max-age=63072000", headers)
    refused = edges[0].handshake(name="other.example.net")
    results.check("certificates: another host name gets none", refused == (None, "TLSV1_UNRECOGNIZED_NAME"), refused)


def hardened(results, stack, edges):
    [one] = stack.inspect("acme")
    host, status = one["HostConfig"], status_of(one)
    good = host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["CapAdd"] and "no-new-privileges:true" in host["SecurityOpt"]
    results.check("client: not root, read-only, no capability", good and status["Uid"] == "101" and not int(status["CapEff"], 16) and status["NoNewPrivs"] == "1", status)
    mode = stack.exec("nginx", "stat", "-L", "-c", "%u %a", f"/var/tmp/certificates/live/{HOST}/privkey.pem").stdout.strip()
    results.check("client: keys are for its user, which is nginx', and nobody else", mode == "101 600", mode)
    written = stack.exec("nginx", "touch", "/var/tmp/certificates/x", ok=False)
    results.check("client: nginx can read the certificates, and not write", written.returncode != 0 and "Read-only" in written.stderr, written.stderr)
    published = {service_of(each) for each in stack.inspect() if each["HostConfig"]["PortBindings"]}
    results.check("client: only nginx publishes ports", published == {"nginx"}, published)


def stays(results, stack, edges):
    before = [serial(edge) for edge in edges]
    # Not `down`: the authority is on one of the networks.
    stack.compose("rm", "--stop", "--force", timeout=180)
    gone = stack.ids()
    stack.up()
    after = [serial(edge) for edge in edges]
    said = stack.compose("logs", "--no-color", "acme").stdout
    results.check("anew: the certificates stay, and none is asked for before it is due", not gone and before == after and said.count("no action taken") == 2, said[-2000:])


def renewed(results, stack, edges):
    before, key = serial(edges[0]), stack.exec("nginx", "sha256sum", f"/var/tmp/certificates/live/{HOST}/privkey.pem").stdout
    with Asking(edges[0], "/") as first, Asking(edges[1], "/") as second:
        stack.exec("acme", "certbot", "renew", "--force-renewal", "--no-random-sleep-on-renew", *FOLDERS, timeout=180)
        changed = until(lambda: serial(edges[0]) != before, 100)
    results.check("renewal: nginx takes the new certificate by itself", changed)
    for asking in (first, second):
        results.check("renewal: not one request fails", len(asking.replies) > 20 and not asking.bad(), fact=asking.summary())
    results.check("renewal: the key stays", key and key == stack.exec("nginx", "sha256sum", f"/var/tmp/certificates/live/{HOST}/privkey.pem").stdout)


def deployed(results, stack, edges):
    """By the script: on a host that has no certificate yet, and once more when nothing has changed."""
    # Not `down`: the authority is on one of the networks.
    stack.compose("rm", "--stop", "--force", timeout=180)
    sh("docker", "volume", "rm", f"{stack.project}_acme")
    deploy = Deployment(stack)
    status, said = deploy()
    results.check("deployed: the first time, without a certificate", status == 0 and "starting acme" in said, said[-1500:])
    came = until(lambda: [edge.ask("/").status for edge in edges] == [200, 200], 60)
    results.check("deployed: the certificates come by themselves", came)
    ids = sorted(stack.ids())
    status, said = deploy()
    results.check("deployed: again, with every route asked, and nothing changed", status == 0 and "2 routes answer" in said and sorted(stack.ids()) == ids, said[-1500:])
    status, said = deploy("status")
    results.check("deployed: the status", status == 0, said[-1500:])
