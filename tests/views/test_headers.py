"""The headers that keep browsers from doing more with an answer than is meant."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.factories import Studio


def test_pages_may_only_load_what_is_ours(client: FlaskClient) -> None:
    headers = client.get("/auth/sign-in").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_picture_opened_by_itself_may_be_styled_by_the_browser_and_nothing_else(
    client: FlaskClient, studio: Studio
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()))
    policy = client.get(f"/collections/files/{uuid}/preview").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
