"""The serving bench counts what guests and visitors get, and its slow clients hold their connections."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bench.browser.album import Album
from bench.report import Report
from bench.serving import crowd, rates, slow
from bench.serving.client import Client
from bench.serving.http import Connection, request, source_address
from bench.serving.sites import GUNICORN, Benched, empty
from tests.support.pictures import jpeg

PHOTOGRAPHS = 8
Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own: in the main thread Playwright may have left an event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benched]:
    """A server with one photographer."""
    with Benched(tmp_path_factory.mktemp("serving")) as server:
        server.create_user()
        yield server


@pytest.fixture(scope="module")
def page(server: Benched, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a collection."""
    original = tmp_path_factory.mktemp("originals") / "one.jpg"
    original.write_bytes(jpeg(1500, 1000))
    with server.sign_in() as ada:
        return f"/collections/{Album(server, ada, [original]).collection('Smoke', PHOTOGRAPHS)}"


def test_guests_get_the_page_its_parts_and_its_tiles(server: Benched, page: str) -> None:
    outcomes = run(crowd.flash(server.port, page, 3))
    assert [errors for _, errors in outcomes] == [{}] * 3


def test_missing_page_is_an_error_of_the_guest(server: Benched) -> None:
    ((_, errors),) = run(crowd.flash(server.port, "/collections/missing", 1))
    assert list(errors) == ["page: AssertionError 404"]


def test_guests_load_pictures_styles_and_scripts() -> None:
    html = (
        '<link rel="icon" href="/i.svg"><link rel="stylesheet" href="/a.css"><link rel="modulepreload" href="/b.js">'
        '<script type="module" src="/c.js"></script>'
        '<img src="/1" alt="one" srcset="/2 480w, /3 1200w"><img src="/4" alt="two">'
    )
    assert crowd.PAGE_PARTS.findall(html) == ["/a.css", "/b.js", "/c.js"]
    assert [small or thumb for thumb, small in crowd.PICTURES.findall(html)] == ["/2", "/4"]


def test_visitors_are_counted_while_slow_clients_hold_on(
    server: Benched, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "QUIET_SECONDS", 0)
    monkeypatch.setattr(slow, "VISITS", 3)
    halves = slow.Kind("half heads", request(page, {}).removesuffix(b"\r\n\r\n"))
    readers = slow.Kind("readers", request(page, {}), 1000)

    for kind in (None, halves, readers):
        seen = run(slow.visited(server.port, page, kind, 5))
        assert (len(seen.ms), seen.lost, seen.holding, seen.cut) == (3, 0, 5 if kind else 0, 0)


def test_rates_are_medians_beside_the_empty_route(
    server: Benched, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "ROUNDS", 1)
    report = Report()
    with empty(GUNICORN, tmp_path) as bare, Client() as client:
        cases = [rates.Case(rates.EMPTY, bare, "/"), *rates.cases_of(client, server.site, {"page": page})]
        rates.measure(client, cases, report)

    assert list(report.numbers["rates"])[:2] == ["empty route", "page"]
    assert all(figures["per_second"]["median"] > 0 for figures in report.numbers["rates"].values())
    assert client.cpu_seconds > 0


def test_each_client_has_an_address_of_its_own() -> None:
    assert len({source_address(number) for number in range(2000)}) == 2000
    assert source_address(300) == "127.1.1.47"


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", b""),
    ],
    ids=["a length", "chunks", "until the end", "no body"],
)
def test_bodies_are_read_as_they_are_framed(sent: bytes, body: bytes) -> None:
    async def fetched() -> bytes:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(sent)
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
            connection = await Connection.open(listening.sockets[0].getsockname()[1])
            answer = await connection.get("/", {})
            connection.close()
            return answer.body

    assert run(fetched()) == body
