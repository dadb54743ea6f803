"""An environment in which nothing is set."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app import config


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Sets variables where there were none, not even in .env or instance/."""
    for name in list(os.environ):
        if name.removesuffix("_FILE") in config.NAMES or name.startswith(config.OWN_PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")

    def set_all(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_all
