"""Which changes are tried on a line, and which lines are left alone."""

from __future__ import annotations

import pytest

from tests.mutants.operators import mutants


def changed(line: str, *, inside: str = "def f(a, b, c):\n    ") -> set[str]:
    """The line as each mutant has it."""
    return {mutant.after for mutant in mutants("module.py", f"{inside}{line}\n")}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a = b < c", {"a = b <= c"}),
        ("a = b is not None", {"a = b is None"}),
        ("a = (b) not in (c)", {"a = (b) in (c)"}),
        ("a = b and c", {"a = b or c"}),
        ("a = b + c", {"a = b - c"}),
        ("a = not b", {"a = b"}),
        ("a = 1.05", {"a = 1.0"}),
        ("a = 4", {"a = 5"}),
        ("a = True", {"a = False"}),
        ('a = "key"', {'a = ""'}),
        ("a = min(b, c)", {"a = max(b, c)"}),
        ("a = b if c else None", {"a = b if not c else None"}),
        ("a = f(b, c=b)", {"a = f(b, )"}),
        (
            "a = b.where(a.b == c, f(c))",
            {"a = b.where(f(c))", "a = b.where(a.b == c, )", "a = b.where(a.b != c, f(c))"},
        ),
        ("a = {b: c, c: b}", {"a = {c: b}", "a = {b: c, }"}),
        ("a.b = c", {"pass"}),
        ("f(a)", {"pass"}),
        ("raise a", {"pass"}),
        ("return a", {"return None"}),
        ("if a: f(b)", {"if not a: f(b)", "if a: pass"}),
        ('raise ValueError("no")', {"pass"}),
        ("logger.info(a + b, 4)", set()),
        ("a: tuple[int, int] = b", set()),
        ('a = f"{b} is too long"', set()),
        ('"""A docstring."""', set()),
    ],
)
def test_line_is_changed_in_these_ways(line: str, expected: set[str]) -> None:
    assert changed(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a = {b, c}", {"a = {c}", "a = {b, }"}),
        ("f(a)", set()),
        ("@f\ndef g(): pass", {""}),
        ("@dataclass(frozen=True)\nclass G: pass", set()),
        ("import a", set()),
    ],
)
def test_line_outside_functions_is_changed_in_these_ways(line: str, expected: set[str]) -> None:
    assert changed(line, inside="") == expected


def test_mutant_names_its_line_and_its_statement() -> None:
    (first, *_) = mutants("module.py", "def f(a):\n    return g(\n        ä=1,\n        b=a,\n    )\n")
    assert (first.line, first.place.in_function, sorted(first.place.lines)) == (2, True, [2, 3, 4, 5])
    assert {mutant.after for mutant in mutants("module.py", first.source)} == set()
