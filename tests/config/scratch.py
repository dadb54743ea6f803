"""A scratch install: a copy of the project's files with an environment, in which lines of the documents are run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from app import config
from tests.config import containers
from tests.support.processes import COMMAND_SECONDS
from tests.support.server import migrate
from tests.support.services_available import program

PASSWORD = "a long password"
SITE = "https://photos.example.com"
CONTAINER = re.compile(r"docker compose (?:--file \S+ )?exec web (.*)")
SUDO = re.compile(r"sudo -u proofsheet (.*)")
CRON = re.compile(r"(?:\S+ ){5}proofsheet (cd .*)")


class Scratch:
    """A migrated copy of Proofsheet in a temporary folder, with settings and a `mail` command that records input."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        containers.build(folder)
        for name in ("Makefile", ".env.example", "requirements-dev.txt"):
            shutil.copy(config.ROOT / name, folder / name)
        (folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
        (folder / "settings.env").write_text("VARIANT_WORKERS=2\n", encoding="utf-8")
        self.mail = folder / "mail"
        self._write_mail(folder / "programs")
        path = os.pathsep.join([str(folder / "programs"), str(folder / ".venv" / "bin"), os.environ["PATH"]])
        self.environment = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1"}
        migrate(self.environment | {"DATABASE_URL": f"sqlite:///{folder / 'instance' / 'proofsheet.db'}"})

    def _write_mail(self, folder: Path) -> None:
        folder.mkdir()
        mail = folder / "mail"
        mail.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {self.mail}\ncat >> {self.mail}\n', encoding="utf-8")
        mail.chmod(0o755)

    def run(self, script: str) -> str:
        """Run a script with bash and return its output; fails if the script fails."""
        done = subprocess.run(
            [program("bash", "bash"), "-euo", "pipefail", "-c", self.here(script)],
            cwd=self.folder, env=self.environment, input=f"{PASSWORD}\n{PASSWORD}\n",
            capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def here(self, line: str) -> str:
        """The line adapted to this machine: in this folder, without container, sudo and cron."""
        for form in (CONTAINER, SUDO, CRON):
            if found := form.fullmatch(line):
                line = found[1]
        line = re.sub(
            r"^((?:[A-Z0-9_]+=\S+ )*)make ", r"\1make --dry-run ", line
        )  # its commands have tests of their own
        for documented, real in (
            (containers.WORKDIR, str(self.folder)),
            ("/etc/proofsheet.env", str(self.folder / "settings.env")),
            ("…", SITE),
        ):
            line = line.replace(documented, real)
        return line


def syntax_problem(line: str) -> str:
    """The syntax error that bash reports for a line."""
    checked = subprocess.run(
        [program("bash", "bash"), "-n", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS,
    )
    return checked.stderr
