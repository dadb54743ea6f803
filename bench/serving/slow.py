"""Clients that stop in the middle, hundreds at once, while a visitor opens the page every 100 ms."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bench.report import Report, Target, p95, spread
from bench.serving.client import Client
from bench.serving.http import HOST, Connection, source_address
from bench.serving.rates import BROWSER
from bench.serving.sites import Site

CLIENTS = 512  # of each kind
SETTLING_SECONDS = 10.0  # without one more slow client that holds what it can hold
QUIET_SECONDS = 4.0  # then, for what the server does with what it has received
VISITS, APART_SECONDS = 100, 0.1
PATIENCE_SECONDS = 10.0
LIMIT_MS = 250
FIRST_ADDRESS = 10_000
SEGMENT_BYTES = 1400  # as on the internet; with the loopback's segments the kernel alone would buffer megabytes
RECEIVED_BYTES = 4096


@dataclass(frozen=True)
class Kind:
    """Slow clients of one kind: what they send, and how many bytes of the response they read before they stop."""

    name: str
    sent: bytes
    read: int = 0


@dataclass
class Crowd:
    """Slow clients that are connected, and those that the server has cut off, which come back."""

    port: int
    kind: Kind
    holding: int = 0
    cut: int = 0

    async def hold(self, number: int) -> None:
        """Be one slow client until cancelled."""
        while True:
            with suppress(OSError), _socket(source_address(FIRST_ADDRESS + number)) as connection:
                await self._hold(connection)
            self.cut += 1
            await asyncio.sleep(APART_SECONDS)

    async def _hold(self, connection: socket.socket) -> None:
        """Stop in the middle; return when the server has ended the connection."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (HOST, self.port))
        await loop.sock_sendall(connection, self.kind.sent)
        left = self.kind.read
        while left > 0 and (received := await loop.sock_recv(connection, min(left, RECEIVED_BYTES))):
            left -= len(received)
        self.holding += 1
        try:
            if self.kind.read:
                await asyncio.Event().wait()
            while await loop.sock_recv(connection, RECEIVED_BYTES):
                pass
        finally:
            self.holding -= 1


@dataclass
class Visits:
    """Milliseconds of the visitor's pages, how many never came, and how many slow clients there were."""

    ms: list[float] = field(default_factory=list)
    lost: int = 0
    holding: int = 0
    cut: int = 0


def _socket(address: str) -> socket.socket:
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_BYTES)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
    connection.bind((address, 0))
    return connection


@asynccontextmanager
async def _crowded(port: int, kind: Kind | None, number: int) -> AsyncIterator[Crowd]:
    crowd = Crowd(port, kind or Kind("nobody", b""))
    clients = [asyncio.create_task(crowd.hold(each)) for each in range(number if kind else 0)]
    try:
        await _settle(crowd, len(clients))
        yield crowd
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


async def _settle(crowd: Crowd, number: int) -> None:
    """Wait until all slow clients hold what they hold, or no more of them come to."""
    most, since = 0, time.perf_counter()
    while crowd.holding < number and time.perf_counter() < since + SETTLING_SECONDS:
        await asyncio.sleep(APART_SECONDS)
        if crowd.holding > most:
            most, since = crowd.holding, time.perf_counter()
    await asyncio.sleep(QUIET_SECONDS)


async def visited(port: int, page: str, kind: Kind | None, number: int) -> Visits:
    """How fast the page came while so many slow clients of this kind were connected."""
    seen = Visits()
    async with _crowded(port, kind, number) as crowd, asyncio.TaskGroup() as visits:
        for _ in range(VISITS):
            visits.create_task(_visit(port, page, seen))
            await asyncio.sleep(APART_SECONDS)
        seen.holding, seen.cut = crowd.holding, crowd.cut
    return seen


async def _visit(port: int, page: str, seen: Visits) -> None:
    start, connection = time.perf_counter(), None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            connection = await Connection.open(port)
            answer = await connection.get(page, BROWSER)
        assert answer.status == 200, answer.status
        seen.ms.append((time.perf_counter() - start) * 1000)
    except (OSError, EOFError, AssertionError):  # TimeoutError is an OSError
        seen.lost += 1
    finally:
        if connection is not None:
            connection.close()


def measure(client: Client, site: Site, page: str, kinds: list[Kind], number: int, report: Report) -> None:
    """Visit the page without slow clients, then with so many of each kind in turn."""
    alone = 0.0
    for kind in (None, *kinds):
        seen = client.run(visited, site.port, page, kind, number)
        name = kind.name if kind else "no slow clients"
        times = sorted(seen.ms) or [PATIENCE_SECONDS * 1000]
        alone = alone or p95(times)
        note = (
            f"{p95(times) / alone:.1f} times that without; p50 {times[len(times) // 2]:.0f}, max {times[-1]:.0f} ms; "
            f"lost {seen.lost} of {VISITS}; {seen.holding} slow, "
            f"{seen.cut} cut off; {site.threads()} threads, {site.memory_mb():.0f} MB"
        )
        report.targets += [
            Target(f"page, {name}: p95", p95(times), LIMIT_MS, "ms", note),
            Target(f"page, {name}: lost", seen.lost, 0, "", wanted="none"),
        ]
        report.numbers[name] = {"ms": spread(times), "lost": seen.lost, "holding": seen.holding, "cut": seen.cut}
