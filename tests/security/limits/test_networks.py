"""Requests are counted by network, of which trusted proxies alone tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from app import Proofsheet
from app.extensions import client_network
from tests.security.apps import at
from tests.security.limits.asking import guess, statuses


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),  # what a socket that listens to both says of an IPv4 address
        ("192.0.2.7:40001", "192.0.2.7"),
        ("[2001:db8:1:2:3:4:5:6]:40001", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("[::1", "[::1"),
        ("", "127.0.0.1"),
        ("unknown", "unknown"),
    ],
)
def test_requests_are_counted_by_network(app: Proofsheet, address: str, network: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client_network() == network


def test_addresses_of_the_same_64_prefix_share_a_budget(app: Proofsheet, locked: str, hashes: list[str]) -> None:
    answers = statuses(lambda number: guess(at(app, f"2001:db8:{number % 2 + 77}:0:{number:x}::1"), locked), 4)
    assert answers == [401] * 4
    statuses(lambda number: guess(at(app, f"2001:db8:5:5::{number:x}"), locked), 20)
    assert guess(at(app, "2001:db8:5:5:abcd::"), locked).status_code == 429
    assert guess(at(app, "2001:db8:5:6::"), locked).status_code == 401


@pytest.mark.parametrize(
    ("proxies", "forwarded", "answers"),
    [
        (0, lambda number: f"10.1.0.{number}", [401] * 20 + [429] * 2),  # nobody is believed
        (1, lambda number: f"10.2.0.{number}, 192.0.2.99", [401] * 20 + [429] * 2),  # the last hop is, nothing before
        (1, lambda number: f"192.0.2.99, 10.3.0.{number}", [401] * 22),
        (2, lambda number: f"10.4.0.{number}, 10.5.0.{number}, 192.0.2.98", [401] * 22),
        (2, lambda number: f"10.6.0.{number}, 10.7.0.1, 192.0.2.97", [401] * 20 + [429] * 2),
    ],
)
def test_addresses_come_from_trusted_proxies_only(
    app: Proofsheet,
    here: str,
    locked: str,
    hashes: list[str],
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    forwarded: Callable[[int], str],
    answers: list[int],
) -> None:
    if proxies:
        monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_for=proxies))  # as create_app does
    client = at(app, here)
    seen = [guess(client, locked, environ_overrides={"HTTP_X_FORWARDED_FOR": forwarded(n)}) for n in range(22)]
    assert [answer.status_code for answer in seen] == answers
