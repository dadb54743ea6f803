"""The cameras of a collection, their clocks put right, and the choice between the clock on the wall and real time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.models import CameraClock, Collection, File, db
from app.services.collections.capture_time import of_camera, recompute
from app.services.lookup import is_live, pictures_of
from app.services.transactions import changed, transaction

MOST_HOURS = 500_000  # a clock that began in 1970 when its battery was empty


@dataclass(frozen=True)
class Camera:
    """A camera by which photos of a collection were taken; the times are as it wrote them."""

    name: str
    serial: str  # private to the owner
    count: int
    first: datetime
    last: datetime
    shift: int  # seconds

    @property
    def key(self) -> str:
        """What it is called in addresses, which logs keep: no serial number."""
        return sha256(f"{self.name}\n{self.serial}".encode()).hexdigest()[:16]

    def at(self, written: datetime) -> datetime:
        """The time that is right when the camera's clock says this."""
        return written + timedelta(seconds=self.shift)


@dataclass(frozen=True)
class Zones:
    """The offsets from UTC that cameras wrote, each with the number of its photos; None: written without one."""

    counts: dict[int | None, int]

    @property
    def differ(self) -> bool:
        """Whether order by real time is another one, and known of all photos."""
        return not self.unknown and len(self.counts) > 1

    @property
    def unknown(self) -> int:
        """How many photos say none."""
        return self.counts.get(None, 0)

    @property
    def known(self) -> list[int]:
        """Those that were written, the most frequent first."""
        known = [offset for offset in self.counts if offset is not None]
        return sorted(known, key=lambda offset: (-self.counts[offset], offset))


def cameras(collection_id: int) -> list[Camera]:
    """The cameras of a collection, by their first photo; what has no time has no clock either."""
    same = (CameraClock.collection_id == File.collection_id, *of_camera(CameraClock.camera, CameraClock.serial))
    columns = (
        *(File.camera, File.camera_serial, func.count(), func.min(File.taken_at), func.max(File.taken_at)),
        func.coalesce(func.max(CameraClock.shift_seconds), 0),
    )
    query = select(*columns).select_from(File).outerjoin(CameraClock, and_(*same)).where(*_timed(collection_id))
    grouped = query.group_by(File.camera, File.camera_serial).order_by(func.min(File.taken_at), File.camera)
    return [
        Camera(name, serial, count, first, last, shift)
        for name, serial, count, first, last, shift in db.session.execute(grouped)
        if first and last  # for the type checker: `_timed` leaves out what has none
    ]


def camera(collection_id: int, key: str) -> Camera:
    """One of them; raises NotFound."""
    for each in cameras(collection_id):
        if each.key == key:
            return each
    raise NotFound("There is no such camera in this collection any more.")


def without_time(collection_id: int) -> int:
    """How many photos have no capture time."""
    query = select(func.count()).where(*pictures_of(collection_id), File.taken_at.is_(None))
    return db.session.scalar(query) or 0


def zones(collection_id: int) -> Zones:
    """The offsets from UTC in a collection."""
    counted = select(File.utc_offset, func.count()).where(*_timed(collection_id)).group_by(File.utc_offset)
    return Zones(dict(db.session.execute(counted).all()))


def _timed(collection_id: int) -> tuple[ColumnElement[bool], ...]:
    return *pictures_of(collection_id), File.taken_at.is_not(None)


# --- changes -------------------------------------------------------------------------------


def put_right(collection_id: int, name: str, serial: str, seconds: int) -> None:
    """Shift the times of a camera by so many seconds from what it wrote; 0 takes every correction back."""
    if abs(seconds) > MOST_HOURS * 3600:
        raise Invalid(f"A clock can be shifted by {MOST_HOURS:,} hours at most.")
    with transaction() as session:
        _lock(session, collection_id)
        _store(session, collection_id, name, serial, seconds)
        recompute(session, collection_id, *of_camera(name, serial))


def order_by_wall_clock(collection_id: int) -> None:
    """Order photos by the clock on the wall where each was taken."""
    with transaction() as session:
        _lock(session, collection_id)
        _choose(session, collection_id, None)


def order_by_real_time(collection_id: int) -> None:
    """Order photos by real time, by a clock with the offset of most of them; raises Invalid where it is unknown."""
    with transaction() as session:
        _lock(session, collection_id)
        found = zones(collection_id)
        if not found.differ:
            raise Invalid("Real time needs an offset from UTC in every photo, and more than one of them.")
        _choose(session, collection_id, found.known[0])


def _choose(session: Session, collection_id: int, offset: int | None, ended_by: str | None = None) -> None:
    values = {"real_time_offset": offset, "real_time_ended_by": ended_by}
    changed(session, update(Collection).where(Collection.id == collection_id).values(values))
    recompute(session, collection_id)


def _store(session: Session, collection_id: int, name: str, serial: str, seconds: int) -> None:
    whose = {"collection_id": collection_id, "camera": name, "serial": serial}
    changed(session, delete(CameraClock).filter_by(**whose))
    if seconds:
        session.execute(insert(CameraClock).values(shift_seconds=seconds, **whose))


def _lock(session: Session, collection_id: int) -> None:
    """One change at a time (PostgreSQL; SQLite has one writer); raises NotFound for a deleted collection."""
    live = select(Collection.id).where(Collection.id == collection_id, is_live(Collection))
    if session.scalar(live.with_for_update(key_share=True)) is None:
        raise NotFound


# --- files that are read -------------------------------------------------------------------


@dataclass(frozen=True)
class Before:
    """A file as it was before it was read (again); the clocks of its collection stand still until it is stored."""

    file_id: int
    collection_id: int
    camera: str
    serial: str


def locked(session: Session, file_id: int) -> Before | None:
    """The file, and a lock of its collection, which everybody takes before the rows of files; None without a file."""
    columns = File.id, File.collection_id, File.camera, File.camera_serial
    row = session.execute(select(*columns).where(File.id == file_id)).one_or_none()
    if row is None:
        return None
    session.execute(select(Collection.id).where(Collection.id == row.collection_id).with_for_update(key_share=True))
    return Before(*row)


def follow(session: Session, before: Before) -> None:
    """Put the time of a file right that was just read, by the clocks in force."""
    now = session.execute(select(File.camera, File.camera_serial).where(File.id == before.file_id)).one()
    if before.camera == now.camera and now.camera_serial and not before.serial:
        _adopt(session, before.collection_id, *now)
    recompute(session, before.collection_id, File.id == before.file_id)
    came_back(session, before.file_id)


def _adopt(session: Session, collection_id: int, name: str, serial: str) -> None:
    """Let a camera whose serial number is known now keep the clock that it had while it was not."""
    shifts = select(CameraClock.serial, CameraClock.shift_seconds).filter_by(collection_id=collection_id, camera=name)
    known: dict[str, int] = dict(session.execute(shifts.where(CameraClock.serial.in_(["", serial]))).all())
    if "" in known and serial not in known:
        _store(session, collection_id, name, serial, known[""])
        recompute(session, collection_id, *of_camera(name, serial))


def came_back(session: Session, file_id: int) -> None:
    """End the order by real time where a file is in the collection now whose offset from UTC is not known."""
    unknown = (File.id == file_id, File.taken_at.is_not(None), File.utc_offset.is_(None))
    query = select(File.collection_id, File.original_filename).join(File.collection).where(*unknown)
    ending = session.execute(query.where(Collection.real_time_offset.is_not(None))).one_or_none()
    if ending is not None:
        _choose(session, ending.collection_id, None, ended_by=ending.original_filename)
