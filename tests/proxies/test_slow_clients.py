"""Clients that send or read slowly, or break off: the proxy waits for them, not a thread of the app."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.proxies.clients import connected, curl, head, status
from tests.proxies.upstream import Upstream, upstream
from tests.support.processes import eventually
from tests.support.proxies import PATIENCE, PROXIES, Proxy

UPLOADS_AT_ONCE = 12  # of deploy/nginx.conf


@pytest.mark.parametrize("path", ["/auth/sign-in", "/collections/uuid/upload", "/api/v1/collections/uuid/files"])
def test_half_a_form_waits_in_the_proxy(noting: tuple[Proxy, Upstream], path: str) -> None:
    proxy, server = noting
    with connected(proxy) as slow, connected(proxy) as quick:
        slow.sendall(head("POST", path, {"Content-Length": "2000"}) + b"a" * 1000)
        quick.sendall(head("POST", "/quick", {"Content-Length": "10"}) + b"b" * 10)
        assert status(quick) == 200
        assert server.heads == ["/quick"]
        slow.sendall(b"a" * 1000)
        assert status(slow) == 200
    assert server.bodies == {"/quick": b"b" * 10, path: b"a" * 2000}


def test_half_a_head_waits_in_the_proxy(noting: tuple[Proxy, Upstream]) -> None:
    proxy, server = noting
    whole = head("GET", "/slow")
    with connected(proxy) as slow, connected(proxy) as quick:
        slow.sendall(whole[:-2])
        quick.sendall(head("GET", "/quick"))
        assert status(quick) == 200
        assert server.heads == ["/quick"]
        slow.sendall(whole[-2:])
        assert status(slow) == 200


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/collections/uuid/upload"), ("PATCH", "/collections/uploads/uuid")]
)
def test_nginx_limits_the_uploads_of_one_address(tmp_path: Path, method: str, path: str) -> None:
    half = head(method, path, {"Content-Length": "20"}) + b"a" * 10
    with ExitStack() as stack:
        server = stack.enter_context(upstream())
        proxy = stack.enter_context(PROXIES["nginx"](tmp_path, tmp_path, server.port))

        def one_more() -> int:
            return curl(proxy, path, "--request", method, "--data", "photo").status

        slow = [stack.enter_context(connected(proxy)) for _ in range(UPLOADS_AT_ONCE)]
        for connection in slow:
            connection.sendall(half)
        eventually(lambda: one_more() == 429, PATIENCE, "one more is refused")
        assert curl(proxy, "/page").status == 200
        slow[0].sendall(b"a" * 10)
        assert status(slow[0]) == 200
        slow[0].close()
        eventually(lambda: one_more() == 200, PATIENCE, "there is room again")


def test_half_a_piece_is_passed_on(noting: tuple[Proxy, Upstream]) -> None:
    proxy, server = noting
    path, half = "/collections/uploads/uuid", b"a" * 20_000
    with connected(proxy) as slow:
        slow.sendall(head("PATCH", path, {"Content-Length": str(2 * len(half))}) + half)
        eventually(lambda: server.bodies.get(path) == half, PATIENCE, "the first half is here")
        slow.sendall(half)
        assert status(slow) == 200


# Shorter times, to wait little.
SOON = {
    "nginx": {
        "client_header_timeout 20s": "client_header_timeout 1s",
        "client_body_timeout 60s": "client_body_timeout 1s",
    },
    "caddy": {"read_header 20s": "read_header 1s"},
}


# Proofsheet itself ends bodies that stop behind Caddy (BODY_STALL_SECONDS).
@pytest.mark.parametrize(("name", "sent"), [("nginx", 40), ("nginx", -1), ("caddy", 40)], ids=str)
def test_sender_who_stops_is_disconnected(tmp_path: Path, name: str, sent: int) -> None:
    whole = head("POST", "/auth/sign-in", {"Content-Length": "20"}) + b"a" * 20
    with ExitStack() as stack:
        server = stack.enter_context(upstream())
        proxy = stack.enter_context(PROXIES[name](tmp_path, tmp_path, server.port, changes=SOON[name]))
        slow = stack.enter_context(connected(proxy))
        slow.sendall(whole[:sent])
        answer = b"".join(iter(lambda: slow.recv(65536), b""))
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")
        assert server.heads == []
