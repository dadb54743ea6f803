"""Everything in a transaction is committed together or not at all."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from app import Proofsheet
from app.models import User, db
from app.services.transactions import end_reading, reading, transaction


def user(email: str = "ada@example.com") -> User:
    return User(email=email, name="Ada", password_hash="x")


def stored(app: Proofsheet) -> list[str]:
    """The rows that another session reads."""
    with app.app_context():
        return list(db.session.scalars(select(User.email).order_by(User.email)))


def test_leaving_the_block_commits(app: Proofsheet) -> None:
    with app.app_context():
        with transaction() as session:
            session.add(user())
            session.add(user("bob@example.com"))
        assert stored(app) == ["ada@example.com", "bob@example.com"]


def interrupted(problem: type[BaseException]) -> None:
    with transaction() as session:
        session.add(user())
        session.flush()
        session.add(user("bob@example.com"))
        raise problem


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, SystemExit])
def test_exception_rolls_everything_back_and_is_passed_on(app: Proofsheet, problem: type[BaseException]) -> None:
    with app.app_context():
        with pytest.raises(problem):
            interrupted(problem)
        assert stored(app) == []
        assert not db.session.new


def test_another_transaction_may_follow_a_failed_one(app: Proofsheet) -> None:
    with app.app_context():
        with pytest.raises(KeyError):
            interrupted(KeyError)
        with transaction() as session:
            session.add(user())
        assert stored(app) == ["ada@example.com"]


def test_changes_made_outside_are_refused(app: Proofsheet) -> None:
    with app.app_context():
        db.session.add(user())
        with pytest.raises(RuntimeError, match="outside of a transaction"), transaction():
            pytest.fail("it was entered")
        assert stored(app) == []


def test_transaction_rereads_earlier_objects(app: Proofsheet) -> None:
    with app.app_context():
        with transaction() as session:
            session.add(user())
        seen = db.session.scalars(select(User)).one()
        assert seen.name == "Ada"
        with app.app_context(), transaction() as other:
            other.execute(update(User).values(name="Augusta"))
        assert seen.name == "Ada"
        with transaction():
            assert seen.name == "Augusta"


def test_transactions_do_not_nest(app: Proofsheet) -> None:
    with app.app_context(), transaction(), pytest.raises(RuntimeError, match="nest"), transaction():
        pass
    with app.app_context(), transaction():
        pass


def test_missing_table_is_not_called_busy(app: Proofsheet) -> None:
    with app.app_context(), pytest.raises(OperationalError, match="no such table"), transaction() as session:
        session.execute(text("UPDATE nowhere SET x = 1"))


def test_reading_leaves_no_transaction_open(app: Proofsheet) -> None:
    with app.app_context():
        with reading() as session:
            session.scalar(select(User.id))
            assert session.in_transaction()
        assert not session.in_transaction()


def test_end_reading_ends_the_transaction_of_a_caller(app: Proofsheet) -> None:
    with app.app_context():
        db.session.scalar(select(User.id))
        assert db.session().in_transaction()
        end_reading()
        assert not db.session().in_transaction()
