"""Named leases, and the removal of expired ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app import Proofsheet
from app.jobs import tasks
from app.models import Lease, db
from app.services import leases
from tests.support.statements import statements

NAME, OTHER = "sweep", "variant/1/large"
NOON, MINUTE = datetime(2026, 5, 1, 12, tzinfo=UTC), timedelta(minutes=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time that leases go by, which stands still unless it is set."""
    now = [NOON]
    monkeypatch.setattr(leases, "utc_now", lambda: now[0])
    return now


def acquired(name: str = NAME) -> str:
    """The token of a lease of a minute."""
    token = leases.acquire(name, MINUTE)
    assert token
    return token


@pytest.mark.parametrize(("seconds", "is_free"), [(0, False), (59, False), (60, True)])
def test_lease_is_held_until_it_expires(app: Proofsheet, clock: list[datetime], seconds: int, *, is_free: bool) -> None:
    with app.app_context():
        acquired()
        clock[0] += timedelta(seconds=seconds)
        assert leases.is_held(NAME) is not is_free
        assert (leases.acquire(NAME, MINUTE) is not None) is is_free
        assert leases.is_held(NAME)


def test_expired_lease_that_was_taken_over_belongs_to_its_new_holder(app: Proofsheet, clock: list[datetime]) -> None:
    with app.app_context():
        before = acquired()
        clock[0] += MINUTE
        after = acquired()
        leases.release(NAME, before)
        assert leases.is_held(NAME)
        leases.release(NAME, after)
        assert not leases.is_held(NAME)


def test_lease_that_was_taken_over_lasts_its_own_lifetime(app: Proofsheet, clock: list[datetime]) -> None:
    with app.app_context():
        acquired()
        clock[0] += MINUTE
        acquired()
        held = []
        for seconds in (59, 1):
            clock[0] += timedelta(seconds=seconds)
            held.append(leases.is_held(NAME))
    assert held == [True, False]


def test_taking_over_a_lease_leaves_other_expired_ones(app: Proofsheet, clock: list[datetime]) -> None:
    with app.app_context():
        acquired(OTHER)
        clock[0] += MINUTE
        acquired()
        assert (leases.is_held(NAME), leases.is_held(OTHER)) == (True, False)


@pytest.mark.parametrize("name", [NAME, OTHER])
def test_lease_is_released_by_its_name_and_its_token_together(app: Proofsheet, name: str) -> None:
    with app.app_context():
        tokens = {each: acquired(each) for each in (NAME, OTHER)}
        leases.release(NAME, tokens[name])
        assert (leases.is_held(NAME), leases.is_held(OTHER)) == (name != NAME, True)


def test_lease_that_nobody_acquired_is_not_held(app: Proofsheet) -> None:
    with app.app_context():
        acquired(OTHER)
        assert not leases.is_held(NAME)


@pytest.mark.parametrize(("seconds", "left"), [(59, [NAME]), (60, [])])
def test_sweep_deletes_a_lease_once_it_is_expired(
    app: Proofsheet, clock: list[datetime], seconds: int, left: list[str]
) -> None:
    with app.app_context():
        acquired()
        clock[0] += timedelta(seconds=seconds)
        leases.sweep()
        assert list(db.session.scalars(select(Lease.name))) == left


def test_sweep_of_no_expired_leases_takes_no_lock_for_writing(app: Proofsheet) -> None:
    with app.app_context():
        acquired()
        with statements() as seen:
            leases.sweep()
    assert not any(statement.startswith("DELETE") for statement in seen)


def test_sweep_forgets_the_leases_that_ran_out_and_no_others(app: Proofsheet) -> None:
    with app.app_context():
        leases.acquire("variant/1/large/failed", timedelta(seconds=-1))
        leases.acquire("variant/2/large", timedelta(minutes=1))
    tasks.sweep(app, 10)
    with app.app_context():
        assert set(db.session.scalars(select(Lease.name))) == {"sweep", "uploads/abandoned", "variant/2/large"}
