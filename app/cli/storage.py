"""`flask storage`: test of the store."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import click
from flask.cli import AppGroup

from app.cli.output import Report, as_json
from app.services.maintenance.storage_check import StorageCheck

storage = AppGroup("storage", help="The store of originals and variants.")


def site(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Return the origin (scheme and host) of the site's URL, or None; raises BadParameter for anything else."""
    parts = urlsplit(value or "")
    if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/")):
        raise click.BadParameter("takes the address of the site, such as https://gallery.example.com")
    return f"{parts.scheme}://{parts.netloc}" if value else None


@storage.command()
@click.option("--origin", callback=site, help="Address of the site, to test direct uploads to the bucket.")
@as_json
def check(origin: str | None, wants_json: bool) -> None:
    """Write, read, list and delete a test object, and test direct browser access; ends with 1 if anything is wrong."""
    with Report(wants_json, "steps") as report:
        service = StorageCheck()
        cors_problem = False
        for step in report.through(service.steps(origin)):
            report.item(step.as_json(), f"{step.name}: {step.problem or 'ok'}")
            report.wrong = report.wrong or step.problem is not None
            cors_problem = cors_problem or (step.problem is not None and step.name.startswith("direct"))
        lines = [f"The store '{service.backend}' has problems." if report.wrong else "Everything works."]
        values: dict[str, object] = {"backend": service.backend, "ok": not report.wrong}
        if not service.sends_directly:
            lines.append("Browsers do not connect to this store: no presigned URLs and no CORS rules to test.")
        elif origin is None:
            lines.append("Add --origin https://… to test direct uploads from the browser (CORS).")
        if cors_problem and origin is not None:
            values["cors"] = service.rules(origin)
            lines += ["Large files cannot be uploaded directly to the bucket until it has these CORS rules:"]
            lines.append(json.dumps(values["cors"], indent=2))
        report.conclude(values, *lines)
