"""`make mutants MODULES=access SAMPLE=60 SEED=1`: the last line is the tally; 1 if fewer than 95 % were noticed."""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.mutants.copies import Copy
from tests.mutants.groups import EQUIVALENT, GROUPS, ROOT
from tests.mutants.nearest import nearest
from tests.mutants.operators import Mutant, mutants

WANTED = 0.95
# What takes longer hangs: tests of s seconds of processor time may take this many times s, and so much more.
TIME_FACTOR, MORE_SECONDS = 20, 60


def main() -> int:
    """0 if WANTED of the mutants were killed."""
    options = _options()
    print(f"seed {options.seed}", flush=True)
    start = time.monotonic()
    survivors, tallies = [], {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for name in options.modules:
            chosen = _sample(name, options)
            outcomes = _outcomes(name, chosen, Path(folder), options)
            tallies |= _tally(chosen, outcomes)
            survivors += [mutant for mutant, outcome in zip(chosen, outcomes, strict=True) if outcome == "survived"]
    return _report(tallies, survivors, time.monotonic() - start)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=_names, default=list(GROUPS), help=f"of {', '.join(GROUPS)}; or paths")
    parser.add_argument("--sample", type=int, default=60, help="how many mutants of each; 0 for all")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="to repeat a run")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many run tests at a time")
    parser.add_argument("--reach", type=Path, help="a folder that keeps what tests execute for the next run")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.replace(",", " ").split() or list(GROUPS)
    if unknown := [name for name in names if name not in GROUPS and not _group_of(name)]:
        raise argparse.ArgumentTypeError(f"no group or module: {' '.join(unknown)}")
    return names


def _group_of(name: str) -> str | None:
    """The group of a name, or of a module."""
    return name if name in GROUPS else next((key for key, group in GROUPS.items() if name in group.paths), None)


def _sample(name: str, options: argparse.Namespace) -> list[Mutant]:
    paths = GROUPS[name].paths if name in GROUPS else [name]
    every = [mutant for path in paths for mutant in mutants(path, (ROOT / path).read_text(encoding="utf-8"))]
    real = [mutant for mutant in every if (mutant.path, mutant.before, mutant.after) not in EQUIVALENT]
    size = min(options.sample or len(real), len(real))
    return random.Random(options.seed).sample(real, size)


def _outcomes(name: str, chosen: list[Mutant], folder: Path, options: argparse.Namespace) -> list[str]:
    first = Copy(folder / "0")
    reach = _reach(_group_of(name) or name, first, options)
    copies = [first, *(Copy(folder / str(number), first.folder) for number in range(1, options.workers))]
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def outcome(mutant: Mutant) -> str:
        tests, seconds = nearest(mutant, reach)
        copy = free.get()
        try:
            result = copy.outcome(mutant, tests, TIME_FACTOR * seconds + MORE_SECONDS) if tests else "survived"
        finally:
            free.put(copy)
        print(_line(mutant, result), flush=True)
        return result

    try:
        with ThreadPoolExecutor(options.workers) as pool:
            return list(pool.map(outcome, chosen))
    finally:
        for copy in copies:
            copy.close()


def _reach(group: str, copy: Copy, options: argparse.Namespace) -> dict[str, Any]:
    kept = options.reach / f"{group}.json" if options.reach else None
    if kept and kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    found = copy.reach(GROUPS[group].paths, list(GROUPS[group].tests), options.workers)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def _line(mutant: Mutant, result: str) -> str:
    return f"{result:8}  {mutant.path}:{mutant.line}\n    {mutant.before}\n    {mutant.after}"


def _tally(chosen: list[Mutant], outcomes: Iterable[str]) -> dict[str, Counter[str]]:
    tallies: dict[str, Counter[str]] = {}
    for mutant, outcome in zip(chosen, outcomes, strict=True):
        tallies.setdefault(mutant.path, Counter())[outcome] += 1
    return tallies


def _report(tallies: dict[str, Counter[str]], survivors: list[Mutant], seconds: float) -> int:
    print(f"\n{'module':45} {'killed':>7} {'survived':>9} {'total':>6}")
    for path, counts in sorted(tallies.items()):
        print(f"{path:45} {counts.total() - counts['survived']:7} {counts['survived']:9} {counts.total():6}")
    for mutant in survivors:
        print(_line(mutant, "SURVIVED"))
    total = sum(counts.total() for counts in tallies.values())
    killed = total - len(survivors)
    print(f"{killed} of {total} mutants killed ({killed / max(total, 1):.1%}) in {seconds:.0f} s")
    return 0 if killed >= WANTED * total else 1


if __name__ == "__main__":
    sys.exit(main())
