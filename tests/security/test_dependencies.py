"""What `make check` says of known vulnerabilities: an advisory fails, a machine without network is told so."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.security import dependencies

CLEAN = {"name": "flask", "version": "3.1.3", "vulns": []}
OUT_OF_REACH = {"name": "kombu", "skip_reason": "Dependency not found on PyPI and could not be audited"}
VULNERABLE = {
    "name": "flask",
    "version": "3.1.2",
    "vulns": [{"id": "CVE-2026-27205", "fix_versions": ["3.1.3"], "aliases": []}],
}


@pytest.mark.parametrize(
    ("report", "code", "words"),
    [
        ([CLEAN], 0, "1 of 1 audited, 0 known"),
        ([CLEAN, OUT_OF_REACH], 0, "1 of 2 audited, 0 known"),
        ([OUT_OF_REACH], 0, "0 of 1 audited"),
        ([OUT_OF_REACH, VULNERABLE], 1, "flask 3.1.2: CVE-2026-27205, mended in 3.1.3"),
        (None, 0, "not audited"),
    ],
)
def test_only_an_advisory_fails_and_skipped_packages_are_not_called_audited(
    report: list[dict[str, Any]] | None, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dependencies.main(lambda: report) == code
    assert words in capsys.readouterr().out


def test_every_pinned_package_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_more: Any) -> subprocess.CompletedProcess[str]:
        pinned = Path(command[command.index("--requirement") + 1]).read_text()
        assert "Flask==" in pinned
        return subprocess.CompletedProcess(command, 1, stdout=json.dumps({"dependencies": [VULNERABLE], "fixes": []}))

    monkeypatch.setattr(subprocess, "run", run)
    assert dependencies.audited_packages() == [VULNERABLE]


@pytest.mark.parametrize("problem", ["no json", "too long"])
def test_unreachable_auditor_gives_no_verdict(problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_more: Any) -> subprocess.CompletedProcess[str]:
        if problem == "too long":
            raise subprocess.TimeoutExpired(command, 1)
        return subprocess.CompletedProcess(command, 1, stdout="", stderr="ConnectionError")

    monkeypatch.setattr(subprocess, "run", run)
    assert dependencies.audited_packages() is None
