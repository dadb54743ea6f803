"""Log lines, messages, error codes and events that the documents name are those of the code."""

from __future__ import annotations

import re

import pytest

from app import config
from app.errors import AppError
from app.views.audit_request import REFUSED
from app.views.trash.trash_routes import ONE_OF
from tests.config import documents
from tests.config.test_documentation import section

PROGRAM = [config.ROOT / "wsgi.py", config.ROOT / "worker.py", *sorted((config.ROOT / "app").rglob("*.py"))]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in PROGRAM)
VALUE = re.compile(r"…|\.\.\.|the sweep: |NAME=| N |\(\w+\)\.|code=\w+|attempt=\d")
OF_OTHERS = ("database is locked",)  # SQLite's own words


def codes(kind: type[AppError]) -> set[str]:
    """The code of an error and those of all its children."""
    return {kind.code}.union(*map(codes, kind.__subclasses__()))


def lines_of_the_readme() -> list[str]:
    rows = section("README.md", "Troubleshooting").splitlines()
    return [found[1] for row in rows if (found := re.match(r"\| `([^`]+)` \|", row)) and found[1] not in OF_OTHERS]


def messages_of_the_store() -> list[str]:
    rows = section("docs/storage.md", "What the messages mean").splitlines()
    return [row.split(" | ")[0].removeprefix("| ") for row in rows if row.startswith("| ")][2:]


def wordings() -> list[str]:
    """Every message, split at its values."""
    whole = [*lines_of_the_readme(), *messages_of_the_store()]
    pieces = [
        piece
        for each in whole
        for piece in re.split(r"…|\.\.\.|the sweep: |NAME=| N |\(\w+\)\.|code=\w+|attempt=\d", each)
    ]
    return [piece.strip() for piece in pieces if re.search(r"\w{3}", piece)]


def test_log_messages_of_the_sweep_name_it() -> None:
    assert '_logging_database_errors("the sweep")' in SOURCE


@pytest.mark.parametrize("wording", wordings())
def test_message_is_one_of_the_program(wording: str) -> None:
    assert wording in SOURCE


@pytest.mark.parametrize("page", ["README.md", "docs/api.md", "docs/faults.md"])
def test_error_codes_are_those_of_the_program(page: str) -> None:
    text = documents.text(page)
    named = re.findall(r"code=(\w+)", text) + re.findall(r"`((?:storage|database|object)_\w+)`", text)
    named += re.findall(r"\(`(\w+)`[;)]", text) if page == "docs/api.md" else []
    assert named
    assert set(named) - codes(AppError) == set()


def test_events_of_the_audit_log_are_those_of_the_program() -> None:
    listed = section("docs/operate.md", "Logs").split("`sign_in.ok`")[1].split("```")[0]
    told, subject = {"sign_in.ok"}, "sign_in"
    for name in re.findall(r"`([a-z_.]+)`", listed):
        subject = name.partition(".")[0] or subject
        told.add(f"{subject}{name}" if name.startswith(".") else name)
    of_the_bin = re.findall(r'note\(f"\{ONE_OF\[kind\]\}\.(\w+)"', SOURCE)
    written = set(re.findall(r'note\(\s*"([a-z_.]+)"', SOURCE))
    assert written - told == set()
    assert told - written == {f"{each}.{done}" for each in ONE_OF.values() for done in of_the_bin} | {REFUSED}
