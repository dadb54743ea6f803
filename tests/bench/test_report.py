"""Reports of the benches: verdicts, figures, and photos that are the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import photos
from bench.photos import Shot
from bench.report import Report, Target, p95
from bench.visits import Fetch


@pytest.mark.parametrize(
    ("value", "met", "verdict"), [(199.9, True, "pass"), (200, True, "pass"), (201, False, "MISSED")]
)
def test_verdict(value: float, met: bool, verdict: str) -> None:
    target = Target("thumbnail", value, 200, "ms")

    assert target.met is met
    assert verdict in target.line()


def test_one_missed_target_fails_the_whole(tmp_path: Path) -> None:
    report = Report([Target("a", 1, 2, "s"), Target("b", 3, 2, "s")])
    report.save(tmp_path / "out" / "app.json")

    assert not report.met
    assert [row["met"] for row in json.loads((tmp_path / "out" / "app.json").read_text())["targets"]] == [True, False]


@pytest.mark.parametrize(("count", "expected"), [(1, 0), (7, 6), (100, 95)])
def test_p95(count: int, expected: int) -> None:
    assert p95(list(range(count))) == expected


def test_a_link_adds_the_time_of_its_bits() -> None:
    assert Fetch(first_ms=5, last_ms=6, size=2_500_000).linked_ms == pytest.approx(5 + 1000)


def test_photographs_are_drawn_once_and_always_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = Shot("small", 2, (240, 160), 1)
    drawings = []
    for name in ("one", "two"):
        monkeypatch.setattr(photos, "DRAWN", tmp_path / name)
        (tmp_path / name).mkdir()
        photos._draw(shot)
        drawings.append(shot.path.read_bytes())
        assert photos.drawn([shot]) == [shot.path]

    assert drawings[0] == drawings[1]
