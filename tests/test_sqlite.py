"""SQLite as the app uses it: writers queue, readers do not block them, and foreign keys are enforced."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError

from app import Proofsheet, sqlite
from app.errors import DatabaseBusy
from app.models import Collection, User, Variant, db, utc_now
from app.services.transactions import transaction

WRITERS, ROUNDS = 6, 8


@pytest.fixture(params=["pool", "new connections"])
def settings(settings: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """With connections kept, as the server has it, and without, as the other tests have it."""
    if request.param == "pool":
        del settings["SQLALCHEMY_ENGINE_OPTIONS"]
    return settings


@pytest.fixture
def in_thread(app: Proofsheet) -> Iterator[Callable[..., Any]]:
    """Starts functions in threads with an app context of their own."""

    def run(function: Callable[..., Any], *arguments: Any) -> Any:
        with app.app_context():
            return function(*arguments)

    with ThreadPoolExecutor(WRITERS) as pool:
        yield lambda function, *arguments: pool.submit(run, function, *arguments)


def add_user(email: str = "ada@example.com", name: str = "0") -> None:
    with transaction() as session:
        session.add(User(email=email, name=name, password_hash="x"))


def emails() -> list[str]:
    return list(db.session.scalars(select(User.email).order_by(User.email)))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 15_000), ("synchronous", 2)],
)
def test_every_connection_is_set_up(app: Proofsheet, pragma: str, value: str | int) -> None:
    with app.app_context(), db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_other_databases_are_left_as_they_are() -> None:
    engine = create_engine("postgresql+psycopg://nobody@/nothing")
    listeners = len(list(engine.pool.dispatch.connect))
    sqlite.configure(engine)
    assert not list(engine.dispatch.begin)
    assert len(list(engine.pool.dispatch.connect)) == listeners


def test_foreign_keys_hold(app: Proofsheet) -> None:
    orphan = Variant(file_id=99, name="thumb", format="JPEG", path="p", width=1, height=1, size=1)
    with app.app_context(), pytest.raises(IntegrityError, match="FOREIGN KEY"), transaction() as session:
        session.add(orphan)


def test_owner_of_a_collection_cannot_be_deleted(app: Proofsheet) -> None:
    with app.app_context():
        add_user()
        with transaction() as session:
            session.add(Collection(title="Wedding", owner_id=1))
        with pytest.raises(IntegrityError, match="FOREIGN KEY"), transaction() as session:
            session.execute(text("DELETE FROM users"))


def test_migrations_may_turn_foreign_keys_off(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'm.db'}")
    sqlite.configure(engine, foreign_keys=False)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0


def test_writers_at_once_queue_and_lose_nothing(app: Proofsheet, in_thread: Callable[..., Any]) -> None:
    """Each reads first and writes what it read plus one: deferred transactions fail here, whatever the timeout."""
    with app.app_context():
        add_user()
    together = threading.Barrier(WRITERS, timeout=60)

    def count() -> None:
        together.wait(10)
        for _ in range(ROUNDS):
            with transaction() as session:
                user = session.scalars(select(User)).one()
                user.name = str(int(user.name) + 1)

    for future in [in_thread(count) for _ in range(WRITERS)]:
        future.result(30)
    with app.app_context():
        assert db.session.scalars(select(User.name)).one() == str(WRITERS * ROUNDS)


def test_writer_waits_for_the_one_before(app: Proofsheet, in_thread: Callable[..., Any]) -> None:
    with app.app_context():
        with transaction() as session:
            session.add(User(email="first@example.com", password_hash="x"))
            second = in_thread(add_user, "second@example.com")
            with pytest.raises(TimeoutError):
                second.result(0.3)
        second.result(10)
        assert emails() == ["first@example.com", "second@example.com"]


def test_writer_fails_with_an_error_after_the_busy_timeout(
    app: Proofsheet, monkeypatch: pytest.MonkeyPatch, in_thread: Callable[..., Any]
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    with app.app_context():
        db.engine.dispose()
        with transaction() as session:
            session.add(User(email="first@example.com", password_hash="x"))
            with pytest.raises(DatabaseBusy):
                in_thread(add_user, "second@example.com").result(10)
        assert emails() == ["first@example.com"]


def test_reader_does_not_hold_up_a_writer(app: Proofsheet, in_thread: Callable[..., Any]) -> None:
    with app.app_context():
        assert emails() == []  # begins to read, and has not ended
        in_thread(add_user).result(5)
        assert emails() == []  # one moment for the whole reading
        db.session.rollback()
        assert emails() == ["ada@example.com"]


def test_writer_does_not_hold_up_a_reader(app: Proofsheet, in_thread: Callable[..., Any]) -> None:
    with app.app_context(), transaction() as session:
        session.add(User(email="ada@example.com", password_hash="x"))
        session.flush()
        assert in_thread(emails).result(5) == []


def test_reading_takes_no_write_lock_after_a_transaction(app: Proofsheet, settings: dict[str, Any]) -> None:
    with app.app_context():
        add_user()
        assert emails() == ["ada@example.com"]
        path = settings["DATABASE_URL"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")


def test_first_connections_to_a_new_database_may_come_at_once(tmp_path: Path) -> None:
    """Turning WAL on needs the database for itself, for a moment."""
    for number in range(10):
        together = threading.Barrier(WRITERS, timeout=60)

        def connect(engine: Any, together: threading.Barrier = together) -> str:
            together.wait(10)
            with engine.connect() as connection:
                return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())

        engines = [create_engine(f"sqlite:///{tmp_path / f'{number}.db'}") for _ in range(WRITERS)]
        for engine in engines:
            sqlite.configure(engine)
        with ThreadPoolExecutor(WRITERS) as pool:
            assert set(pool.map(connect, engines)) == {"wal"}
        for engine in engines:
            engine.dispose()


def test_times_are_loaded_aware_and_to_the_microsecond(app: Proofsheet) -> None:
    moment = utc_now().replace(microsecond=123_456)
    with app.app_context():
        with transaction() as session:
            session.add(User(email="ada@example.com", password_hash="x", created_at=moment))
        db.session.expire_all()
        assert db.session.scalars(select(User.created_at)).one() == moment


def test_database_in_memory_has_no_wal_and_does_not_wait_for_one() -> None:
    engine = create_engine("sqlite://")
    sqlite.configure(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "memory"
    engine.dispose()
