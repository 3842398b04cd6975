"""Assertions on an edge behind another proxy: this suite plays that proxy."""
import http.client
import json

from client import Asking, read
from deploy import Deployment
from harness import free_ports, sh, stack_of, until

HOST = "www.example.com"


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "proxied", "production") as stack:
        [port] = free_ports(1)
        stack.env_file.write_text(f"HTTP_PORT={port}\n")
        deploy = Deployment(stack)
        status, said = deploy()
        results.check("deployed: with a worker that nobody can ask", status == 0, said[-1500:])

        def ask(**headers):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", "/", headers={"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}})
                reply = connection.getresponse()
                return reply.status, reply.headers.get_all("X-Request-ID"), json.loads(reply.read())
            finally:
                connection.close()

        status, ids, seen = until(ask, 20) or (None, None, {})
        results.check("up: the service answers over HTTP", status == 200, status)
        results.check("no header of the proxy: plain HTTP, and a new request id", seen["x-forwarded-proto"] == "http" and len(seen["x-request-id"]) == 32, seen)
        results.check("request id: the answer has it, and once", ids == [seen["x-request-id"]], ids)
        # What the client forged stands to the left of what the proxy added.
        _, ids, seen = ask(X_Forwarded_For="6.6.6.6, 198.51.100.7", X_Forwarded_Proto="https", X_Request_ID="abc-1.2_3")
        results.check("proxy: the client's address is what it says, and nothing forged", seen["x-forwarded-for"] == seen["x-real-ip"] == "198.51.100.7", seen)
        results.check("proxy: the scheme is what it says", seen["x-forwarded-proto"] == "https", seen)
        results.check("proxy: its request id is kept", (seen["x-request-id"], ids) == ("abc-1.2_3", ["abc-1.2_3"]), ids)
        logged = until(lambda: [line for line in stack.compose("logs", "--no-color", "--no-log-prefix", "nginx").stdout.splitlines() if '"abc-1.2_3"' in line], 10)
        results.check("log: the client's address and the request id", logged and json.loads(logged[0][logged[0].index("{"):])["client"] == "198.51.100.7", logged)
        _, _, seen = ask(X_Request_ID='a"b c')
        results.check("proxy: a request id that is none is replaced", len(seen["x-request-id"]) == 32, seen)
        results.check("proxy: another scheme than https is http", ask(X_Forwarded_Proto="ftp")[2]["x-forwarded-proto"] == "http")
        results.check("load balancer: asks by address, and the service answers", by_address(port, "/ready") == 200)
        results.check("load balancer: nothing else is answered by address", by_address(port, "/") is None)
        results.attempt(deployed, results, stack, deploy, Plain(port))


def by_address(port, path):
    """Status of an answer to a request that names no host; none if the connection is closed without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except http.client.RemoteDisconnected:
        return None
    finally:
        connection.close()


class Plain:
    """The edge as a client of `Asking`."""

    def __init__(self, port):
        self.port = port

    def ask(self, path, method="GET", body=None, timeout=30):
        return read(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout), method, path, body, {"Host": HOST, "Connection": "close"})


def deployed(results, stack, deploy, edge):
    """By the script, to an nginx that follows no names; with a worker, which listens to nobody."""
    status, said = deploy()
    results.check("deployed: what runs already stays", status == 0 and "nothing has changed" in said, said[-1500:])
    before, profile = set(stack.ids()), stack.root / "tests/e2e/proxied.yaml"
    profile.write_text(profile.read_text().replace("first", "second"))
    sh(stack.infragen, "render", "tests/e2e/proxied.yaml", cwd=stack.root)
    with Asking(edge, "/") as asking:
        status, said = deploy()
        results.check("deployed: the next release", status == 0 and json.loads(edge.ask("/").body)["release"] == "second", said[-1500:])
    results.check("deployed: not one request fails", len(asking.replies) > 20 and not asking.bad(), fact=asking.summary())
    results.check("deployed: the proxy alone goes on", len(before & set(stack.ids())) == 1 and len(stack.ids()) == 4)
    results.check("deployed: the worker is the next release's", until(lambda: "tick, second" in stack.compose("logs", "--no-color", "tick").stdout, 10))
    profile.write_text(profile.read_text().replace("Server((\"\", 8000)", "Broken((\"\", 8000)"))
    sh(stack.infragen, "render", "tests/e2e/proxied.yaml", cwd=stack.root)
    with Asking(edge, "/") as asking:
        status, said = deploy()
    results.check("deployed: a release that does not start is taken back", status == 1 and json.loads(edge.ask("/").body)["release"] == "second", said[-1500:])
    results.check("deployed: and not one request fails", len(asking.replies) > 20 and not asking.bad(), fact=asking.summary())
