"""Tells over HTTP what the container is like, and sends back what comes by UDP."""
import http.server
import json
import pathlib
import resource
import signal
import socket
import subprocess
import threading
import os


def told():
    shown = {str(path): path.read_text().strip() for path in map(pathlib.Path, ("/srv/colour", "/srv/token.sha256", "/etc/mirror/told.txt"))}
    return {
        **shown,
        "kept": subprocess.run(["/etc/mirror/kept.sh"], capture_output=True, text=True, check=True).stdout.strip(),
        "hostname": socket.gethostname(),
        "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "shm": os.statvfs("/dev/shm").f_blocks * os.statvfs("/dev/shm").f_frsize,
        "secret": os.environ.get("INDEX_TOKEN") or os.path.exists("/run/secrets/INDEX_TOKEN"),
    }


class Mirror(http.server.BaseHTTPRequestHandler):
    protocol_version, timeout = "HTTP/1.1", 90

    def do_GET(self):
        body = json.dumps({**told(), "port": self.server.server_port, "path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def echo():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("", 5514))
        while True:
            data, sender = line.recvfrom(2048)
            line.sendto(data, sender)


class Server(http.server.ThreadingHTTPServer):
    # Requests that are under way are answered first.
    daemon_threads = False


threading.Thread(target=echo, daemon=True).start()
admin = Server(("", 8001), Mirror)
threading.Thread(target=admin.serve_forever, daemon=True).start()
server = Server(("", 8000), Mirror)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
server.server_close()
