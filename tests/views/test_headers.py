"""Security headers, and compression."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.studio import Studio


def test_pages_may_load_only_same_origin_resources(client: FlaskClient) -> None:
    sent = client.get("/auth/sign-in").headers
    assert "default-src 'self'" in sent["Content-Security-Policy"]
    assert "unsafe" not in sent["Content-Security-Policy"]
    assert sent["X-Content-Type-Options"] == "nosniff"


def test_picture_opened_alone_allows_only_browser_styles(client: FlaskClient, studio: Studio) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()))
    policy = client.get(f"/collections/files/{uuid}/preview").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_text_is_compressed_as_the_browser_likes_it(client: FlaskClient, coding: str) -> None:
    for address in ("/auth/sign-in", "/static/css/gallery.css", "/collections/static/js/lightbox.js"):
        answer = client.get(address, headers={"Accept-Encoding": coding})
        assert answer.headers["Content-Encoding"] == coding
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert len(answer.data) < len(client.get(address).data) / 2
    known = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": coding}
    assert client.get(address, headers=known).status_code == 304


def test_pictures_parts_and_originals_are_sent_as_they_are_stored(studio: Studio, client: FlaskClient) -> None:
    uuid = studio.collection(studio.photographer())
    photo, notes = studio.photo(uuid), studio.photo(uuid, "notes.html", b"<p>hello</p>" * 500)
    coding = {"Accept-Encoding": "zstd, br, gzip"}
    for address in (f"{photo}/preview", f"{photo}/original", f"{notes}/original"):
        assert "Content-Encoding" not in client.get(f"/collections/files/{address}", headers=coding).headers
    part = client.get(f"/collections/files/{notes}/original", headers=coding | {"Range": "bytes=3-7"})
    assert (part.status_code, part.data) == (206, b"hello")
    css = client.get("/static/css/gallery.css", headers=coding | {"Range": "bytes=0-3"})
    assert (css.status_code, css.data) == (206, b"/* T")


def test_pages_of_an_app_with_local_files_talk_to_no_other_origin(client: FlaskClient) -> None:
    policy = client.get("/auth/sign-in").headers["Content-Security-Policy"]
    assert "connect-src 'self';" in policy
    assert "img-src 'self' data: blob:;" in policy
