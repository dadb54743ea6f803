"""What the proxy passes on: uploads, their limits, the address of the client, and slow senders."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import FORM_BYTES
from tests.proxies.clients import connected, curl, head
from tests.proxies.conftest import LIMIT_MB
from tests.proxies.upstream import COOKIE_BYTES, Upstream, upstream
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.processes import eventually
from tests.support.proxies import HOST, PATIENCE, PROXIES, Proxy
from tests.support.server import LiveServer

MEGA = 1_000_000
PIECE = "application/offset+octet-stream"
SOMEBODY, SOMEBODY_ELSE = "127.0.0.5", "127.0.0.6"  # addresses of this machine, from which curl connects
FORGED = ("--header", "X-Forwarded-For: 203.0.113.9")
HOW = {"announced": (), "chunked": ("--header", "Transfer-Encoding: chunked")}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- uploads -------------------------------------------------------------------------------


def test_upload_form_of_some_megabytes(ada: Photographer, collection: str) -> None:
    data = jpeg() + os.urandom(5 * MEGA)
    answer = ada.send(collection, ("big.jpg", data))
    assert (answer.status_code, answer.json()["errors"]) == (201, [])
    assert ada.get(f"/collections/files/{answer.json()['files'][0]['uuid']}/original").content == data


def begun(ada: Photographer, collection: str, data: bytes) -> str:
    """The path of an upload in pieces that was announced."""
    facts = {"name": "big.bin", "size": len(data), "sha256": sha256(data)}
    answer = ada.post(f"/collections/{collection}/uploads", json=facts)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def send_piece(ada: Photographer, path: str, offset: int, data: bytes) -> int:
    headers = {"Upload-Offset": str(offset), "Content-Type": PIECE}
    return ada.http.patch(ada.url + path, data=data, headers=headers, timeout=PATIENCE).status_code


def test_upload_in_pieces(ada: Photographer, collection: str) -> None:
    data, size = os.urandom(5 * MEGA), 2 * MEGA
    path = begun(ada, collection, data)
    pieces = range(0, len(data), size)
    assert {send_piece(ada, path, offset, data[offset : offset + size]) for offset in pieces} == {204}
    (file,) = ada.post(f"{path}/complete").json()["files"]
    assert file["sha256"] == sha256(data)
    assert ada.get(f"/collections/files/{file['uuid']}/original").content == data


def test_part_of_a_broken_piece_is_kept(proxy: Proxy, ada: Photographer, collection: str) -> None:
    data = os.urandom(2 * MEGA)
    path = begun(ada, collection, data)
    sent = {"Upload-Offset": "0", "Content-Type": PIECE, "Content-Length": str(len(data))}
    site = {"Host": f"{HOST}:{proxy.port}", "Referer": f"{ada.url}/"}
    with connected(proxy) as connection:
        connection.sendall(head("PATCH", path, ada.headers() | sent | site) + data[:MEGA])
    eventually(lambda: received(ada, path) > 0, PATIENCE, "the app has part of the piece")


def received(ada: Photographer, path: str) -> int:
    return int(ada.http.head(ada.url + path, timeout=PATIENCE).headers["Upload-Offset"])


def test_file_over_the_limit_is_refused_by_the_app(ada: Photographer, collection: str) -> None:
    answer = ada.send(collection, ("large.jpg", jpeg() + os.urandom(LIMIT_MB * MEGA)))
    assert [error["code"] for error in answer.json()["errors"]] == ["too_large"]


def test_form_over_the_limit_is_413(proxy: Proxy, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"a" * (FORM_BYTES + 1))
    assert curl(proxy, "/auth/sign-in", "--data-binary", f"@{tmp_path / 'body'}").status == 413


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx with limits of 2 MB for uploads, in front of a server that takes everything."""
    folder = tmp_path_factory.mktemp("limited")
    smaller = {f"client_max_body_size {size}m;": "client_max_body_size 2m;" for size in (200, 2000)}
    with upstream() as server, PROXIES["nginx"](folder, folder, server.port, changes=smaller) as proxy:
        yield proxy


