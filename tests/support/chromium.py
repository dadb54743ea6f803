"""The Chromium of this machine, which tests and benches drive."""

from __future__ import annotations

import shutil
from typing import Any

from tests.support.services_available import require

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# The same engine without windows around its pages: a page of a new visitor takes 0.2 s of processor time, not 0.8.
SHELL = shutil.which("chromium-headless-shell")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


def launch_arguments() -> dict[str, Any]:
    """The arguments with which Playwright starts it, instead of a Chromium that Playwright would download."""
    browser = SHELL or CHROMIUM
    require("Chromium", browser is not None, "apt-get install --no-install-recommends chromium-headless-shell")
    return {"executable_path": browser, "args": [*ARGUMENTS]}
