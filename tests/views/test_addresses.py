"""URLs of files from prefixes, and the HTML of tiles that is kept: both as if made for each request."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from app.imaging import variants
from app.models import new_uuid
from app.views.collections import addresses
from app.views.collections.tile_html import _kept
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import EMAIL, Studio

ROOTS = ["http://localhost", "http://localhost/photos", "http://localhost/a%20b"]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.mark.parametrize("root", ROOTS)
def test_addresses_are_those_of_the_url_map(app: Flask, root: str) -> None:
    uuid, made = new_uuid(), datetime(2026, 5, 4, tzinfo=UTC)
    for _ in range(2):
        with app.test_request_context("/", base_url=root):
            at, query = addresses.of_files(), addresses.version(made)
            expected = url_for("collections.serve_file", file_uuid=uuid, v=f"{int(made.timestamp()):x}")
            assert at.original.of(uuid, query) == expected
            assert at.preview.of(uuid) == url_for("collections.serve_preview", file_uuid=uuid)
            assert at.thumbnail.of(uuid) == url_for("collections.serve_thumbnail", file_uuid=uuid)
            assert at.retry.of(uuid) == url_for("collections.retry_file", file_uuid=uuid)
            assert at.delete.of(uuid) == url_for("trash.delete_file", file_uuid=uuid)
            for spec in variants.LADDER:
                named = url_for("collections.serve_variant", file_uuid=uuid, name=spec.name)
                assert at.variants[spec.name].of(uuid) == (at.preview.of(uuid) if spec.name == "medium" else named)
    assert addresses.version(None) == ""


@pytest.fixture
def collection(studio: Studio) -> str:
    """The uuid of a collection of two photos and a document."""
    uuid = studio.collection(studio.photographer())
    for name, data in (("1.jpg", jpeg()), ("2.jpg", jpeg(70, 40)), ("3.pdf", b"%PDF-1.7\n")):
        studio.photo(uuid, name, data)
    return uuid


def test_visitors_share_the_html_of_tiles_but_not_with_others(
    studio: Studio, client: FlaskClient, collection: str
) -> None:
    path, owner = f"/collections/{collection}/tiles", studio.client(EMAIL)
    before = _kept.cache_info()
    seen = [each.get(path).text for each in (client, studio.client())]
    after = _kept.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)
    assert seen[0] == seen[1]
    assert "tile-delete" not in seen[0]
    assert owner.get(path).text.count("tile-delete") == 2
    below = client.get(path, base_url="http://localhost/photos").text
    assert 'href="/photos/collections/files/' in below
    assert '"/collections/' not in below


def test_forms_in_tiles_have_the_token_of_their_session(studio: Studio, queue: ManualQueue, collection: str) -> None:
    queue.paused = True
    failed = studio.photo(collection, "4.jpg", jpeg(80, 40))
    studio.change(failed, processing_status="failed", error="It is damaged.")
    tokens = [TOKEN.findall(studio.client(EMAIL).get(f"/collections/{collection}/tiles").text) for _ in range(2)]
    assert [len(each) for each in tokens] == [1, 1]
    assert tokens[0] != tokens[1]
    assert not TOKEN.findall(studio.client().get(f"/collections/{collection}/tiles").text)
