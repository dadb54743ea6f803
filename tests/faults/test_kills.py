"""The process is killed once at every point; `make faults KILLS=500` runs longer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.faults.points import POINTS
from tests.support.processes import ROOT


@pytest.mark.slow
def test_a_kill_at_any_point_loses_nothing() -> None:
    command = [sys.executable, "-m", "tests.faults", "--kills", str(len(POINTS))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("0 broken invariants")
