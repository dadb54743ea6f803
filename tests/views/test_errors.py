"""Error pages when the database does not answer."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app import Proofsheet
from app.extensions import login
from tests.support.studio import JSON, Studio


def locked(_user_id: str) -> None:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise OperationalError("SELECT", {}, cause)


def not_migrated(_user_id: str) -> None:
    cause = sqlite3.OperationalError("no such table: users")
    cause.sqlite_errorcode = sqlite3.SQLITE_ERROR
    raise OperationalError("SELECT", {}, cause)


@pytest.mark.parametrize(("fault", "status"), [(locked, 503), (not_migrated, 500)])
def test_database_fault_while_an_account_is_loaded_has_an_error_page(
    app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch, fault: object, status: int
) -> None:
    studio.photographer()
    owner = studio.client("ada@example.com")
    monkeypatch.setattr(login, "_user_callback", fault)
    page = owner.get("/collections/")
    assert page.status_code == status
    assert f'data-status="{status}"' in page.text
    assert owner.get("/collections/", headers=JSON).status_code == status


class TestPostgres:
    """Values that one database accepts and the other rejects."""

    @pytest.fixture
    def settings(self, settings: dict[str, Any], postgres_url: str) -> dict[str, Any]:
        return settings | {"DATABASE_URL": postgres_url}

    @pytest.mark.parametrize("accept", [JSON, {}])
    def test_nul_is_the_senders_fault(self, studio: Studio, accept: dict[str, str]) -> None:
        studio.photographer()
        owner = studio.client("ada@example.com")
        assert owner.get("/collections/%00", headers=accept).status_code == 400
        assert owner.get("/collections/files/%00/preview", headers=accept).status_code == 400
        assert owner.post("/collections/", data={"title": "a\0b"}, headers=accept).status_code == 422
        assert owner.get("/collections/", headers=accept).status_code == 200
