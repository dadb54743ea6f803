"""The time that orders photos: the local time that the camera wrote, with clock corrections, or real time.

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

# Times beyond these are never shifted, so that no result leaves the years that Python and the databases can store.
EARLIEST, LATEST = datetime(201, 1, 1, tzinfo=UTC), datetime(9800, 1, 1, tzinfo=UTC)

Conditions = tuple[ColumnElement[bool], ...]


class add_seconds(FunctionElement[datetime]):  # noqa: N801  SQL functions are lower case
    """SQL function: a time plus a number of seconds."""

    name = "add_seconds"
    type = UtcDateTime()
    inherit_cache = True


@compiles(add_seconds)
def _add_seconds(element: add_seconds, compiler: SQLCompiler, **options: Any) -> str:
    moment, seconds = (compiler.process(each, **options) for each in element.clauses)
    return f"({moment} + make_interval(secs => {seconds}))"


@compiles(add_seconds, "sqlite")
def _add_seconds_in_sqlite(element: add_seconds, compiler: SQLCompiler, **options: Any) -> str:
    """Shift whole seconds and append the fraction, because SQLite rounds to milliseconds."""
    moment, seconds = (compiler.process(each, **options) for each in element.clauses)
    return f"(datetime(substr({moment}, 1, 19), ({seconds}) || ' seconds') || substr({moment}, 20))"


def order_time(real_time_offset: int | None, shift: SQLColumnExpression[int]) -> ColumnElement[datetime | None]:
    """Return SQL for a file's `order_time` with this shift: local time, or real time at an offset from UTC."""
    if real_time_offset is None:
        seconds: SQLColumnExpression[int] = shift
    else:
        seconds = shift + (real_time_offset - func.coalesce(File.utc_offset, real_time_offset))
    movable = File.taken_at.between(EARLIEST, LATEST)
    return case((movable, add_seconds(File.taken_at, seconds)), else_=File.taken_at)


def stored_shift() -> ColumnElement[int]:
    """Return SQL for the stored clock shift of a file's camera in seconds; 0 without a correction."""
    same = (CameraClock.collection_id == File.collection_id, *of_camera(CameraClock.camera, CameraClock.serial))
    return func.coalesce(select(CameraClock.shift_seconds).where(*same).correlate(File).scalar_subquery(), 0)


def of_camera(camera: SQLColumnExpression[str] | str, serial: SQLColumnExpression[str] | str) -> Conditions:
    """Return the conditions that select the files of a camera."""
    return File.camera == camera, File.camera_serial == serial


def recompute(session: Session, collection_id: int, *conditions: ColumnElement[bool]) -> int:
    """Update `order_time` of the matching files, including deleted ones; returns their number."""
    offset = session.scalar(select(Collection.real_time_offset).where(Collection.id == collection_id))
    files = update(File).where(File.collection_id == collection_id, *conditions)
    return changed(session, files.values(order_time=order_time(offset, stored_shift())))


def shift_of(file: File) -> int:
    """Return the clock shift applied to a file in seconds, derived from its stored times."""
    if file.taken_at is None or file.order_time is None:
        return 0
    offset = file.collection.real_time_offset
    zone = 0 if offset is None or file.utc_offset is None else offset - file.utc_offset
    return round((file.order_time - file.taken_at).total_seconds()) - zone


def facts_of(metadata: PhotoMetadata) -> dict[str, Any]:
    """Return the columns `taken_at`, `utc_offset`, `camera` and `camera_serial` for a file's metadata."""
    taken_at = metadata.taken_at
    offset = taken_at.utcoffset() if taken_at else None
    return {
        "taken_at": wall_clock(taken_at),
        "utc_offset": None if offset is None else round(offset.total_seconds()),
        "camera": metadata.camera[:CAMERA_LENGTH],
        "camera_serial": metadata.serial[:SERIAL_LENGTH],
    }


def wall_clock(taken_at: datetime | None) -> datetime | None:
    """Return the local capture time with its zone replaced by UTC, so that photos sort by local time."""
    return taken_at.replace(tzinfo=UTC) if taken_at else None


def in_words(seconds: int) -> str:
    """Format a shift: '+1 h 2 min', '−30 s'."""
    hours, rest = divmod(abs(seconds), 3600)
    parts = ((hours, "h"), (rest // 60, "min"), (rest % 60, "s"))
    words = " ".join(f"{number:,} {unit}" for number, unit in parts if number)
    return f"{'−' if seconds < 0 else '+'}{words or '0 s'}"


def offset_in_words(seconds: int) -> str:
    """Format an offset from UTC: 'UTC+02:00'."""
    hours, rest = divmod(abs(seconds), 3600)
    return f"UTC{'−' if seconds < 0 else '+'}{hours:02}:{rest // 60:02}"
