"""By which time photos are ordered: as the camera wrote it, put right by the clock of its camera, or real time.

`taken_at` is never changed. `order_time` is computed from it by one statement, in the transaction that changes a clock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.camera_clocks import CAMERA_LENGTH, SERIAL_LENGTH
from app.columns import UtcDateTime
from app.imaging.metadata import PhotoMetadata
from app.models import CameraClock, Collection, File
from app.services.transactions import changed

# Times beyond these stay as written: no clock is moved out of the years that databases and Python share.
EARLIEST, LATEST = datetime(201, 1, 1, tzinfo=UTC), datetime(9800, 1, 1, tzinfo=UTC)


Conditions = tuple[ColumnElement[bool], ...]


class later(FunctionElement[datetime]):  # noqa: N801  named as it is called
    """A time, so many seconds later."""

    name = "later"
    type = UtcDateTime()
    inherit_cache = True


@compiles(later)
def _later(element: later, compiler: SQLCompiler, **options: Any) -> str:
    moment, seconds = (compiler.process(each, **options) for each in element.clauses)
    return f"({moment} + make_interval(secs => {seconds}))"


@compiles(later, "sqlite")
def _later_in_sqlite(element: later, compiler: SQLCompiler, **options: Any) -> str:
    """The fraction of a second is kept apart: SQLite counts in milliseconds."""
    moment, seconds = (compiler.process(each, **options) for each in element.clauses)
    return f"(datetime(substr({moment}, 1, 19), ({seconds}) || ' seconds') || substr({moment}, 20))"


def put_right(real_time_offset: int | None, shift: SQLColumnExpression[int]) -> ColumnElement[datetime | None]:
    """A file's `order_time` under a shift: by the clock on its wall, or by one clock with this offset from UTC."""
    if real_time_offset is None:
        seconds: SQLColumnExpression[int] = shift
    else:
        seconds = shift + (real_time_offset - func.coalesce(File.utc_offset, real_time_offset))
    movable = File.taken_at.between(EARLIEST, LATEST)
    return case((movable, later(File.taken_at, seconds)), else_=File.taken_at)


def stored_shift() -> ColumnElement[int]:
    """By how many seconds the clock of a file's camera is put right; 0 without a row."""
    same = (CameraClock.collection_id == File.collection_id, *of_camera(CameraClock.camera, CameraClock.serial))
    return func.coalesce(select(CameraClock.shift_seconds).where(*same).correlate(File).scalar_subquery(), 0)


def of_camera(camera: SQLColumnExpression[str] | str, serial: SQLColumnExpression[str] | str) -> Conditions:
    """The conditions for a file to be of a camera."""
    return File.camera == camera, File.camera_serial == serial


def recompute(session: Session, collection_id: int, *conditions: ColumnElement[bool]) -> int:
    """Write `order_time` of the files that meet the conditions, those in the bin too; returns how many."""
    offset = session.scalar(select(Collection.real_time_offset).where(Collection.id == collection_id))
    files = update(File).where(File.collection_id == collection_id, *conditions)
    return changed(session, files.values(order_time=put_right(offset, stored_shift())))


def shift_of(file: File) -> int:
    """By how many seconds the clock of a file's camera is put right."""
    if file.taken_at is None or file.order_time is None:
        return 0
    offset = file.collection.real_time_offset
    zone = 0 if offset is None or file.utc_offset is None else offset - file.utc_offset
    return round((file.order_time - file.taken_at).total_seconds()) - zone


def facts_of(metadata: PhotoMetadata) -> dict[str, Any]:
    """The columns of a file that its clock is known by."""
    taken_at = metadata.taken_at
    offset = taken_at.utcoffset() if taken_at else None
    return {
        "taken_at": wall_clock(taken_at),
        "utc_offset": None if offset is None else round(offset.total_seconds()),
        "camera": metadata.camera[:CAMERA_LENGTH],
        "camera_serial": metadata.serial[:SERIAL_LENGTH],
    }


def wall_clock(taken_at: datetime | None) -> datetime | None:
    """Local capture time as the camera wrote it, marked as UTC: photos of one place sort by the clock on its wall."""
    return taken_at.replace(tzinfo=UTC) if taken_at else None


def in_words(seconds: int) -> str:
    """A shift for people: '+1 h 2 min', '−30 s'."""
    hours, rest = divmod(abs(seconds), 3600)
    parts = ((hours, "h"), (rest // 60, "min"), (rest % 60, "s"))
    words = " ".join(f"{number:,} {unit}" for number, unit in parts if number)
    return f"{'−' if seconds < 0 else '+'}{words or '0 s'}"


def offset_in_words(seconds: int) -> str:
    """An offset from UTC for people: 'UTC+02:00'."""
    hours, rest = divmod(abs(seconds), 3600)
    return f"UTC{'−' if seconds < 0 else '+'}{hours:02}:{rest // 60:02}"
