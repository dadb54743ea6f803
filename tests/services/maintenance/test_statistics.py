"""Amounts under each heading, and what a store charges for them."""

from __future__ import annotations

from typing import Any

import pytest

from app import Proofsheet
from app.integrations import prices
from app.integrations.file_storage import PRICES
from app.services.maintenance import statistics
from app.services.maintenance.statistics import Amount, Statistics
from tests.support.app import ManualQueue
from tests.support.gallery import Gallery
from tests.support.pictures import jpeg
from tests.support.studio import Studio

GB = prices.GB


def gather(app: Proofsheet, top: int = 20) -> Statistics:
    with app.app_context():
        return statistics.gather(top)


def test_sums_of_every_grouping_are_equal(gallery: Gallery) -> None:
    gallery.studio.upload(gallery.collection, ("notes.txt", b"twelve bytes"), ("film.mp4", b"a film"))
    found = gather(gallery.app)
    stored = sum(item.size for item in gallery.store.list())
    assert found.originals["images"] == Amount(1, len(jpeg()))
    assert (found.originals["videos"], found.originals["other files"]) == (Amount(1, 6), Amount(1, 12))
    assert found.variants.keys() == {"thumb", "small", "medium"}
    assert found.formats["image/jpeg"].files == 4
    assert found.classes == {"local disk": Amount(6, stored)}
    assert found.total.bytes == stored
    (collection,) = found.collections
    assert collection == (gallery.collection, "Wedding", Amount(6, stored))
    for heading in (found.formats, found.originals | found.variants):
        assert sum(amount.bytes for amount in heading.values()) == stored


def test_the_largest_collections_come_first_and_empty_ones_not_at_all(gallery: Gallery) -> None:
    owner = gallery.studio.photographer("bob@example.com")
    larger, _empty = gallery.studio.collection(owner), gallery.studio.collection(owner)
    gallery.studio.upload(larger, ("large.bin", b"x" * 100_000))
    assert [uuid for uuid, _, _ in gather(gallery.app).collections] == [larger, gallery.collection]
    assert len(gather(gallery.app, top=1).collections) == 1
    assert len(gather(gallery.app, top=0).collections) == 2


@pytest.mark.parametrize("wanted", ["STANDARD", "STANDARD_IA"])
def test_variants_are_standard_whatever_originals_are(gallery: Gallery, wanted: str) -> None:
    gallery.set(storage_backend="r2", storage_class=wanted)
    classes = gather(gallery.app).classes
    assert sum(amount.files for amount in classes.values()) == 4
    assert classes[wanted].files == (4 if wanted == "STANDARD" else 1)


@pytest.mark.usefixtures("on_r2")
def test_each_original_counts_in_the_class_in_which_it_was_written(
    settings: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    settings["R2_ORIGINALS_STORAGE_CLASS"] = "STANDARD_IA"
    gallery: Gallery = request.getfixturevalue("gallery")
    gallery.app.config["R2_ORIGINALS_STORAGE_CLASS"] = "STANDARD"  # changed since
    assert gather(gallery.app).classes["STANDARD_IA"] == Amount(1, len(jpeg()))
    assert gather(gallery.app).classes["STANDARD"].files == 3


@pytest.mark.usefixtures("on_r2")
def test_an_original_that_is_put_back_counts_in_the_class_of_the_second_time(
    settings: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    settings["R2_ORIGINALS_STORAGE_CLASS"] = "STANDARD_IA"
    gallery: Gallery = request.getfixturevalue("gallery")
    gallery.set(storage_class="STANDARD")
    gallery.lose()
    assert gallery.studio.photo(gallery.collection) == gallery.photo
    assert gallery.studio.file(gallery.photo).storage_class == "STANDARD_IA"


def test_an_original_from_before_is_of_an_unknown_class_and_charged_for_as_standard(gallery: Gallery) -> None:
    gallery.set(storage_backend="r2", storage_class=None)
    found = gather(gallery.app)
    original = Amount(1, len(jpeg()))
    assert (found.classes["unknown"], found.classes["STANDARD"].files) == (original, 3)
    assert found.cost["assumed_standard"] == original.as_json()


def test_unknown_storage_class_gets_no_separate_allowance() -> None:
    half = Amount(1, 10 * GB)
    bill = statistics.cost({"STANDARD": half, "unknown": half}, prices.load(PRICES))
    assert bill["storage_per_month"] == {"STANDARD": 0.3}
    assert bill["allowance_per_month"] == pytest.approx(0.15)
    assert bill["total_per_month"] == pytest.approx(0.15)


def test_files_on_disk_have_no_storage_class(gallery: Gallery) -> None:
    assert gallery.studio.file(gallery.photo).storage_class is None
    assert gather(gallery.app).classes.keys() == {"local disk"}


def test_empty_gallery_has_empty_statistics(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    found = gather(app)
    assert (found.total, found.cost["total_per_month"]) == (Amount(), 0)


def test_the_bill_of_a_terabyte_in_the_cheaper_class_is_that_of_the_price_list() -> None:
    classes = {
        "STANDARD_IA": Amount(50_000, 1000 * GB),
        "STANDARD": Amount(150_000, 20 * GB),
        "local disk": Amount(1, GB),
    }
    bill = statistics.cost(classes, prices.load(PRICES))
    assert bill["storage_per_month"] == {"STANDARD_IA": 10.0, "STANDARD": 0.3}
    assert bill["allowance_per_month"] == pytest.approx(0.15)  # 10 GB, of the standard class alone
    assert bill["total_per_month"] == pytest.approx(10.15)
    assert bill["writing_once"] == pytest.approx(0.05 * 9 + 0.15 * 4.5)
    assert bill["reading_once"] == pytest.approx(0.05 * 0.9 + 0.15 * 0.36 + 10.0, abs=1e-4)
    assert bill["minimum_days"] == {"STANDARD_IA": 30}


def test_prices_name_their_source_and_date() -> None:
    found = prices.load(PRICES)
    assert found.source.startswith("https://developers.cloudflare.com/r2/pricing")
    assert found.read_on >= "2026-01-01"
    assert found.classes.keys() == {"STANDARD", "STANDARD_IA"}
