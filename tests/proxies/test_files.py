"""Files that the proxy sends: their bytes and headers, ranges and conditions, and who gets them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from app.views.sent_by_proxy import HEADER, PREFIX
from tests.proxies.clients import connected, curl, head, status
from tests.proxies.conftest import THREADS
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.proxies import HOST, PROXIES, Proxy
from tests.support.server import LiveServer

DIFFERENT = {"date", "connection", "keep-alive"}
PHOTO = jpeg(1600, 1000)
MORE_THAN_SOCKETS_HOLD = 100_000_000  # bytes


@dataclass(frozen=True)
class Photo:
    """A photo in a public collection."""

    collection: str
    uuid: str

    @property
    def original(self) -> str:
        """Where it is downloaded."""
        return f"/collections/files/{self.uuid}/original"

    @property
    def thumbnail(self) -> str:
        """Where its smallest variant is."""
        return f"/collections/files/{self.uuid}/thumbnail"


@pytest.fixture(scope="module")
def photo(ada: Photographer) -> Photo:
    collection = ada.collection()
    return Photo(collection, *ada.upload(collection, ("Löwe 花.jpg", PHOTO)))


@pytest.fixture
def visitor(proxy: Proxy) -> Iterator[requests.Session]:
    """A browser without an account."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(proxy.certificate)
        yield session


def shown(response: requests.Response) -> dict[str, str]:
    """The headers that must not depend on who sends the file."""
    return {name.lower(): value for name, value in response.headers.items() if name.lower() not in DIFFERENT}


def key_of(server: LiveServer, photo: Photo) -> str:
    ((key,),) = server.rows("SELECT storage_path FROM files WHERE uuid = ?", photo.uuid)
    return str(key)


def test_server_leaves_the_file_to_the_proxy(server: LiveServer, photo: Photo) -> None:
    answer = requests.get(server.url + photo.original, timeout=30)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers[HEADER] == PREFIX + key_of(server, photo)


@pytest.mark.parametrize("address", ["original", "thumbnail"])
def test_file_has_the_bytes_and_headers_of_the_app(ada: Photographer, photo: Photo, address: str) -> None:
    path = getattr(photo, address)
    sent = ada.get(path)
    own = ada.get(path, headers={"If-Match": sent.headers["ETag"]})  # which the app answers itself
    assert sent.status_code == own.status_code == 200
    assert sent.content == own.content
    assert shown(sent) == shown(own)
    assert HEADER not in sent.headers
    if address == "original":
        assert sent.content == PHOTO


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
@pytest.mark.parametrize(
    "path", ["page", "/static/css/base.css", "/static/favicon.svg", "/api/openapi.json", "/nothing"]
)
def test_what_is_no_stored_file_passes_unchanged(
    server: LiveServer, proxy: Proxy, photo: Photo, visitor: requests.Session, path: str, encoding: str
) -> None:
    path = f"/collections/{photo.collection}" if path == "page" else path
    asked = {"Accept-Encoding": encoding, "X-Forwarded-Proto": "https", "Host": f"{HOST}:{proxy.port}"}
    own, passed = (visitor.get(url + path, headers=asked, timeout=30) for url in (server.url, proxy.url))
    assert passed.status_code == own.status_code
    assert without_proxys_own(passed) == without_proxys_own(own)


def without_proxys_own(response: requests.Response) -> dict[str, str]:
    """The headers of the app, without its cookie, which is another for every visit."""
    return {name: value for name, value in shown(response).items() if name not in ("server", "alt-svc", "set-cookie")}


def test_versioned_file_is_cached_permanently(ada: Photographer, photo: Photo) -> None:
    assert ada.get(f"{photo.thumbnail}?v=1").headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("asked", "code", "part"),
    [
        ({"Range": "bytes=10-19"}, 206, slice(10, 20)),
        ({"Range": "bytes=-5"}, 206, slice(-5, None)),
        ({"Range": "bytes=10-19", "If-Range": "{etag}"}, 206, slice(10, 20)),
        ({"Range": "bytes=10-19", "If-Range": "{modified}"}, 206, slice(10, 20)),
        ({"Range": "bytes=10-19", "If-Range": '"another"'}, 200, slice(None)),
        ({"Range": "bytes=1-2,4-5"}, 200, slice(None)),
        ({"Range": "bytes=99999999-"}, 416, None),
        ({"If-None-Match": "{etag}"}, 304, slice(0)),
        ({"If-None-Match": "*"}, 304, slice(0)),
        ({"If-None-Match": '"another"'}, 200, slice(None)),
        ({"If-None-Match": '"another"', "If-Modified-Since": "{modified}"}, 200, slice(None)),
        ({"If-Modified-Since": "{modified}"}, 304, slice(0)),
        ({"If-Match": "{etag}"}, 200, slice(None)),
        ({"If-Match": "{etag}", "Range": "bytes=10-19"}, 206, slice(10, 20)),
        ({"If-Match": '"another"'}, 412, None),
        ({"If-Unmodified-Since": "{modified}"}, 200, slice(None)),
    ],
    ids=str,
)
def test_range_and_conditions(
    ada: Photographer, photo: Photo, asked: dict[str, str], code: int, part: slice | None
) -> None:
    whole = ada.get(photo.original).headers
    known = {"{etag}": whole["ETag"], "{modified}": whole["Last-Modified"]}
    answer = ada.get(photo.original, headers={name: known.get(value, value) for name, value in asked.items()})
    assert answer.status_code == code
    if part is not None:
        assert answer.content == PHOTO[part]
        assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (whole["ETag"], whole["Cache-Control"])
    if code == 206:
        start, end, _ = part.indices(len(PHOTO)) if part else (0, 0, 0)
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(PHOTO)}"


