"""Memory of a process that decodes several large pictures at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app import allocator

ROOT = Path(__file__).parents[1]
BUDGET_MB, PICTURES, SIDE = 250, 8, 5000
# Prints how many MB the process took at most, and how many remained, above those before the first picture.
PROGRAM = f"""
import re, sys
from concurrent.futures import ThreadPoolExecutor
from app import allocator
from app.imaging.limits import MEGA, Limits, MemoryBudget
from app.imaging.render import render
from app.imaging.variants import AT_UPLOAD

def megabytes(name):
    return int(re.search(name + r":\\s+(\\d+) kB", open("/proc/self/status").read())[1]) // 1000

def decode(_number):
    with open(sys.argv[1], "rb") as stream, render(stream, AT_UPLOAD, limits):
        pass

allocator.return_freed_memory()
limits = Limits(max_seconds=300, budget=MemoryBudget({BUDGET_MB} * MEGA))
idle = megabytes("VmRSS")
with ThreadPoolExecutor({PICTURES}) as pool:
    list(pool.map(decode, range({PICTURES})))
print(megabytes("VmHWM") - idle, megabytes("VmRSS") - idle)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_process_stays_within_the_memory_budget(tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    Image.new("RGB", (SIDE, SIDE), "teal").save(picture)
    printed = subprocess.check_output([sys.executable, "-c", PROGRAM, picture], text=True, cwd=ROOT, timeout=300)
    peak, kept = map(int, printed.split())
    assert peak <= BUDGET_MB + 150
    assert kept <= 60


def test_other_platforms_keep_their_allocator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert allocator.return_freed_memory() is False
