"""`make races RACES=200`: two servers, one database, one store. The last line is the tally; 1 if one hurt the other."""

from __future__ import annotations

import argparse
import random
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.contests import KINDS, PATIENCE, Contest, Shot
from tests.faults.invariants import Inspection
from tests.faults.pair import Pair, pair
from tests.faults.world import World
from tests.support.postgres import Cluster
from tests.support.processes import eventually

DATABASES = ("sqlite", "postgres")


@dataclass
class Tally:
    """What came of it, and how long it took."""

    races: Counter[str] = field(default_factory=Counter)
    close: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        """Whether there was no breach."""
        return not self.breaches and not self.counts.total()

    def __str__(self) -> str:
        """One line."""
        kinds = ", ".join(f"{self.races[kind.kind]} {kind.kind} ({self.close[kind.kind]} close)" for kind in KINDS)
        names = ("double variants", "lost updates", "locked", "5xx", "unexpected ends", "failed attempts")
        counts = ", ".join(f"{self.counts[name]} {name}" for name in names)
        return f"{self.races.total()} races in {self.seconds:.0f} s: {kinds}: {counts}, {len(self.breaches)} breaches"


def run(world: World, races: int, seed: int) -> Tally:
    """Race in an empty world until there were so many, by turns; one that fills the threads leaves others none."""
    tally, chance, start = Tally(), random.Random(seed), time.monotonic()
    with pair(world) as both:
        while tally.races.total() < races:
            kinds = KINDS[: races - tally.races.total()]
            for turn in filter(None, (kinds[:2], kinds[2:])):
                _together([kind(both, chance) for kind in turn], chance, tally)
        eventually(world.is_settled, PATIENCE, "everything is finished")
        _close(both, tally)
    tally.seconds = time.monotonic() - start
    return tally


def _together(contests: list[Contest], chance: random.Random, tally: Tally) -> None:
    shots: list[Shot] = []
    for contest in contests:
        mine = contest.shots()
        chance.shuffle(mine)
        shots += mine  # the uploads first: behind the visitors they would reach the four threads one by one
    _fire(shots)
    for contest in contests:
        contest.look()
        tally.races[contest.kind] += 1
        tally.close[contest.kind] += contest.close
        tally.counts["double variants"] += len(contest.doubled)
        tally.counts["lost updates"] += len(contest.lost)
        tally.breaches += contest.breaches


def _fire(shots: list[Shot]) -> None:
    """Make all calls at the same moment; returns when all are done."""
    ready = threading.Barrier(len(shots), timeout=60)

    def fired(shot: Shot) -> None:
        ready.wait()
        shot()

    with ThreadPoolExecutor(len(shots)) as pool:
        for done in [pool.submit(fired, shot) for shot in shots]:
            done.result()


def _close(both: Pair, tally: Tally) -> None:
    """Inspect everything; no process was killed, so nothing may be left behind."""
    seen = Inspection(both.world).run()
    tally.breaches += seen.breaches
    tally.counts["double variants"] += both.doubles() + len(seen.orphans())
    tally.breaches += [f"the object {key} has no row" for key in sorted(seen.orphans())]
    tally.counts += both.faults()
    tally.breaches += both.error_lines()
    tally.answers = both.answers


# --- by hand -------------------------------------------------------------------------------


def main() -> int:
    """Return 0 if there was no breach on any database."""
    options = _options()
    print(f"{options.races} races, seed {options.seed}", flush=True)
    return max(_race(name, options.races, options.seed) for name in options.database or DATABASES)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--races", type=int, default=200, help="how many on each database")
    parser.add_argument("--database", choices=DATABASES, action="append", help="this one alone")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="to repeat the choices of a run")
    return parser.parse_args()


def _race(name: str, races: int, seed: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="proofsheet-races-"))
    with _database(name) as url:
        tally = run(World(folder, url), races, seed)
    for breach in tally.breaches:
        print(f"BROKEN  {breach}")
    if tally.is_well:
        shutil.rmtree(folder)
    else:
        print(f"the store and the logs are kept in {folder}")
    print(f"answers: {dict(sorted(tally.answers.items()))}")
    print(f"{name}: {tally}", flush=True)
    return 0 if tally.is_well else 1


@contextmanager
def _database(name: str) -> Iterator[str]:
    """The address of an empty one; nothing for SQLite, which is in the folder."""
    if name == "sqlite":
        yield ""
        return
    try:
        cluster = Cluster()
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        sys.exit(str(missing))
    with ExitStack() as stack:
        stack.callback(cluster.remove)
        yield stack.enter_context(cluster.database())


if __name__ == "__main__":
    sys.exit(main())
