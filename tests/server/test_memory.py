"""Memory of the server during a large upload; a coarse check, the bench measures the exact target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pictures import grainy
from tests.support.server import LiveServer

LIMIT = 80_000_000


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is read from Linux's /proc")
def test_large_upload_is_never_whole_in_memory(tmp_path: Path) -> None:
    photo = grainy((8192, 5464), 55, quality=96)
    assert 48_000_000 < len(photo) < 60_000_000
    with LiveServer(tmp_path, VARIANT_WAIT_SECONDS="60") as server:
        server.create_user()
        with server.sign_in() as ada:
            collection = ada.collection()
            idle = server.memory()
            server.reset_peak()
            answer = ada.send(collection, ("large.jpg", photo))
            above = server.peak() - idle

    assert [file["status"] for file in answer.json()["files"]] == ["completed"]
    print(f"{len(photo) / 1e6:.0f} MB uploaded; idle {idle / 1e6:.0f} MB, peak {above / 1e6:.1f} MB above it")
    assert above < LIMIT
