"""`large` made ahead only where a collection stays at or below 1.1 times its originals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event

from app import Proofsheet
from app.jobs import tasks
from app.models import File, Variant, db
from app.services.variants import budget, private_originals
from app.services.variants.budget import VariantBudget
from tests.support.app import ManualQueue
from tests.support.pictures import grainy, numbered
from tests.support.studio import Studio

PHOTOS = 5
SIZE = (1500, 1000)


@pytest.fixture(autouse=True)
def _budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_budget", VariantBudget())


@pytest.fixture
def collection(studio: Studio) -> str:
    """A collection of grainy photos, of which nobody has made `large` yet."""
    collection = studio.collection(studio.photographer())
    photo = grainy(SIZE, 45, quality=80)
    for number in range(PHOTOS):
        studio.photo(collection, f"{number}.jpg", numbered(photo, number))
    return collection


def stored(collection: str, studio: Studio) -> tuple[int, int]:
    """Bytes of the originals, and of all variants."""
    files = studio.files(collection)
    return sum(file.size for file in files), sum(row.size for file in files for row in file.variants)


def originals_weigh(app: Proofsheet, studio: Studio, collection: str, larges: float) -> None:
    """Make the collection fit so many of its `large` variants, as if its originals were bigger."""
    with app.app_context():
        files = studio.files(collection)
        expected = max(budget._expected(file.id, budget.variants.by_name("large"))[1] for file in files)  # type: ignore[index]
        each = (stored(collection, studio)[1] + larges * expected) / (budget.TARGET - 1) / PHOTOS
        db.session.execute(db.update(File).values(size=int(each) + 1))
        db.session.commit()


def work_behind(app: Proofsheet, queue: ManualQueue) -> None:
    """Run the work of an idle pool."""
    while queue.background:
        tasks.run(app, *queue.background.pop(0))


def larges(studio: Studio, collection: str) -> int:
    """How many photos have a `large`."""
    return sum(row.name == "large" for file in studio.files(collection) for row in file.variants)


@pytest.mark.parametrize(("room_for", "made"), [(0.0, 0), (0.9, 0), (2.5, 2), (PHOTOS + 1, PHOTOS)])
def test_collection_stays_at_or_below_its_target(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str, room_for: float, made: int
) -> None:
    originals_weigh(app, studio, collection, room_for)
    work_behind(app, queue)
    originals, variants = stored(collection, studio)
    assert originals + variants <= budget.TARGET * originals
    assert larges(studio, collection) >= made
    assert (larges(studio, collection) == 0) is (made == 0)


def test_large_that_was_left_out_is_made_when_it_is_asked_for(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str
) -> None:
    work_behind(app, queue)
    assert larges(studio, collection) == 0
    photo = studio.files(collection)[0].uuid
    answer = studio.client().get(f"/collections/files/{photo}/variants/large")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert larges(studio, collection) == 1


def test_expected_size_of_large_is_at_least_the_real_one(app: Proofsheet, studio: Studio, collection: str) -> None:
    photo = studio.files(collection)[0]
    with app.app_context():
        expected = budget._expected(photo.id, budget.variants.by_name("large"))
    assert expected is not None
    studio.client().get(f"/collections/files/{photo.uuid}/variants/large")
    (large,) = (row for row in studio.file(photo.uuid).variants if row.name == "large")
    assert large.size <= expected[1] <= 2 * large.size


def counted(act: Callable[[], object]) -> int:
    """The number of sums read in the block."""
    sums: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sums.extend(["sum"] * ("sum(" in statement))

    event.listen(db.engine, "before_cursor_execute", listen)
    act()
    event.remove(db.engine, "before_cursor_execute", listen)
    return len(sums)


def test_sum_of_a_collection_is_not_read_for_each_photo(app: Proofsheet, studio: Studio, collection: str) -> None:
    files = [file.id for file in studio.files(collection)] * 20
    with app.app_context():
        full = VariantBudget()
        assert counted(lambda: [full.reserve(file_id, "large") for file_id in files]) == 1
    originals_weigh(app, studio, collection, 1000)
    with app.app_context():
        wide = VariantBudget()
        assert counted(lambda: [wide.reserve(file_id, "large") for file_id in files]) == 1


def test_full_budget_is_recounted_after_a_while(
    app: Proofsheet, studio: Studio, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = studio.files(collection)[0].id
    with app.app_context():
        known = VariantBudget()
        assert not known.reserve(photo, "large")
    originals_weigh(app, studio, collection, 10)
    with app.app_context():
        assert not known.reserve(photo, "large")
        monkeypatch.setattr(budget, "FRESH_SECONDS", -1.0)
        assert known.reserve(photo, "large")


def test_cleaned_originals_do_not_count(app: Proofsheet, studio: Studio, collection: str) -> None:
    originals_weigh(app, studio, collection, 10)
    photo = studio.files(collection)[0]
    with app.app_context():
        more = {"format": "jpeg", "path": "private.jpg", "width": 1, "height": 1, "size": photo.size * 100}
        db.session.add(Variant(file_id=photo.id, name=private_originals.NAME, **more))
        db.session.commit()
        assert VariantBudget().reserve(photo.id, "large")


def test_file_without_a_medium_has_no_large_ahead(app: Proofsheet, studio: Studio, collection: str) -> None:
    with app.app_context():
        db.session.execute(db.delete(Variant))
        db.session.commit()
        assert not VariantBudget().reserve(studio.files(collection)[0].id, "large")
