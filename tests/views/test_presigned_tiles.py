"""Pages name the presigned URLs of pictures in a bucket, so that the app serves no tile."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient

from app import Proofsheet
from app.integrations.s3.settings import R2Settings
from app.models import Collection, Privacy, db, utc_now
from app.services import lookup
from app.services.access import share_links
from app.services.collections import editing
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.statements import statements
from tests.support.studio import Studio

IMAGE = re.compile(r'<a class="tile-link" href="([^"]+)"><img src="([^"]+)"[^>]* srcset="([^"]+)"')
PREVIEW = re.compile(r'data-preview-src="([^"]+)"')
pytestmark = pytest.mark.usefixtures("on_r2")
NOON = datetime(2026, 7, 4, 12, tzinfo=UTC)
SIGNED = re.compile(r'data-signed="([^"]+)"')


class Pictures:
    """The URLs of the first photo that a page names."""

    def __init__(self, html: str) -> None:
        self.link, self.thumbnail, srcset = map(unescape, IMAGE.findall(html)[0])
        self.srcset = [each.split(" ")[0] for each in srcset.split(", ")]
        self.preview = unescape(next(iter(PREVIEW.findall(html)), ""))

    @property
    def every(self) -> list[str]:
        """All that a browser may load for the tile and the lightbox."""
        return [self.thumbnail, *self.srcset, *([self.preview] if self.preview else [])]


@pytest.fixture
def collection(studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a public collection in a bucket, with one photo whose variants are made."""
    made = studio.collection(studio.photographer())
    studio.photo(made, data=jpeg(1600, 1200))
    queue.run_due()
    return made


def _pictures(client: FlaskClient, collection: str, part: str = "") -> Pictures:
    return Pictures(client.get(f"/collections/{collection}{part}").text)


def _is_presigned(url: str, bucket: R2Settings) -> bool:
    return url.startswith(f"{bucket.endpoint_url}/{bucket.bucket}/") and "X-Amz-Signature=" in url


def _end_of(url: str) -> datetime:
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signed + timedelta(seconds=int(query["X-Amz-Expires"]))


def test_page_names_presigned_urls_of_its_pictures(client: FlaskClient, collection: str, on_r2: R2Settings) -> None:
    found = _pictures(client, collection)
    assert len(found.every) == 4  # the thumbnail, small and medium in the srcset, and medium again for the lightbox
    assert found.preview in found.srcset  # so that the lightbox loads what the tile has loaded
    for url in found.every:
        assert _is_presigned(url, on_r2)
        answer = requests.get(url, timeout=20)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.content.startswith(b"\xff\xd8")


def test_link_of_a_tile_asks_the_app(client: FlaskClient, collection: str) -> None:
    assert _pictures(client, collection).link.startswith("/collections/files/")


def test_tiles_that_are_loaded_later_have_the_same_urls(client: FlaskClient, collection: str, studio: Studio) -> None:
    page = _pictures(client, collection).every
    assert _pictures(client, collection, "/tiles").every == page
    assert _pictures(client, f"files/{studio.files(collection)[0].uuid}/tile").every == page


def test_cover_has_presigned_urls(client: FlaskClient, studio: Studio, collection: str, on_r2: R2Settings) -> None:
    with studio.app.app_context():
        editing.use_as_cover(lookup.by_uuid(collection).id, studio.files(collection)[0].uuid)
    cover = re.search(r'class="hero-cover" src="([^"]+)"', client.get(f"/collections/{collection}").text)
    assert cover
    assert _is_presigned(unescape(cover[1]), on_r2)


@pytest.mark.parametrize("setting", [{"PRESIGNED_TILES": "off"}, {"VARIANT_EXTRA_FORMATS": ("avif",)}], ids=str)
def test_pages_name_urls_of_the_app_where_it_must_choose(
    app: Proofsheet, client: FlaskClient, collection: str, setting: dict[str, Any]
) -> None:
    app.config.update(setting)
    found = _pictures(client, collection)
    assert [url for url in found.every if not url.startswith("/collections/files/")] == []
    assert SIGNED.findall(client.get(f"/collections/{collection}").text) == []


def test_urls_end_with_the_collection(client: FlaskClient, studio: Studio, collection: str) -> None:
    end = (utc_now() + timedelta(minutes=10)).replace(microsecond=0)
    with studio.app.app_context():
        db.session.execute(db.update(Collection).values(expires_at=end))
        db.session.commit()
    assert {_end_of(url) for url in _pictures(client, collection).every} == {end}


def test_urls_end_with_the_share_link(studio: Studio, collection: str) -> None:
    end = (utc_now() + timedelta(minutes=10)).replace(microsecond=0)
    with studio.app.app_context():
        db.session.execute(db.update(Collection).values(privacy=Privacy.PRIVATE))
        db.session.commit()
        found = lookup.by_uuid(collection).id
        made = share_links.make(found, label="Guests", downloads_allowed=True, expires_at=end)
    guest = studio.client()
    guest.get(f"/s/{made.secret}")
    assert {_end_of(url) for url in _pictures(guest, collection).every} == {end}


def test_page_and_status_name_new_urls_long_before_the_old_ones_end(
    client: FlaskClient, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/collections/{collection}"
    times = [NOON + timedelta(minutes=minutes) for minutes in (1, 59, 61)]  # of windows of an hour, URLs live two
    seen = []
    for now in times:
        monkeypatch.setattr("app.services.delivery.signing.utc_now", lambda now=now: now)
        page = client.get(address)
        status = client.get(f"{address}/status?since=").json["signed"]
        assert SIGNED.findall(page.text) == [status]
        assert min(map(_end_of, Pictures(page.text).every)) >= now + timedelta(hours=1)
        seen.append((status, page.headers["ETag"]))
    assert seen[0] == seen[1]
    assert seen[1][0] != seen[2][0]
    assert seen[1][1] != seen[2][1]


def test_status_of_all_files_has_urls_of_the_app(client: FlaskClient, collection: str) -> None:
    (file,) = client.get(f"/collections/{collection}/status").json["files"]
    assert [url for url in (file["thumb"], file["preview"], file["srcset"]) if "X-Amz" in url] == []


def test_presigned_urls_take_no_further_statement(app: Proofsheet, client: FlaskClient, collection: str) -> None:
    counts = []
    for choice in ("on", "off"):
        app.config["PRESIGNED_TILES"] = choice
        with app.app_context(), statements() as seen:
            client.get(f"/collections/{collection}")
        counts.append(len(seen))
    assert counts[0] == counts[1] > 0
