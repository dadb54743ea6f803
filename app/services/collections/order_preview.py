"""Preview of a changed order: samples of a collection before and after, taken where photos move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, and_, case, func, select

from app.models import Collection, File, SortOrder, db
from app.services.collections.camera_clocks import Camera, zones
from app.services.collections.capture_time import Conditions, of_camera, order_time, stored_shift
from app.services.collections.order import in_order
from app.services.lookup import pictures_of

STRIPS, NEIGHBOURS = 3, 2  # samples, and photos on each side of the one in the middle


@dataclass(frozen=True)
class Proposal:
    """A proposed order: its real-time offset (None: local time), and SQL for the shift and the group of each photo.

    The change moves photos of different groups against each other: one camera and the others, or the UTC offsets.
    """

    collection_id: int
    offset: int | None
    shift: SQLColumnExpression[int]
    group: SQLColumnExpression[int]


@dataclass(frozen=True)
class Shown:
    """A photo in a strip, the time that orders it there, and whether it is the middle one."""

    file: File
    at: datetime
    is_middle: bool


@dataclass(frozen=True)
class Strip:
    """One photo among its neighbours, in the present and in the proposed order."""

    before: list[Shown]
    after: list[Shown]


@dataclass(frozen=True)
class Preview:
    """The number of photos that would move, and strips of neighbouring photos in the new order."""

    moved: int
    strips: list[Strip]


def clock_of(collection: Collection, camera: Camera, shift: int) -> Proposal:
    """Return the proposal to shift the clock of a camera by `shift` seconds."""
    is_its_photo = and_(*of_camera(camera.name, camera.serial))
    shifts = case((is_its_photo, shift), else_=stored_shift())
    return Proposal(collection.id, collection.real_time_offset, shifts, case((is_its_photo, 1), else_=0))


def real_time(collection: Collection) -> Proposal | None:
    """Return the proposal to order by real time; None if `Zones.differ` is False."""
    found = zones(collection.id)
    if not found.differ:
        return None
    return Proposal(collection.id, found.known[0], stored_shift(), func.coalesce(File.utc_offset, 0))


def preview(proposal: Proposal) -> Preview:
    """Return the changes of a proposal; three statements, whatever the size of the collection."""
    before, after = _order_now(proposal), _order_then(proposal)
    places = {file_id: place for place, file_id in enumerate(before)}
    ids = [file_id for file_id, _ in after]
    moved = [place for place, file_id in enumerate(ids) if places[file_id] != place]
    borders = [place for place in range(1, len(after)) if after[place][1] != after[place - 1][1]]
    samples = sorted(set(borders).intersection(moved)) or moved or borders
    pairs = [(_around(before, places[ids[place]]), _around(ids, place), ids[place]) for place in _spread(samples)]
    return Preview(len(moved), _strips(proposal, pairs))


def _order_now(proposal: Proposal) -> Sequence[int]:
    return db.session.scalars(select(File.id).where(*_timed(proposal)).order_by(*in_order(SortOrder.TAKEN))).all()


def _order_then(proposal: Proposal) -> Sequence[Row[int, int]]:
    """The id and group of each photo, in the proposed order."""
    then = _time_then(proposal), File.name_key, File.id
    return db.session.execute(select(File.id, proposal.group).where(*_timed(proposal)).order_by(*then)).all()


def _timed(proposal: Proposal) -> Conditions:
    """Leave out photos without a time, which come last in either order."""
    return *pictures_of(proposal.collection_id), File.order_time.is_not(None)


def _time_then(proposal: Proposal) -> ColumnElement[datetime | None]:
    return order_time(proposal.offset, proposal.shift)


def _spread(places: Sequence[int]) -> Sequence[int]:
    """Pick at most STRIPS places, evenly spread."""
    step = max(1, len(places) // STRIPS)
    return places[step // 2 :: step][:STRIPS]


def _around(ids: Sequence[int], place: int) -> Sequence[int]:
    return ids[max(0, place - NEIGHBOURS) : place + NEIGHBOURS + 1]


def _strips(proposal: Proposal, pairs: list[tuple[Sequence[int], Sequence[int], int]]) -> list[Strip]:
    wanted = {file_id for before, after, _ in pairs for file_id in (*before, *after)}
    query = select(File, _time_then(proposal)).where(File.id.in_(wanted))
    found = {file.id: (file, then) for file, then in db.session.execute(query)}

    def shown(ids: Sequence[int], middle: int, *, then: bool) -> list[Shown]:
        rows = [found[file_id] for file_id in ids if file_id in found]
        times = [(file, at if then else file.order_time) for file, at in rows]
        return [Shown(file, at, file.id == middle) for file, at in times if at]

    return [
        Strip(shown(before, middle, then=False), shown(after, middle, then=True)) for before, after, middle in pairs
    ]
