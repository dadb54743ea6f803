"""The number of database statements per picture request, since a page makes a thousand of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app import Proofsheet
from app.models import Privacy, db
from app.services.storage_service import StorageService
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
    rights = {"label": "L", "downloads_allowed": "y"}
    made: Any = studio.client(OWNER).post(f"/collections/{collection}/links", data=rights, headers=JSON)
    client = studio.client()
    client.get(made.json["url"].removeprefix("http://localhost"))
    return client


@pytest.mark.parametrize(
    ("visitor", "privacy"),
    [
        (stranger, Privacy.PUBLIC),
        (owner, Privacy.PUBLIC),
        (with_the_password, Privacy.PASSWORD),
        (with_a_link, Privacy.PRIVATE),
    ],
)
@pytest.mark.parametrize("way", ["thumbnail", "preview", "variants/large", "original"])
@pytest.mark.parametrize("conditional", [False, True])
def test_picture_request_takes_one_statement(
    app: Proofsheet,
    studio: Studio,
    queue: ManualQueue,
    visitor: Callable[[Studio, str], FlaskClient],
    privacy: Privacy,
    way: str,
    *,
    conditional: bool,
) -> None:
    collection = studio.collection(studio.photographer(OWNER), privacy)
    path, client = f"/collections/files/{studio.photo(collection)}/{way}", visitor(studio, collection)
    queue.run_due()
    first = client.get(path, buffered=True)
    known = {"If-None-Match": first.headers["ETag"]} if conditional else {}
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *context: asked.append(context[2]))
    again = client.get(path, headers=known, buffered=True)
    assert (again.status_code, bool(again.data)) == ((304, False) if conditional else (200, True))
    assert len([each for each in asked if not each.startswith(("PRAGMA", "BEGIN"))]) == 1


@pytest.mark.parametrize("way", ["thumbnail", "preview", "original"])
def test_known_picture_is_not_opened(studio: Studio, queue: ManualQueue, way: str) -> None:
    file = studio.file(studio.photo(studio.collection(studio.photographer(OWNER), Privacy.PUBLIC)))
    path = f"/collections/files/{file.uuid}/{way}"
    queue.run_due()
    etag = studio.client().get(path, buffered=True).headers["ETag"]
    with studio.app.app_context():
        storage = StorageService().current
        for stored in list(storage.list()):
            storage.delete(stored.key)
    answer = studio.client().get(path, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.headers["ETag"], answer.data) == (304, etag, b"")
    assert studio.client().get(path).status_code != 304
