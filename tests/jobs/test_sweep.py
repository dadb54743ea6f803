"""The chores of a sweep, which must not delay its work."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import OperationalError

from app import Proofsheet, sqlite
from app.jobs import tasks
from app.models import Grant, db
from app.services.access import grants
from tests.support.app import ManualQueue
from tests.support.studio import Studio


@pytest.mark.parametrize("chore", tasks.CHORES)
def test_failing_chore_is_logged_and_does_not_delay_uploads(
    app: Proofsheet,
    studio: Studio,
    queue: ManualQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    chore: str,
) -> None:
    queue.paused = True
    studio.photo(studio.collection(studio.photographer()))

    def fails() -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setitem(tasks.CHORES, chore, fails)
    with caplog.at_level(logging.ERROR):
        assert [file_id for file_id, _ in tasks.sweep(app, 10)] == [1]
    assert f"the sweep could not {chore}" in caplog.text
    assert "the disk is gone" in caplog.text


def locked(app: Proofsheet) -> sqlite3.Connection:
    """A connection that locks the database until it commits."""
    blocker = sqlite3.connect(app.config["DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    return blocker


def test_locked_database_is_logged_in_one_line(
    app: Proofsheet,
    studio: Studio,
    queue: ManualQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue.paused = True
    photo = studio.file(studio.photo(studio.collection(studio.photographer()))).id
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    with closing(locked(app)), caplog.at_level(logging.ERROR):
        assert tasks.sweep(app, 10) == []
        tasks.run(app, photo)
        tasks.hand_back(app)
    said = [(record.getMessage(), record.exc_info) for record in caplog.records]
    assert said == [
        ("the sweep: the database did not answer: database is locked", None),
        (f"processing file {photo}: the database did not answer: database is locked", None),
    ]
    assert tasks.sweep(app, 10) == [(photo, False)]


def test_chore_on_a_locked_database_is_logged_in_one_line(
    app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(tasks, "CHORES", {"empty the bin": fails})
    with caplog.at_level(logging.ERROR):
        tasks.sweep(app, 10)
    (record,) = caplog.records
    assert record.getMessage() == "the sweep could not empty the bin: the database did not answer: database is locked"
    assert record.exc_info is None


def test_sweep_deletes_old_grants(app: Proofsheet, studio: Studio) -> None:
    studio.collection(studio.photographer())
    with app.app_context():
        grants.store_seal("visitor", 1, "seal")
        db.session.execute(db.update(Grant).values(created_at=datetime(2020, 1, 1, tzinfo=UTC)))
        db.session.commit()
    tasks.sweep(app, 10)
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count(Grant.id))) == 0
