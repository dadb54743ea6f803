"""What people see when the database does not answer."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from app import Proofsheet
from app.extensions import login
from tests.factories import JSON, Studio


def locked(_user_id: str) -> None:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise OperationalError("SELECT", {}, cause)


def not_migrated(_user_id: str) -> None:
    cause = sqlite3.OperationalError("no such table: users")
    cause.sqlite_errorcode = sqlite3.SQLITE_ERROR
    raise OperationalError("SELECT", {}, cause)


@pytest.mark.parametrize(("fault", "status"), [(locked, 503), (not_migrated, 500)])
def test_whoever_is_signed_in_is_told_that_the_database_does_not_answer(
    app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch, fault: object, status: int
) -> None:
    studio.photographer()
    owner = studio.client("ada@example.com")
    monkeypatch.setattr(login, "_user_callback", fault)
    page = owner.get("/collections/")
    assert page.status_code == status
    assert f'data-status="{status}"' in page.text
    assert owner.get("/collections/", headers=JSON).status_code == status
