"""Programs with a wrong setting: one line on standard error, exit code 3, no traceback.

The programs run in a copy of Proofsheet, whose `.env` belongs to the test.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = ("gunicorn", "--config", "python:app.server", "--bind", "127.0.0.1:0")
PROGRAMS = {
    "gunicorn": GUNICORN,
    "flask": ("flask", "users", "setup-link"),
    "alembic upgrade": ("alembic", "upgrade", "head"),
}
OTHERS = {
    "gunicorn --preload": (*GUNICORN, "--preload"),
    "flask --help": ("flask", "--help"),
    "alembic check": ("alembic", "check"),
    "alembic current": ("alembic", "current"),
    "celery": ("celery", "-A", "worker", "worker", "-Q", "uploads,backfill", "--concurrency", "1"),
}
# A variable, or the text of .env, and how the line goes on after "proofsheet: ".
FAULTS = {
    "value": ({"VARIANT_WORKERS": "0"}, "VARIANT_WORKERS='0' is not valid: it must be a whole number from 1 to 64."),
    "name": ({"STORAGE_BACKND": "r2"}, "STORAGE_BACKND is not a setting of Proofsheet; did you mean STORAGE_BACKEND?"),
    "name in .env": (
        "TRASH_DAYS=3\nSTORAGE_BACKND=r2\n",
        ".env, line 2: STORAGE_BACKND is not a setting of Proof",
    ),
    "line of .env": ("SECRET_KEY='s3cret of mine\n", ".env, line 1, cannot be read: it is not NAME=VALUE."),
    "folder": (
        {"STORAGE_PATH": "/etc/passwd/x"},
        "STORAGE_PATH='/etc/passwd/x' cannot be used: '/etc/passwd' is",
    ),
    "SQLite": (
        {"DATABASE_URL": "sqlite:////nowhere/p.db"},
        "DATABASE_URL='sqlite:////nowhere/p.db' does not answer:",
    ),
    "PostgreSQL": (
        {"DATABASE_URL": "postgresql://ada:s3cret@127.0.0.1:1/photos"},
        "DATABASE_URL='postgresql+psycopg://ada:***@127.0.0.1:1/photos' does not answer: ",
    ),
}
# What programs say of their own: gunicorn of a worker that did not begin, the flask command of a line of .env.
OWN_LINES = re.compile(r"\[[^]]+\] \[\d+\] \[ERROR\] |python-dotenv could not parse statement starting at line 1$")
SECONDS = 120


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that Proofsheet needs to run."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("app", "alembic"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("alembic.ini", "wsgi.py", "worker.py"):
        shutil.copy2(ROOT / name, folder)
    return folder


def run(copy: Path, program: tuple[str, ...], fault: str) -> subprocess.CompletedProcess[str]:
    """How the program ended with this fault in its settings."""
    given, _ = FAULTS[fault]
    (copy / ".env").write_text(given if isinstance(given, str) else "", encoding="utf-8")
    environ = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only for tests",
        "DATABASE_URL": f"sqlite:///{copy / 'p.db'}",
        "STORAGE_PATH": str(copy / "storage"),
        "QUEUE_URL": "redis://127.0.0.1:1/0" if program[0] == "celery" else "",
    } | (given if isinstance(given, dict) else {})
    return subprocess.run(
        [sys.executable, "-m", *program],
        cwd=copy, env=environ, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip


def check(ended: subprocess.CompletedProcess[str], fault: str) -> None:
    """Fail unless it ended as it should."""
    said = [line for line in ended.stderr.splitlines() if not OWN_LINES.match(line)]
    assert len(said) == 1, ended.stderr
    assert said[0].startswith(f"proofsheet: {FAULTS[fault][1]}")
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 3
    assert "s3cret" not in ended.stderr + ended.stdout


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_in_the_settings_is_one_line_and_exit_code_3(copy: Path, program: str, fault: str) -> None:
    check(run(copy, PROGRAMS[program], fault), fault)


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("gunicorn --preload", "value"),
        ("gunicorn --preload", "folder"),
        ("gunicorn --preload", "PostgreSQL"),
        ("flask --help", "SQLite"),
        ("alembic check", "folder"),
        ("alembic current", "name"),
        ("celery", "PostgreSQL"),
    ],
)
def test_other_programs_exit_the_same_way(copy: Path, program: str, fault: str) -> None:
    check(run(copy, OTHERS[program], fault), fault)


def test_sql_is_printed_without_a_database(copy: Path) -> None:
    ended = run(copy, ("alembic", "upgrade", "head", "--sql"), "PostgreSQL")
    assert ended.returncode == 0, ended.stderr
    assert "CREATE TABLE" in ended.stdout
