"""The tests for a mutant: those that execute the changed line, the nearest and shortest first."""

from __future__ import annotations

import ast
from collections.abc import Set
from pathlib import PurePosixPath
from typing import Any

from tests.mutants.operators import Mutant

MOST_SECONDS = 60.0  # of processor time that the tests for one mutant took before the change


def nearest(mutant: Mutant, reach: dict[str, Any]) -> tuple[list[str], float]:
    """Tests in the order in which they should run, and the seconds that they took.

    A line that runs only while its module is imported belongs to the tests that execute lines which use the names
    that it defines, or any line of the module if there are none. So does a line of a function that no test executes:
    it may run while the module is imported.
    """
    found = _reaching(reach, mutant, mutant.place.lines)
    if not found:
        users = set() if mutant.place.in_function else _users(mutant)
        found = _reaching(reach, mutant, users) or _reaching(reach, mutant, None)
    mirrored = f"test_{PurePosixPath(mutant.path).stem}.py"
    found.sort(key=lambda name: (mirrored not in name, reach[name]["seconds"]))
    chosen, seconds = [], 0.0
    for name in found:
        chosen.append(name)
        seconds += reach[name]["seconds"]
        if seconds > MOST_SECONDS:
            break
    return chosen, seconds


def _reaching(reach: dict[str, Any], mutant: Mutant, lines: Set[int] | None) -> list[str]:
    """The tests that execute one of the lines of the mutant's module, or any line of it."""
    executed = {name: test["lines"].get(mutant.path, []) for name, test in reach.items()}
    return [name for name, found in executed.items() if (found if lines is None else not lines.isdisjoint(found))]


def _users(mutant: Mutant) -> set[int]:
    """The lines of a module that use a name which the changed lines define, or one that is made of such a name."""
    tree = ast.parse(mutant.source)
    constants = [_names(statement) for statement in tree.body if isinstance(statement, (ast.Assign, ast.AnnAssign))]
    inside = [node for node in ast.walk(tree) if getattr(node, "lineno", 0) in mutant.place.lines]
    defined = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for stored, loaded in constants:  # in the order of the module, so once is enough
        if defined & loaded:
            defined |= stored
    used = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in defined)
    return {node.lineno for node in used} - mutant.place.lines


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The names that a statement stores, and those that it loads."""
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return stored, {node.id for node in names} - stored
