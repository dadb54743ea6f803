"""Kill, restart and inspect, at every point in turn."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

from tests.faults import child
from tests.faults.invariants import Inspection
from tests.faults.points import BY_NAME, IN_RECOVERY, POINTS
from tests.faults.processes import KILLED, outcome_of
from tests.faults.traps import Armed
from tests.faults.world import World

KILLS_A_WORLD = 20  # so that looking at all of it after each kill does not take longer and longer
KILLED_AGAIN = 0.2  # how often the process that recovers is killed too
MOMENT = timedelta(minutes=1)
TRIES = 12  # for a point that chance may miss


@dataclass
class Tally:
    """The results of a campaign."""

    kills: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    worlds: int = 0
    slowest_recovery: float = 0.0

    @property
    def total(self) -> int:
        """How many processes were killed, those that recovered from a kill included."""
        return self.kills.total() + self.again.total()


class Campaign:
    """Kills at the points named, each in turn, until `kills` processes are dead; some that recover are killed too."""

    def __init__(self, kills: int, seed: int, points: list[str] | None = None) -> None:
        self.tally = Tally()
        self._wanted, self._chance = kills, random.Random(seed)
        self._points = points or [point.name for point in POINTS]
        self._orphans: set[str] = set()

    def run(self) -> Tally:
        """The tally; a world in which an invariant broke is left on disk, and named."""
        order = self._order()
        while self.tally.kills.total() < self._wanted and not self.tally.breaches:
            folder = Path(tempfile.mkdtemp(prefix="proofsheet-faults-"))
            self._in_world(World(folder), order)
            if self.tally.breaches:
                self.tally.breaches.append(f"the world is kept in {folder}")
            else:
                shutil.rmtree(folder)
        return self.tally

    def _order(self) -> Iterator[str]:
        names = list(self._points)
        self._chance.shuffle(names)
        return cycle(names)

    def _in_world(self, world: World, order: Iterator[str]) -> None:
        self._finishes(world, "prepare", partial(child.prepare, world))
        kills, before = self.tally.kills, self.tally.kills.total()
        while kills.total() < min(self._wanted, before + KILLS_A_WORLD) and self._is_well():
            self._kill_at(world, next(order))
        if self._is_well():
            self._finishes(world, "ask for everything", partial(child.ask_for_everything, world))
            self._close(world)
        self.tally.worlds += 1

    def _is_well(self) -> bool:
        return not self.tally.breaches

    # --- one kill --------------------------------------------------------------------------

    def _kill_at(self, world: World, point: str) -> None:
        """Kill at a point, whichever of its crossings; what chance does not reach is tried again from the first."""
        for attempt in range(TRIES):
            nth = self._chance.randint(1, BY_NAME[point].often) if attempt == 0 else 1
            working = partial(child.work, world, Armed(point, nth), self._chance.randrange(1 << 30))
            code = outcome_of(working, world.log)
            if code == KILLED:
                self.tally.kills[point] += 1
            elif code != 0:
                self.tally.breaches.append(f"{point}: the process ended with {code}, see {world.log}")
            self._heal(world, point)
            if code != 0 or not self._is_well():
                return
        self.tally.breaches.append(f"{point} was not crossed in {TRIES} tries")

    def _heal(self, world: World, point: str) -> None:
        world.let_time_pass()
        if self._chance.random() < KILLED_AGAIN:
            self._kill_the_healer(world)
        start = time.monotonic()
        self._finishes(world, f"{point}: recovery", partial(child.recover, world))
        self.tally.slowest_recovery = max(self.tally.slowest_recovery, time.monotonic() - start)
        self._look(world, point)

    def _kill_the_healer(self, world: World) -> None:
        point = self._chance.choice([name for name in self._points if name.startswith(IN_RECOVERY)] or ["sweep.leased"])
        code = outcome_of(partial(child.recover, world, Armed(point)), world.log)
        self.tally.again[point] += code == KILLED
        world.let_time_pass()

    def _finishes(self, world: World, what: str, work: partial[None]) -> None:
        code = outcome_of(work, world.log)
        if code != 0:
            self.tally.breaches.append(f"{what} ended with {code}, see {world.log}")

    # --- what is left ----------------------------------------------------------------------

    def _look(self, world: World, point: str) -> Inspection:
        seen = Inspection(world).run()
        self._orphans |= seen.orphans()
        self.tally.breaches += [f"after {point}: {breach}" for breach in seen.breaches]
        if "database is locked" in world.log.read_text():
            self.tally.breaches.append(f"after {point}: the database was locked")
        return seen

    def _close(self, world: World) -> None:
        """At the end of a world, when everything has been asked for, only interrupted uploads may have left a trace."""
        seen = self._look(world, "the end")
        self.tally.counts += seen.counts
        self.tally.counts["objects without rows"] = len(self._orphans)
        if seen.counts["unrecorded variants"]:
            self.tally.breaches.append("variants are stored, asked for, and still not recorded")
        self.tally.counts["unfinished temporary files"] += world.storage.sweep_leftovers(-MOMENT)
        if any(world.spool.iterdir()):
            self.tally.breaches.append("something is left in the spool folder")
