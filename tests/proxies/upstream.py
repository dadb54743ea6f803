"""A server that notes what a proxy passes on to it, and when."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.views.headers import OF_DOCUMENTS

COOKIE_BYTES = 4096  # the largest that browsers keep


@dataclass
class Upstream(ThreadingHTTPServer):
    """Notes the path of each request when its head is here, and the bytes of its body as they come."""

    heads: list[str] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    connections: int = 0

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True

    @property
    def port(self) -> int:
        """Its port on this machine."""
        return int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    """Answers 200 after the whole body."""

    protocol_version = "HTTP/1.1"
    server: Upstream

    def setup(self) -> None:
        """Count the connection."""
        self.server.connections += 1
        super().setup()

    def do_GET(self) -> None:
        """Note the request."""
        self.server.heads.append(self.path)
        self.server.bodies[self.path] = b""
        for data in self._chunks() if "Transfer-Encoding" in self.headers else self._announced():
            self.server.bodies[self.path] += data
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("Set-Cookie", f"session={'x' * (COOKIE_BYTES - len('session='))}")
        self.send_header("Permissions-Policy", OF_DOCUMENTS["Permissions-Policy"])
        self.end_headers()

    do_POST = do_PATCH = do_GET  # noqa: N815 (names of the standard library)

    def _announced(self) -> Iterator[bytes]:
        left = int(self.headers.get("Content-Length", "0"))
        while left and (data := self.rfile.read1(left)):  # type: ignore[attr-defined]
            yield data
            left -= len(data)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline() or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, *_: object) -> None:
        """No-op."""


@contextmanager
def upstream() -> Iterator[Upstream]:
    """The server, at a port of its own."""
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
