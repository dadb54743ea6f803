"""Import of a folder: every file once, completely, and a reason for each refusal."""

from __future__ import annotations

import gc
import hashlib
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from app import Proofsheet
from app.errors import Invalid, NotFound
from app.models import utc_now
from app.services.uploads import folder as folder_import
from app.services.uploads.folder import FolderImport, ImportResult, Watch, files_in
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder outside the store."""
    made = tmp_path / "card"
    made.mkdir()
    return made


def write(folder: Path, *names: str) -> list[Path]:
    """Different photographs under these names."""
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(jpeg(colour=(number % 256, number // 256, len(name) % 256)))
    return [folder / name for name in names]


def taken(app: Proofsheet, collection: str, paths: Sequence[Path]) -> list[ImportResult]:
    with app.app_context():
        return list(FolderImport(collection).run(paths))


def results(app: Proofsheet, collection: str, paths: Sequence[Path]) -> list[tuple[str, str]]:
    return [(one.path.name, one.result) for one in taken(app, collection, paths)]


def test_originals_are_kept_as_they_are_and_wait_for_their_variants(
    app: Proofsheet, studio: Studio, queue: ManualQueue, collection: str, folder: Path
) -> None:
    (path,) = write(folder, "Zürich 1.jpg")
    (one,) = taken(app, collection, [path])
    assert one.result == "imported"
    file = studio.file(one.uuid)
    assert (file.original_filename, file.processing_status, file.size) == (
        "Zürich 1.jpg",
        "pending",
        path.stat().st_size,
    )
    assert (Path(app.config["STORAGE_PATH"]) / file.storage_path).read_bytes() == path.read_bytes()
    assert queue.submitted == []


def test_imported_file_is_a_duplicate_the_next_time(app: Proofsheet, collection: str, folder: Path) -> None:
    first, second = write(folder, "a.jpg", "b.jpg")
    assert results(app, collection, [first]) == [("a.jpg", "imported")]
    assert results(app, collection, [first, second]) == [("a.jpg", "duplicate"), ("b.jpg", "imported")]


def test_files_that_cannot_be_taken_are_named_and_the_others_are_taken(
    app: Proofsheet, collection: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAX_UPLOAD_MB", 1)
    (good,) = write(folder, "good.jpg")
    empty, large, gone, loop = (folder / name for name in ("empty.jpg", "large.tif", "gone.jpg", "loop.jpg"))
    empty.touch()
    large.write_bytes(bytes(1_000_001))
    loop.symlink_to(loop)
    found = taken(app, collection, [empty, large, gone, loop, folder, good])
    assert [one.result for one in found] == ["refused"] * 5 + ["imported"]
    expected = ["empty", "larger than 1 MB", "No such file", "symbolic links", "directory", ""]
    for one, words in zip(found, expected, strict=True):
        assert words in one.words


def test_file_that_changes_while_it_is_read_is_refused(
    app: Proofsheet, studio: Studio, collection: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = write(folder, "a.jpg")
    usual = folder_import._hashed

    def hashed(stream: object) -> object:
        found = usual(stream)  # type: ignore[arg-type]
        path.write_bytes(jpeg(colour=(1, 2, 3)))
        return found

    monkeypatch.setattr(folder_import, "_hashed", hashed)
    (one,) = taken(app, collection, [path])
    assert one.result == "refused"
    assert "changed while" in one.words
    assert studio.files(collection) == []


def test_unknown_collection_and_folder_are_refused(app: Proofsheet, tmp_path: Path) -> None:
    with app.app_context(), pytest.raises(NotFound):
        FolderImport("nowhere")
    with pytest.raises(Invalid, match="no folder"):
        files_in(tmp_path / "nowhere", recursive=False)


@pytest.mark.parametrize(
    ("recursive", "found"), [(False, ["a.jpg", "b.txt"]), (True, ["a.jpg", "b.txt", "day 2/c.jpg"])]
)
def test_hidden_files_and_links_to_folders_are_skipped(folder: Path, recursive: bool, found: list[str]) -> None:
    write(folder, "a.jpg", "b.txt", "day 2/c.jpg", ".hidden.jpg", "Thumbs.db", ".trash/d.jpg")
    (folder / "round").symlink_to(folder)
    paths = files_in(folder, recursive=recursive)
    assert [str(path.relative_to(folder)) for path in paths] == found


def test_files_come_in_natural_order(folder: Path) -> None:
    write(folder, "img10.jpg", "img2.jpg", "day 10/a.jpg", "day 2/evening/b.jpg")
    found = [str(path.relative_to(folder)) for path in files_in(folder, recursive=True)]
    assert found == ["day 2/evening/b.jpg", "day 10/a.jpg", "img2.jpg", "img10.jpg"]


def test_file_is_known_by_its_first_bytes_and_digested_to_its_last(
    app: Proofsheet, studio: Studio, collection: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_import, "CHUNK_BYTES", 100)
    path = folder / "photo.dat"
    path.write_bytes(jpeg())
    (one,) = taken(app, collection, [path])
    file = studio.file(one.uuid)
    assert (file.mime_type, file.crc32, file.size) == ("image/jpeg", zlib.crc32(jpeg()), len(jpeg()))
    assert file.sha256 == hashlib.sha256(jpeg()).hexdigest()


def test_result_is_told_with_the_reason_or_the_file(app: Proofsheet, collection: str, folder: Path) -> None:
    (good,) = write(folder, "good.jpg")
    kept, gone = taken(app, collection, [good, folder / "gone.jpg"])
    assert kept.as_json() == {"path": str(good), "result": "imported", "file": kept.uuid, "words": ""}
    assert gone.as_json() == {"path": str(gone.path), "result": "refused", "file": "", "words": gone.words}
    assert kept.uuid
    assert gone.words


def test_progress_is_told_file_by_file(app: Proofsheet, collection: str, folder: Path) -> None:
    told: list[object] = []

    @contextmanager
    def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
        told.append((label, total))
        yield told.append

    with app.app_context():
        list(FolderImport(collection, progress=progress).run(write(folder, "a.jpg", "b.jpg")))
    assert told == [("Importing", 2), 1, 1]


def test_many_files_need_no_more_memory_than_a_few(app: Proofsheet, collection: str, folder: Path) -> None:
    """What is held for a file is its path: below 1 kB each, where its bytes would be some hundred times that."""
    paths = write(folder, *(f"{number}.jpg" for number in range(140)))

    def peak(some: list[Path]) -> int:
        before = collected()
        with app.app_context():
            ran = enumerate(FolderImport(collection).run(some))
            return max(collected() for number, _one in ran if number % 10 == 0) - before

    def collected() -> int:
        """Bytes that somebody holds: cycles wait for the collector for as long as it likes, and are nobody's."""
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        peak(paths[:20])
        few, many = peak(paths[20:40]), peak(paths[40:])
    finally:
        tracemalloc.stop()
    assert many - few < 80 * 1000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """How far the clock of the watch is ahead of that of the files, as the only item."""
    ahead = [timedelta(seconds=10)]
    monkeypatch.setattr(folder_import, "utc_now", lambda: utc_now() + ahead[0])
    return ahead


