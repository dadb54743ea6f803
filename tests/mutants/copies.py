"""Copies of the project in which modules are changed and tests run, one for each worker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.mutants.groups import ROOT
from tests.mutants.operators import Mutant

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "instance", "out", "peers", ".*_cache", ".hypothesis", "test-results"
)
LIBRARIES = """
import sys
import app, tests.conftest, tests.support.server
print(*(name for name in sys.modules if name.partition(".")[0] not in ("app", "tests", "__main__")))
"""


class Copy:
    """One copy of the project with a worker in it."""

    def __init__(self, folder: Path, original: Path = ROOT) -> None:
        self.folder = folder
        shutil.copytree(original, folder, ignore=LEFT_OUT)
        (folder / "instance").mkdir()
        (folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
        self._worker: subprocess.Popen[str] | None = None

    def reach(self, modules: list[str], tests: list[str], processes: int) -> dict[str, Any]:
        """Run the tests on the unchanged modules; what each of them executes. Raises RuntimeError if one fails."""
        notes = self.folder / "reach"
        notes.mkdir()
        environment = os.environ | {"MUTANTS_MODULES": " ".join(modules), "MUTANTS_REACH": str(notes)}
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(processes), "-p", "tests.mutants.reach", *tests]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"The tests have to pass before anything is changed:\n{done.stdout[-4000:]}")
        found: dict[str, Any] = {}
        for path in notes.glob("*.json"):
            found |= json.loads(path.read_text(encoding="utf-8"))
        shutil.rmtree(notes)
        return found

    def outcome(self, mutant: Mutant, tests: list[str], seconds: float) -> str:
        """What the tests make of a mutant: "killed", "timeout" or "survived"."""
        worker = self._worker = self._worker or self._start()  # before the change, which may break the imports
        path = self.folder / mutant.path
        text, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        path.write_text(mutant.source, encoding="utf-8")
        try:
            return _ask(worker, [seconds, *tests])
        finally:
            path.write_bytes(text)
            os.utime(path, ns=times)  # so that its bytecode is good again

    def _start(self) -> subprocess.Popen[str]:
        libraries = self._run("-c", LIBRARIES).split()
        command = [sys.executable, "-m", "tests.mutants.worker", *libraries]
        return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([sys.executable, *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout

    def close(self) -> None:
        """End the worker and delete the copy."""
        if self._worker:
            assert self._worker.stdin
            self._worker.stdin.close()
            self._worker.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _ask(worker: subprocess.Popen[str], job: list[Any]) -> str:
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write(json.dumps(job) + "\n")
    worker.stdin.flush()
    return worker.stdout.readline().strip()
