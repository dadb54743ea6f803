"""`flask photos import` as an administrator types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from app import Proofsheet
from app.cli import imports
from app.services.uploads.folder import Watch
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A folder with two photos, one of them in a subfolder, and a file that is not a photo."""
    folder = tmp_path / "card"
    (folder / "later").mkdir(parents=True)
    (folder / "1.jpg").write_bytes(jpeg(colour=(1, 1, 1)))
    (folder / "later" / "2.jpg").write_bytes(jpeg(colour=(2, 2, 2)))
    return folder


@pytest.fixture
def collection(studio: Studio) -> str:
    """The uuid of an empty collection."""
    return studio.collection(studio.photographer())


def run(app: Proofsheet, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["photos", "import", *map(str, words)])


def test_import_keeps_and_prepares(app: Proofsheet, studio: Studio, collection: str, card: Path) -> None:
    result = run(app, card, "--collection", collection, "--recursive")
    assert result.exit_code == 0, result.output
    assert "2 files imported, 0 already uploaded, 0 refused." in result.output
    assert "2 pictures prepared, 0 without a preview" in result.output
    assert all(file.has_variants for file in studio.files(collection))


def test_second_import_names_the_duplicates(app: Proofsheet, studio: Studio, collection: str, card: Path) -> None:
    run(app, card, "--collection", collection)
    result = run(app, card, "--collection", collection, "--recursive")
    assert f"{card / '1.jpg'}: already uploaded, skipped" in result.output
    assert "1 file imported, 1 already uploaded" in result.output
    assert len(studio.files(collection)) == 2


def test_refused_files_end_with_1(app: Proofsheet, collection: str, card: Path) -> None:
    (card / "empty.jpg").touch()
    result = run(app, card, "--collection", collection, "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert [(Path(file["path"]).name, file["result"]) for file in document["files"]] == [("empty.jpg", "refused")]
    assert document["summary"]["imported"] == 1


def test_picture_without_a_preview_ends_with_1(app: Proofsheet, studio: Studio, collection: str, card: Path) -> None:
    (card / "broken.jpg").write_bytes(jpeg()[:200])
    result = run(app, card, "--collection", collection)
    assert result.exit_code == 1
    assert "1 without a preview" in result.output
    assert f"{card / 'broken.jpg'}: This JPEG" in result.output
    assert len(studio.files(collection)) == 2


def test_duplicate_is_reported_with_its_earlier_name(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str, card: Path
) -> None:
    queue.paused = True
    uuid = studio.photo(collection, "older.jpg", jpeg()[:200])
    document = json.loads(run(app, card, "--collection", collection, "--json").stdout)
    assert [(file["file"], file["path"]) for file in document["files"]] == [(uuid, "older.jpg")]


def test_dry_run_takes_nothing(app: Proofsheet, studio: Studio, collection: str, card: Path) -> None:
    result = run(app, card, "--collection", collection, "--recursive", "--dry-run")
    assert (result.exit_code, studio.files(collection)) == (0, [])
    assert "2 files would be checked" in result.output


@pytest.mark.parametrize("words", [("nowhere",), ("--collection", "nowhere")])
def test_missing_collection_or_folder_is_reported(
    app: Proofsheet, collection: str, card: Path, words: tuple[str, ...]
) -> None:
    folder = card if words[0] == "--collection" else "nowhere"
    result = run(app, folder, "--collection", words[-1] if words[0] == "--collection" else collection)
    assert result.exit_code == 1
    assert "Error: There is no" in result.output


def test_watch_imports_new_files_until_interrupted(
    app: Proofsheet, studio: Studio, collection: str, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([[card / "1.jpg"], [], [card / "later" / "2.jpg"]])

    def settled(_watch: Watch) -> list[Path]:
        found = next(looks, None)
        if found is None:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(Watch, "settled", settled)
    monkeypatch.setattr(imports, "LOOK_SECONDS", 0)
    result = run(app, card, "--collection", collection, "--watch")
    assert result.exit_code == 0, result.output
    assert "2 files imported" in result.output
    assert len(studio.files(collection)) == 2
