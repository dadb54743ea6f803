"""Faults of a store or the network, caused by a proxy between the adapter and a working store."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.errors import ObjectExists, StorageCorrupt, StorageError, StorageUnavailable
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.s3.settings import MIB, R2Settings, client_for
from tests.support.faulty_proxy import Proxy

KEY = "collections/c/photo.jpg"
SMALL, LARGE = b"picture", bytes(range(256)) * (6 * MIB // 256)
FOREVER = 1000


@pytest.fixture
def proxy(settings: R2Settings, idle_proxy: Proxy) -> Proxy:
    idle_proxy.aim(settings.endpoint_url)
    return idle_proxy


@pytest.fixture
def far(settings: R2Settings, proxy: Proxy) -> CloudflareR2Storage:
    """The store as seen through the proxy; boto3 itself tries once, so that the second try is ours."""
    return CloudflareR2Storage(replace(settings, endpoint_url=proxy.url))


def content(storage: CloudflareR2Storage) -> bytes:
    with storage.open(KEY) as stream:
        return stream.read()


def unfinished(storage: CloudflareR2Storage) -> int:
    listed = client_for(storage.settings).list_multipart_uploads(Bucket=storage.settings.bucket)
    return len(listed.get("Uploads", []))


@pytest.mark.parametrize("kind", ["unavailable", "slow_down", "reset", "lose"])
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["whole", "in parts"])
def test_single_fault_is_retried(
    far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage, kind: str, data: bytes
) -> None:
    proxy.spoil(kind, "PUT")
    stream = io.BytesIO(b"skipped" + data)
    stream.seek(7)
    assert far.put(KEY, stream).size == len(data)
    assert content(r2) == data
    assert unfinished(r2) == 0


@pytest.mark.parametrize("kind", ["unavailable", "slow_down", "reset"])
def test_a_lasting_fault_is_named_after_one_more_try(
    far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage, kind: str
) -> None:
    proxy.spoil(kind, "PUT", times=FOREVER)
    with pytest.raises(StorageUnavailable):
        far.put(KEY, io.BytesIO(SMALL))
    assert proxy.count("PUT") == 2
    assert list(r2.list()) == []


def test_unresponsive_store_times_out(settings: R2Settings, proxy: Proxy) -> None:
    far = CloudflareR2Storage(replace(settings, endpoint_url=proxy.url, read_timeout_seconds=0.3))
    proxy.spoil("stall", "PUT", times=2)
    with pytest.raises(StorageUnavailable, match="ReadTimeoutError"):
        far.put(KEY, io.BytesIO(SMALL))


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
def test_upload_succeeds_though_its_response_is_lost(
    settings: R2Settings, proxy: Proxy, r2: CloudflareR2Storage, attempts: int, data: bytes, method: str
) -> None:
    proxy.spoil("lose", method, part="" if data is SMALL else "uploadId")
    far = CloudflareR2Storage(replace(settings, endpoint_url=proxy.url, max_attempts=attempts))
    assert far.put(KEY, io.BytesIO(data)).size == len(data)
    assert content(r2) == data
    with pytest.raises(ObjectExists):  # the same bytes, but another put
        far.put(KEY, io.BytesIO(data))


@pytest.mark.parametrize(("data", "method"), [(SMALL, "PUT"), (LARGE, "POST")], ids=["whole", "in parts"])
def test_a_write_that_comes_in_between_is_not_overwritten(
    far: CloudflareR2Storage, proxy: Proxy, r2: CloudflareR2Storage, moto_endpoint: str, data: bytes, method: str
) -> None:
    if data is LARGE and proxy.store != moto_endpoint:
        pytest.skip("Ceph 16 ignores If-None-Match when a multipart upload is completed")
    proxy.meanwhile = lambda: r2.put(KEY, io.BytesIO(b"first"))
    proxy.spoil("overtake", method, part="" if data is SMALL else "uploadId")
    with pytest.raises(ObjectExists):
        far.put(KEY, io.BytesIO(data))
    assert content(r2) == b"first"
    assert unfinished(r2) == 0


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
        b"".join(iter(lambda: stream.read(size), b""))


VERBS: dict[str, tuple[str, Callable[[CloudflareR2Storage], object]]] = {
    "open": ("GET", lambda storage: storage.open(KEY)),
    "stat": ("HEAD", lambda storage: storage.stat(KEY)),
    "delete": ("DELETE", lambda storage: storage.delete(KEY)),
    "list": ("GET", lambda storage: list(storage.list())),
    "sweep": ("GET", lambda storage: storage.sweep_leftovers()),
}


@pytest.mark.parametrize("kind", ["unavailable", "reset", "denied"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_translates_its_errors(far: CloudflareR2Storage, proxy: Proxy, kind: str, verb: str) -> None:
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
    for call in (lambda: list(lost.list()), lambda: lost.stat(KEY), lambda: lost.open(KEY)):
        with pytest.raises(StorageUnavailable, match="no such bucket"):
            call()
