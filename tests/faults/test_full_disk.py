"""A full disk: nothing is acknowledged, the message says why, and work continues once there is space."""

from __future__ import annotations

import errno
import io
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app import Proofsheet
from app.errors import StorageFull
from app.imaging import privacy
from app.integrations.s3 import errors as s3_errors
from app.models import File, ProcessingStatus, db
from app.services.variants import private_originals
from app.services.variants.single import SingleVariant
from app.services.variants.store import VariantStore
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import JSON, Studio

FULL = (
    "The server's disk is full, so this file was not saved. Tell the administrator, and upload it again once there is "
    "space."
)


def no_space(*_arguments: Any, **_named: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def store_is_full(_app: Proofsheet) -> Iterator[None]:
    """Objects cannot be stored."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", no_space)
        yield


@contextmanager
def spool_is_full(_app: Proofsheet) -> Iterator[None]:
    """No temporary file can be made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "TemporaryFile", no_space)
        yield


@contextmanager
def database_is_full(app: Proofsheet) -> Iterator[None]:
    """SQLite has no free page and cannot grow."""

    def limit(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "connect", limit)
    yield
    event.remove(engine, "connect", limit)


Disk = Callable[[Proofsheet], Any]
DISKS = {"store": store_is_full, "spool": spool_is_full, "database": database_is_full}


@pytest.fixture
def collection(studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a collection into which nobody has uploaded."""
    queue.paused = True
    return studio.collection(studio.photographer())


@pytest.fixture
def owner(studio: Studio, collection: str) -> FlaskClient:
    """A browser of its photographer."""
    return studio.client("ada@example.com")


def send(owner: FlaskClient, collection: str, number: int, headers: dict[str, str]) -> Any:
    """The answer to a photo that a page or a form sends; the long name takes room in the database."""
    data = {"files": (io.BytesIO(jpeg(60 + number)), f"{number}-{'x' * 200}.jpg")}
    return owner.post(f"/collections/{collection}/upload", data=data, headers=headers)


def refused(owner: FlaskClient, collection: str, headers: dict[str, str]) -> Any:
    """The first refusal; a full database may still have room for a few rows."""
    answers = (send(owner, collection, number, headers) for number in range(40))
    return next(
        answer for answer in answers if answer.status_code not in (201, 302) or "disk" in page_of(owner, answer)
    )


def page_of(owner: FlaskClient, answer: Any) -> str:
    """The page that a form is sent to."""
    return owner.get(answer.location).text if answer.location and answer.status_code == 302 else ""


@pytest.mark.parametrize("disk", DISKS)
def test_upload_onto_a_full_disk_answers_507_and_is_taken_once_there_is_space(
    app: Proofsheet, owner: FlaskClient, collection: str, disk: str, caplog: pytest.LogCaptureFixture
) -> None:
    with DISKS[disk](app), caplog.at_level(logging.ERROR):
        answer = refused(owner, collection, JSON)
    assert answer.status_code == 507
    (error,) = answer.json["errors"]
    assert (error["code"], error["message"]) == ("disk_full", FULL)
    (line,) = caplog.records  # one for the administrator
    assert "code=disk_full" in line.getMessage()
    assert line.exc_info is None
    with app.app_context():
        kept = db.session.query(File).count()
    assert send(owner, collection, 99, JSON).status_code == 201
    with app.app_context():
        assert db.session.query(File).count() == kept + 1


def test_plain_form_shows_that_the_disk_is_full(app: Proofsheet, owner: FlaskClient, collection: str) -> None:
    with store_is_full(app):
        answer = send(owner, collection, 1, {})
        assert "disk is full, so this file was not saved" in page_of(owner, answer)


def test_api_answers_507(app: Proofsheet, studio: Studio, owner: FlaskClient, collection: str) -> None:
    with store_is_full(app):
        answer = owner.post(
            f"/collections/{collection}/upload", data={"files": (io.BytesIO(jpeg()), "a.jpg")}, headers=JSON
        )
    assert answer.status_code == 507


def test_new_collection_in_a_full_database_answers_507(app: Proofsheet, owner: FlaskClient) -> None:
    with database_is_full(app):
        answers = (
            owner.post("/collections/", data={"title": "x" * 200, "privacy": "public"}, headers=JSON) for _ in range(99)
        )
        answer = next(answer for answer in answers if answer.status_code != 201)
    assert (answer.status_code, answer.json["error"]["code"]) == (507, "disk_full")


def test_variants_wait_for_space_and_name_the_full_disk(
    app: Proofsheet, studio: Studio, owner: FlaskClient, collection: str, queue: ManualQueue
) -> None:
    uuid = send(owner, collection, 1, JSON).json["files"][0]["uuid"]
    with store_is_full(app):
        queue.run_due()
    file = studio.file(uuid)
    assert (file.processing_status, file.error_code) == (ProcessingStatus.RETRYING, "disk_full")
    assert file.error == "The server's disk is full. The original is saved; the preview is made once there is space."
    studio.change(uuid, next_attempt_at=file.created_at)
    queue.run_due()
    assert studio.file(uuid).processing_status == ProcessingStatus.COMPLETED


@pytest.mark.parametrize("where", [(VariantStore, "fetched"), (VariantStore, "keep")], ids=["copy", "rendition"])
def test_full_disk_during_a_variant_on_demand_is_logged_without_a_traceback(
    app: Proofsheet,
    studio: Studio,
    owner: FlaskClient,
    collection: str,
    queue: ManualQueue,
    where: tuple[type, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    uuid = send(owner, collection, 1, JSON).json["files"][0]["uuid"]
    queue.run_due()
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(*where, no_space)
        assert SingleVariant().make(studio.file(uuid).id, "large") is False
    assert "The server's disk is full" in caplog.text


def test_cleaned_original_is_available_again_after_a_full_disk(
    app: Proofsheet, studio: Studio, owner: FlaskClient, collection: str, queue: ManualQueue
) -> None:
    uuid = send(owner, collection, 1, JSON).json["files"][0]["uuid"]
    queue.run_due()
    with app.app_context():
        file = db.session.query(File).filter_by(uuid=uuid).one()
        file.collection.hides_location = True
        db.session.commit()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(privacy, "clean", no_space)
            assert SingleVariant().make(file.id, private_originals.NAME) is False
    assert private_originals.withheld(studio.file(uuid)) is None


def test_storage_check_reports_a_full_disk(app: Proofsheet) -> None:
    with store_is_full(app):
        result = app.test_cli_runner().invoke(args=["storage", "check"])
    assert result.exit_code == 1
    assert "The disk that holds the photos is full." in result.output


@pytest.mark.parametrize("code", ["XMinioStorageFull", "QuotaExceeded"])
def test_store_elsewhere_that_is_full_is_named_so(code: str) -> None:
    assert s3_errors.NAMED[code][0] is StorageFull
