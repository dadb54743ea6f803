"""The order of a collection as it is and as it would be, seen at the places where the change shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, and_, case, func, select
from sqlalchemy.orm import selectinload

from app.models import Collection, File, SortOrder, db
from app.services.collections.camera_clocks import Camera, zones
from app.services.collections.capture_time import Conditions, of_camera, put_right, stored_shift
from app.services.collections.order import in_order
from app.services.lookup import pictures_of

STRIPS, NEIGHBOURS = 3, 2  # places that are shown, and photos on each side of the one in the middle


@dataclass(frozen=True)
class Proposal:
    """A change of order: the clock by which it would go, and the shift and the group of each photo, as SQL.

    Photos of different groups are what the change moves against each other: the others' and one camera's, or zones.
    """

    collection_id: int
    offset: int | None
    shift: SQLColumnExpression[int]
    group: SQLColumnExpression[int]


@dataclass(frozen=True)
class Shown:
    """A photo in a strip, the time by which it has its place there, and whether it is the one in the middle."""

    file: File
    at: datetime
    is_middle: bool


@dataclass(frozen=True)
class Strip:
    """One photo among its neighbours, as the order is and as it would be."""

    before: list[Shown]
    after: list[Shown]


@dataclass(frozen=True)
class Preview:
    """How many photos get another place, and some strips."""

    moved: int
    strips: list[Strip]


def clock_of(collection: Collection, camera: Camera, shift: int) -> Proposal:
    """The proposal to put the clock of a camera right."""
    its = and_(*of_camera(camera.name, camera.serial))
    shifts = case((its, shift), else_=stored_shift())
    return Proposal(collection.id, collection.real_time_offset, shifts, case((its, 1), else_=0))


def real_time(collection: Collection) -> Proposal | None:
    """The proposal to order by real time; None where that is not known of all photos, or no other order."""
    found = zones(collection.id)
    if not found.differ:
        return None
    return Proposal(collection.id, found.known[0], stored_shift(), func.coalesce(File.utc_offset, 0))


def preview(proposal: Proposal) -> Preview:
    """What a proposal changes; three statements, whatever the size of the collection."""
    before, after = _order_now(proposal), _order_then(proposal)
    places = {file_id: place for place, file_id in enumerate(before)}
    ids = [file_id for file_id, _ in after]
    moved = [place for place, file_id in enumerate(ids) if places[file_id] != place]
    meeting = [place for place in range(1, len(after)) if after[place][1] != after[place - 1][1]]
    telling = sorted(set(meeting).intersection(moved)) or moved or meeting
    pairs = [(_around(before, places[ids[place]]), _around(ids, place), ids[place]) for place in _spread(telling)]
    return Preview(len(moved), _strips(proposal, pairs))


def _order_now(proposal: Proposal) -> Sequence[int]:
    return db.session.scalars(select(File.id).where(*_timed(proposal)).order_by(*in_order(SortOrder.TAKEN))).all()


def _order_then(proposal: Proposal) -> Sequence[Row[int, int]]:
    """The photos as they would follow each other, each with its group."""
    then = _time_then(proposal), File.name_key, File.id
    return db.session.execute(select(File.id, proposal.group).where(*_timed(proposal)).order_by(*then)).all()


def _timed(proposal: Proposal) -> Conditions:
    """Those without a time come last in either order."""
    return *pictures_of(proposal.collection_id), File.order_time.is_not(None)


def _time_then(proposal: Proposal) -> ColumnElement[datetime | None]:
    return put_right(proposal.offset, proposal.shift)


def _spread(places: Sequence[int]) -> Sequence[int]:
    """Some of the places, from all over them."""
    step = max(1, len(places) // STRIPS)
    return places[step // 2 :: step][:STRIPS]


def _around(ids: Sequence[int], place: int) -> Sequence[int]:
    return ids[max(0, place - NEIGHBOURS) : place + NEIGHBOURS + 1]


def _strips(proposal: Proposal, pairs: list[tuple[Sequence[int], Sequence[int], int]]) -> list[Strip]:
    wanted = {file_id for before, after, _ in pairs for file_id in (*before, *after)}
    query = select(File, _time_then(proposal)).where(File.id.in_(wanted)).options(selectinload(File.variants))
    found = {file.id: (file, then) for file, then in db.session.execute(query)}

    def shown(ids: Sequence[int], middle: int, *, then: bool) -> list[Shown]:
        rows = [found[file_id] for file_id in ids if file_id in found]
        times = [(file, at if then else file.order_time) for file, at in rows]
        return [Shown(file, at, file.id == middle) for file, at in times if at]

    return [
        Strip(shown(before, middle, then=False), shown(after, middle, then=True)) for before, after, middle in pairs
    ]
