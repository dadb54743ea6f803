"""Where a store hands out the bytes, whoever has a URL has them: none says more, or lasts longer, than the right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from app.models import Collection, File, ShareLink, Variant, db
from app.services.storage_service import EXTENSION
from tests.security.house import Furnished, built

WAYS = ("thumbnail", "preview", "variants/small", "original")


class Bucket:
    """A store elsewhere: its URLs tell what was signed, and until when."""

    def local_path(self, key: str) -> Path | None:
        return None

    def url(self, key: str, *, expires_at: datetime, **_more: Any) -> str:
        return f"https://bucket.example/{key}?until={expires_at.timestamp():.0f}"


pytestmark = pytest.mark.usefixtures("put_back")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    with built(tmp_path_factory.mktemp("presigned")) as house:
        house.app.extensions[EXTENSION]["r2"] = Bucket()
        with house.app.app_context():
            db.session.execute(update(File).values(storage_backend="r2"))
            db.session.commit()
        yield house


def answer(house: Furnished, visitor: str, kind: str, way: str) -> TestResponse:
    place, client = house.place(visitor, kind), house.app.test_client(use_cookies=False)
    return client.get(f"/collections/files/{place.file_uuid}/{way}", headers=house.visitors[visitor])


def execute(house: Furnished, *statements: Any) -> None:
    with house.app.app_context():
        for statement in statements:
            db.session.execute(statement)
        db.session.commit()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "visitor"), [("previews", "anonymous"), ("private", "link"), ("password", "link")])
def test_urls_for_visitors_without_downloads_are_of_variants_only(
    house: Furnished, kind: str, visitor: str, way: str
) -> None:
    given = answer(house, visitor, kind, way)
    if way == "original":
        assert (given.status_code, given.location) == (403, None)
    else:
        assert given.status_code == 302
        assert "/variants/" in given.location
        assert given.headers["Cache-Control"].startswith("private, ")


@pytest.mark.parametrize("way", WAYS)
def test_missing_object_gives_no_presigned_url(house: Furnished, way: str) -> None:
    execute(house, delete(Variant), update(File).values(thumb_path=None, medium_path=None, processing_status="failed"))
    for kind, visitor in (("previews", "anonymous"), ("private", "link")):
        given = answer(house, visitor, kind, way)
        assert (given.status_code, given.location) == (403 if way == "original" else 404, None)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("kind", "visitor"), [("private", "photographer"), ("private", "revoked link")])
def test_strangers_get_no_url(house: Furnished, kind: str, visitor: str, way: str) -> None:
    given = answer(house, visitor, kind, way)
    assert (given.status_code, given.location) == (404, None)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("link_minutes", "collection_minutes", "minutes"), [(10, None, 10), (10, 5, 5), (10, 60, 10), (None, 5, 5)]
)
def test_no_url_outlives_the_link_that_it_was_given_for(
    house: Furnished, way: str, link_minutes: int | None, collection_minutes: int | None, minutes: int
) -> None:
    now = datetime.now(UTC)
    link, collection = (
        None if each is None else now + timedelta(minutes=each) for each in (link_minutes, collection_minutes)
    )
    execute(
        house,
        update(ShareLink).where(ShareLink.label == "download link").values(expires_at=link),
        update(Collection).values(expires_at=collection),
    )
    given = answer(house, "download link", "private", way)
    until = int(re.findall(r"until=(\d+)", given.location)[0])
    assert until == int((now + timedelta(minutes=minutes)).timestamp())
    assert int(given.headers["Cache-Control"].partition("max-age=")[2]) <= minutes * 60


@pytest.mark.parametrize(("visitor", "kind"), [("owner", "private"), ("download link", "public")])
def test_visitor_who_needs_no_link_gets_the_usual_url(house: Furnished, visitor: str, kind: str) -> None:
    execute(house, update(ShareLink).values(expires_at=datetime.now(UTC) + timedelta(minutes=1)))
    until = int(re.findall(r"until=(\d+)", answer(house, visitor, kind, "original").location)[0])
    assert until > (datetime.now(UTC) + timedelta(minutes=50)).timestamp()
