"""The container files as data: instructions of the Dockerfile, services of the compose files."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import yaml

from app import config

ROOT = config.ROOT
COMPOSE_FILES = ("compose.yaml", "compose.workers.yaml")
WORKDIR = "/srv/proofsheet"
PORT = "5000"
EVERYWHERE = "0.0.0.0"  # noqa: S104 (inside the container; the compose files publish it to this machine alone)


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile with what follows it, in order."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest) for name, rest in lines]


def of(name: str) -> list[str]:
    """What follows each instruction of this name."""
    return [rest for found, rest in instructions() if found == name]


def image_environment() -> dict[str, str]:
    """The variables that the image sets."""
    return dict(word.split("=", 1) for rest in of("ENV") for word in shlex.split(rest))


def server_command() -> list[str]:
    """The command of the image, for services without a command."""
    (command,) = of("CMD")
    words: list[str] = json.loads(command)
    return words


def sent_to_the_builder() -> set[str]:
    """The top-level names of the project that .dockerignore does not exclude."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def build(target: Path) -> None:
    """Lay the files of the image into a folder as COPY and RUN would: the code, and an empty `instance`."""
    for rest in of("COPY"):
        *sources, destination = rest.split()
        for source in sources:
            assert source.removeprefix("./") in sent_to_the_builder()
            _copy(ROOT / source, target / destination)
    (target / "instance").mkdir(mode=0o750)


def _copy(source: Path, destination: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, destination, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, destination / source.name)


def compose(name: str) -> dict[str, Any]:
    """A compose file, its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return loaded


def at_port(words: list[str], port: int) -> list[str]:
    """The command with a free port in place of 5000, listening at an address that tests may use."""
    return [re.sub(rf"\b{PORT}\b", str(port), word).replace(EVERYWHERE, "127.0.0.1") for word in words]
