"""Measure the variants of a photograph: seconds, sizes, and their share of the store."""

from __future__ import annotations

import statistics
from datetime import datetime

from bench.photos import FIFTY, LARGER, LARGEST, WEDDING, Shot, numbered
from bench.report import Report, Target, median, p95, spread
from tests.support.photographer import Photographer
from tests.support.processes import eventually
from tests.support.server import LiveServer

ROUNDS = 4  # of two photographs each
CLASSES = (WEDDING[:2], LARGER, LARGEST)
TIMES = "SELECT started_at, completed_at FROM files WHERE uuid = ?"
SIZES = """SELECT v.name, v.size FROM variants v JOIN files f ON f.id = v.file_id WHERE f.collection_id = ?"""


def measure(server: LiveServer, ada: Photographer, report: Report) -> None:
    """Upload photographs of three sizes, one at a time, and read their processing times from the database."""
    collection = ada.collection()
    taken: dict[int, list[float]] = {}
    for turn in range(ROUNDS):
        for shots in zip(*CLASSES, strict=True):
            for shot in shots:
                taken.setdefault(shot.megapixels, []).append(_make(server, ada, collection, shot, turn))
    for megapixels, seconds in taken.items():
        report.targets.append(
            Target(f"variants of {megapixels} megapixels", median(seconds), 3, "s", f"p95 {p95(seconds):.2f} s")
        )
    report.numbers["variant_seconds"] = {str(size): spread(seconds) for size, seconds in taken.items()}


def sizes(server: LiveServer, ada: Photographer, report: Report) -> None:
    """Upload each photograph once and report the sizes of its variants."""
    uuid = ada.collection()
    for shot in (*WEDDING, *LARGER, *LARGEST, FIFTY):
        ada.send(uuid, (shot.name, shot.path.read_bytes())).raise_for_status()
        eventually(lambda: server.unfinished() == 0, 120, "variants")
    ((collection,),) = server.rows("SELECT id FROM collections WHERE uuid = ?", uuid)
    weights: dict[str, list[float]] = {}
    for name, size in server.rows(SIZES, collection):
        weights.setdefault(name, []).append(size / 1000)
    for name, about in (("thumb", 20), ("medium", 200)):
        report.targets.append(_weight(name, about, weights[name]))
    report.targets.append(_share(server, uuid))
    report.numbers["variant_kb"] = {name: spread(each) for name, each in weights.items()}


def _make(server: LiveServer, ada: Photographer, collection: str, shot: Shot, turn: int) -> float:
    """Upload a photograph; returns the seconds from the worker's claim to the commit of its variants."""
    answer = ada.send(collection, (shot.name, numbered(shot.path, turn)))
    answer.raise_for_status()
    eventually(lambda: server.unfinished() == 0, 120, "variants")
    ((started, completed),) = server.rows(TIMES, answer.json()["files"][0]["uuid"])
    return (datetime.fromisoformat(completed) - datetime.fromisoformat(started)).total_seconds()


def _weight(name: str, about: int, kilobytes: list[float]) -> Target:
    """A target for the mean size of a variant: at most `about` plus a quarter, in kB."""
    note = f"min {min(kilobytes):.1f}, max {max(kilobytes):.1f} kB of {len(kilobytes)} photographs"
    return Target(f"{name}, mean", statistics.fmean(kilobytes), about * 1.25, "kB", note, wanted=f"about {about} kB")


def _share(server: LiveServer, uuid: str) -> Target:
    """A target for the bytes on disk as a multiple of the originals' bytes."""
    folder = server.storage / "collections" / uuid
    originals = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    everything = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    note = f"{originals / 1e6:.1f} MB of originals, {(everything - originals) / 1e6:.2f} MB of variants"
    return Target("storage, as a multiple of the originals", everything / originals, 1.1, "", note, wanted="≤ 1.1")
