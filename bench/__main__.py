"""`make bench`: measure a real server against the specification; exits with 1 if a target is missed."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench import concurrent_uploads, memory, variant_cost, visits
from bench.photos import ALL, OUT, drawn
from bench.report import Report
from tests.support.server import LiveServer


def main() -> int:
    """Run every part against one server; returns the exit code."""
    start = time.monotonic()
    report = Report()
    print("Drawing photographs (once) …", flush=True)
    drawn(ALL)
    with tempfile.TemporaryDirectory(prefix="proofsheet-bench-") as folder, LiveServer(Path(folder)) as server:
        server.create_user()
        measure(server, report)
    report.print()
    report.save(OUT / "app.json")
    print(f"\n{'Every target is met' if report.met else 'A TARGET IS MISSED'}; {time.monotonic() - start:.0f} s.")
    return 0 if report.met else 1


def measure(server: LiveServer, report: Report) -> None:
    """Run the parts in turn; memory last, because it restarts the server."""
    print("Measuring …\n", flush=True)
    with server.sign_in() as ada:
        visits.measure(server, ada, report)
        variant_cost.measure(server, ada, report)
        variant_cost.sizes(server, ada, report)
        concurrent_uploads.measure(server, ada, report)
    memory.measure(server, report)


if __name__ == "__main__":
    sys.exit(main())
