"""The number of database statements per picture request, since a page makes a thousand of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app import Proofsheet
from app.models import Privacy, db
from tests.support.app import ManualQueue
from tests.support.studio import JSON, PASSWORD, Studio

OWNER = "ada@example.com"


def stranger(studio: Studio, _collection: str) -> FlaskClient:
    return studio.client()


def owner(studio: Studio, _collection: str) -> FlaskClient:
    return studio.client(OWNER)


def with_the_password(studio: Studio, collection: str) -> FlaskClient:
    client = studio.client()
    client.post(f"/collections/{collection}/password", data={"password": PASSWORD})
    return client


def with_a_link(studio: Studio, collection: str) -> FlaskClient:
    made: Any = studio.client(OWNER).post(f"/collections/{collection}/links", data={"label": "L"}, headers=JSON)
    client = studio.client()
    client.get(made.json["url"].removeprefix("http://localhost"))
    return client


@pytest.mark.parametrize(
    ("visitor", "privacy", "besides"),
    [
        (stranger, Privacy.PUBLIC, []),
        (owner, Privacy.PUBLIC, ["users"]),
        (with_the_password, Privacy.PASSWORD, []),
        (with_a_link, Privacy.PRIVATE, ["grants"]),
    ],
)
@pytest.mark.parametrize("way", ["thumbnail", "preview", "variants/large"])
def test_picture_request_takes_few_statements(
    app: Proofsheet,
    studio: Studio,
    queue: ManualQueue,
    visitor: Callable[[Studio, str], FlaskClient],
    privacy: Privacy,
    besides: list[str],
    way: str,
) -> None:
    collection = studio.collection(studio.photographer(OWNER), privacy)
    path, client = f"/collections/files/{studio.photo(collection)}/{way}", visitor(studio, collection)
    queue.run_due()
    assert client.get(path).status_code == 200
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *context: asked.append(context[2]))
    assert client.get(path).status_code == 200
    tables = sorted(each.split("FROM ")[1].split()[0] for each in asked if not each.startswith(("PRAGMA", "BEGIN")))
    assert tables == sorted(["files", "collections", "variants", *besides])
