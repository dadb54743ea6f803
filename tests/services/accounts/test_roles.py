"""The last administrator stays one, also where two end each other's role at the same moment."""

from __future__ import annotations

from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest

from app import Proofsheet
from app.errors import Conflict
from app.models import Role, User, db
from app.services.accounts import accounts
from tests.support.studio import Studio


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(settings: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """SQLite has one writer at a time anyway."""
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return settings


def test_two_administrators_demoting_each_other_at_once_leave_one(
    app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [studio.photographer(f"{number}@example.com", role=Role.ADMIN) for number in range(2)]
    both_have_looked, change, results = Barrier(2), accounts.changed, []

    def changed_together(*statement: Any) -> int:
        with suppress(BrokenBarrierError):
            both_have_looked.wait(0.5)  # in vain if the second may not look before the first is done, as it should be
        return change(*statement)

    def end(user_id: int) -> None:
        with app.app_context():
            try:
                accounts.set_role(user_id, Role.PHOTOGRAPHER)
                results.append("ended")
            except Conflict:
                results.append("stays")

    monkeypatch.setattr(accounts, "changed", changed_together)
    threads = [Thread(target=end, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["ended", "stays"]
    with app.app_context():
        assert db.session.query(User).filter_by(role=Role.ADMIN).count() == 1
