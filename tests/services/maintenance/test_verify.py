"""Verification finds each invariant broken on purpose, on each kind of store, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.errors import StorageError
from app.integrations.base import StoredObject
from app.models import ProcessingStatus, Variant, utc_now
from app.services.maintenance import rows, verify
from app.services.maintenance.findings import Finding, Fix
from app.services.maintenance.inventory import Inventory
from app.services.maintenance.rows import FileRow
from tests.support.gallery import Gallery

PROCESSING, RETRYING, PENDING, FAILED = (
    ProcessingStatus.PROCESSING,
    ProcessingStatus.RETRYING,
    ProcessingStatus.PENDING,
    ProcessingStatus.FAILED,
)
LONG_AGO, JUST_NOW, SOON = timedelta(hours=-1), timedelta(seconds=-5), timedelta(hours=1)
Break = Callable[[Gallery], object]

BROKEN: dict[str, tuple[Break, tuple[int, str, Fix]]] = {
    "original gone": (lambda g: g.lose(), (1, "original is not in the store", Fix.NONE)),
    "original cut short": (lambda g: g.replace(b"short"), (1, "original has 5 bytes", Fix.NONE)),
    "variant gone": (lambda g: g.lose("small"), (2, "small is not in the store", Fix.REMAKE)),
    "variant cut short": (lambda g: g.replace(b"short", "thumb"), (2, "thumb has 5 bytes", Fix.REMAKE)),
    "path to elsewhere": (lambda g: g.set(thumb_path="elsewhere.jpg"), (2, "thumb_path is", Fix.PATHS)),
    "path gone": (lambda g: g.set(medium_path=None), (2, "medium_path is None", Fix.PATHS)),
    "object without row": (lambda g: g.stray("collections/x/y.jpg"), (3, "No row names", Fix.ORPHANS)),
    "variant never made": (lambda g: (g.lose("small"), g.forget("small")), (4, "lacks small", Fix.RESTART)),
    "worker gone": (
        lambda g: g.set(processing_status=PROCESSING, lease_expires_at=utc_now() + LONG_AGO),
        (4, "worker ended", Fix.RESTART),
    ),
    "worker without lease": (
        lambda g: g.set(processing_status=PROCESSING, lease_expires_at=None),
        (4, "worker ended", Fix.RESTART),
    ),
    "try not scheduled": (
        lambda g: g.set(processing_status=RETRYING, next_attempt_at=None),
        (4, "not scheduled", Fix.RESTART),
    ),
    "try overdue": (
        lambda g: g.set(processing_status=RETRYING, next_attempt_at=utc_now() + LONG_AGO),
        (4, "overdue", Fix.RESTART),
    ),
}
SOUND: dict[str, Break] = {
    "untouched": lambda g: None,
    "waiting": lambda g: g.set(processing_status=PENDING),
    "at work": lambda g: g.set(processing_status=PROCESSING, lease_expires_at=utc_now() + SOON),
    "worker just gone": lambda g: g.set(processing_status=PROCESSING, lease_expires_at=utc_now() + JUST_NOW),
    "try just due": lambda g: g.set(processing_status=RETRYING, next_attempt_at=utc_now() + JUST_NOW),
    "scheduled": lambda g: g.set(processing_status=RETRYING, next_attempt_at=utc_now() + SOON),
    "failed visibly": lambda g: g.set(processing_status=FAILED, error="It is damaged."),
    "another program's object": lambda g: g.stray("backups/database.gz"),
    "never finished, without object": lambda g: (g.lose(), g.set(upload_complete=False)),
    "never finished, with object": lambda g: g.set(upload_complete=False),
    "deprecated thumbnail": lambda g: g.set(thumbnail_path=g.stray("collections/x/thumbnails/y.jpg")),
}


def _found(gallery: Gallery, broken: str) -> Finding:
    damage, _ = BROKEN[broken]
    damage(gallery)
    (finding,) = gallery.findings()
    return finding


@pytest.mark.parametrize("broken", BROKEN)
def test_every_kind_of_damage_is_found(gallery: Gallery, broken: str) -> None:
    finding = _found(gallery, broken)
    invariant, words, fix = BROKEN[broken][1]
    assert (finding.invariant, finding.fix) == (invariant, fix)
    assert words in finding.words
    assert finding.uuid == (None if invariant == 3 else gallery.photo)


@pytest.mark.usefixtures("on_r2")
@pytest.mark.parametrize("broken", ["original gone", "variant gone", "variant cut short", "object without row"])
def test_every_kind_of_damage_is_found_in_a_bucket(gallery: Gallery, broken: str) -> None:
    assert _found(gallery, broken).invariant == BROKEN[broken][1][0]


@pytest.mark.parametrize("state", SOUND)
def test_valid_states_have_no_findings(gallery: Gallery, state: str) -> None:
    SOUND[state](gallery)
    assert gallery.findings() == []


def test_an_object_younger_than_a_day_may_still_get_its_row(gallery: Gallery) -> None:
    gallery.stray("collections/x/y.jpg")
    assert gallery.findings(orphan_age=timedelta(hours=24)) == []


def test_two_rows_with_one_object_are_found(gallery: Gallery) -> None:
    original = gallery.key()
    gallery.execute(update(Variant).where(Variant.name == "small").values(path=original, size=len(b"")))
    assert 6 in {finding.invariant for finding in gallery.findings()}


def test_files_of_an_unconfigured_store_are_reported(gallery: Gallery) -> None:
    gallery.set(storage_backend="r2")
    told = [finding.words for finding in gallery.findings() if finding.invariant == 1]
    assert [words.split(":")[0] for words in told] == ["4 objects cannot be checked"]


def test_variant_recreated_during_the_listing_is_not_a_finding(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = verify.Verification._of_store

    def then_remade(self: verify.Verification, inventory: Inventory, backend: str) -> list[Finding]:
        suspects = list(whole(self, inventory, backend))
        gallery.size_is(recorded, "small")
        return suspects

    recorded = next(row.size for row in gallery.studio.file(gallery.photo).variants if row.name == "small")
    gallery.size_is(recorded + 1, "small")
    assert len(gallery.findings()) == 1
    monkeypatch.setattr(verify.Verification, "_of_store", then_remade)
    gallery.size_is(recorded + 1, "small")
    assert gallery.findings() == []


def test_row_corrected_during_the_run_is_not_a_finding(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    by_id = rows.by_id

    def healed(file_ids: list[int]) -> dict[int, FileRow]:
        gallery.set(thumb_path=gallery.key("thumb"))
        return by_id(file_ids)

    gallery.set(thumb_path="elsewhere.jpg")
    monkeypatch.setattr(rows, "by_id", healed)
    assert gallery.findings() == []


def test_object_that_got_its_row_during_the_run_is_not_a_finding(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = gallery.stray("collections/x/y.jpg")
    monkeypatch.setattr(rows, "recorded", set)
    assert stray
    assert gallery.findings() == []


def test_a_listing_out_of_order_is_refused_instead_of_finding_everything_lost(tmp_path: object, app: object) -> None:
    from pathlib import Path

    listing = [StoredObject(key, 1, utc_now()) for key in ("collections/b", "collections/a")]
    with Inventory(Path(str(tmp_path))) as inventory, pytest.raises(StorageError, match="key order"):
        list(inventory.paired("local", listing))
