"""The secret key: created once, readable by its owner only, the same for processes that start at once."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import config
from app.errors import ConfigError
from tests.config.table import ROOT


def test_secret_key_is_created_once_and_readable_by_owner_only(
    environment: Callable[..., None], tmp_path: Path
) -> None:
    first, second = config.load()["SECRET_KEY"], config.load()["SECRET_KEY"]
    assert first == second
    assert len(bytes.fromhex(first)) == 32
    [path] = (tmp_path / "instance").iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == ("secret_key", 0o600)


def test_secret_keys_differ(environment: Callable[..., None], tmp_path: Path) -> None:
    first = config.load()["SECRET_KEY"]
    (tmp_path / "instance" / "secret_key").unlink()
    assert config.load()["SECRET_KEY"] != first


def test_given_secret_key_leaves_no_file(environment: Callable[..., None], tmp_path: Path) -> None:
    environment(SECRET_KEY="mine and long")
    assert config.load()["SECRET_KEY"] == "mine and long"
    assert not (tmp_path / "instance").exists()


def test_leftover_draft_of_an_interrupted_start_is_ignored(environment: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / f"secret_key.{os.getpid()}").write_text("half", encoding="ascii")
    assert len(config.load()["SECRET_KEY"]) == 64


def test_empty_secret_key_file_is_refused(environment: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").touch()
    with pytest.raises(ConfigError, match=r"^SECRET_KEY is not set and .*secret_key is empty"):
        config.load()


@pytest.mark.parametrize(("content", "problem"), [(b"x", "is too short"), (b"\xff" * 40, "is not a key")])
def test_malformed_secret_key_file_is_refused(
    environment: Callable[..., None], tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").write_bytes(content)
    with pytest.raises(ConfigError, match=rf"^SECRET_KEY is not set and .*secret_key {problem}; delete that file"):
        config.load()


def test_secret_key_that_cannot_be_kept_is_refused(environment: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "instance").touch()  # a file where the folder belongs
    with pytest.raises(ConfigError, match=r"^SECRET_KEY is not set and no key can be stored in "):
        config.load()


ROUNDS = 150
RACER = """
import os, sys, time
from pathlib import Path
from app import config
os.fsync = lambda _: None  # on a busy disk 150 of them take a minute, and after the first the two never meet
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(int(sys.argv[2])):
    config.folders.INSTANCE = Path(sys.argv[1], str(number))
    while time.time() < start + number * 0.005:
        pass
    print(config.load()["SECRET_KEY"])
"""


def test_processes_that_start_at_once_agree_on_one_secret_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACER, str(tmp_path), str(ROUNDS)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, **pipes) for _ in range(2)]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    start = time.time() + 0.05
    for racer in racers:
        racer.stdin.write(f"{start}\n")
        racer.stdin.flush()
    one, other = (racer.communicate(timeout=120)[0].split() for racer in racers)
    assert one == other
    assert {len(key) for key in one} == {64}
    assert len(set(one)) == ROUNDS
    assert {path.name for path in tmp_path.glob("*/*")} == {"secret_key"}
