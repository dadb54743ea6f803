"""What a store or the network does wrong, done by a proxy between the adapter and a working store."""

from __future__ import annotations

import http.client
import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from app.errors import ObjectExists, ObjectMissing, StorageCorrupt, StorageError, StorageUnavailable
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.s3.settings import MIB, R2Settings, client_for

KEY = "collections/c/photo.jpg"
SMALL, LARGE = b"picture", bytes(range(256)) * (6 * MIB // 256)
FOREVER = 1000


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

    store: str
    faults: list[Fault] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spoil(self, kind: str, method: str, part: str = "", times: int = 1) -> None:
        self.faults.append(Fault(kind, method, part, times))

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

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any

    def do_pass(self, body: bytes) -> None:
        self.answer(self.forward(body))

    def do_unavailable(self, body: bytes) -> None:
        self.answer(Answer(503, [], b"<Error><Code>ServiceUnavailable</Code></Error>"))

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

    def do_lose(self, body: bytes) -> None:
        self.forward(body)
        self.do_reset(body)

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


@pytest.fixture
def proxy(settings: R2Settings) -> Iterator[Proxy]:
    proxy = Proxy(settings.endpoint_url)
    proxy.daemon_threads = True
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield proxy
    proxy.shutdown()
    thread.join()
    proxy.server_close()


@pytest.fixture
def far(settings: R2Settings, proxy: Proxy) -> CloudflareR2Storage:
    """The store as seen through the proxy; boto3 itself tries once, so that the second try is ours."""
    return CloudflareR2Storage(replace(settings, endpoint_url=proxy.url, read_timeout_seconds=0.5))


def content(storage: CloudflareR2Storage) -> bytes:
    with storage.open(KEY) as stream:
        return stream.read()


def unfinished(storage: CloudflareR2Storage) -> int:
    listed = client_for(storage.settings).list_multipart_uploads(Bucket=storage.settings.bucket)
    return len(listed.get("Uploads", []))


@pytest.mark.parametrize("kind", ["unavailable", "slow_down", "reset", "stall", "lose"])
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["whole", "in parts"])
def test_one_fault_is_survived(
    far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage, kind: str, data: bytes
) -> None:
    proxy.spoil(kind, "PUT")
    stream = io.BytesIO(b"skipped" + data)
    stream.seek(7)
    assert far.put(KEY, stream).size == len(data)
    assert content(r2) == data
    assert unfinished(r2) == 0


@pytest.mark.parametrize("kind", ["unavailable", "slow_down", "reset", "stall"])
def test_a_lasting_fault_is_named_after_one_more_try(
    far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage, kind: str
) -> None:
    proxy.spoil(kind, "PUT", times=FOREVER)
    with pytest.raises(StorageUnavailable):
        far.put(KEY, io.BytesIO(SMALL))
    assert proxy.count("PUT") == 2
    assert list(r2.list()) == []


def test_a_refusal_is_not_tried_again(far: CloudflareR2Storage, proxy: Proxy) -> None:
    proxy.spoil("denied", "PUT", times=FOREVER)
    with pytest.raises(StorageUnavailable, match="refused access"):
        far.put(KEY, io.BytesIO(SMALL))
    assert proxy.count("PUT") == 1


def test_parts_that_failed_are_not_left_behind(far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage) -> None:
    proxy.spoil("unavailable", "PUT", "partNumber=2", times=FOREVER)
    with pytest.raises(StorageUnavailable):
        far.put(KEY, io.BytesIO(LARGE))
    assert unfinished(r2) == 0
    assert list(r2.list()) == []


@pytest.mark.parametrize("attempts", [1, 2], ids=["repeated by us", "repeated by boto3"])
@pytest.mark.parametrize(("data", "method"), [(SMALL, "PUT"), (LARGE, "POST")], ids=["whole", "in parts"])
def test_a_lost_answer_is_no_failure(
    settings: R2Settings, proxy: Proxy, r2: CloudflareR2Storage, attempts: int, data: bytes, method: str
) -> None:
    proxy.spoil("lose", method, part="" if data is SMALL else "uploadId")
    far = CloudflareR2Storage(replace(settings, endpoint_url=proxy.url, max_attempts=attempts))
    assert far.put(KEY, io.BytesIO(data)).size == len(data)
    assert content(r2) == data
    with pytest.raises(ObjectExists):  # the same bytes, but another put
        far.put(KEY, io.BytesIO(data))


