"""`flask maintenance` as people and scripts use it: output, exit codes, dry runs, interruptions."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.exceptions import Exit
from click.testing import Result

from app.cli.output import Report
from app.errors import StorageUnavailable
from app.models import ProcessingStatus, utc_now
from app.services.maintenance.verify import Verification
from tests.support.gallery import Gallery, gallery

__all__ = ["gallery"]

EVERY = (
    "photos status", "photos backfill", "photos backfill --dry-run", "photos backfill --force",
    "photos backfill --hand-over", "photos retry",
    "photos retry --dry-run", "photos analyze", "photos analyze --list", "maintenance verify",
    "maintenance verify --deep", "maintenance repair", "maintenance repair --dry-run", "maintenance orphans",
    "maintenance orphans --delete", "maintenance orphans --delete --dry-run", "maintenance stats",
)  # fmt: skip


def flask(gallery: Gallery, command: str) -> Result:
    return gallery.app.test_cli_runner().invoke(args=command.split())


@pytest.mark.parametrize("command", EVERY)
def test_intact_gallery_ends_every_command_with_0_and_a_summary(gallery: Gallery, command: str) -> None:
    result = flask(gallery, command)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip()


@pytest.mark.parametrize("command", EVERY)
def test_standard_output_is_one_json_document_and_the_bar_is_elsewhere(gallery: Gallery, command: str) -> None:
    gallery.lose("small")
    gallery.set(thumb_path="elsewhere.jpg")
    result = flask(gallery, f"{command} --json")
    assert isinstance(json.loads(result.stdout), dict), result.stdout


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("maintenance verify", 1),
        ("maintenance repair --dry-run", 1),
        ("maintenance repair", 0),
        ("photos backfill", 0),
        ("photos status", 0),
    ],
)
def test_a_lost_variant_ends_with_1_until_it_is_repaired(gallery: Gallery, command: str, code: int) -> None:
    gallery.lose("small")
    assert flask(gallery, command).exit_code == code


def test_verify_repair_and_backfill_restore_everything(gallery: Gallery) -> None:
    gallery.lose("small")
    found = json.loads(flask(gallery, "maintenance verify --json").stdout)
    (finding,) = found["findings"]
    assert finding.keys() == {"invariant", "file", "key", "words", "repair"}
    assert (finding["invariant"], finding["file"]) == (2, gallery.photo)
    assert found["summary"]["by_invariant"] == {"2": 1}
    assert flask(gallery, "maintenance repair").exit_code == 0
    made = json.loads(flask(gallery, "photos backfill --json").stdout)
    assert made["summary"]["made"] == 1
    assert flask(gallery, "maintenance verify --deep").exit_code == 0


def test_lost_original_is_reported_and_not_repaired(gallery: Gallery) -> None:
    gallery.lose()
    result = flask(gallery, "maintenance repair")
    assert result.exit_code == 1
    assert "backup" in result.stdout
    assert gallery.photo in result.stdout


def test_failures_end_status_and_backfill_with_1_and_retry_starts_them(gallery: Gallery) -> None:
    broken = gallery.studio.photo(gallery.collection, "broken.jpg", b"\xff\xd8\xff")
    assert flask(gallery, "photos status").exit_code == 1
    assert flask(gallery, "photos backfill --force").exit_code == 1
    summary = json.loads(flask(gallery, "photos retry --json").stdout)
    assert summary == {"restarted": 1, "dry_run": False}
    assert gallery.studio.file(broken).processing_status == ProcessingStatus.PENDING


def test_analyze_lists_missing_variants_as_text_and_json(gallery: Gallery) -> None:
    assert f"{gallery.photo}: large" in flask(gallery, "photos analyze --list").stdout
    (need,) = json.loads(flask(gallery, "photos analyze --list --json").stdout)["files"]
    assert (need["missing"], need["not_enlarged"]) == (["large"], ["large", "medium", "small", "thumb"])


@pytest.mark.parametrize(
    "command",
    ["photos backfill --variant enormous", "photos backfill --collection none", "photos analyze --collection none"],
)
def test_unknown_target_is_refused_in_one_sentence(gallery: Gallery, command: str) -> None:
    result = flask(gallery, command)
    assert result.exit_code == 1
    assert "Error: " in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("error", "code", "summary"),
    [(KeyboardInterrupt(), 130, {"interrupted": True}), (StorageUnavailable("The store is away."), 1, None)],
)
def test_interrupted_command_prints_complete_document_marked_as_interrupted(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, summary: Any
) -> None:
    gallery.set(thumb_path="elsewhere.jpg")
    whole = Verification.findings

    def broken_off(self: Verification) -> Iterator[Any]:
        yield from whole(self)
        raise error

    monkeypatch.setattr(Verification, "findings", broken_off)
    result = flask(gallery, "maintenance verify --json")
    document = json.loads(result.stdout)
    assert result.exit_code == code
    assert len(document["findings"]) == 1
    assert document["summary"] == (summary or {"error": "storage_unavailable", "message": "The store is away."})
    assert ("to continue" if code == 130 else "The store is away.") in result.stderr


def test_orphans_end_with_1_until_they_are_gone(gallery: Gallery, settings: dict[str, Any]) -> None:
    import os
    from pathlib import Path

    key = gallery.stray("collections/x/y.jpg")
    os.utime(Path(settings["STORAGE_PATH"]) / key, (0, 0))
    assert flask(gallery, "maintenance orphans").exit_code == 1
    assert flask(gallery, "maintenance orphans --delete --dry-run").exit_code == 1
    deleted = json.loads(flask(gallery, "maintenance orphans --delete --json").stdout)
    assert [orphan["key"] for orphan in deleted["orphans"]] == [key]
    assert deleted["summary"]["deleted"] == 1
    assert flask(gallery, "maintenance orphans").exit_code == 0


def test_closing_a_report_closes_its_source() -> None:
    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    closed: list[bool] = []
    kept = endless()
    with pytest.raises(Exit):
        _interrupted_after_one(kept)
    assert closed


def _interrupted_after_one(items: Generator[int, None, None]) -> None:
    with Report(False) as report:
        next(report.through(items))
        raise KeyboardInterrupt


def test_overdue_deletion_ends_verify_with_1_until_repaired(gallery: Gallery) -> None:
    long_ago = utc_now() - timedelta(days=2)
    gallery.set(deleted_at=long_ago, purge_after=long_ago, purging_at=long_ago)
    found = json.loads(flask(gallery, "maintenance verify --json").stdout)
    (finding,) = found["findings"]
    assert (finding["invariant"], finding["file"], finding["repair"]) == (5, gallery.photo, "purge")
    assert flask(gallery, "maintenance repair --dry-run").exit_code == 1
    assert len(list(gallery.store.list())) == 4
    assert flask(gallery, "maintenance repair").exit_code == 0
    assert flask(gallery, "maintenance verify").exit_code == 0
    assert list(gallery.store.list()) == []
