"""In place of a kubelet: the log of a pod is what its annotation `says`; others keep none."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx


@contextmanager
def keeping(admin: httpx.Client, certificates: Path) -> Iterator[int]:
    """The port on which the API server asks for them."""

    class Logs(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # /containerLogs/<namespace>/<pod>/<container>
            parts = urlsplit(self.path).path.split("/")
            found = ""
            if parts[1] == "containerLogs":
                pod = admin.get(f"/api/v1/namespaces/{parts[2]}/pods/{parts[3]}").json()
                found = pod["metadata"].get("annotations", {}).get("says", "")
            body = found.encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """What it answers is nobody's news."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Logs)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
