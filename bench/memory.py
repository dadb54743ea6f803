"""Measure the memory for uploading 50 MB and making its variants, above that of an idle server."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path

from bench.photos import FIFTY, numbered
from bench.report import Report, Target, median, spread
from tests.support.processes import eventually
from tests.support.server import LiveServer

ROUNDS = 7
SAMPLE_SECONDS = 0.01
MEGA = 1e6


@dataclass
class Sampler:
    """Samples a process's resident and proportional memory, in bytes, every 10 ms within a `with` block."""

    pid: int
    resident: list[int] = field(default_factory=list)
    proportional: list[int] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Sampler:
        self.sample()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def sample(self) -> None:
        """Take one sample; the first is of the idle server."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        for kind, series in (("Rss", self.resident), ("Pss", self.proportional)):
            found = re.search(rf"^{kind}:\s+(\d+) kB", rollup, re.MULTILINE)
            assert found is not None
            series.append(int(found[1]) * 1024)

    def _run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.sample()


def measure(server: LiveServer, report: Report) -> None:
    """Restart the server for every upload, since the first upload after a start takes the most memory."""
    rises: dict[str, list[float]] = {"resident": [], "proportional": [], "high-water mark": [], "idle": []}
    for turn in range(ROUNDS):
        server.stop()
        server.start()
        for kind, value in _one(server, turn).items():
            rises[kind].append(value / MEGA)
    note = (
        f"min {min(rises['high-water mark']):.0f}, max {max(rises['high-water mark']):.0f} MB of {ROUNDS} fresh starts"
    )
    megabytes = FIFTY.path.stat().st_size / MEGA
    report.targets.append(
        Target(f"memory of a {megabytes:.0f} MB upload above idle", median(rises["high-water mark"]), 40, "MB", note)
    )
    report.comparisons.append(
        f"memory of the {megabytes:.0f} MB upload, variants included, above the idle server's "
        f"{median(rises['idle']):.0f} MB: VmHWM {median(rises['high-water mark']):.1f} MB; sampled every 10 ms: "
        f"RSS {median(rises['resident']):.1f} MB, PSS {median(rises['proportional']):.1f} MB"
    )
    report.numbers["memory_mb"] = {kind: spread(values) for kind, values in rises.items()}


def _one(server: LiveServer, turn: int) -> dict[str, float]:
    """Upload one file and wait for its variants; returns the peak bytes above idle, and the idle bytes."""
    photo = numbered(FIFTY.path, turn)
    with server.sign_in() as ada:
        collection = ada.collection()
        server.reset_peak()
        with Sampler(server.worker.pid) as sampler:
            ada.send(collection, ("fifty.jpg", photo)).raise_for_status()
            eventually(lambda: server.unfinished() == 0, 60, "variants")
        high = server.peak()
    return {
        "resident": max(sampler.resident) - sampler.resident[0],
        "proportional": max(sampler.proportional) - sampler.proportional[0],
        "high-water mark": high - sampler.resident[0],
        "idle": sampler.resident[0],
    }
