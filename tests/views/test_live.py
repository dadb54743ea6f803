"""The status of a collection with the cursor of the last answer, as an open page asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app import Proofsheet
from app.models import db
from app.services import lookup
from tests.support.rows import add, fill
from tests.support.studio import Studio

FEW_BYTES = 300
MANY = 200


@pytest.fixture
def collection(studio: Studio) -> str:
    """The uuid of a public collection of many pictures, of which one is being prepared."""
    uuid = studio.collection(studio.photographer())
    with studio.app.app_context():
        row = lookup.by_uuid(uuid)
        fill(add(row, original_filename="0.jpg", processing_status="pending"))
        fill(*(add(row, original_filename=f"{n}.jpg") for n in range(1, MANY)))
    return uuid


def changes(client: FlaskClient, collection: str, since: str = "") -> Any:
    return client.get(f"/collections/{collection}/status", query_string={"since": since})


def first_of(studio: Studio, collection: str) -> str:
    return next(file.uuid for file in studio.files(collection) if file.original_filename == "0.jpg")


def test_status_without_a_cursor_has_every_file(client: FlaskClient, collection: str) -> None:
    answer: Any = client.get(f"/collections/{collection}/status").json
    assert len(answer["files"]) == MANY
    assert {"uuid", "status", "reason", "thumb", "preview"} <= answer["files"][0].keys()
    assert answer["counts"] == {"total": MANY, "ready": MANY - 1, "preparing": 1, "failed": 0}


@pytest.mark.parametrize("since", ["", "nonsense"])
def test_first_answer_has_files_in_preparation(client: FlaskClient, collection: str, since: str) -> None:
    answer = changes(client, collection, since).json
    assert [file["name"] for file in answer["files"]] == ["0.jpg"]
    assert answer["counts"]["preparing"] == 1


def test_unchanged_answer_has_few_bytes_and_the_same_cursor(client: FlaskClient, collection: str) -> None:
    since = changes(client, collection).json["since"]
    answer = changes(client, collection, since)
    assert (answer.json["files"], answer.json["since"]) == ([], since)
    assert len(answer.data) < FEW_BYTES


def test_page_misses_no_change_between_two_answers(client: FlaskClient, studio: Studio, collection: str) -> None:
    since = changes(client, collection).json["since"]
    studio.change(first_of(studio, collection), processing_status="completed")
    answer = changes(client, collection, since).json
    assert ("0.jpg", "completed") in {(file["name"], file["status"]) for file in answer["files"]}
    assert changes(client, collection, answer["since"]).json["files"] == []


def statements(app: Proofsheet, client: FlaskClient, collection: str, since: str) -> int:
    """The number of statements that an answer takes."""
    asked: list[str] = []
    with app.app_context():
        engine = db.engine

    def count(*context: Any) -> None:
        asked.append(context[2])

    event.listen(engine, "before_cursor_execute", count)
    assert changes(client, collection, since).status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    return len([each for each in asked if not each.startswith(("PRAGMA", "BEGIN"))])


def test_answer_takes_a_constant_number_of_statements(
    app: Proofsheet, client: FlaskClient, studio: Studio, collection: str
) -> None:
    since = changes(client, collection).json["since"]
    assert (
        statements(app, client, collection, since) == 4
    )  # the collection, its newest file, the candidates, the counts
    for file in studio.files(collection):
        studio.change(file.uuid, processing_status="pending")
    assert statements(app, client, collection, since) == 5  # the files that changed besides
    later = changes(client, collection, since).json["since"]
    assert statements(app, client, collection, later) == 4
