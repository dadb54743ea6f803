"""The chores of a sweep: done beside its work, and never in its way."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from app import Proofsheet
from app.jobs import tasks
from app.models import Grant, db
from app.services import grants
from tests.conftest import ManualQueue
from tests.factories import Studio


@pytest.mark.parametrize("chore", tasks.CHORES)
def test_chore_that_fails_is_told_and_keeps_no_upload_from_being_taken_up(
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


def test_sweep_forgets_what_was_opened_long_ago(app: Proofsheet, studio: Studio) -> None:
    studio.collection(studio.photographer())
    with app.app_context():
        grants.note_seal("visitor", 1, "seal")
        db.session.execute(db.update(Grant).values(created_at=datetime(2020, 1, 1, tzinfo=UTC)))
        db.session.commit()
    tasks.sweep(app, 10)
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count(Grant.id))) == 0
