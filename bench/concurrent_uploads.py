"""Measure ten uploads at once: completed variants, files in processing at a time, and response times for a visitor."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import requests

from bench.photos import WEDDING, numbered
from bench.report import Report, Target, median, p95, spread
from bench.visits import fetch
from tests.support.photographer import Photographer
from tests.support.processes import eventually
from tests.support.server import LiveServer

ROUNDS = 7
UPLOADS = 10
WORKERS = 3
SAMPLE_SECONDS = 0.005


@dataclass
class Watch:
    """Samples during the uploads: most files in processing, and a visitor's response times in milliseconds."""

    server: LiveServer
    thumbnail: str
    most: int = 0
    waits: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def count(self) -> None:
        """Sample the number of files in processing until `over` is set."""
        while not self.over.wait(SAMPLE_SECONDS):
            self.most = max(self.most, self.server.statuses().get("processing", 0))

    def visit(self) -> None:
        """Fetch a thumbnail repeatedly until `over` is set."""
        with requests.Session() as visitor:
            while not self.over.wait(SAMPLE_SECONDS):
                self.waits.append(fetch(visitor, self.thumbnail).last_ms)


def measure(server: LiveServer, ada: Photographer, report: Report) -> None:
    """Upload from ten sessions at the same moment, ROUNDS times."""
    photo = ada.send(ada.collection(), ("first.jpg", numbered(WEDDING[0].path, -1 % 2**32))).json()["files"][0]
    eventually(lambda: server.unfinished() == 0, 60, "the first variants")
    watch = Watch(server, f"{server.url}/collections/files/{photo['uuid']}/thumbnail")
    before, worked = server.statuses()["completed"], _cpu_seconds(server)
    with ExitStack() as stack, ThreadPoolExecutor(2) as watching:
        people = [stack.enter_context(server.sign_in()) for _ in range(UPLOADS)]
        watching.submit(watch.count)
        visiting = watching.submit(watch.visit)
        try:
            rounds = [_round(server, people, turn) for turn in range(ROUNDS)]
        finally:
            watch.over.set()
        visiting.result()
    made = server.statuses()["completed"] - before
    _report(report, watch, rounds, made)
    report.numbers["together"]["cpu_seconds_a_photograph"] = (_cpu_seconds(server) - worked) / made


def _cpu_seconds(server: LiveServer) -> float:
    times = server.worker.cpu_times()
    return float(times.user + times.system)


def _round(server: LiveServer, people: list[Photographer], turn: int) -> tuple[float, float]:
    """Upload ten photographs at once; returns seconds until the last response and until the last variant."""
    collections = [person.collection() for person in people]
    photos = [numbered(shot.path, turn) for shot in WEDDING]
    together = threading.Barrier(UPLOADS + 1)

    def upload(number: int) -> int:
        together.wait(60)
        return people[number].send(collections[number], (f"{number}.jpg", photos[number])).status_code

    with ThreadPoolExecutor(UPLOADS) as sending:
        answers = [sending.submit(upload, number) for number in range(UPLOADS)]
        together.wait(60)
        start = time.perf_counter()
        assert [answer.result() for answer in answers] == [201] * UPLOADS
        answered = time.perf_counter() - start
    eventually(lambda: server.unfinished() == 0, 120, "variants")
    return answered, time.perf_counter() - start


def _report(report: Report, watch: Watch, rounds: list[tuple[float, float]], made: int) -> None:
    megabytes = sum(shot.path.stat().st_size for shot in WEDDING) / 1e6
    answered, ready = median([each[0] for each in rounds]), median([each[1] for each in rounds])
    missing = UPLOADS * ROUNDS - made
    report.targets += [
        Target("10 uploads at once, without all variants", missing, 0, "files", f"{ROUNDS} rounds", wanted="none"),
        Target("10 uploads at once, most in processing", watch.most, WORKERS, "files", wanted=f"≤ {WORKERS}"),
        Target(
            "thumbnail during uploads, to its last byte", median(watch.waits), 200, "ms",
            f"p95 {p95(watch.waits):.0f} ms of {len(watch.waits)}",
        ),
    ]  # fmt: skip
    report.comparisons.append(
        f"10 uploads of {megabytes:.0f} MB together: answered after {answered:.2f} s, all variants after {ready:.2f} s "
        f"= {UPLOADS / ready:.1f} photographs and {megabytes / ready:.0f} MB a second"
    )
    report.numbers["together"] = {
        "megabytes": megabytes,
        "answered_seconds": spread([each[0] for each in rounds]),
        "ready_seconds": spread([each[1] for each in rounds]),
        "most_at_a_time": watch.most,
        "thumbnail_meanwhile_ms": spread(watch.waits),
    }
