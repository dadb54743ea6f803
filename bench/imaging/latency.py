"""Measure how long a trivial request waits for three busy workers, to show the effect of encoding without the GIL."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.imaging import makers, peers

REQUESTS = 400
NICENESS = 10


class Trivial(BaseHTTPRequestHandler):
    """Responds with two letters."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def measure(photo: Path) -> dict[str, float]:
    """95th and 99th percentile in milliseconds, idle and with three busy workers, for a client in another process."""
    server = [sys.executable, "-m", "bench.imaging.latency", str(photo)]
    process = subprocess.Popen(
        server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=peers.environment("ours"), cwd=peers.ROOT
    )
    assert process.stdin
    assert process.stdout
    try:
        port = json.loads(process.stdout.readline())
        idle = _requests(port)
        print("busy", file=process.stdin, flush=True)
        time.sleep(1)
        busy = _requests(port)
    finally:
        process.terminate()
        process.wait()
    return {
        f"{name}_p{at}": _percentile(taken, at) for name, taken in (("idle", idle), ("busy", busy)) for at in (95, 99)
    }


def _requests(port: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    taken = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        connection.request("GET", "/")
        connection.getresponse().read()
        taken.append((time.perf_counter() - start) * 1000)
        time.sleep(0.01)
    return taken


def _percentile(taken: list[float], at: int) -> float:
    return round(statistics.quantiles(taken, n=100)[at - 1], 1)


def _serve(photo: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Trivial)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps(server.server_port), flush=True)
    sys.stdin.readline()
    for _ in range(3):
        threading.Thread(target=_keep_busy, args=(photo,), daemon=True).start()
    threading.Event().wait()


def _keep_busy(photo: str) -> None:
    """Render forever at the lower priority that `app.jobs.pool` uses."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    while True:
        makers.ours(photo)


if __name__ == "__main__":
    _serve(sys.argv[1])
