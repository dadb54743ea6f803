"""`python -m demo`: the gallery it creates, what it prints, and how it ends."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial

import pytest
from click.testing import Result
from flask.testing import FlaskClient
from sqlalchemy import select

from app import Proofsheet, config
from app.models import Collection, Privacy, db
from app.services.accounts.accounts import authenticate
from demo import gallery
from demo.album import ALBUM, COAST, NIGHT
from demo.command import demo
from tests.support.app import ManualQueue
from tests.support.studio import JSON, Studio

SMALL_ALBUM = [next(photo for photo in ALBUM if photo.album == album) for album in (COAST, NIGHT)]


def run(app: Proofsheet) -> Result:
    return app.test_cli_runner().invoke(demo)


def test_demo_makes_a_public_and_a_password_collection(
    app: Proofsheet, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "make", partial(gallery.make, album=SMALL_ALBUM, scale=0.05))
    result = run(app)
    assert result.exit_code == 0
    password = re.findall(r"^Sign in as demo@proofsheet\.example with the password (\S+)$", result.output, re.MULTILINE)
    opening = re.findall(r"^The password of the night collection is (\S+)$", result.output, re.MULTILINE)
    with app.app_context():
        assert authenticate("demo@proofsheet.example", *password)
        found = {each.title: each for each in db.session.scalars(select(Collection))}
        privacies = {title: each.privacy for title, each in found.items()}
        assert privacies == {COAST: Privacy.PUBLIC, NIGHT: Privacy.PASSWORD}
        for photo in SMALL_ALBUM:
            [file] = found[photo.album].files
            assert (file.original_filename, file.processing_status) == (photo.filename, "completed")
        night = found[NIGHT].uuid
    assert client.get(f"/collections/{night}", headers=JSON).status_code == 401
    client.post(f"/collections/{night}/password", data={"password": opening}, headers=JSON)
    assert client.get(f"/collections/{night}").status_code == 200


def test_demo_is_made_once(app: Proofsheet, studio: Studio) -> None:
    studio.photographer(gallery.EMAIL)
    again = run(app)
    assert again.exit_code == 0
    assert again.output == "The demo gallery already exists. Its passwords were shown when it was created.\n"
    with app.app_context():
        assert not db.session.scalars(select(Collection)).all()


def test_background_jobs_are_left_to_the_server(
    app: Proofsheet, queue: ManualQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    monkeypatch.setattr(gallery, "make", lambda *_given: done.append("drawn"))
    monkeypatch.setattr(queue, "close", lambda: done.append("closed"))
    said = run(app)
    assert said.exit_code == 0, said.output
    assert done == ["drawn", "closed"]


def test_a_wrong_setting_ends_the_command_with_one_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=config.ROOT, env={"SECRET_KEY": "only for tests", "MAX_UPLOAD_MB": "lots"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 3
    assert ended.stderr == "proofsheet: MAX_UPLOAD_MB='lots' is not valid: it must be a whole number from 1 to 5000.\n"
