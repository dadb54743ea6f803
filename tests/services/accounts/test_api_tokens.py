"""API tokens: made once, kept as a digest, limited in scope and time, noted when used, and revocable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app import Proofsheet
from app.errors import Conflict, DatabaseBusy, Invalid, NotFound
from app.models import ApiToken, Scope, db
from app.services.accounts import accounts, api_tokens, tokens
from tests.support.studio import PASSWORD, Studio, past

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def ada(studio: Studio) -> int:
    return studio.photographer()


def make(ada: int, name: str = "sync", scope: Scope = Scope.READ, expires_at: datetime | None = None) -> str:
    return api_tokens.make(ada, name=name, scope=scope, expires_at=expires_at).secret


def change(**columns: object) -> None:
    db.session.execute(db.update(ApiToken).values(**columns))
    db.session.commit()


def row() -> ApiToken:
    db.session.expire_all()
    return db.session.scalars(db.select(ApiToken)).one()


def test_token_identifies_its_account_and_scope(app: Proofsheet, ada: int) -> None:
    with app.app_context():
        secret = make(ada, scope=Scope.UPLOAD, expires_at=TOMORROW)
        found = api_tokens.by_secret(secret)
        assert found is not None
        assert (found.user_id, found.scope, secret[:3]) == (ada, Scope.UPLOAD, "ps_")


def test_stored_values_do_not_work_as_tokens(app: Proofsheet, ada: int) -> None:
    with app.app_context():
        secret = make(ada)
        dump = "\n".join(db.session.connection().connection.iterdump())  # type: ignore[union-attr]
        assert tokens.digest(secret) in dump
        assert secret not in dump
        assert secret.removeprefix("ps_") not in dump
        assert api_tokens.by_secret(tokens.digest(secret)) is None


@pytest.mark.parametrize("ended", [{"revoked_at": past()}, {"expires_at": past()}, {"secret_sha256": "0" * 64}])
def test_ended_token_does_not_work_and_is_not_listed(app: Proofsheet, ada: int, ended: dict[str, object]) -> None:
    with app.app_context():
        secret = make(ada)
        change(**ended)
        assert api_tokens.by_secret(secret) is None
        assert len(api_tokens.of(ada)) == ("secret_sha256" in ended)


@pytest.mark.parametrize(
    "odd", ["", "ps_", "ps_" + "x" * 31, "ps_" + "é" * 32, "ps_" + "x" * 10_000, "\0" * 35, "ps_\ud800"]
)
def test_malformed_token_is_refused_without_a_lookup(app: Proofsheet, odd: str) -> None:
    assert api_tokens.by_secret(odd) is None  # without an app context there is no database


def test_use_is_noted_once_a_minute(app: Proofsheet, ada: int) -> None:
    with app.app_context():
        secret = make(ada)
        assert row().last_used_at is None
        api_tokens.by_secret(secret)
        first = row().last_used_at
        api_tokens.by_secret(secret)
        assert first is not None
        assert row().last_used_at == first
        change(last_used_at=past())
        api_tokens.by_secret(secret)
        assert (row().last_used_at or past()) >= first


def test_busy_database_does_not_refuse_tokens(app: Proofsheet, ada: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise DatabaseBusy

    with app.app_context():
        secret = make(ada)
        monkeypatch.setattr(api_tokens, "transaction", busy)
        assert api_tokens.by_secret(secret) is not None
    monkeypatch.undo()
    with app.app_context():
        assert row().last_used_at is None


def test_revoking_ends_own_tokens_only(app: Proofsheet, studio: Studio, ada: int) -> None:
    eve = studio.photographer("eve@example.com")
    with app.app_context():
        secret = make(ada)
        uuid = row().uuid
        with pytest.raises(NotFound):
            api_tokens.revoke(eve, uuid)
        assert api_tokens.revoke_all(eve) == 0
        assert api_tokens.by_secret(secret) is not None
        api_tokens.revoke(ada, uuid)
        assert api_tokens.by_secret(secret) is None
        with pytest.raises(NotFound):
            api_tokens.revoke(ada, uuid)


def test_all_are_revoked_at_once(app: Proofsheet, ada: int) -> None:
    with app.app_context():
        secrets = [make(ada) for _ in range(3)]
        assert api_tokens.revoke_all(ada) == 3
        assert [api_tokens.by_secret(secret) for secret in secrets] == [None] * 3


def test_new_password_keeps_tokens(app: Proofsheet, ada: int) -> None:
    with app.app_context():
        secret = make(ada)
        accounts.change_password(ada, PASSWORD, "another password")
        assert api_tokens.by_secret(secret) is not None
        assert api_tokens.count(ada) == 1


@pytest.mark.parametrize(("senseless", "field"), [({"name": " "}, "name"), ({"expires_at": past()}, "expires_at")])
def test_invalid_tokens_are_refused(app: Proofsheet, ada: int, senseless: dict[str, object], field: str) -> None:
    with app.app_context(), pytest.raises(Invalid) as refused:
        make(ada, **senseless)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]


def test_number_of_tokens_is_limited(app: Proofsheet, ada: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_tokens, "MAX_TOKENS", 2)
    with app.app_context():
        make(ada)
        make(ada)
        with pytest.raises(Conflict):
            make(ada)
        api_tokens.revoke_all(ada)
        make(ada)


@pytest.mark.parametrize("scope", Scope)
def test_scopes_include_the_lower_ones(scope: Scope) -> None:
    covered = {Scope.READ: "read", Scope.UPLOAD: "read upload", Scope.MANAGE: "read upload manage"}
    assert " ".join(each for each in Scope if scope.covers(each)) == covered[scope]