@pytest.mark.usefixtures("clock")
def test_watch_gives_each_file_once_after_two_equal_looks(folder: Path) -> None:
    watch = Watch(folder, recursive=False)
    (path,) = write(folder, "a.jpg")
    assert [watch.settled() for _look in range(3)] == [[], [path], []]
    path.write_bytes(jpeg(colour=(7, 7, 7)))
    assert [watch.settled() for _look in range(3)] == [[], [path], []]


@pytest.mark.usefixtures("clock")
def test_watch_waits_for_a_file_that_grows(folder: Path) -> None:
    watch, path = Watch(folder, recursive=False), folder / "a.jpg"
    for _write in range(3):
        with path.open("ab") as stream:
            stream.write(b"more")
        assert watch.settled() == []
    assert watch.settled() == [path]


def test_watch_waits_for_a_pause_of_a_slow_copy(folder: Path, clock: list[timedelta]) -> None:
    clock[0] = timedelta()
    watch = Watch(folder, recursive=False)
    (path,) = write(folder, "a.jpg")
    assert [watch.settled() for _look in range(3)] == [[], [], []]
    clock[0] = timedelta(seconds=folder_import.SETTLED_SECONDS + 1)
    assert watch.settled() == [path]


def test_watch_does_not_wait_for_a_clock_that_is_behind(folder: Path, clock: list[timedelta]) -> None:
    clock[0] = timedelta(hours=-1)
    watch = Watch(folder, recursive=False)
    (path,) = write(folder, "a.jpg")
    assert [watch.settled() for _look in range(2)] == [[], [path]]


@pytest.mark.usefixtures("clock")
def test_watch_forgets_removed_files(folder: Path) -> None:
    watch = Watch(folder, recursive=False)
    (path,) = write(folder, "a.jpg")
    assert [watch.settled() for _look in range(2)][-1] == [path]
    path.unlink()
    assert watch.settled() == []
    write(folder, "a.jpg")
    assert [watch.settled() for _look in range(2)][-1] == [path]
