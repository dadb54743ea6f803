"""`alembic` as an administrator types it, without naming the database anywhere but in DATABASE_URL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.alembic_migrations.database import ROOT, Database

REVISIONS = [revision.revision for revision in ScriptDirectory(str(ROOT / "alembic")).walk_revisions()]
HEAD, BEFORE_HEAD = REVISIONS[:2]
Shell = subprocess.CompletedProcess[str]


def alembic(url: str, *words: str, cwd: Path = ROOT) -> Shell:
    command = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), *words]
    environ = {"PATH": os.environ["PATH"], "SECRET_KEY": "only for tests", "DATABASE_URL": url}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=180)


def output_of(shell: Shell) -> str:
    assert shell.returncode == 0, shell.stderr
    return shell.stdout.strip()


def test_upgrade_current_and_downgrade(database_url: str) -> None:
    output_of(alembic(database_url, "upgrade", "head"))
    assert output_of(alembic(database_url, "current")) == f"{HEAD} (head)"
    output_of(alembic(database_url, "downgrade", "-1"))
    assert output_of(alembic(database_url, "current")) == BEFORE_HEAD


def test_history(tmp_path: Path) -> None:
    history = output_of(alembic(f"sqlite:///{tmp_path / 'none.db'}", "history"))
    lines = [line.split(",")[0] for line in history.splitlines()]
    assert lines[0] == f"{BEFORE_HEAD} -> {HEAD} (head)"
    assert lines[-3:] == [
        "add_image_variant_paths -> add_processing_and_variants",
        "base_schema -> add_image_variant_paths",
        "<base> -> base_schema",
    ]


def test_upgrade_can_be_written_out_as_sql_for_postgresql(postgres_url: str) -> None:
    script = output_of(alembic(postgres_url, "upgrade", "head", "--sql"))
    assert Database(postgres_url).columns() == {}
    by_script = Database(postgres_url)
    with by_script.engine.connect() as connection:
        connection.connection.cursor().execute(
            script
        )  # psycopg takes many statements at once where none has parameters
        connection.connection.commit()
    found = by_script.schema()
    by_script.downgrade("base")
    by_script.upgrade("head")
    assert found == by_script.schema()


@pytest.mark.parametrize("words", [("upgrade", "head"), ("current",), ("-x", "check-only", "check")], ids=" ".join)
def test_invalid_setting_is_reported_in_one_line(words: tuple[str, ...]) -> None:
    shell = alembic("mysql://root@localhost/proofsheet", *words)
    assert shell.returncode == 3
    [line] = shell.stderr.splitlines()
    assert line.startswith("proofsheet: DATABASE_URL=")


def test_check_only_compares_the_models_with_an_empty_database_made_for_it(tmp_path: Path) -> None:
    shell = alembic(f"sqlite:///{tmp_path / 'none.db'}", "-x", "check-only", "check")
    assert output_of(shell) == "No new upgrade operations detected."
    assert list(tmp_path.iterdir()) == []


def test_relative_database_is_the_same_file_from_everywhere(tmp_path: Path) -> None:
    name = f"instance/{tmp_path.name}.db"
    try:
        output_of(alembic(f"sqlite:///{name}", "upgrade", "head", cwd=tmp_path))
        assert output_of(alembic(f"sqlite:///{name}", "current")) == f"{HEAD} (head)"
    finally:
        for path in (ROOT / "instance").glob(f"{tmp_path.name}.db*"):
            path.unlink()
