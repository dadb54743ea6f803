"""`make faults KILLS=500`: kills at every point in turn. The last line is the tally; 1 if an invariant broke."""

from __future__ import annotations

import argparse
import secrets
import sys
import time

from tests.faults.campaign import Campaign, Tally
from tests.faults.points import POINTS


def main() -> int:
    """Return 0 if no invariant broke."""
    options = _options()
    start = time.monotonic()
    points = [point.name for point in POINTS if options.point in (None, point.name)]
    print(f"{options.kills or len(points)} kills, seed {options.seed}", flush=True)
    tally = Campaign(options.kills or len(points), options.seed, points).run()
    _print(tally, time.monotonic() - start)
    return 1 if tally.breaches else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0, help="how many processes to kill; one at each point if 0")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="to repeat a run")
    parser.add_argument("--point", choices=[point.name for point in POINTS], help="this point alone")
    return parser.parse_args()


def _print(tally: Tally, seconds: float) -> None:
    print(f"{'point':28} {'kills':>6} {'while recovering':>17}")
    for point in POINTS:
        print(f"{point.name:28} {tally.kills[point.name]:6} {tally.again[point.name]:17}")
    for breach in tally.breaches:
        print(f"BROKEN  {breach}")
    counts = tally.counts
    print(
        f"left behind for a while, as allowed: {counts['objects without rows']} objects without rows and "
        f"{counts['unfinished temporary files']} temporary files; {counts['failed']} files failed; "
        f"slowest recovery {tally.slowest_recovery:.1f} s"
    )
    points = sum(bool(tally.kills[point.name] + tally.again[point.name]) for point in POINTS)
    print(
        f"{tally.total} kills at {points} points in {seconds:.0f} s: {counts['acknowledged']} originals acknowledged, "
        f"{len(tally.breaches)} broken invariants"
    )


if __name__ == "__main__":
    sys.exit(main())
