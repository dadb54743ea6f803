"""The response to an upload: which files were saved, skipped or refused, and why."""

from __future__ import annotations

import pytest

from app.services.uploads.receipt import Accepted, Refused, UploadReport

FILE = Accepted("uuid", "a.jpg", 1, "0" * 64, "completed")
FULL, EMPTY = Refused("b.jpg", "disk_full", "Full."), Refused("c.jpg", "empty", "Empty.")


@pytest.mark.parametrize(
    ("report", "met"),
    [
        (UploadReport((), ()), False),
        (UploadReport((FILE,), ()), False),
        (UploadReport((), (EMPTY,)), False),
        (UploadReport((), (FULL,)), True),
        (UploadReport((), (EMPTY, FULL)), True),
        (UploadReport((FILE,), (FULL,)), False),
    ],
)
def test_full_disk_is_met_when_it_let_no_file_in(report: UploadReport, met: bool) -> None:
    assert report.met_full_disk is met
