"""What a page is told of a collection that changes, and how it goes on after a break."""

from __future__ import annotations

import pytest

from app.errors import TooManyStreams
from app.models import Collection, ProcessingStatus
from app.services import lookup
from app.services.collections import live
from app.services.collections.live import Look, Seen, Streams
from tests.factories import Studio
from tests.services.collections.test_order import add, fill
from tests.services.collections.test_order import collection as collection
from tests.services.collections.test_order import studio as studio

PENDING, COMPLETED, FAILED = ProcessingStatus.PENDING, ProcessingStatus.COMPLETED, ProcessingStatus.FAILED


def told(look: Look) -> str:
    return "".join(file.original_filename for file in look.files)


@pytest.fixture
def letters(collection: Collection, studio: Studio) -> dict[str, str]:
    """The uuids of a, b and c, of which a is ready and the others wait."""
    fill(*(add(collection, original_filename=n, processing_status=COMPLETED if n == "a" else PENDING) for n in "abc"))
    return {file.original_filename: file.uuid for file in lookup.files_of(collection)}


def test_first_look_tells_what_moves_and_later_ones_what_has_changed(
    collection: Collection, studio: Studio, letters: dict[str, str]
) -> None:
    first = live.look(collection.id, None)
    assert (told(first), first.counts.to_json()["preparing"]) == ("bc", 2)
    assert told(live.look(collection.id, first.seen, first.states)) == ""
    studio.change(letters["b"], processing_status=COMPLETED)
    studio.change(letters["c"], attempts=1)
    second = live.look(collection.id, first.seen, first.states)
    assert told(second) == "bc"
    fill(add(collection, original_filename="d"))
    assert told(live.look(collection.id, second.seen, second.states)) == "d"


def test_token_goes_on_where_a_page_was(collection: Collection, studio: Studio, letters: dict[str, str]) -> None:
    seen = Seen.read(live.look(collection.id, None).seen.token)
    studio.change(letters["b"], processing_status=FAILED)
    fill(add(collection, original_filename="d"))
    again = live.look(collection.id, seen)
    assert set("bcd") <= set(told(again))  # and perhaps what is not older than LATE numbers
    studio.change(letters["c"], processing_status=COMPLETED)
    assert "c" in told(live.look(collection.id, Seen.read(again.seen.token)))


@pytest.mark.parametrize("token", ["", "x", "1", ":", "1:2-", "1:-2", "9" * 30 + ":", "1:" + "2." * 80, "1:2;DROP"])
def test_senseless_token_is_the_beginning(token: str) -> None:
    assert Seen.read(token) is None


@pytest.mark.parametrize(("ids", "token"), [([], "9:"), ([1, 2, 3], "9:1-3"), ([1, 3, 4, 9], "9:1.3-4.9")])
def test_token_is_short(ids: list[int], token: str) -> None:
    seen = Seen(9, live.ranges(ids))
    assert seen.token == token
    assert Seen.read(token) == seen


def test_too_many_ranges_are_joined_where_they_are_closest() -> None:
    ids = [n * 10 for n in range(live.MOST_RANGES)] + [10_000, 10_002]
    found = live.ranges(ids)
    assert len(found) == live.MOST_RANGES
    assert all(any(first <= each <= last for first, last in found) for each in ids)
    assert (10_000, 10_002) in found
    assert Seen.read(Seen(1, found).token) is not None


def test_places_of_streams_are_given_back_once() -> None:
    streams = Streams(1)
    give_back = streams.take()
    with pytest.raises(TooManyStreams):
        streams.take()
    give_back()
    give_back()
    streams.take()
    with pytest.raises(TooManyStreams):
        streams.take()


def test_closed_streams_wait_no_longer_and_take_nobody() -> None:
    streams = Streams(1)
    assert not streams.wait(0)
    streams.close()
    assert streams.wait(60)
    with pytest.raises(TooManyStreams):
        streams.take()
