"""Status updates of a changing collection, and the cursor from one answer to the next."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import Collection, ProcessingStatus
from app.services import lookup
from app.services.collections import live
from app.services.collections.live import Look, Seen
from tests.services.collections.test_order import collection as collection
from tests.services.collections.test_order import studio as studio
from tests.support.rows import add, fill
from tests.support.studio import Studio, past

PENDING, PROCESSING, RETRYING = ProcessingStatus.PENDING, ProcessingStatus.PROCESSING, ProcessingStatus.RETRYING
COMPLETED, FAILED = ProcessingStatus.COMPLETED, ProcessingStatus.FAILED


def names(look: Look) -> str:
    return "".join(file.original_filename for file in look.files)


@pytest.fixture
def letters(collection: Collection, studio: Studio) -> dict[str, str]:
    """The uuids of a, b and c, of which a is ready and the others wait; LATE ready files follow."""
    fill(*(add(collection, original_filename=n, processing_status=COMPLETED if n == "a" else PENDING) for n in "abc"))
    fill(*(add(collection, original_filename="-", processing_status=COMPLETED) for _ in range(live.LATE)))
    return {file.original_filename: file.uuid for file in lookup.files_of(collection)}


def after(collection: Collection, look: Look) -> Look:
    """The next look of a page that sends the cursor of its last answer."""
    return live.look(collection.id, Seen.read(look.seen.token))


def test_first_look_finds_unfinished_files(collection: Collection, letters: dict[str, str]) -> None:
    first = live.look(collection.id, None)
    assert (names(first), first.counts.to_json()["preparing"]) == ("bc", 2)


def test_look_without_changes_is_empty_and_keeps_the_cursor(collection: Collection, letters: dict[str, str]) -> None:
    first = live.look(collection.id, None)
    again = after(collection, first)
    assert (again.files, again.seen.token, again.counts) == ((), first.seen.token, first.counts)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"processing_status": COMPLETED}, "b"),
        ({"processing_status": FAILED}, "b"),
        ({"processing_status": PROCESSING, "attempts": 1}, "b"),
        ({"processing_status": RETRYING, "attempts": 1}, "b"),
        ({"attempts": 1}, "b"),
    ],
)
def test_look_finds_the_file_that_changed_and_none_that_still_waits(
    collection: Collection, studio: Studio, letters: dict[str, str], change: dict[str, Any], found: str
) -> None:
    first = live.look(collection.id, None)
    studio.change(letters["b"], **change)
    second = after(collection, first)
    assert names(second).strip("-") == found
    assert second.seen != first.seen
    assert names(after(collection, second)) == ""


def test_look_finds_new_and_requeued_files(collection: Collection, studio: Studio, letters: dict[str, str]) -> None:
    first = live.look(collection.id, None)
    fill(add(collection, original_filename="d"))
    second = after(collection, first)
    assert names(second).strip("-") == "d"
    studio.change(letters["a"], processing_status=PENDING)
    assert names(after(collection, second)).startswith("a")


def test_look_notices_a_deletion_by_the_counts(collection: Collection, studio: Studio, letters: dict[str, str]) -> None:
    first = live.look(collection.id, None)
    studio.change(letters["a"], deleted_at=past(), purge_after=past())
    second = after(collection, first)
    assert second.seen != first.seen
    assert second.counts.ready == first.counts.ready - 1


@pytest.mark.parametrize(
    "token",
    ["", "x", "1", ":", "1:2-", "1:-2", "9" * 30 + ":", "1:" + "2." * 80, "1:2;DROP", "1:2:xyz", "1:2:" + "a" * 17],
)
def test_malformed_cursor_is_none(token: str) -> None:
    assert Seen.read(token) is None


@pytest.mark.parametrize("digest", ["", "0123456789abcdef"])
@pytest.mark.parametrize(("ids", "token"), [([], "9:"), ([1, 2, 3], "9:1-3"), ([1, 3, 4, 9], "9:1.3-4.9")])
def test_cursor_is_short(ids: list[int], token: str, digest: str) -> None:
    seen = Seen(9, live.ranges(ids), digest)
    assert seen.token == token + (f":{digest}" if digest else "")
    assert Seen.read(seen.token) == seen


def test_too_many_ranges_are_joined_where_they_are_closest() -> None:
    ids = [n * 10 for n in range(live.MOST_RANGES)] + [10_000, 10_002]
    found = live.ranges(ids)
    assert len(found) == live.MOST_RANGES
    assert all(any(first <= each <= last for first, last in found) for each in ids)
    assert (10_000, 10_002) in found
    assert Seen.read(Seen(1, found).token) is not None
