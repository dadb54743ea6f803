"""The libraries that people reach for, installed by their package names into bench/peers/, never into the app's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "bench" / "peers"
PYTHON_PEERS = {"pyvips": ("pyvips", "pyvips-binary"), "thumbor": ("thumbor",), "metric": ("ssimulacra2",)}


def install() -> None:
    """Fetch what is missing, from PyPI and npm, through their ordinary clients."""
    for name, packages in PYTHON_PEERS.items():
        target = PEERS / name
        if not target.exists():
            _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), *packages])
    if not (PEERS / "sharp" / "node_modules" / "sharp").exists():
        (PEERS / "sharp").mkdir(parents=True, exist_ok=True)
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(PEERS / "sharp"), "sharp"])


def environment(maker: str) -> dict[str, str]:
    """The variables a maker's process runs with: its own library first on the path, ours for the rest."""
    folder = {"pyvips": "pyvips", "pyvips_two": "pyvips", "thumbor": "thumbor"}.get(maker)
    paths = [str(PEERS / folder)] if folder else []
    modules = {"NODE_PATH": str(PEERS / "sharp" / "node_modules")}
    return os.environ | modules | {"PYTHONPATH": os.pathsep.join([*paths, str(ROOT)])}


def command(maker: str) -> list[str]:
    """How a maker's process is started."""
    here = Path(__file__).parent
    if maker.startswith("sharp"):
        return ["node", str(here / "sharp.cjs"), maker]
    return [sys.executable, "-m", "bench.imaging.child", maker]


def _run(arguments: list[str]) -> None:
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
