"""Streams of events from the real server: they tell what changes, leave room for others, and end when they should."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
import requests

from app.services.collections.live import STREAMS
from tests.factories import jpeg
from tests.live_server import LiveServer, Photographer, eventually
from tests.server.conftest import numbered

PATIENCE = 20.0


class Event(NamedTuple):
    """One event of a stream."""

    name: str
    data: dict[str, Any]
    id: str


class Stream:
    """An open stream, read event by event."""

    def __init__(self, server: LiveServer, collection: str, **headers: str) -> None:
        url = f"{server.url}/collections/{collection}/events"
        self.answer = requests.get(url, stream=True, timeout=(5, PATIENCE), headers=headers)
        self._events = self._read()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()

    def __iter__(self) -> Iterator[Event]:
        return self._events  # always the same: another one would lose what this one has read ahead

    def _read(self) -> Iterator[Event]:
        fields: dict[str, str] = {}
        for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                yield Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
                fields = {}

    def until(self, *uuids: str) -> tuple[set[str], str]:
        """Read on until all these are completed; what was completed, and the id of the last event."""
        done: set[str] = set()
        for event in self:
            done |= {file["uuid"] for file in event.data.get("files", []) if file["status"] == "completed"}
            if event.name == "files" and done.issuperset(uuids):
                return done, event.id
        raise AssertionError(f"the stream ended with {done}")


@pytest.fixture(scope="module")
def collection(ada: Photographer) -> str:
    """A collection of one picture, shared by the tests."""
    uuid = ada.collection()
    ada.upload(uuid, ("first.jpg", jpeg()))
    return uuid


def uploaded(ada: Photographer, collection: str, number: int) -> str:
    answer = ada.upload(collection, (f"{number}.jpg", numbered(jpeg(), number)))
    return str(answer.json()["files"][0]["uuid"])


def test_page_hears_of_uploads_and_misses_nothing_while_it_was_away(
    server: LiveServer, ada: Photographer, collection: str
) -> None:
    with Stream(server, collection) as stream:
        assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
        assert stream.answer.headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in stream.answer.headers
        first = next(iter(stream))
        assert (first.name, first.data["files"], first.data["counts"]["ready"]) == ("files", [], 1)
        one = uploaded(ada, collection, 1)
        _, last = stream.until(one)
    two, three = uploaded(ada, collection, 2), uploaded(ada, collection, 3)
    with Stream(server, collection, **{"Last-Event-ID": last}) as again:
        done, _ = again.until(two, three)
    assert {two, three} <= done


def test_stream_that_has_nothing_to_tell_beats(server: LiveServer, collection: str) -> None:
    with Stream(server, collection) as stream:
        events = iter(stream)
        next(events)
        start = time.monotonic()
        assert [next(events).name, next(events).name] == ["beat", "beat"]
        assert time.monotonic() - start < 2 * 5


def test_stream_ends_when_the_collection_is_closed(server: LiveServer, ada: Photographer) -> None:
    uuid = ada.collection()
    with Stream(server, uuid) as stream:
        events = iter(stream)
        next(events)
        ada.post(f"/collections/{uuid}/edit", data={"title": "Over", "privacy": "public", "expires_at": "2020-01-01"})
        start = time.monotonic()
        assert {event.name for event in events} <= {"beat"}
        assert time.monotonic() - start < PATIENCE
    assert requests.get(f"{server.url}/collections/{uuid}/events", timeout=5).status_code == 410


def test_stream_ends_with_the_sessions_of_a_password_that_is_changed(server: LiveServer) -> None:
    server.create_user("eve@example.com")
    with server.sign_in("eve@example.com") as eve:
        uuid = eve.collection("Hers", privacy="private")
        cookie = "; ".join(f"{each.name}={each.value}" for each in eve.http.cookies)
    with Stream(server, uuid, Cookie=cookie) as stream:
        events = iter(stream)
        next(events)
        server.run("flask", "users", "password", "eve@example.com", "--password-stdin", given="another password")
        start = time.monotonic()
        assert {event.name for event in events} <= {"beat"}
        assert time.monotonic() - start < PATIENCE


def open_all(server: LiveServer, collection: str, open_streams: ExitStack) -> None:
    """Open as many as there may be; the server notices at the next beat that those of an earlier test are closed."""

    def one() -> bool:
        stream = open_streams.enter_context(Stream(server, collection))
        return stream.answer.status_code == 200 and next(iter(stream)).name == "files"

    for _ in range(STREAMS):
        eventually(one, PATIENCE, "there is a place for a stream")


def test_streams_beyond_the_limit_are_refused_and_everybody_else_is_served(
    server: LiveServer, ada: Photographer, collection: str
) -> None:
    with ExitStack() as open_streams:
        open_all(server, collection, open_streams)
        with Stream(server, collection, Accept="application/json") as refused:
            assert refused.answer.status_code == 503
            assert int(refused.answer.headers["Retry-After"]) > 0
        start = time.monotonic()
        assert ada.get(f"/collections/{collection}").status_code == 200
        assert uploaded(ada, collection, 100)
        print(f"page and upload beside {STREAMS} streams: {time.monotonic() - start:.2f} s")
        polled = ada.get(f"/collections/{collection}/status?open=1").json()
        assert polled["files"] == []
        later = ada.get(f"/collections/{collection}/status?open=1&since={polled['since']}").json()
        assert later["counts"] == polled["counts"]


def test_sigterm_is_not_held_up_by_streams(server: LiveServer, collection: str) -> None:
    with ExitStack() as open_streams:
        open_all(server, collection, open_streams)
        code, seconds = server.stop()
        print(f"SIGTERM with {STREAMS} streams: {seconds:.2f} s")
    server.start()
    assert code == 0
    assert seconds < 10  # gunicorn lingers 2 s by itself; streams that did not end would hold it up for 30 s
