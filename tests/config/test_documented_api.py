"""The examples of docs/api.md, run one after the other against a server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.models import Scope, db
from app.services.accounts import accounts
from tests.config import documents
from tests.support.pictures import jpeg
from tests.support.server import LiveServer
from tests.support.services_available import program
from tests.support.studio import EMAIL, Studio


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path / "live", VARIANT_WAIT_SECONDS="60") as server:
        yield server


def token_of(server: LiveServer) -> str:
    """A token of the server's account with every scope."""
    app = create_app({name: server.environment[name] for name in ("DATABASE_URL", "STORAGE_PATH", "SECRET_KEY")})
    with app.app_context():
        user_id = accounts.by_email(EMAIL).id
        db.engine.dispose()
    return Studio(app).token(user_id, Scope.MANAGE)


def test_examples_of_the_api_run_from_the_first_to_the_last(server: LiveServer, tmp_path: Path) -> None:
    server.create_user()
    token = token_of(server)
    for number, name in enumerate(("hall.jpg", "dance.jpg")):
        (tmp_path / name).write_bytes(jpeg(640, 480, (number, 90, 160)))
    script = "\n".join(block.text for block in documents.blocks("sh") if block.page == "docs/api.md")
    first_of = '$(api $SITE/api/v1/{} | python3 -c \'import json, sys; print(json.load(sys.stdin)["{}"][0]["uuid"])\')'
    for shown, real in (
        ("http://127.0.0.1:5000", server.url),
        ("ps_…", token),
        ("COLLECTION=…", f"COLLECTION={first_of.format('collections', 'collections')}"),
        ("FILE=…", f"FILE={first_of.format('collections/$COLLECTION/files', 'files')}"),
    ):
        assert shown in script
        script = script.replace(shown, real)
    program("curl", "curl")
    done = subprocess.run(
        [program("bash", "bash"), "-euo", "pipefail", "-c", script],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "hall-original.jpg").read_bytes() == (tmp_path / "hall.jpg").read_bytes()
    assert (tmp_path / "hall-medium.jpg").read_bytes().startswith(b"\xff\xd8")
    assert server.rows("SELECT label FROM share_links") == [("Grandmother",)]
