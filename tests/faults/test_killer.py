"""Processes that really crash, because of one photo among others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from app.services.variants.isolation import GIVEN_UP_AFTER
from tests.faults.killer import GOOD
from tests.support.processes import ROOT


def test_photos_beside_one_that_ends_every_process_are_all_prepared(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.killer", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr + (tmp_path / "log").read_text()
    found = json.loads(done.stdout)
    assert found["files"] == [["failed", "gave_up"], *[["completed", None]] * GOOD]
    assert found["deaths"] == GIVEN_UP_AFTER
