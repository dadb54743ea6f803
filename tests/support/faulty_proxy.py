"""An HTTP proxy that causes faults on request, between the adapter and a working store."""

from __future__ import annotations

import http.client
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Fault:
    """What to do to the next `times` requests of this method whose path contains `part`."""

    kind: str
    method: str
    part: str = ""
    times: int = 1

    def takes(self, request: BaseHTTPRequestHandler) -> bool:
        wanted = self.times > 0 and request.command == self.method and self.part in request.path
        self.times -= wanted
        return wanted


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Proxy(ThreadingHTTPServer):
    """Passes requests on to a store, except for what it was told to spoil; counts them."""

    store: str = ""
    faults: list[Fault] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True

    def aim(self, store: str) -> None:
        """Reset, and forward to this store."""
        self.store, self.faults, self.seen = store, [], []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spoil(self, kind: str, method: str, part: str = "", times: int = 1) -> None:
        self.faults.append(Fault(kind, method, part, times))

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect after a faulty response."""

    def count(self, method: str) -> int:
        return sum(line.startswith(method + " ") for line in self.seen)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(f"{self.command} {self.path}")
        fault = next((fault for fault in self.server.faults if fault.takes(self)), None)
        getattr(self, f"do_{fault.kind}" if fault else "do_pass")(body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815 - http.server's names

    def do_pass(self, body: bytes) -> None:
        self.answer(self.forward(body))

    def do_unavailable(self, body: bytes) -> None:
        self.answer(Answer(503, [], b"<Error><Code>ServiceUnavailable</Code></Error>"))

    def do_fault(self, body: bytes) -> None:
        self.answer(Answer(500, [], b"<Error><Code>InternalError</Code></Error>"))

    def do_slow_down(self, body: bytes) -> None:
        self.answer(Answer(429, [], b"<Error><Code>SlowDown</Code></Error>"))

    def do_denied(self, body: bytes) -> None:
        self.answer(Answer(403, [], b"<Error><Code>AccessDenied</Code></Error>"))

    def do_page(self, body: bytes) -> None:
        self.answer(Answer(200, [("Content-Type", "text/html")], b"<html>Sign in to the hotel's network<br></html>"))

    def do_unconditional(self, body: bytes) -> None:
        if self.headers.get("If-None-Match"):
            self.answer(Answer(501, [], b"<Error><Code>NotImplemented</Code></Error>"))
        else:
            self.do_pass(body)

    def do_reset(self, body: bytes) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def do_overtake(self, body: bytes) -> None:
        self.server.meanwhile()
        self.do_pass(body)

    def do_lose(self, body: bytes) -> None:
        self.forward(body)
        self.do_reset(body)

    def do_late(self, body: bytes) -> None:
        time.sleep(0.3)
        self.do_pass(body)

    def do_stall(self, body: bytes) -> None:
        time.sleep(0.6)
        self.do_reset(body)

    def do_truncate(self, body: bytes) -> None:
        answer = self.forward(body)
        self.answer(replace(answer, body=answer.body[: len(answer.body) // 2]), len(answer.body))
        self.close_connection = True

    def do_break_off(self, body: bytes) -> None:
        answer = self.forward(body)
        self.answer(replace(answer, body=answer.body[: len(answer.body) // 2]), len(answer.body))
        self.do_reset(body)

    def do_corrupt(self, body: bytes) -> None:
        self.answer(self.forward(body[:-1] + b"?"))

    def do_shorten(self, body: bytes) -> None:
        self.answer(self.forward(body[:-1]))

    def do_misreport(self, body: bytes) -> None:
        answer = self.forward(body)
        headers = [(name, '"0123"' if name.lower() == "etag" else value) for name, value in answer.headers]
        self.answer(replace(answer, headers=headers))

    def forward(self, body: bytes) -> Answer:
        store = http.client.HTTPConnection(urlsplit(self.server.store).netloc, timeout=10)
        headers = {**self.headers, "Content-Length": str(len(body))}
        headers.pop("Expect", None)
        store.request(self.command, self.path, body, headers)
        found = store.getresponse()
        answer = Answer(found.status, found.getheaders(), found.read())
        store.close()
        return answer

    def answer(self, answer: Answer, length: int | None = None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        announced = dict(answer.headers).get("Content-Length", "0") if self.command == "HEAD" else len(answer.body)
        self.send_header("Content-Length", str(length or announced))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *arguments: object) -> None:
        pass
