"""The photographer's own order, on both databases."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import update

from app.errors import Invalid, NotFound
from app.models import Collection, File, SortOrder, db
from app.services.collections import arranging
from app.services.collections import order as gallery
from app.services.transactions import transaction
from tests.services.collections.test_order import collection as collection
from tests.services.collections.test_order import many, names
from tests.services.collections.test_order import studio as studio
from tests.support.rows import add, fill


@pytest.fixture
def letters(collection: Collection) -> dict[str, str]:
    """The uuids of a to e, uploaded backwards, and so not in the order of their names."""
    collection.sort_order = SortOrder.NAME
    db.session.commit()
    fill(*(add(collection, original_filename=letter) for letter in "edcba"))
    return {file.original_filename: file.uuid for file in gallery.pictures(collection.id, SortOrder.NAME)}


@pytest.mark.parametrize(
    ("moved", "before", "order"),
    [("a", "d", "bcade"), ("e", "a", "eabcd"), ("ca", None, "bdeca"), ("ec", "b", "aecbd"), ("b", "c", "abcde")],
)
def test_move_keeps_the_order_of_all_others(
    collection: Collection, letters: dict[str, str], moved: str, before: str | None, order: str
) -> None:
    arranging.move(collection.id, [letters[each] for each in moved], letters[before] if before else None)
    assert names(collection, SortOrder.MANUAL) == order
    db.session.refresh(collection)
    assert collection.sort_order == SortOrder.MANUAL


def test_moves_into_a_full_gap_renumber_and_new_pictures_come_last(
    collection: Collection, letters: dict[str, str]
) -> None:
    arranging.move(collection.id, [letters["a"]], letters["c"])
    with transaction() as session:
        session.execute(update(File).where(File.original_filename == "c").values(position=GAPLESS + 1))
        session.execute(update(File).where(File.original_filename == "a").values(position=GAPLESS))
    fill(add(collection, original_filename="x"))
    arranging.move(collection.id, [letters["e"]], letters["c"])
    assert names(collection, SortOrder.MANUAL) == "baecdx"


GAPLESS = arranging.GAP * 2


@pytest.mark.parametrize("wrong", ["none", "twice", "itself", "stranger"])
def test_invalid_moves_are_refused_and_change_nothing(
    collection: Collection, letters: dict[str, str], wrong: str
) -> None:
    a = letters["a"]
    moved, before = {"none": ([], a), "twice": ([a, a], None), "itself": ([a], a), "stranger": (["x"], None)}[wrong]
    with pytest.raises(Invalid):
        arranging.move(collection.id, moved, before)
    db.session.refresh(collection)
    assert collection.sort_order == SortOrder.NAME
    with pytest.raises(NotFound):
        arranging.move(0, [a], None)


def test_ten_thousand_are_put_in_order_at_once(collection: Collection) -> None:
    many(collection, 10_000)
    last = gallery.pictures(collection.id, SortOrder.TAKEN, 9_000, 1_000)
    first = gallery.pictures(collection.id, SortOrder.TAKEN, 0, 1)[0].uuid
    uuids = [file.uuid for file in last]
    start = time.perf_counter()
    arranging.move(collection.id, uuids, first)
    print(f"1,000 of 10,000 moved, {db.engine.dialect.name}: {time.perf_counter() - start:.2f} s")
    assert [file.uuid for file in gallery.pictures(collection.id, SortOrder.MANUAL, 0, 1_000)] == uuids
