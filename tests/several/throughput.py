"""Measure requests a second of one server process and of two, in rounds that alternate within one run.

    .venv/bin/python -m tests.several.throughput [--rounds 7] [--seconds 4] [--connections 8]

Both processes, PostgreSQL, Redis and the client share this machine. The CPU that each took stands beside the rates:
where other programs take the cores, the ratio of the rates says little, but requests per second of CPU can be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from tests.support.celery_workers import redis_broker
from tests.support.pictures import jpeg, numbered
from tests.support.postgres import Cluster
from tests.support.processes import removed_at_exit
from tests.support.server import LiveServer
from tests.support.several import Processes, processes

PHOTOS = 30


@dataclass(frozen=True)
class Round:
    """Requests a second, and the cores that the servers and the whole machine were busy with."""

    rate: float
    servers: float
    machine: float


class Visitor(asyncio.Protocol):
    """Sends one request after another over a connection, and counts the responses."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request, self._until = request, until
        self._received, self._left = b"", 0
        self.answers = 0
        self.end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count a whole response, and send the next request."""
        if self._left:
            self._left -= len(data)
        else:
            self._received += data
            head, found, body = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            self._received, self._left = b"", _length(head.lower()) - len(body)
        if not self._left:
            self.answers += 1
            self._go_on()

    def _go_on(self) -> None:
        if time.monotonic() < self._until:
            self._transport.write(self._request)
        else:
            self._transport.close()
            self.end.set_result(self.answers)

    def connection_lost(self, _error: Exception | None) -> None:
        """Fail the run unless this was the end."""
        if not self.end.done():
            self.end.set_exception(ConnectionError("the server closed the connection"))


def _length(head: bytes) -> int:
    assert head.startswith(b"http/1.1 200 "), head
    return int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0])


async def rate(ports: list[int], path: str, seconds: float, connections: int) -> float:
    """Requests a second over so many connections to these ports."""
    loop, start = asyncio.get_running_loop(), time.monotonic()
    visitors = []
    for number in range(connections):
        port = ports[number % len(ports)]
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        visitors.append(Visitor(request, start + seconds))
        await loop.create_connection(lambda: visitors[-1], "127.0.0.1", port)
    answers = sum(await asyncio.gather(*(visitor.end for visitor in visitors)))
    return answers / (time.monotonic() - start)


def measured(servers: list[LiveServer], path: str, seconds: float, connections: int) -> Round:
    """One round."""

    def used() -> tuple[float, float]:
        machine = psutil.cpu_times()
        return sum(sum(server.worker.cpu_times()[:2]) for server in servers), sum(machine) - machine.idle

    (own, all_), start = used(), time.monotonic()
    found = asyncio.run(rate([server.port for server in servers], path, seconds, connections))
    (own_after, all_after), took = used(), time.monotonic() - start
    return Round(found, (own_after - own) / took, (all_after - all_) / took)


def compared(pair: Processes, path: str, given: argparse.Namespace) -> dict[int, list[Round]]:
    """The rounds with one process and with two."""
    rounds: dict[int, list[Round]] = defaultdict(list)
    for number in range(given.rounds + 1):
        for count in (1, 2) if number % 2 else (2, 1):
            one = measured(pair.servers[:count], path, given.seconds, given.connections)
            if number:  # the first round fills caches and pools
                rounds[count].append(one)
    return rounds


def report(name: str, rounds: dict[int, list[Round]]) -> None:
    """Print the medians."""
    for count, found in sorted(rounds.items()):
        servers, machine = median(each.servers for each in found), median(each.machine for each in found)
        per_cpu = median(each.rate / each.servers for each in found)
        print(
            f"{name}, {count} process(es): {median(each.rate for each in found):.0f} a second with {servers:.2f} cores "
            f"({machine:.2f} busy in all), {per_cpu:.0f} for each second of CPU"
        )
    ratios = [two.rate / one.rate for one, two in zip(rounds[1], rounds[2], strict=True)]
    print(f"{name}: two over one {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    """Measure a thumbnail and a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=8)
    given, folder = parser.parse_args(), removed_at_exit(Path(tempfile.mkdtemp(prefix="proofsheet-pair-")))
    cluster = Cluster()
    try:
        with cluster.database() as database, redis_broker() as broker, processes(folder, database, broker) as pair:
            with pair.servers[0].sign_in() as ada:
                collection = ada.collection()
                uuids = ada.upload(collection, *((f"{n}.jpg", numbered(jpeg(1600, 1000), n)) for n in range(PHOTOS)))
                ada.wait_for_large(*uuids)
            report("thumbnail", compared(pair, f"/collections/files/{uuids[0]}/thumbnail", given))
            report("page", compared(pair, f"/collections/{collection}", given))
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
