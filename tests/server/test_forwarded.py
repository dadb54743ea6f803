"""Forwarded headers are trusted from the configured number of proxies only."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.support.server import LiveServer

CLAIMS = {
    "proto": {"X-Forwarded-Proto": "https"},
    "ssl": {"X-Forwarded-Ssl": "on"},
    "protocol": {"X-Forwarded-Protocol": "ssl"},
    "script name": {"SCRIPT_NAME": "/elsewhere"},
    "path": {"PATH_INFO": "/account/people"},
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_forwarded_headers_are_ignored_unless_configured(server: LiveServer, claim: str) -> None:
    answer = requests.get(f"{server.url}/auth/sign-in", headers=CLAIMS[claim], timeout=20)
    assert answer.status_code == 200
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers
    assert "/elsewhere" not in answer.text


def test_trusted_proxy_is_believed(tmp_path: Path) -> None:
    with LiveServer(tmp_path, TRUSTED_PROXIES="1") as server:
        answer = requests.get(f"{server.url}/auth/sign-in", headers=CLAIMS["proto"], timeout=20)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers
