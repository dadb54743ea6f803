"""Repair: what can be made again is recreated, the rest is reported as needing a backup."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.models import ProcessingStatus, utc_now
from app.services.maintenance.deep import DeepVerification
from app.services.maintenance.findings import Finding
from app.services.maintenance.repair import repaired
from app.services.maintenance.verify import Verification
from app.services.variants import claims, isolation
from tests.services.maintenance.test_verify import BROKEN
from tests.support.gallery import AT_ONCE, Gallery

MENDABLE = [name for name, (_, (invariant, _, _)) in BROKEN.items() if invariant in (2, 4)]
BEYOND = [name for name in BROKEN if name not in MENDABLE]


def repair(gallery: Gallery, *, dry_run: bool = False) -> list[bool]:
    with gallery.app.app_context():
        found = Verification(orphan_age=AT_ONCE).findings()
        return [mended for _, mended in repaired(found, dry_run=dry_run)]


@pytest.mark.parametrize("broken", MENDABLE)
def test_repair_and_processing_restore_everything(gallery: Gallery, broken: str) -> None:
    BROKEN[broken][0](gallery)
    assert repair(gallery) == [True]
    gallery.queue.run_due()
    assert gallery.findings() == []
    assert gallery.studio.file(gallery.photo).processing_status == ProcessingStatus.COMPLETED


@pytest.mark.usefixtures("on_r2")
@pytest.mark.parametrize("broken", ["variant gone", "variant cut short"])
def test_a_variant_in_a_bucket_is_repaired_as_well(gallery: Gallery, broken: str) -> None:
    BROKEN[broken][0](gallery)
    assert repair(gallery) == [True]
    gallery.queue.run_due()
    assert gallery.findings() == []


@pytest.mark.parametrize("broken", BEYOND)
def test_unrepairable_finding_is_reported_and_left(gallery: Gallery, broken: str) -> None:
    BROKEN[broken][0](gallery)
    before = gallery.findings()
    assert repair(gallery) == [False]
    assert gallery.findings() == before


@pytest.mark.parametrize("broken", BROKEN)
def test_a_dry_run_changes_nothing(gallery: Gallery, broken: str) -> None:
    BROKEN[broken][0](gallery)
    before = gallery.findings()
    repair(gallery, dry_run=True)
    assert gallery.findings() == before


def test_lost_on_demand_variant_is_deleted_without_starting_a_job(gallery: Gallery) -> None:
    with gallery.app.app_context():
        from app.services.variants.single import SingleVariant

        assert SingleVariant().make(gallery.studio.file(gallery.photo).id, "large")
    gallery.lose("large")
    assert repair(gallery) == [True]
    file = gallery.studio.file(gallery.photo)
    assert file.processing_status == ProcessingStatus.COMPLETED
    assert "large" not in {row.name for row in file.variants}


def test_variant_with_metadata_is_recreated_without_it(gallery: Gallery) -> None:
    key = gallery.key("small")
    with gallery.store.open(key) as stream:
        data = stream.read()
    commented = data[:2] + b"\xff\xfe\x00\x06home" + data[2:]
    gallery.replace(commented, "small")
    gallery.size_is(len(commented), "small")
    with gallery.app.app_context():
        assert [mended for _, mended in repaired(DeepVerification().findings())] == [True]
    gallery.queue.run_due()
    with gallery.app.app_context():
        assert list(DeepVerification().findings()) == []


def test_findings_from_before_an_interruption_are_repaired(gallery: Gallery) -> None:
    def interrupted() -> Iterator[Finding]:
        yield from Verification(orphan_age=AT_ONCE).findings()
        raise KeyboardInterrupt

    gallery.set(thumb_path="elsewhere.jpg")
    with gallery.app.app_context(), pytest.raises(KeyboardInterrupt):
        list(repaired(interrupted()))
    assert gallery.findings() == []


def test_a_picture_that_ends_its_worker_every_time_is_failed_and_not_started_again(gallery: Gallery) -> None:
    gallery.set(
        processing_status=ProcessingStatus.PROCESSING,
        interruptions=isolation.GIVEN_UP_AFTER - 1,
        started_at=utc_now() - claims.CLAIM_LEASE * 11,
        lease_expires_at=utc_now() - claims.CLAIM_LEASE * 10,
    )
    repair(gallery)
    assert gallery.studio.file(gallery.photo).error_code == "gave_up"
