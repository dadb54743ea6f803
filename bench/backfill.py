"""Compare backfilling with Celery and with the command's own pool: images a second, and correctness.

    python -m bench.backfill --images 2000

Both work on the same photographs, each with a separate database and store, in turn, one collection after the other.
Exits with 1 if a photograph has no variants, was processed twice, or does not match its row.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import redis

from bench.photos import GRAINS, OUT, Shot, drawn
from bench.report import Report, Target, median, spread
from tests.support import backlog
from tests.support.celery_workers import Worker, redis_broker, worker
from tests.support.processes import eventually
from tests.support.server import LiveServer

ROUNDS = 5
PROCESSES = 2
MP2 = (1800, 1200)
SHOTS = tuple(Shot(f"backfill-{number}", number, MP2, GRAINS[number % len(GRAINS)]) for number in range(40))
LONGEST_SECONDS = 3600
AT_UPLOAD = "('thumb', 'small', 'medium')"
OF = "FROM files f JOIN collections c ON c.id = f.collection_id WHERE c.uuid = ?"
LACKING = f"""SELECT count(*) FROM files f WHERE f.processing_status <> 'completed'
    OR 3 <> (SELECT count(*) FROM variants v WHERE v.file_id = f.id AND v.name IN {AT_UPLOAD})"""
RECORDED_TWICE = "SELECT count(*) FROM (SELECT 1 FROM variants GROUP BY file_id, name HAVING count(*) > 1)"


@dataclass
class Side:
    """One side of the comparison: its server, its collections, and images a second for each collection."""

    name: str
    server: LiveServer
    collections: list[str] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def fill(self, originals: list[bytes], images: int) -> None:
        """Create one collection for each round; all photographs have different bytes."""
        self.server.run("alembic", "upgrade", "head")
        self.collections = [backlog.fill(self.server, numbered(originals, each)) for each in rounds(images)]

    def took(self, collection: str) -> None:
        """Record images a second from the first claim to the last variant, without the command's start."""
        query = f"SELECT count(*), min(f.started_at), max(f.completed_at) {OF}"
        ((count, first, last),) = self.server.rows(query, collection)
        self.rates.append(count / (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())

    def number(self, query: str) -> int:
        """The number that a query returns."""
        return int(self.server.rows(query)[0][0])


def main() -> int:
    """Run the comparison and print a table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2000)
    images = parser.parse_args().images
    print("Drawing photographs (once) …", flush=True)
    originals = [path.read_bytes() for path in drawn(SHOTS)]
    report = Report()
    with tempfile.TemporaryDirectory(prefix="proofsheet-backfill-") as name, redis_broker() as broker:
        celery = Side("Celery", LiveServer(Path(name) / "celery", QUEUE_URL=broker))
        pool = Side("pool", LiveServer(Path(name) / "pool"))
        for side in (celery, pool):
            side.fill(originals, images)
        with worker(celery.server, "bench", PROCESSES) as running:
            measure(celery, pool, broker)
        conclude(report, celery, pool, images, running)
    report.print()
    report.save(OUT / "backfill.json")
    return 0 if report.met else 1


def rounds(images: int) -> Iterator[range]:
    """Yield the range of photograph numbers of each round."""
    edges = [images * turn // ROUNDS for turn in range(ROUNDS + 1)]
    yield from (range(start, stop) for start, stop in pairwise(edges) if stop > start)


def numbered(originals: list[bytes], numbers: range) -> Iterator[bytes]:
    """The photographs of these numbers, each made a different file by its number after the end marker."""
    return (originals[number % len(originals)] + number.to_bytes(4, "big") for number in numbers)


def measure(celery: Side, pool: Side, broker: str) -> None:
    """Backfill each collection with both sides, one after the other, in alternating order."""
    for turn, (one, other) in enumerate(zip(celery.collections, pool.collections, strict=True), 1):
        both = [partial(by_celery, celery, one, broker), partial(by_pool, pool, other)]
        for work in both if turn % 2 else reversed(both):
            work()
        print(f"round {turn}: Celery {celery.rates[-1]:.1f}, pool {pool.rates[-1]:.1f} images/s", flush=True)


def by_celery(side: Side, collection: str, broker: str) -> None:
    """Backfill a collection with Celery; then drop the queued messages for `large` variants."""
    side.server.run("flask", "photos", "backfill", "--hand-over", "--collection", collection)
    eventually(lambda: side.server.unfinished() == 0, LONGEST_SECONDS, "the backfill is done")
    side.took(collection)
    with redis.Redis.from_url(broker) as client:
        client.delete("backfill")
        eventually(lambda: client.hlen("unacked") == 0, 60, "the worker rests")


def by_pool(side: Side, collection: str) -> None:
    """Backfill a collection with the command's own pool."""
    side.server.run("flask", "photos", "backfill", "--workers", str(PROCESSES), "--collection", collection)
    side.took(collection)


def faults(side: Side) -> dict[str, int]:
    """The number of faulty files by kind of fault."""
    try:
        side.server.run("flask", "maintenance", "verify")
        disagreeing = 0
    except AssertionError as error:
        print(error)
        disagreeing = 1
    return {
        "left without variants": side.number(LACKING),
        "recorded twice": side.number(RECORDED_TWICE),
        "claimed more than once": side.number("SELECT count(*) FROM files WHERE attempts <> 1"),
        "rows and store disagree": disagreeing,
    }


def conclude(report: Report, celery: Side, pool: Side, images: int, running: Worker) -> None:
    """Add faults, rates and their ratio to the report."""
    for side in (celery, pool):
        for what, wrong in faults(side).items():
            report.targets.append(Target(f"{side.name}: {what}", wrong, 0, "", f"of {images:,}", wanted="none"))
        report.comparisons.append(
            f"{side.name:<8}{median(side.rates):6.1f} images/s, the median of {len(side.rates)} rounds "
            f"({min(side.rates):.1f} to {max(side.rates):.1f})"
        )
        report.numbers[side.name] = {"images_per_second": spread(side.rates), "rates": side.rates}
    ratio = median([one / other for one, other in zip(celery.rates, pool.rates, strict=True)])
    messages = running.log.read_text().count(" received\n")
    report.comparisons.append(f"Celery does {ratio:.2f} of what the pool does; its workers got {messages:,} messages.")
    report.numbers |= {"images": images, "processes": PROCESSES, "ratio": ratio, "messages": messages}


if __name__ == "__main__":
    sys.exit(main())
