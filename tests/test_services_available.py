"""Tests whose service is missing are skipped or fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.services_available import program, require


@pytest.mark.parametrize(
    ("environ", "outcome"),
    [({}, pytest.skip.Exception), ({"REQUIRE_SERVICES": "1"}, pytest.fail.Exception)],
    ids=["at home", "where everything has to be there"],
)
def test_missing_service_names_the_package_to_install(environ: dict[str, str], outcome: type[BaseException]) -> None:
    with pytest.raises(outcome, match="teleprinter is missing: apt-get install teleprinter"):
        require("teleprinter", False, "apt-get install teleprinter", environ)


def test_available_service_lets_the_test_run() -> None:
    require("teleprinter", True, "", {"REQUIRE_SERVICES": "1"})


def test_program_is_found_outside_of_the_path(tmp_path: Path) -> None:
    tool = tmp_path / "teleprinter"
    tool.write_text("#!/bin/sh\n", encoding="ascii")
    tool.chmod(0o755)
    assert program("teleprinter", "teleprinter", folders=str(tmp_path)) == str(tool)
