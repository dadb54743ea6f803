"""Lets time pass in the bin, makes what only a visitor asks for, and ends or interrupts work in the middle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import Proofsheet
from app.models import Collection, File, db, utc_now
from app.services.variants.single import SingleVariant

DAY = timedelta(days=1)


def wait_out(app: Proofsheet) -> None:
    """Let every waiting time in the bin pass."""
    with app.app_context():
        for table in (File, Collection):
            over = update(table).where(table.purge_after.is_not(None)).values(purge_after=utc_now() - DAY)
            db.session.execute(over)
        db.session.commit()


def make_extra(app: Proofsheet, file_id: int) -> None:
    with app.app_context():
        assert SingleVariant().make(file_id, "large")


def die(*_: object) -> None:
    raise SystemExit


def interrupt(
    monkeypatch: pytest.MonkeyPatch, what: type, method: str, action: Callable[[], None], *, after: bool
) -> None:
    """Have something happen once, before or after a step of the work."""
    original = getattr(what, method)
    todo = [action]

    def step(*arguments: Any, **more: Any) -> Any:
        if not after and todo:
            todo.pop()()
        result = original(*arguments, **more)
        if after and todo:
            todo.pop()()
        return result

    monkeypatch.setattr(what, method, step)
