"""Measure maintenance commands on many synthetic files: seconds, memory and SQL statements of each.

    python -m bench.maintenance --rows 100000

Rows are inserted in bulk; objects are sparse files of the right length in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = (
    "photos status",
    "photos analyze",
    "photos backfill --dry-run",
    "photos backfill --force --dry-run",
    "maintenance verify",
    "maintenance orphans",
    "maintenance stats",
)
OUT = Path(__file__).parent / "out" / "maintenance.json"


def child(report: Path, command: list[str]) -> None:
    """Run a `flask` command in this process and write its statements, memory and exit code to `report`."""
    from flask.cli import main
    from sqlalchemy import Engine, event

    sent = 0

    @event.listens_for(Engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        nonlocal sent
        sent += not statement.startswith(("BEGIN", "PRAGMA"))

    sys.argv = ["flask", *command]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    report.write_text(json.dumps({"statements": sent, "peak_mib": round(peak / 1024, 1), "exit": code}))


def fill(folder: Path, rows: int, unprepared: int) -> None:
    """Create rows and objects of uploaded files; the last `unprepared` have no variants."""
    from app import create_app
    from app.models import db
    from tests.support.many import Many

    many = Many(rows, range(rows - unprepared, rows))
    with create_app({"SECRET_KEY": "only for the bench"}).app_context():
        db.create_all()
        many.fill()
    folders: set[Path] = set()
    for item in many.objects():
        path = folder / "storage" / item.key
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o640)
        os.ftruncate(descriptor, item.size)
        os.close(descriptor)


def measure(folder: Path, command: str, rows: int) -> dict[str, object]:
    """Run one command in a separate process; returns its figures."""
    report = folder / "report.json"
    started = time.monotonic()
    child_command = [sys.executable, "-m", "bench.maintenance", "--child", str(report), *command.split()]
    subprocess.run(child_command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - started
    found = json.loads(report.read_text())
    per_thousand = round(found["statements"] * 1000 / rows, 2)
    return {"command": command, "seconds": round(seconds, 1), **found, "statements_per_thousand": per_thousand}


def main() -> None:
    """Create the files, measure every command, print a table and save the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--unprepared", type=int, default=0, help="number of rows without variants")
    parser.add_argument("--folder", default=None, help="parent of the temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        os.environ |= {"DATABASE_URL": f"sqlite:///{folder / 'bench.db'}", "STORAGE_PATH": str(folder / "storage")}
        fill(folder, given.rows, given.unprepared)
        measured = [measure(folder, command, given.rows) for command in COMMANDS]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"rows": given.rows, "commands": measured}, indent=2))
    print(f"{'command':<36}{'seconds':>9}{'MiB':>8}{'statements':>12}{'per 1,000':>11}")
    for row in measured:
        print(
            f"{row['command']:<36}{row['seconds']:>9}{row['peak_mib']:>8}"
            f"{row['statements']:>12}{row['statements_per_thousand']:>11}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), sys.argv[3:])
    else:
        main()
