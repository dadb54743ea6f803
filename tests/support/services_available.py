"""Programs that some tests need beside Python: without one they are skipped, or fail where REQUIRE_SERVICES=1."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

import pytest


def require(name: str, found: bool, install: str, environ: Mapping[str, str] = os.environ) -> None:
    """Go on if the service was found, else skip the test, or fail it where everything has to be there."""
    if found:
        return
    message = f"{name} is missing: {install}"
    if environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def program(name: str, package: str, folders: str = "") -> str:
    """The path of a program, looked for in PATH and in more folders; requires it as `require` does."""
    found = shutil.which(name) or shutil.which(name, path=folders)
    require(name, bool(found), f"apt-get install --no-install-recommends {package}")
    assert found
    return found
