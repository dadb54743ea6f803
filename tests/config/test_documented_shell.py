"""Every command of the documents is run in a scratch install, or is listed here with the reason why not."""

from __future__ import annotations

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from flask.cli import FlaskGroup

from app import Proofsheet, config
from app.config import folders
from tests.config import containers, documents
from tests.config.documents import Block
from tests.config.scratch import PASSWORD, SITE, Scratch, syntax_problem
from tests.support.celery_workers import COMMAND
from tests.support.pictures import jpeg
from tests.support.services_available import program
from tests.support.studio import EMAIL, Studio

# What is not run, and why; bash reads these lines all the same.
NEEDS_DOCKER = "needs Docker; tests/config/test_containers.py runs what the containers run"
NOT_RUN = {
    "docker compose up --detach --build": NEEDS_DOCKER,
    "docker compose up --detach": NEEDS_DOCKER,
    "docker compose build --pull": NEEDS_DOCKER,
    "docker compose down": NEEDS_DOCKER,
    "docker compose down --volumes": NEEDS_DOCKER,
    "docker compose exec web": "the beginning of other commands",
    "docker compose cp web:/srv/proofsheet/instance backup": NEEDS_DOCKER,
    "docker compose --file compose.workers.yaml up --detach --build": NEEDS_DOCKER,
    "docker compose --file compose.workers.yaml cp postgres:/tmp/proofsheet.dump .": NEEDS_DOCKER,
    "docker compose --file compose.workers.yaml exec postgres pg_dump --username proofsheet --format custom "
    "--file /tmp/proofsheet.dump proofsheet": NEEDS_DOCKER,
    "git pull": "needs the repository that the install came from",
    'journalctl -u proofsheet -o cat | grep \'"event": "password.refused"\' | jq -r .address | sort | uniq -c '
    "| sort -rn": "needs systemd; the rest is run on a line of the log",
    "apt-get install --no-install-recommends chromium": "changes the machine",
    "radosgw-admin user create": "needs Ceph",
    "kill -9": "names no process",
    "celery -A worker inspect stats": "needs a worker; tests/server/test_celery_backfill.py asks one",
    "flask run": "serves until it is stopped",
    "flask shell": "waits for what is typed",
}
RUN = re.compile(
    r"(?:[A-Z0-9_]+=\S+ )*(?:make|alembic) |(?:docker compose (?:--file \S+ )?exec web )?(?:flask|python) "
    r"|15 3 \* \* \* proofsheet |(?:\.venv/bin/)?(?:alembic|flask|pip) |sudo -u proofsheet "
    r"|(?:chmod|cp|echo|mkdir|openssl|sqlite3) "
)
SHELL = documents.blocks("sh")
# The others have tests of their own: the API's examples in test_documented_api.py, the rest below.
ELSEWHERE = re.compile(r"^(R2_BUCKET=proofsheet|15 3|journalctl)", re.MULTILINE)
TYPED = [block for block in SHELL if block.page != "docs/api.md" and not ELSEWHERE.search(block.text)]
MODULE = re.compile(r"(?:\.venv/bin/)?python -m (\S+)(.*)")
COMMANDS = documents.commands()


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path / "proofsheet")


def alternatives(command: str) -> list[str]:
    """The command without and with what stands in brackets."""
    return list(dict.fromkeys([re.sub(r" \[[^]]*\]", "", command), re.sub(r"[\[\]]", "", command)]))


def run_in(scratch: Scratch, lines: list[str]) -> str:
    """Run the runnable lines one after another and return their output."""
    chosen = [line for line in lines if line not in NOT_RUN]
    assert [
        line for line in chosen if not RUN.match(line)
    ] == []  # a new kind of command: say how it is run, or why not
    return scratch.run("\n".join(map(scratch.here, chosen)))


def test_documents_use_no_language_that_is_not_checked_here() -> None:
    assert documents.languages() == {"", "sh", "ini", "json", "python"}
    assert [block.text for block in documents.blocks("")] == ["Authorization: Bearer ps_…\n"]


def test_every_skipped_line_is_in_a_document() -> None:
    written = {line for block in SHELL for line in block.lines} | set(COMMANDS)
    assert set(NOT_RUN) - written == set()


@pytest.mark.parametrize("line", [*NOT_RUN, *(line for block in SHELL for line in block.lines)])
def test_shell_understands_every_line(line: str) -> None:
    if not line.startswith("15 3 * * * "):  # a line of cron, whose command is run below
        assert syntax_problem(line) == ""


@pytest.mark.parametrize("block", TYPED, ids=str)
def test_block_of_commands_runs(scratch: Scratch, block: Block) -> None:
    run_in(scratch, block.lines)


