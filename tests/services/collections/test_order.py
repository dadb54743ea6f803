"""A collection in its order, on both databases: slices, positions, shapes and days, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, text, update

from app import Proofsheet
from app.models import Collection, File, ProcessingStatus, SortOrder, db
from app.services import lookup
from app.services.collections import order as gallery
from app.services.collections.order import Counts
from tests.support.rows import add, fill
from tests.support.studio import Studio

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def studio(request: pytest.FixtureRequest, settings: dict[str, Any]) -> Iterator[Studio]:
    """A photographer's things, on each database."""
    if request.param == "postgresql":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    app: Proofsheet = request.getfixturevalue("app")
    with app.app_context():
        yield Studio(app)


@pytest.fixture
def collection(studio: Studio) -> Collection:
    """An empty collection."""
    return lookup.by_uuid(studio.collection(studio.photographer()))


def many(collection: Collection, number: int) -> None:
    """Pictures of a few days, their names in another order."""
    fill(*(
        add(
            collection,
            original_filename=f"{n * 7919 % number:06}.jpg",
            taken_at=NOON + timedelta(minutes=n * 31 % number),
            position=(n * 104_729 % number) * 1024,
            metadata_json={"taken_at": NOON.isoformat(), "camera": "A camera", "lens": "A lens"},
        )
        for n in range(number)
    ))  # fmt: skip


def names(collection: Collection, sort: SortOrder, start: int = 0, count: int = 60) -> str:
    return "".join(file.original_filename for file in gallery.pictures(collection.id, sort, start, count))


def files(collection: Collection, sort: SortOrder) -> list[File]:
    """The pictures of a collection in order, as model objects."""
    ids = [row.id for row in gallery.pictures(collection.id, sort)]
    return [db.session.get_one(File, file_id, populate_existing=True) for file_id in ids]


@pytest.mark.parametrize(
    ("sort", "order"),
    [(SortOrder.TAKEN, "dcba"), (SortOrder.NAME, "abcd"), (SortOrder.UPLOADED, "bcda"), (SortOrder.MANUAL, "cabd")],
)
def test_every_order_has_slices_and_positions(collection: Collection, sort: SortOrder, order: str) -> None:
    fill(
        add(collection, original_filename="b", taken_at=None, position=None),
        add(collection, original_filename="c", taken_at=NOON + timedelta(hours=1), position=1),
        add(collection, original_filename="d", taken_at=NOON, position=None),
        add(collection, original_filename="a", taken_at=None, position=2),
    )
    expected = {"dcba": "dcab", "cabd": "cabd"}.get(order, order)  # without a date or a place: by name, by arrival
    assert names(collection, sort) == expected
    assert names(collection, sort, 1, 2) == expected[1:3]
    assert [gallery.position(file, sort) for file in files(collection, sort)] == [0, 1, 2, 3]


def test_counts_are_by_state_and_exclude_deleted_files(collection: Collection) -> None:
    states = [ProcessingStatus.COMPLETED] * 4 + [ProcessingStatus.FAILED] * 2 + [ProcessingStatus.RETRYING]
    fill(*(add(collection, processing_status=state) for state in states))
    fill(add(collection, mime_type="text/plain"), add(collection, upload_complete=False))
    fill(add(collection, deleted_at=NOON, purge_after=NOON))
    assert gallery.counts(collection.id) == Counts(ready=4, preparing=1, failed=2, others=1)
    assert gallery.counts(collection.id).to_json() == {"total": 8, "ready": 5, "preparing": 1, "failed": 2}
    assert gallery.counts(0) == Counts()


def test_days_are_those_of_the_place(collection: Collection) -> None:
    fill(add(collection, taken_at=datetime(2026, 5, 4, 20, tzinfo=UTC), utc_offset=-7 * 3600))
    fill(add(collection, taken_at=NOON), add(collection, taken_at=None))
    found = gallery.geometry(collection.id, SortOrder.TAKEN)
    assert found.days() == [("2026-05-04", 2), ("", 1)]
    pictures = gallery.pictures(collection.id, SortOrder.TAKEN)
    assert [gallery.day_of(file) for file in pictures] == [frame.day for frame in found.frames]


def test_revision_changes_with_whatever_moves_the_grid(collection: Collection) -> None:
    fill(add(collection, width=None, height=None), add(collection, original_filename="a"))
    seen = [gallery.geometry(collection.id, sort).revision for sort in SortOrder]
    for change in ({"width": 4, "height": 2}, {"processing_status": ProcessingStatus.FAILED}):
        db.session.execute(update(File).values(change))
        db.session.commit()
        seen.append(gallery.geometry(collection.id, SortOrder.TAKEN).revision)
    assert len(set(seen)) == len(seen)
    assert gallery.geometry(collection.id, SortOrder.TAKEN).revision == seen[-1]


@pytest.mark.parametrize("sort", SortOrder)
def test_first_page_of_ten_thousand_needs_no_sort(collection: Collection, sort: SortOrder) -> None:
    many(collection, 10_000)
    if db.engine.dialect.name == "postgresql":  # it gathers statistics by itself, but not within this second
        db.session.execute(text("ANALYZE"))
        db.session.commit()
    steps = plan(gallery.ordered(collection.id, sort).limit(60))
    assert "Seq Scan on files" not in steps, steps  # the table of variants is empty
    assert "SCAN files" not in steps, steps
    assert "TEMP B-TREE" not in steps, steps
    assert "->  Sort" not in steps, steps  # "Incremental Sort" is of those few that have the same first key


def plan(query: Select[Any]) -> str:
    """The query plan."""
    compiled = str(query.compile(db.engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in db.session.execute(text(f"{explain} {compiled}")))


def test_names_are_in_natural_order_on_every_list(collection: Collection) -> None:
    names = ["Wedding-1.jpg", "wedding-2.jpg", "Wedding-10.jpg", "Wedding-100.jpg"]
    fill(*(add(collection, original_filename=name, taken_at=NOON) for name in reversed(names)))
    fill(*(add(collection, original_filename=f"{name}.pdf", mime_type="application/pdf") for name in reversed(names)))
    for sort in (SortOrder.NAME, SortOrder.TAKEN):
        pictures = gallery.pictures(collection.id, sort)
        assert [file.original_filename for file in pictures] == names
        assert [gallery.position(file, sort) for file in files(collection, sort)] == [0, 1, 2, 3]
    assert [file.original_filename for file in gallery.other_files(collection.id)] == [f"{name}.pdf" for name in names]
