"""`make bench-serving`: rates beside an empty route and nginx, a flash crowd, and slow clients.

    python -m bench.serving --rates --crowd --guests 200 --slow --slow-clients 512
    python -m bench.serving --command "waitress-serve --listen 127.0.0.1:{port} {app}"
    python -m bench.serving --settings "--threads 32"

Without --rates, --crowd or --slow all parts are measured. Everything is on this machine. Exits with 1 if a target is
missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.photos import OUT, drawn
from bench.report import Report
from bench.serving import crowd, gallery, rates, slow
from bench.serving.client import Client, raise_file_limit
from bench.serving.sites import GUNICORN, Benched, empty, nginx

PARTS = ("rates", "crowd", "slow")


def main() -> int:
    """Run the chosen parts, print the report and save it; returns the exit code."""
    given = arguments()
    raise_file_limit()
    start, report = time.monotonic(), Report()
    print("Drawing photographs (once) …", flush=True)
    drawn(gallery.SHOTS)
    with tempfile.TemporaryDirectory(prefix="proofsheet-serving-") as name:
        measure(Path(name), given, report)
    report.numbers["arguments"] = {name: str(value) for name, value in vars(given).items()}
    report.print()
    report.save(given.out)
    print(f"\n{'Every target is met' if report.met else 'A TARGET IS MISSED'}; {time.monotonic() - start:.0f} s.")
    return 0 if report.met else 1


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for part in PARTS:
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--guests", type=int, default=200)
    parser.add_argument("--slow-clients", type=int, default=slow.CLIENTS, help="of each kind")
    parser.add_argument("--command", default=GUNICORN, help="another server; {port}, {app}, {config}")
    parser.add_argument("--settings", default="", help="further options for the command")
    parser.add_argument("--out", type=Path, default=OUT / "serving.json")
    given = parser.parse_args()
    if not any(getattr(given, part) for part in PARTS):
        vars(given).update(dict.fromkeys(PARTS, True))
    return given


def measure(folder: Path, given: argparse.Namespace, report: Report) -> None:
    """Start the server and the client's process, and measure the chosen parts in turn."""
    command = f"{given.command} {given.settings}"
    with Benched(folder, command) as server, Client() as client:
        server.create_user()
        with server.sign_in() as ada:
            photos = gallery.made(server, ada)
        print(f"Measuring (load {os.getloadavg()[0]:.1f}) …\n", flush=True)
        if given.rates:
            _rates(client, server, photos, command, folder, report)
        if given.crowd:
            crowd.measure(client, server.site, photos.page, given.guests, report)
        if given.slow:
            slow.measure(client, server.site, photos.page, photos.slow_clients, given.slow_clients, report)
        report.comparisons.append(f"CPU of the client's process: {client.cpu_seconds:.0f} s")


def _rates(
    client: Client, server: Benched, photos: gallery.Gallery, command: str, folder: Path, report: Report
) -> None:
    with empty(command, folder) as bare, nginx(server.storage, folder) as plain:
        cases = [rates.Case(rates.EMPTY, bare, "/"), *rates.cases_of(client, server.site, photos.paths)]
        if plain is not None:
            path = server.rows("SELECT thumb_path FROM files WHERE thumb_path IS NOT NULL LIMIT 1")[0][0]
            cases.append(rates.Case("the same thumbnail, nginx", plain, f"/{path}"))
        rates.measure(client, cases, report)


if __name__ == "__main__":
    sys.exit(main())
