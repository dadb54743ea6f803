"""The manual order of a collection: positions with gaps, so that a move updates only the moved rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.models import Collection, File, SortOrder
from app.services.collections.order import in_order
from app.services.lookup import is_live, pictures_of
from app.services.transactions import changed, transaction

GAP = 1 << 20  # 20 moves to the same spot fit before all positions are renumbered
MOST = 10_000  # pictures in one move


def move(collection_id: int, moved: Sequence[str], before: str | None) -> None:
    """Move pictures, in the order given, before another one, or to the end if `before` is None.

    A collection in another order changes to manual order; the other pictures stay in sequence. Raises NotFound, or
    Invalid for pictures that are not in the collection.
    """
    if not 0 < len(moved) <= MOST or len(set(moved)) < len(moved) or before in moved:
        raise Invalid(f"Choose 1 to {MOST} different photos, and another one to put them before.")
    with transaction() as session:
        _locked(session, collection_id)
        keep_present_order(session, collection_id)
        ids = _ids(session, collection_id, [*moved, before] if before else moved)
        _place(session, collection_id, [ids[uuid] for uuid in moved], ids[before] if before else None)


def keep_present_order(session: Session, collection_id: int) -> None:
    """Change a collection to manual order: its pictures keep their present sequence, and each gets a position."""
    collection = session.get_one(Collection, collection_id)
    without = select(File.id).where(*pictures_of(collection_id), File.position.is_(None)).limit(1)
    if collection.sort_order != SortOrder.MANUAL or session.scalar(without) is not None:
        _number(session, collection_id, collection.sort_order)
    collection.sort_order = SortOrder.MANUAL


def _locked(session: Session, collection_id: int) -> None:
    """Lock the collection, so that two moves do not use the same gap (PostgreSQL; SQLite has one writer)."""
    live = select(Collection.id).where(Collection.id == collection_id, is_live(Collection))
    if session.scalar(live.with_for_update()) is None:
        raise NotFound


def _number(session: Session, collection_id: int, sort: SortOrder) -> None:
    """Renumber all pictures in this order, with positions a GAP apart; one statement."""
    number = func.row_number().over(order_by=in_order(sort)).label("number")
    order = select(File.id, number).where(*pictures_of(collection_id)).subquery()
    changed(session, update(File).where(File.id == order.c.id).values(position=order.c.number * GAP))


def _ids(session: Session, collection_id: int, uuids: Sequence[str]) -> dict[str, int]:
    known = select(File.uuid, File.id).where(*pictures_of(collection_id), File.uuid.in_(uuids))
    ids = {row.uuid: row.id for row in session.execute(known)}
    if len(ids) < len(uuids):
        raise Invalid("Some of these photos are not in the collection any more. Reload the page.")
    return ids


def _place(session: Session, collection_id: int, moved: Sequence[int], before: int | None) -> None:
    room = _room(session, collection_id, moved, before)
    if room is None:
        _number(session, collection_id, SortOrder.MANUAL)
        room = _room(session, collection_id, moved, before)
    if room is None:  # more pictures than positions in a gap
        raise Invalid("Too many photos for one move.")
    start, step = room
    rows = [{"id": file_id, "position": start + step * (n + 1)} for n, file_id in enumerate(moved)]
    session.execute(update(File), rows, execution_options={"synchronize_session": False})


def _room(session: Session, collection_id: int, moved: Sequence[int], before: int | None) -> tuple[int, int] | None:
    """Return (position before the moved pictures, distance between them); None if the gap is too small."""
    others = [File.collection_id == collection_id, is_live(File), File.id.not_in(moved)]
    end = session.scalar(select(File.position).where(File.id == before)) if before else None
    if end is not None:
        others.append(File.position < end)
    start = session.scalar(select(func.max(File.position)).where(*others)) or 0
    step = GAP if end is None else (end - start) // (len(moved) + 1)
    return (start, step) if step > 0 else None
