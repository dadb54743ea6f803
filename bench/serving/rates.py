"""Requests a second and CPU time of the server per request, beside an empty route and nginx, in turns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.report import Report, median, spread
from bench.serving.client import Client
from bench.serving.http import Connection, source_address
from bench.serving.sites import Site

ROUNDS = 7
SECONDS = 0.6  # of each case in each round
CONNECTIONS = 8
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
EMPTY = "empty route"


@dataclass
class Case:
    """One kind of request, the status that it must have, and its rates and costs in each round."""

    name: str
    site: Site
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def measure(self, client: Client) -> None:
        """Load the server for SECONDS."""
        worked = self.site.cpu_seconds()
        number, seconds = client.run(load, self.site.port, self.path, {**BROWSER, **self.headers}, self.status)
        self.rates.append(number / seconds)
        self.cpu_ms.append((self.site.cpu_seconds() - worked) * 1000 / number)


async def load(port: int, path: str, headers: Mapping[str, str], status: int) -> tuple[int, float]:
    """Request as fast as CONNECTIONS can; returns the number of responses and the seconds."""
    connections = [await Connection.open(port, source_address(number)) for number in range(CONNECTIONS)]
    start = time.perf_counter()
    try:
        numbers = [_repeat(each, path, headers, status, start + SECONDS) for each in connections]
        return sum(await asyncio.gather(*numbers)), time.perf_counter() - start
    finally:
        for each in connections:
            each.close()


async def _repeat(connection: Connection, path: str, headers: Mapping[str, str], status: int, end: float) -> int:
    number = 0
    while time.perf_counter() < end or not number:
        answer = await connection.get(path, headers)
        assert answer.status == status, f"{path}: {answer.status} instead of {status}"
        number += 1
    return number


async def look(port: int, path: str) -> Mapping[str, str]:
    """The headers of one response."""
    connection = await Connection.open(port)
    try:
        return (await connection.get(path, BROWSER)).headers
    finally:
        connection.close()


def cases_of(client: Client, site: Site, paths: Mapping[str, str]) -> list[Case]:
    """The requests of these paths: complete, unchanged if the response has an ETag, and a range of a picture."""
    cases = []
    for name, path in paths.items():
        given = client.run(look, site.port, path)
        cookie = {"Cookie": given["set-cookie"].partition(";")[0]} if "set-cookie" in given else {}
        cases.append(Case(name, site, path, cookie))
        if "etag" in given:
            cases.append(Case(f"{name}, 304", site, path, {**cookie, "If-None-Match": given["etag"]}, 304))
        if given["content-type"] == "image/jpeg":
            cases.append(Case(f"{name}, Range", site, path, {**cookie, "Range": "bytes=100-4195"}, 206))
    return cases


def measure(client: Client, cases: list[Case], report: Report) -> None:
    """Measure all cases in turn, ROUNDS times after one for warming up; the first must be the empty route."""
    for turn in range(ROUNDS + 1):
        for case in cases:
            case.measure(client)
            if not turn:
                case.rates.clear()
                case.cpu_ms.clear()
    empty = cases[0]
    report.comparisons.append(
        f"{'medians of ' + str(ROUNDS) + ' rounds':<28} {'a second':>9} {'CPU ms':>8}   beside the empty route"
    )
    for case in cases:
        rate, cpu = median(case.rates), median(case.cpu_ms)
        report.comparisons.append(
            f"{case.name:<28} {rate:>9.0f} {cpu:>8.3f}   "
            f"{rate / median(empty.rates):.2f} of its rate, {cpu / median(empty.cpu_ms):.1f} times its CPU"
        )
    report.numbers["rates"] = {
        case.name: {"per_second": spread(case.rates), "cpu_ms": spread(case.cpu_ms)} for case in cases
    }