@pytest.mark.parametrize("address", ["original", "thumbnail"])
def test_head_has_the_headers_of_get(ada: Photographer, photo: Photo, address: str) -> None:
    path = getattr(photo, address)
    asked = ada.http.head(ada.url + path, timeout=30)
    assert (asked.status_code, asked.content) == (200, b"")
    assert shown(asked) == shown(ada.get(path))


def test_refused_visitor_gets_no_file(
    server: LiveServer, proxy: Proxy, ada: Photographer, visitor: requests.Session
) -> None:
    collection = ada.collection(privacy="private")
    photo = Photo(collection, *ada.upload(collection, ("a.jpg", PHOTO)))
    assert ada.get(photo.original).content == PHOTO
    for path in (photo.original, photo.thumbnail, f"/collections/{collection}"):
        assert visitor.get(proxy.url + path, timeout=30).status_code == 404
    key = key_of(server, photo)
    for prefix in (PREFIX, "/%5Fstored/", "//_stored/", "/static/..//_stored/", "/_STORED/"):
        answer = visitor.get(proxy.url + prefix + key, timeout=30)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
        assert PHOTO[:100] not in answer.content


def test_client_cannot_name_a_file(server: LiveServer, proxy: Proxy, photo: Photo, visitor: requests.Session) -> None:
    asked = {HEADER: PREFIX + key_of(server, photo)}
    answer = visitor.get(f"{proxy.url}/auth/sign-in", headers=asked, timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("name", ["a b.jpg", "50%25.jpg", "ü 花.jpg", "q?x=1&y.jpg", "a#b+c;d.jpg", "'\"<>.jpg"])
def test_any_key_is_found(server: LiveServer, ada: Photographer, collection: str, name: str) -> None:
    photo = Photo(collection, *ada.upload(collection, ("a.jpg", PHOTO)))
    old = key_of(server, photo)
    new = f"{old.rpartition('/')[0]}/{name}"
    (server.storage / old).rename(server.storage / new)
    server.write("UPDATE files SET storage_path = ? WHERE uuid = ?", new, photo.uuid)
    assert ada.get(photo.original).content == PHOTO


@pytest.mark.parametrize("trouble", ["another folder", "no access"])
def test_file_that_the_proxy_cannot_read_is_an_error_that_is_not_cached(
    server: LiveServer, proxy: Proxy, photo: Photo, visitor: requests.Session, tmp_path: Path, trouble: str
) -> None:
    folder = tmp_path / "storage"
    folder.mkdir()
    if trouble == "no access":
        (folder / "collections").symlink_to("collections")  # opening it fails for root, too
    with PROXIES[proxy.name](tmp_path / proxy.name, folder, server.port) as misled:
        visitor.verify = str(misled.certificate)
        answer = visitor.get(f"{misled.url}{photo.original}?v=1", timeout=30)
    assert answer.status_code in (404, 500, 502)
    assert "no-store" in answer.headers["Cache-Control"]


def test_readers_who_stall_hold_no_thread(server: LiveServer, proxy: Proxy, ada: Photographer) -> None:
    collection = ada.collection()
    photo = Photo(collection, *ada.upload(collection, ("large.jpg", PHOTO)))
    os.truncate(server.storage / key_of(server, photo), MORE_THAN_SOCKETS_HOLD)
    with ExitStack() as stack:
        for _ in range(THREADS + 1):
            stalled = stack.enter_context(connected(proxy, small_buffer=True))
            stalled.sendall(head("GET", photo.original))
        page = stack.enter_context(connected(proxy))
        page.sendall(head("GET", f"/collections/{collection}", {"Connection": "close"}))
        assert status(page) == 200


@pytest.mark.parametrize(("option", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_version_of_http(proxy: Proxy, photo: Photo, option: str, version: str) -> None:
    for path in (photo.original, f"/collections/{photo.collection}"):
        answer = curl(proxy, path, option)
        assert (answer.status, answer.version) == (200, version)
