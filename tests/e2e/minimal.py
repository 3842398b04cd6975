"""Assertions on the minimal stack: one service of an image that exists already."""
import http.client

from client import read
from harness import service_of, stack_of, status_of, until

PORT = 28080


def run(results, infragen, keep):
    with stack_of(results, infragen, keep, "minimal", "production") as stack:
        took = stack.up()
        reply = until(lambda: read(http.client.HTTPConnection("127.0.0.1", PORT, timeout=10), "GET", "/"), 20)
        results.check("up: the service answers", reply and reply.status == 200, reply, took)
        found = stack.inspect()
        results.check("containers: one", [service_of(one) for one in found] == ["web"])
        host, status = found[0]["HostConfig"], status_of(found[0])
        hardened = host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Memory"] and host["PidsLimit"]
        results.check("containers: not root, read-only, no capability, limits", hardened and status["Uid"] != "0" and not int(status["CapEff"], 16), status)
