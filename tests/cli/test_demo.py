"""`flask demo` ends as it should."""

from __future__ import annotations

import pytest

from app import Proofsheet
from app.services import demo_gallery
from tests.conftest import ManualQueue


def test_work_left_for_idle_hours_is_left_to_the_server(
    app: Proofsheet, queue: ManualQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    monkeypatch.setattr(demo_gallery, "make", lambda *_given: done.append("drawn"))
    monkeypatch.setattr(queue, "close", lambda: done.append("closed"))
    said = app.test_cli_runner().invoke(args=["demo"])
    assert said.exit_code == 0, said.output
    assert done == ["drawn", "closed"]
