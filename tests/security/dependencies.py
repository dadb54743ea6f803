"""`python -m tests.security.dependencies`: whether anything that Proofsheet runs on is known to be vulnerable.

pip-audit asks PyPI about every pinned version. A machine without a way to PyPI can ask about none: that is said, with
the number, and is no failure, so that `make check` works on a train; an advisory is one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
# What is pinned is all there is: nothing is resolved, installed or run.
COMMAND = ("-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json", "--timeout=10")
SECONDS = 120

Report = list[dict[str, Any]]


def audited_packages(requirements: Path = REQUIREMENTS) -> Report | None:
    """What PyPI knows of each pinned package; None if it could not be asked."""
    command = [sys.executable, *COMMAND, "--requirement", str(requirements)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        report: Report = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return report


def verdict(report: Report | None) -> tuple[int, Sequence[str]]:
    """The exit code, and the lines that say why."""
    if report is None:
        return 0, ["dependencies: not audited, PyPI could not be asked"]
    unknown = [package for package in report if "skip_reason" in package]
    found = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'none'}"
        for package in report
        for fault in package.get("vulns", ())
    ]
    said = f"dependencies: {len(report) - len(unknown)} of {len(report)} audited, {len(found)} known vulnerabilities"
    return int(bool(found)), [*found, said]


def main(ask: Callable[[], Report | None] = audited_packages) -> int:
    """Print the verdict; the exit code."""
    code, lines = verdict(ask())
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
