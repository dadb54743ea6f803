"""Orphans: only objects without a row are found and removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from app.errors import Invalid, StorageUnavailable
from app.models import File, Variant
from app.services.maintenance import orphans, rows
from app.services.maintenance.orphans import Orphan, Orphans
from tests.support.gallery import AT_ONCE, Gallery

STRAY = "collections/x/y.jpg"


def found(gallery: Gallery, age: timedelta = AT_ONCE) -> list[str]:
    with gallery.app.app_context():
        return [orphan.key for orphan in Orphans(orphan_age=age).find()]


def removed(gallery: Gallery, *, sure: bool = False) -> list[Orphan]:
    with gallery.app.app_context():
        return list(Orphans(orphan_age=AT_ONCE).delete(sure=sure))


def keys(gallery: Gallery) -> set[str]:
    return {item.key for item in gallery.store.list()}


def test_only_objects_without_a_row_are_removed(gallery: Gallery) -> None:
    before = keys(gallery)
    gallery.stray(STRAY)
    other = gallery.stray("backups/of/another/program.gz")
    assert found(gallery) == [STRAY]
    assert keys(gallery) == before | {STRAY, other}
    assert [orphan.key for orphan in removed(gallery)] == [STRAY]
    assert keys(gallery) == before | {other}


@pytest.mark.usefixtures("on_r2")
def test_a_bucket_is_cleared_in_the_same_way(gallery: Gallery) -> None:
    before = keys(gallery)
    gallery.stray(STRAY)
    assert [orphan.key for orphan in removed(gallery)] == [STRAY]
    assert keys(gallery) == before


def test_objects_younger_than_a_day_are_kept(gallery: Gallery) -> None:
    gallery.stray(STRAY)
    assert found(gallery, timedelta(hours=24)) == []


def test_object_of_an_unfinished_upload_is_not_an_orphan(gallery: Gallery) -> None:
    gallery.set(upload_complete=False)
    assert found(gallery) == []


@pytest.mark.parametrize("column", ["thumbnail_path", "thumb_path", "medium_path"])
def test_object_named_only_by_a_legacy_column_is_not_an_orphan(gallery: Gallery, column: str) -> None:
    gallery.execute(delete(Variant))
    gallery.set(thumb_path=None, medium_path=None)
    gallery.execute(update(File).values({column: gallery.stray(STRAY)}))
    assert STRAY not in found(gallery)


def test_object_that_gets_its_row_during_the_run_is_kept(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = rows.recorded
    gallery.stray(STRAY)

    def named_in_between(wanted: list[str]) -> set[str]:
        gallery.execute(update(Variant).where(Variant.name == "small").values(path=STRAY))
        return recorded(wanted)

    monkeypatch.setattr(rows, "recorded", named_in_between)
    assert removed(gallery) == []
    assert STRAY in keys(gallery)


def test_the_wrong_database_does_not_empty_the_store(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "FEW", 2)
    gallery.execute(delete(Variant))
    gallery.execute(delete(File))
    before = keys(gallery)
    with pytest.raises(Invalid, match="right database"):
        removed(gallery)
    assert keys(gallery) == before
    assert len(removed(gallery, sure=True)) == len(before)
    assert keys(gallery) == set()


def test_objects_that_cannot_be_removed_are_reported(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_key: str) -> None:
        raise StorageUnavailable("503")

    gallery.stray(STRAY)
    monkeypatch.setattr(gallery.store, "delete", refuse)
    assert [(orphan.key, orphan.problem) for orphan in removed(gallery)] == [(STRAY, "503")]


def test_leftovers_of_interrupted_writes_go_too(gallery: Gallery, settings: dict[str, str]) -> None:
    import os
    from pathlib import Path

    leftover = Path(settings["STORAGE_PATH"]) / ".incoming" / "half"
    leftover.parent.mkdir(exist_ok=True)
    leftover.write_bytes(b"half a photograph")
    os.utime(leftover, (0, 0))
    with gallery.app.app_context():
        assert Orphans().sweep_leftovers() == 1
    assert not leftover.exists()