@pytest.mark.parametrize("how", ["announced", "chunked"])
@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("POST", "/auth/sign-in", FORM_BYTES),
        ("POST", "/collections/uuid/upload", 2 * FORM_BYTES),
        ("POST", "/api/v1/collections/uuid/files", 2 * FORM_BYTES),
        ("PATCH", "/collections/uploads/uuid", 2 * FORM_BYTES),
    ],
)
def test_nginx_refuses_a_body_over_the_limit(
    limited: Proxy, tmp_path: Path, method: str, path: str, most: int, how: str
) -> None:
    for size, code in ((most, 200), (most + 1, 413)):
        (tmp_path / "body").write_bytes(b"a" * size)
        options = ["--request", method, "--data-binary", f"@{tmp_path / 'body'}", "--http1.1", *HOW[how]]
        assert curl(limited, path, *options).status == code


# --- the client ----------------------------------------------------------------------------


def wrong_link(proxy: Proxy, address: str) -> int:
    return curl(proxy, "/s/no-such-link", "--interface", address, *FORGED).status


def test_requests_are_counted_by_the_address_of_the_client(proxy: Proxy) -> None:
    address = f"127.0.{1 + list(PROXIES).index(proxy.name)}.5"  # one for each proxy: they share the server
    answers = [wrong_link(proxy, address) for _ in range(21)]
    assert answers == [404] * 20 + [429]
    assert wrong_link(proxy, SOMEBODY_ELSE) == 404


def test_audit_log_has_the_address_of_the_client(server: LiveServer, proxy: Proxy, ada: Photographer) -> None:
    collection = ada.collection()
    (photo,) = ada.upload(collection, ("a.jpg", jpeg()))
    assert curl(proxy, f"/collections/files/{photo}/original", "--interface", SOMEBODY, *FORGED).status == 200
    lines = [line for line in server.log.read_text().splitlines() if photo in line and line.startswith("{")]
    assert [json.loads(line)["address"] for line in lines] == [SOMEBODY]


def test_secret_of_a_link_is_in_no_log(proxy: Proxy) -> None:
    assert curl(proxy, "/s/a-secret-of-this-test", "--interface", SOMEBODY_ELSE).status == 404
    written = [path.read_bytes() for path in proxy.folder.glob("*.log")]
    assert written
    assert b"a-secret-of-this-test" not in b"".join(written)


def test_links_and_cookies_are_those_of_the_site(proxy: Proxy, ada: Photographer) -> None:
    assert ada.share(ada.collection()).startswith(f"https://{HOST}:{proxy.port}/s/")
    assert {cookie.name for cookie in ada.http.cookies if cookie.secure} == {"__Host-session"}
    forged = curl(proxy, "/auth/sign-in", "--header", "X-Forwarded-Proto: http", "--header", "X-Forwarded-Host: x.test")
    assert forged.headers["strict-transport-security"] == ["max-age=31536000"]


def test_plain_http_leads_to_https(proxy: Proxy) -> None:
    answer = curl(proxy, "/collections/", site=f"http://{HOST}:{proxy.plain_port}")
    assert answer.status in (301, 308)
    assert answer.headers["location"] == [f"https://{HOST}/collections/"]


def test_forged_host_is_in_no_link(proxy: Proxy, ada: Photographer, collection: str) -> None:
    forged = {"X-Forwarded-Host": "x.test", "X-Forwarded-Proto": "http", "Forwarded": "host=x.test;proto=http"}
    link = ada.post(f"/collections/{collection}/links", headers=forged).json()["url"]
    assert link.startswith(f"https://{HOST}:{proxy.port}/s/")


# --- to the app ----------------------------------------------------------------------------


def test_largest_cookie_passes_both_ways(noting: tuple[Proxy, Upstream]) -> None:
    proxy, server = noting
    cookie = "x" * (COOKIE_BYTES - len("session="))
    answer = curl(proxy, "/page", "--header", f"Cookie: session={cookie}")
    assert (answer.status, answer.headers["set-cookie"]) == (200, [f"session={cookie}"])
    assert server.heads == ["/page"]


def test_connections_to_the_app_are_used_again(noting: tuple[Proxy, Upstream]) -> None:
    proxy, server = noting
    assert [curl(proxy, "/page").status for _ in range(3)] == [200] * 3
    assert (len(server.heads), server.connections) == (3, 1)
