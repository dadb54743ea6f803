"""Measure how fast a visitor gets a thumbnail and a preview, compared with the original."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

import requests

from bench.photos import WEDDING, drawn
from bench.report import Report, Target, median, p95, spread
from tests.support.photographer import Photographer
from tests.support.processes import eventually
from tests.support.server import LiveServer

ROUNDS = 9
LINK_MBIT = 20.0  # a good mobile connection; its times are computed, not measured
KINDS = ("thumbnail", "preview", "original")


@dataclass(frozen=True)
class Fetch:
    """One response: milliseconds to its first and last byte on this machine, and its size in bytes."""

    first_ms: float
    last_ms: float
    size: int

    @property
    def linked_ms(self) -> float:
        """Milliseconds to the last byte over a connection of LINK_MBIT."""
        return self.first_ms + self.size * 8 / LINK_MBIT / 1000


def measure(server: LiveServer, ada: Photographer, report: Report) -> None:
    """Upload the wedding photographs and fetch all three kinds in turn, without a client cache."""
    uuids = delivered(server, ada)
    fetches: dict[str, list[Fetch]] = defaultdict(list)
    with requests.Session() as visitor:
        for turn in range(ROUNDS + 1):
            for uuid in uuids:
                for kind in KINDS:
                    one = fetch(visitor, f"{server.url}/collections/files/{uuid}/{kind}")
                    if turn:  # the first round fills the page cache
                        fetches[kind].append(one)
    _report(fetches, report)


def delivered(server: LiveServer, ada: Photographer) -> list[str]:
    """Upload the wedding photographs and wait for their variants; returns the files' uuids."""
    collection = ada.collection()
    for path in drawn(WEDDING):
        ada.send(collection, (path.name, path.read_bytes())).raise_for_status()
    eventually(lambda: server.unfinished() == 0, 120, "the variants of the wedding")
    return [file["uuid"] for file in ada.get(f"/collections/{collection}/status").json()["files"]]


def fetch(visitor: requests.Session, url: str) -> Fetch:
    """Fetch a JPEG completely; returns its times and size."""
    start = time.perf_counter()
    with visitor.get(url, stream=True, timeout=60) as answer:
        first = time.perf_counter()
        size = sum(map(len, answer.iter_content(1 << 16)))
        last = time.perf_counter()
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["Content-Type"] == "image/jpeg"
    return Fetch((first - start) * 1000, (last - start) * 1000, size)


def _report(fetches: dict[str, list[Fetch]], report: Report) -> None:
    for kind, limit in (("thumbnail", 200), ("preview", 1000)):
        times = [one.last_ms for one in fetches[kind]]
        report.targets.append(
            Target(f"{kind} endpoint, to its last byte", median(times), limit, "ms", f"p95 {p95(times):.1f} ms")
        )
    original = _middle(fetches["original"])
    for kind in KINDS:
        one = _middle(fetches[kind])
        report.comparisons.append(
            f"{kind:<9}  {one.size / 1000:8.1f} kB   first byte {one.first_ms:5.1f} ms, last {one.last_ms:5.1f} ms; "
            f"at {LINK_MBIT:g} Mbit/s {one.linked_ms:6.0f} ms"
            + (f" = {original.linked_ms / one.linked_ms:.0f} times sooner than the original" if one != original else "")
        )
        report.numbers[kind] = {
            "first_ms": spread([each.first_ms for each in fetches[kind]]),
            "last_ms": spread([each.last_ms for each in fetches[kind]]),
            "linked_ms": spread([each.linked_ms for each in fetches[kind]]),
            "bytes": spread([each.size for each in fetches[kind]]),
        }


def _middle(fetches: list[Fetch]) -> Fetch:
    return Fetch(
        median([one.first_ms for one in fetches]),
        median([one.last_ms for one in fetches]),
        round(median([one.size for one in fetches])),
    )
