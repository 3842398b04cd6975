# Made by infragen. Change the profile `shop`, then run: infragen render shop
"""Do the backing services answer, and take their password? Asked by the scripts that start services on a host.

Standard input: for each of them, ended by a NUL each: name, kind (postgres, redis, tcp), host, port, whether connections are
encrypted (yes, no), user, database, password. Needs nothing but Python. Prints no value. Exit status: 0 all do, 1 not.
"""
import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
import sys

SECONDS = 5


class Refused(Exception):
    """What a server said, or did not say."""


def exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise Refused("it closed the connection")
        data += more
    return data


def redis(connection, host, encrypted, user, database, password):
    if encrypted:
        connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    for words in (["AUTH", password], ["PING"]):
        command = b"*%d\r\n" % len(words)
        for word in words:
            word = word.encode()
            command += b"$%d\r\n%s\r\n" % (len(word), word)
        connection.sendall(command)
        answer = b""
        while not answer.endswith(b"\r\n"):
            answer += exactly(connection, 1)
            if len(answer) > 1000:
                raise Refused("it is no Redis")
        if not answer.startswith(b"+"):
            code = answer[1:].split(b" ")[0].decode(errors="replace").strip()
            raise Refused("it does not take the password" if code in ("WRONGPASS", "ERR", "NOAUTH") else f"it says {code}")


def message(kind, content):
    return kind + struct.pack("!I", len(content) + 4) + content


def receive(connection):
    kind, length = struct.unpack("!cI", exactly(connection, 5))
    if not 4 <= length < 100_000:
        raise Refused("it is no PostgreSQL")
    content = exactly(connection, length - 4)
    if kind == b"E":
        fields = {field[:1]: field[1:].decode(errors="replace") for field in content.split(b"\0") if field}
        code = fields.get(b"C", "")
        reasons = {"28P01": "it does not take the password", "28000": "it does not let this user in", "3D000": "it has no such database"}
        raise Refused(reasons.get(code, f"it refuses, with the code {code}"))
    return kind, content


def scram(connection, password):
    """SCRAM-SHA-256. The user's name is the one of the start message."""
    nonce = base64.b64encode(os.urandom(18)).decode()
    bare = f"n=,r={nonce}"
    connection.sendall(message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(bare) + 3) + b"n,," + bare.encode()))
    kind, content = receive(connection)
    challenge = content[4:].decode()
    parts = dict(part.split("=", 1) for part in challenge.split(","))
    if not parts["r"].startswith(nonce):
        raise Refused("it answers somebody else")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    final = "c=biws,r=" + parts["r"]
    signed = ",".join([bare, challenge, final]).encode()
    signature = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()
    connection.sendall(message(b"p", f"{final},p={proof}".encode()))
    kind, content = receive(connection)
    server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
    if content[4:] != b"v=" + base64.b64encode(server):
        raise Refused("it does not know the password either")


def postgres(connection, host, encrypted, user, database, password):
    if encrypted:
        connection.sendall(struct.pack("!II", 8, 80877103))
        if exactly(connection, 1) != b"S":
            raise Refused("it does not encrypt connections")
        # As sslmode=require: encrypted, without a look at the certificate.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = context.wrap_socket(connection, server_hostname=host)
    start = struct.pack("!I", 196608) + b"\0".join([b"user", user.encode(), b"database", database.encode(), b"", b""])
    connection.sendall(struct.pack("!I", len(start) + 4) + start)
    while True:
        kind, content = receive(connection)
        if kind == b"Z":
            connection.sendall(message(b"X", b""))
            return
        if kind != b"R":
            continue
        method = struct.unpack("!I", content[:4])[0]
        if method == 10 and b"SCRAM-SHA-256\0" in content:
            scram(connection, password)
        elif method == 5:
            inner = hashlib.md5((password + user).encode()).hexdigest()
            connection.sendall(message(b"p", b"md5" + hashlib.md5(inner.encode() + content[4:8]).hexdigest().encode() + b"\0"))
        elif method == 3:
            connection.sendall(message(b"p", password.encode() + b"\0"))
        elif method not in (0, 12):
            raise Refused("it wants a way to log in that is not known here")


def tcp(connection, host, encrypted, user, database, password):
    """It listens: more is not known of it."""


def main():
    fields = sys.stdin.buffer.read().decode().split("\0")[:-1]
    failed = False
    for name, kind, host, port, tls, user, database, password in zip(*[iter(fields)] * 8):
        try:
            with socket.create_connection((host, int(port)), SECONDS) as connection:
                connection.settimeout(SECONDS)
                {"postgres": postgres, "redis": redis, "tcp": tcp}[kind](connection, host, tls == "yes", user, database, password)
            print(f"==> {name} answers at {host}:{port}" + ("" if kind == "tcp" else " and takes the password"))
        except (OSError, Refused, ValueError, KeyError, struct.error) as error:
            failed = True
            reason = str(error) if isinstance(error, Refused) else getattr(error, "strerror", None) or f"no sound answer ({type(error).__name__})"
            print(f"error: {name} at {host}:{port}: {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