def test_a_store_without_conditional_writes_still_refuses_overwriting(far: CloudflareR2Storage, proxy: Proxy) -> None:
    for method in ("PUT", "POST"):
        proxy.spoil("unconditional", method, times=FOREVER)
    for data in (SMALL, LARGE):
        far.delete(KEY)
        far.put(KEY, io.BytesIO(data))
        assert content(far) == data
        with pytest.raises(ObjectExists):
            far.put(KEY, io.BytesIO(data))


@pytest.mark.parametrize(("kind", "method"), [("corrupt", "PUT"), ("shorten", "PUT"), ("misreport", "HEAD")])
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["whole", "in parts"])
def test_other_bytes_than_sent_are_not_kept(
    far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage, kind: str, method: str, data: bytes
) -> None:
    if kind == "misreport":  # the first HEAD sees that the key is free
        proxy.spoil("pass", method)
    proxy.spoil(kind, method, times=FOREVER)
    with pytest.raises(StorageError) as spoilt:
        far.put(KEY, io.BytesIO(data))
    assert isinstance(spoilt.value, StorageCorrupt | StorageUnavailable)
    assert list(r2.list()) == []
    assert unfinished(r2) == 0


@pytest.mark.parametrize("kind", ["truncate", "break_off"])
@pytest.mark.parametrize("size", [-1, 100_000], ids=["at once", "in pieces"])
def test_a_short_body_is_never_a_success(
    far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage, kind: str, size: int
) -> None:
    r2.put(KEY, io.BytesIO(LARGE))
    proxy.spoil(kind, "GET", times=FOREVER)
    with far.open(KEY) as stream, pytest.raises(StorageUnavailable):
        while stream.read(size):
            pass


VERBS: dict[str, tuple[str, Callable[[CloudflareR2Storage], object]]] = {
    "open": ("GET", lambda storage: storage.open(KEY)),
    "stat": ("HEAD", lambda storage: storage.stat(KEY)),
    "delete": ("DELETE", lambda storage: storage.delete(KEY)),
    "list": ("GET", lambda storage: list(storage.list())),
    "sweep": ("GET", lambda storage: storage.sweep_leftovers()),
}


@pytest.mark.parametrize("kind", ["unavailable", "reset", "denied"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_names_its_faults(far: CloudflareR2Storage, proxy: Proxy, kind: str, verb: str) -> None:
    method, call = VERBS[verb]
    proxy.spoil(kind, method, times=FOREVER)
    with pytest.raises(StorageUnavailable):
        call(far)


def test_an_answer_that_is_not_s3_is_named(far: CloudflareR2Storage, proxy: Proxy) -> None:
    proxy.spoil("page", "GET", times=FOREVER)
    with pytest.raises(StorageUnavailable):
        list(far.list())


def test_a_store_that_is_not_there_is_named(settings: R2Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    away = CloudflareR2Storage(replace(settings, endpoint_url=nobody))
    for call in (lambda: away.put(KEY, io.BytesIO(SMALL)), *(lambda c=c: c(away) for _, c in VERBS.values())):
        with pytest.raises(StorageUnavailable, match="EndpointConnectionError"):
            call()


def test_a_bucket_that_is_not_there_is_named(settings: R2Settings) -> None:
    lost = CloudflareR2Storage(replace(settings, bucket="proofsheet-nowhere"))
    for call in (lambda: lost.put(KEY, io.BytesIO(SMALL)), lambda: lost.put(KEY, io.BytesIO(LARGE))):
        with pytest.raises(StorageUnavailable, match="no such bucket"):
            call()
    with pytest.raises(StorageUnavailable, match="no such bucket"):
        list(lost.list())
    with pytest.raises((StorageUnavailable, ObjectMissing)):  # a HEAD cannot tell the two apart
        lost.stat(KEY)
