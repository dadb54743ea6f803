"""A flash crowd: all guests of a wedding open the same collection in the same second."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from bench.report import Report, Target
from bench.serving.client import Client
from bench.serving.http import Connection, source_address
from bench.serving.rates import BROWSER
from bench.serving.sites import Site

TILES = 40  # of the page: what a visitor scrolls past in the first seconds
LANES = 6  # connections that a browser opens to one host
PATIENCE_SECONDS = 180.0
GZIP = {"Accept-Encoding": "gzip"}
FIRST_ADDRESS = 1000
PAGE_PARTS = re.compile(r'<(?:link rel="(?:stylesheet|modulepreload)"|script)[^>]* (?:href|src)="(/[^"]+)"')
PICTURES = re.compile(r'<img src="(/[^"]+)"(?:[^>]*? srcset="(/\S+) )?')
Outcome = tuple[float, dict[str, int]]


@dataclass
class Guest:
    """One visitor: six connections that share a list of addresses."""

    port: int
    address: str
    left: deque[str] = field(default_factory=deque)
    errors: Counter[str] = field(default_factory=Counter)
    opened: list[Connection] = field(default_factory=list)

    async def visit(self, page: str) -> Outcome:
        """Load the page and its parts; returns the seconds and the number of failed requests of each kind."""
        start = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._load(page)
        except (OSError, EOFError, AssertionError) as error:  # TimeoutError is an OSError
            self.errors[f"page: {type(error).__name__} {error}"] += 1
        finally:
            for connection in self.opened:
                connection.close()
        return time.perf_counter() - start, dict(self.errors)

    async def _load(self, page: str) -> None:
        connection = await self._open()
        answer = await connection.get(page, GZIP)
        assert answer.status == 200, answer.status
        html = gzip.decompress(answer.body).decode()
        pictures = [small or thumb for thumb, small in PICTURES.findall(html)][:TILES]
        self.left.extend([*dict.fromkeys(PAGE_PARTS.findall(html)), *pictures])
        await asyncio.gather(self._lane(connection), *(self._lane() for _ in range(LANES - 1)))

    async def _lane(self, connection: Connection | None = None) -> None:
        while self.left:
            path = self.left.popleft()
            try:
                connection = connection or await self._open()
                answer = await connection.get(path, BROWSER)
            except (OSError, EOFError) as error:
                self.errors[type(error).__name__] += 1
                connection = None
            else:
                self.errors.update([str(answer.status)] if answer.status != 200 else [])

    async def _open(self) -> Connection:
        connection = await Connection.open(self.port, self.address)
        self.opened.append(connection)
        return connection


async def flash(port: int, page: str, guests: int) -> list[Outcome]:
    """What each of so many guests experienced, who all come at once."""
    return await asyncio.gather(
        *(Guest(port, source_address(FIRST_ADDRESS + number)).visit(page) for number in range(guests))
    )


def measure(client: Client, site: Site, page: str, guests: int, report: Report) -> None:
    """Measure when 50, 95 and 100 % of the guests have all, how many requests failed, and what the server needed."""
    worked, loaded = site.cpu_seconds(), client.cpu_seconds
    outcomes = client.run(flash, site.port, page, guests)
    seconds = sorted(each[0] for each in outcomes)
    errors: Counter[str] = sum((Counter(each[1]) for each in outcomes), Counter())
    half, most, last = (seconds[max(0, round(guests * share) - 1)] for share in (0.5, 0.95, 1))
    report.targets.append(
        Target(f"{guests} guests at once, failed requests", errors.total(), 0, "", str(dict(errors) or ""), "none")
    )
    report.comparisons.append(
        f"{guests} guests at once: page, its parts and {TILES} tiles after {half:.1f} s (50 %), {most:.1f} s (95 %), "
        f"{last:.1f} s (100 %); CPU {site.cpu_seconds() - worked:.1f} s of the server, "
        f"{client.cpu_seconds - loaded:.1f} s of the guests; then {site.threads()} threads, {site.memory_mb():.0f} MB"
    )
    report.numbers["crowd"] = {"guests": guests, "seconds": seconds, "errors": dict(errors)}
