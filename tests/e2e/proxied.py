"""Assertions on an edge behind another proxy: this suite plays that proxy."""
import http.client
import json

from harness import free_ports, stack_of, until

HOST = "www.example.com"


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "proxied", "production") as stack:
        [port] = free_ports(1)
        stack.variables["HTTP_PORT"] = str(port)
        took = stack.up()

        def ask(**headers):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", "/", headers={"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}})
                reply = connection.getresponse()
                return reply.status, reply.headers.get_all("X-Request-ID"), json.loads(reply.read())
            finally:
                connection.close()

        status, ids, seen = until(ask, 20) or (None, None, {})
        results.check("up: the service answers over HTTP", status == 200, status, took)
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
