"""The cameras of a collection, corrections of their clocks, and ordering by local or by real time."""

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

MOST_HOURS = 500_000  # covers a clock that restarted in 1970


@dataclass(frozen=True)
class Camera:
    """A camera of a collection, with the times of its first and last photo as the camera wrote them."""

    name: str
    serial: str  # shown to the owner only
    count: int
    first: datetime
    last: datetime
    shift: int  # seconds

    @property
    def key(self) -> str:
        """The camera's identifier in URLs: a digest, because logs keep URLs and must not contain serial numbers."""
        return sha256(f"{self.name}\n{self.serial}".encode()).hexdigest()[:16]

    def at(self, written: datetime) -> datetime:
        """Return the corrected time for a time that the camera wrote."""
        return written + timedelta(seconds=self.shift)


@dataclass(frozen=True)
class Zones:
    """The number of photos by UTC offset in seconds; the key None counts photos without an offset."""

    counts: dict[int | None, int]

    @property
    def differ(self) -> bool:
        """Whether all photos have an offset and the offsets differ, so that ordering by real time makes sense."""
        return not self.unknown and len(self.counts) > 1

    @property
    def unknown(self) -> int:
        """The number of photos without an offset."""
        return self.counts.get(None, 0)

    @property
    def known(self) -> list[int]:
        """The offsets, most frequent first."""
        known = [offset for offset in self.counts if offset is not None]
        return sorted(known, key=lambda offset: (-self.counts[offset], offset))


def cameras(collection_id: int) -> list[Camera]:
    """Return the cameras of a collection in the order of their first photo; photos without a time are ignored."""
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
        if first and last  # for the type checker: `_timed` selects photos with a time
    ]


def camera(collection_id: int, key: str) -> Camera:
    """Return the camera with this key; raises NotFound."""
    for each in cameras(collection_id):
        if each.key == key:
            return each
    raise NotFound("This camera is not in the collection any more.")


def without_time(collection_id: int) -> int:
    """Return the number of photos without a capture time."""
    query = select(func.count()).where(*pictures_of(collection_id), File.taken_at.is_(None))
    return db.session.scalar(query) or 0


def zones(collection_id: int) -> Zones:
    """Return the UTC offsets of the photos in a collection."""
    counted = select(File.utc_offset, func.count()).where(*_timed(collection_id)).group_by(File.utc_offset)
    return Zones(dict(db.session.execute(counted).all()))


def _timed(collection_id: int) -> tuple[ColumnElement[bool], ...]:
    return *pictures_of(collection_id), File.taken_at.is_not(None)


# --- changes -------------------------------------------------------------------------------


def correct(collection_id: int, name: str, serial: str, seconds: int) -> None:
    """Set the shift of a camera's clock in seconds, 0 for none; raises Invalid above MOST_HOURS, or NotFound."""
    if abs(seconds) > MOST_HOURS * 3600:
        raise Invalid(f"A clock can be shifted by {MOST_HOURS:,} hours at most.")
    with transaction() as session:
        _lock(session, collection_id)
        _store(session, collection_id, name, serial, seconds)
        recompute(session, collection_id, *of_camera(name, serial))


def order_by_wall_clock(collection_id: int) -> None:
    """Order photos by the local time where each was taken; raises NotFound."""
    with transaction() as session:
        _lock(session, collection_id)
        _choose(session, collection_id, None)


def order_by_real_time(collection_id: int) -> None:
    """Order photos by real time, shown in their most frequent offset; raises Invalid if `Zones.differ` is False."""
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
    camera = {"collection_id": collection_id, "camera": name, "serial": serial}
    changed(session, delete(CameraClock).filter_by(**camera))
    if seconds:
        session.execute(insert(CameraClock).values(shift_seconds=seconds, **camera))


def _lock(session: Session, collection_id: int) -> None:
    """Lock the collection against simultaneous changes; raises NotFound if it is deleted."""
    live = select(Collection.id).where(Collection.id == collection_id, is_live(Collection))
    if session.scalar(live.with_for_update(key_share=True)) is None:
        raise NotFound


# --- after reading a file's metadata -------------------------------------------------------


@dataclass(frozen=True)
class KnownCamera:
    """The camera stored for a file before its metadata is read again."""

    file_id: int
    collection_id: int
    camera: str
    serial: str


def lock_for(session: Session, file_id: int) -> KnownCamera | None:
    """Lock the collection of a file and return the file's stored camera; None if the file is gone.

    The collection is always locked before rows of files, to avoid deadlocks.
    """
    columns = File.id, File.collection_id, File.camera, File.camera_serial
    row = session.execute(select(*columns).where(File.id == file_id)).one_or_none()
    if row is None:
        return None
    session.execute(select(Collection.id).where(Collection.id == row.collection_id).with_for_update(key_share=True))
    return KnownCamera(*row)


def apply_to(session: Session, before: KnownCamera) -> None:
    """Apply the clock corrections of the collection to a file whose metadata was just stored."""
    now = session.execute(select(File.camera, File.camera_serial).where(File.id == before.file_id)).one()
    if before.camera == now.camera and now.camera_serial and not before.serial:
        _adopt(session, before.collection_id, *now)
    recompute(session, before.collection_id, File.id == before.file_id)
    end_real_time_without_offset(session, before.file_id)


def _adopt(session: Session, collection_id: int, name: str, serial: str) -> None:
    """Copy the correction of a camera without a serial number to the same camera once its number is known."""
    shifts = select(CameraClock.serial, CameraClock.shift_seconds).filter_by(collection_id=collection_id, camera=name)
    known: dict[str, int] = dict(session.execute(shifts.where(CameraClock.serial.in_(["", serial]))).all())
    if "" in known and serial not in known:
        _store(session, collection_id, name, serial, known[""])
        recompute(session, collection_id, *of_camera(name, serial))


def end_real_time_without_offset(session: Session, file_id: int) -> None:
    """Return the collection to local time if this file has a capture time but no UTC offset."""
    unknown = (File.id == file_id, File.taken_at.is_not(None), File.utc_offset.is_(None))
    query = select(File.collection_id, File.original_filename).join(File.collection).where(*unknown)
    ending = session.execute(query.where(Collection.real_time_offset.is_not(None))).one_or_none()
    if ending is not None:
        _choose(session, ending.collection_id, None, ended_by=ending.original_filename)