# --- within sentences -----------------------------------------------------------------------


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("flask ") and each not in NOT_RUN])
def test_command_of_flask_ends_well(app: Proofsheet, studio: Studio, tmp_path: Path, command: str) -> None:
    collection = studio.collection(studio.photographer(EMAIL))
    studio.photo(collection)
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "one.jpg").write_bytes(jpeg(colour=(1, 2, 3)))
    email = "bea@example.com" if " create " in command else EMAIL
    for words in alternatives(command):
        for shown, real in (("EMAIL", email), ("URL", SITE), ("…", SITE), ("DIR", str(tmp_path / "card"))):
            words = words.replace(shown, real)
        email = "cid@example.com" if " create " in command else email
        words = words.removeprefix("flask ").replace("UUID", collection)
        result = app.test_cli_runner().invoke(FlaskGroup(), words.split(), input=f"{PASSWORD}\n{PASSWORD}\n")
        assert result.exit_code == 0, f"{words}: {result.output}"


@pytest.mark.parametrize(
    "command",
    [
        each
        for each in COMMANDS
        if not each.startswith("flask ") and each not in NOT_RUN and not MODULE.match(each)
        if f".venv/bin/{each}" not in COMMANDS  # the same once more
    ],
)
def test_command_within_a_sentence_runs(scratch: Scratch, command: str) -> None:
    makefile = (config.ROOT / "Makefile").read_text(encoding="utf-8")
    for words in alternatives(command):
        printed = run_in(scratch, [words])
        if "make " in words:
            named = re.findall(r"([A-Z]+)=(\S+)", words)
            assert all(value in printed for name, value in named if f"({name})" in makefile or f"{name})," in makefile)


def test_options_of_benches_and_campaigns_are_understood() -> None:
    given = [found for command in COMMANDS if (found := MODULE.match(command))]
    stopped = (
        "import argparse, runpy, sys\n"
        "parse = argparse.ArgumentParser.parse_args\n"
        "argparse.ArgumentParser.parse_args = lambda self, *given: sys.exit(parse(self, *given) is None)\n"
        f"for module, options in {[(found[1], found[2].split()) for found in given]!r}:\n"
        "    sys.argv = [module, *options]\n"
        "    try:\n"
        "        runpy.run_module(module, run_name='__main__', alter_sys=True)\n"
        "    except SystemExit as end:\n"
        "        assert not end.code, (module, options)\n"
        "    else:\n"
        "        raise AssertionError(f'{module} read no options')\n"
    )
    command = [sys.executable, "-c", stopped]
    done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(given) >= 4


# --- what a line is there for ---------------------------------------------------------------


def test_nightly_command_mails_only_findings(scratch: Scratch) -> None:
    (line,) = [line for block in SHELL for line in block.lines if line.startswith("15 3 ")]
    scratch.run(scratch.here(line))
    assert not scratch.mail.exists()
    scratch.run(
        "mkdir -p instance/storage/collections/x; touch -d '3 days ago' instance/storage/collections/x/no-row.jpg"
    )
    scratch.run(scratch.here(line))
    mailed = scratch.mail.read_text(encoding="utf-8")
    assert mailed.startswith('-s\nProofsheet: verify\nyou@example.com\n{"findings": [')
    assert "no-row.jpg" in mailed


def test_count_of_guesses_reads_the_audit_log() -> None:
    (line,) = [line for block in SHELL for line in block.lines if line.startswith("journalctl")]
    logged = '{"event": "password.refused", "address": "198.51.100.7"}\n{"event": "sign_in.ok", "address": "::1"}\n'
    program("jq", "jq")
    rest = line.partition(" | ")[2]
    counted = subprocess.run(
        [program("bash", "bash"), "-euo", "pipefail", "-c", rest],
        input=logged, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert counted.stdout.split() == ["1", "198.51.100.7"]


def test_units_run_the_commands_that_are_tested() -> None:
    written = []
    for block in documents.blocks("ini"):
        unit = ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(block.text)
        service = unit["Service"]
        assert service["WorkingDirectory"] == containers.WORKDIR
        written += [service[name].split() for name in ("ExecStartPre", "ExecStart") if name in service]
    programs = f"{containers.WORKDIR}/.venv/bin/"
    assert all(words[0].startswith(programs) for words in written)
    bare = [[words[0].removeprefix(programs), *words[1:]] for words in written]
    server = [word.replace(containers.EVERYWHERE, "127.0.0.1") for word in containers.server_command()]
    assert bare == [["alembic", "upgrade", "head"], server, [*COMMAND[1:], "--concurrency", "3"]]


def test_settings_of_a_bucket_are_read_from_the_file_they_are_shown_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = [block for block in SHELL if "R2_BUCKET=proofsheet" in block.text]
    (tmp_path / ".env").write_text(block.text, encoding="utf-8")
    monkeypatch.setattr(folders, "ROOT", tmp_path)
    monkeypatch.setattr(folders, "INSTANCE", tmp_path / "instance")
    loaded = config.load()
    assert (loaded["STORAGE_BACKEND"], loaded["R2_BUCKET"], loaded["R2_SECRET_ACCESS_KEY"]) == (
        "r2",
        "proofsheet",
        "...",
    )
    assert loaded["R2_ENDPOINT_URL"] == "https://0123456789abcdef.r2.cloudflarestorage.com"
