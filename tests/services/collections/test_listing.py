"""The list of collections: whose they are, their covers, and statements that do not grow with their number."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from app import Proofsheet
from app.models import db
from app.services import lookup
from app.services.collections import editing, overview
from tests.support.pictures import jpeg
from tests.support.studio import Studio


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(settings: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return settings


@pytest.mark.parametrize("all_owners", [False, True])
def test_statements_are_as_long_for_many_collections_as_for_one(
    app: Proofsheet, studio: Studio, *, all_owners: bool
) -> None:
    """SQLite takes 32,766 values in a statement, PostgreSQL 65,535: an administrator sees everybody's collections."""
    owner = studio.photographer()
    with app.app_context():
        sent: list[int] = []
        event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(len(given[3])))
        for _ in range(20):
            studio.collection(owner)
        del sent[:]
        assert len(overview.owned_by(owner, all_owners=all_owners)) == 20
        assert max(sent) < 20


def test_cover_is_the_chosen_picture_or_the_first_and_never_a_foreign_one(app: Proofsheet, studio: Studio) -> None:
    ada, eve = studio.photographer(), studio.photographer("eve@example.com")
    chosen, plain, foreign, empty, hers = (studio.collection(who) for who in (ada, ada, ada, ada, eve))
    photos = {
        uuid: [studio.photo(uuid, f"{n}.jpg", data(n)) for n in range(2)] for uuid in (chosen, plain, foreign, hers)
    }
    with app.app_context():
        for uuid, cover in ((chosen, photos[chosen][1]), (foreign, photos[hers][0])):
            editing.use_as_cover(lookup.by_uuid(uuid).id, cover)
        all_owners = covers(ada, all_owners=True)
        assert covers(ada) == {chosen: photos[chosen][1], plain: photos[plain][0], foreign: None, empty: None}
        assert all_owners == covers(ada) | {hers: photos[hers][0]}


def covers(owner: int, *, all_owners: bool = False) -> dict[str, str | None]:
    summaries = overview.owned_by(owner, all_owners=all_owners)
    return {each.collection.uuid: each.cover.uuid if each.cover else None for each in summaries}


def data(number: int) -> bytes:
    return jpeg(60 + number)
