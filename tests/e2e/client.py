"""A client for the edge of a stack on this machine: HTTPS under the certificate's name, handshakes, web sockets."""
import base64
import http.client
import json
import os
import socket
import ssl
import threading
import time
from collections import namedtuple

Reply = namedtuple("Reply", "status headers body")


def read(connection, method, path, body=None, headers=None):
    """One request; the headers' names in lower case."""
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
    finally:
        connection.close()


class Edge:
    """What listens on the two published ports."""

    def __init__(self, host, http_port, https_port, certificate, address="127.0.0.1"):
        self.host, self.http_port, self.https_port, self.certificate, self.address = host, http_port, https_port, certificate, address
        self.trust = ssl.create_default_context(cafile=str(certificate))

    def wrap(self, context, name, timeout=10):
        raw = socket.create_connection((self.address, self.https_port), timeout)
        try:
            return context.wrap_socket(raw, server_hostname=name)
        except BaseException:
            raw.close()
            raise

    def ask(self, path, method="GET", body=None, headers=None, timeout=30):
        connection = http.client.HTTPSConnection(self.host, timeout=timeout)
        connection.sock = self.wrap(self.trust, self.host, timeout)
        return read(connection, method, path, body, {"Connection": "close", **(headers or {})})

    def json(self, path, **options):
        return json.loads(self.ask(path, **options).body)

    def plain(self, path, host):
        """Over HTTP; None if the connection is closed without an answer."""
        try:
            return read(http.client.HTTPConnection(self.address, self.http_port, timeout=10), "GET", path, headers={"Host": host})
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return None

    def handshake(self, name=None, version=None, offer=()):
        """(version, protocol) that were agreed on, or (None, reason) with the server's alert."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if version:
            # What is old must be offered by this side, whatever its own library thinks of it.
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        if offer:
            context.set_alpn_protocols(list(offer))
        try:
            with self.wrap(context, name or self.host) as agreed:
                return agreed.version(), agreed.selected_alpn_protocol()
        except ssl.SSLError as error:
            return None, error.reason

    def echo(self, text):
        """Sends a text message to /ws and returns what comes back."""
        key = base64.b64encode(os.urandom(16)).decode()
        with self.wrap(self.trust, self.host) as stream:
            stream.sendall((f"GET /ws HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
            reader = stream.makefile("rb")
            if b" 101 " not in reader.readline():
                return None
            while reader.readline().strip():
                pass
            data, mask = text.encode(), os.urandom(4)
            stream.sendall(bytes([0x81, 0x80 | len(data)]) + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))
            return reader.read(reader.read(2)[1] & 0x7F).decode()


class Asking:
    """Asks a path again and again in the background, from two threads, until the block ends."""

    def __init__(self, edge, path, method="GET", body=None):
        self.edge, self.request, self.replies, self.over = edge, (path, method, body), [], threading.Event()

    def __enter__(self):
        self.threads = [threading.Thread(target=self.loop, daemon=True) for _ in range(2)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(40)

    def ask(self):
        return self.edge.ask(*self.request, timeout=30).status

    def loop(self):
        while not self.over.is_set():
            began = time.monotonic()
            try:
                status = self.ask()
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
            self.replies.append((began, time.monotonic() - began, status))
            time.sleep(0.05)

    def slowest(self):
        return max(took for _, took, _ in self.replies)

    def bad(self, since=0, until=float("inf")):
        """What failed of the requests that began in that time."""
        return [status for began, _, status in self.replies if since <= began <= until and status != 200]

    def summary(self):
        return f"{len(self.replies)} requests, {len(self.bad())} failed {sorted(set(map(str, self.bad())))}, slowest {self.slowest():.1f} s"


class Keeping(Asking):
    """The same on one connection for each thread, which is opened again when the server has said that it closes it."""

    def __init__(self, edge, path):
        super().__init__(edge, path)
        self.own = threading.local()

    def ask(self):
        connection = getattr(self.own, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self.edge.host, timeout=30)
            connection.sock = self.edge.wrap(self.edge.trust, self.edge.host, 30)
        self.own.connection = None
        connection.request("GET", self.request[0])
        reply = connection.getresponse()
        reply.read()
        if connection.sock is not None:
            self.own.connection = connection
        return reply.status
