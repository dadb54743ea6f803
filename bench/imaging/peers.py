"""Install the libraries to compare with into bench/peers/, apart from the app's environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "bench" / "peers"
PYTHON_PEERS = {"pyvips": ("pyvips", "pyvips-binary"), "thumbor": ("thumbor",), "metric": ("ssimulacra2",)}


def install() -> None:
    """Install missing libraries with pip and npm."""
    for name, packages in PYTHON_PEERS.items():
        target = PEERS / name
        if not target.exists():
            _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), *packages])
    if not (PEERS / "sharp" / "node_modules" / "sharp").exists():
        (PEERS / "sharp").mkdir(parents=True, exist_ok=True)
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(PEERS / "sharp"), "sharp"])


def environment(maker: str) -> dict[str, str]:
    """The environment of a maker's process, with its library first on the path."""
    folder = {"pyvips": "pyvips", "pyvips_two": "pyvips", "thumbor": "thumbor"}.get(maker)
    paths = [str(PEERS / folder)] if folder else []
    modules = {"NODE_PATH": str(PEERS / "sharp" / "node_modules")}
    return os.environ | modules | {"PYTHONPATH": os.pathsep.join([*paths, str(ROOT)])}


def command(maker: str) -> list[str]:
    """The command line of a maker's process."""
    here = Path(__file__).parent
    if maker.startswith("sharp"):
        return ["node", str(here / "sharp.cjs"), maker]
    return [sys.executable, "-m", "bench.imaging.child", maker]


def _run(arguments: list[str]) -> None:
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
