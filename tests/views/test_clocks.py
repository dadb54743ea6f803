"""The page of camera clocks and their corrections."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.models import Collection, db
from app.services.collections import camera_clocks
from tests.support.rows import add, fill
from tests.support.studio import JSON, Studio
from tests.views.test_forms import Page

SLOW, RIGHT = {"camera": "NIKON Z 9", "camera_serial": "3001"}, {"camera": "Canon EOS R5"}
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def clocks(studio: Studio, owner: FlaskClient, collection: str) -> str:
    """The address of the page for two cameras, one of them an hour and two minutes slow."""
    with studio.app.app_context():
        row = db.session.query(Collection).filter_by(uuid=collection).one()
        for n, letter in enumerate("abcd"):
            camera, slow = (RIGHT, timedelta()) if n % 2 else (SLOW, timedelta(hours=1, minutes=2))
            taken_at = NOON + timedelta(minutes=n) - slow
            fill(add(row, original_filename=f"{letter}.jpg", taken_at=taken_at, **camera))
    return f"/collections/{collection}/clocks"


def text(client: FlaskClient, address: str) -> str:
    """The text of a page, without markup."""
    plain = re.sub(r"<[^>]*>", " ", client.get(address).text)
    return " ".join(html.unescape(plain).split())


def key(studio: Studio, address: str, name: str) -> str:
    with studio.app.app_context():
        row = db.session.query(Collection).filter_by(uuid=address.split("/")[2]).one()
        return next(each.key for each in camera_clocks.cameras(row.id) if each.name == name)


def order(client: FlaskClient, address: str) -> list[str]:
    return re.findall(r'data-file-name="(\w)\.jpg"', client.get(address.removesuffix("/clocks")).text)


def shift(studio: Studio, address: str, **amount: str) -> dict[str, Any]:
    return {"camera": key(studio, address, "NIKON Z 9"), **amount}


def test_page_lists_the_cameras_with_count_first_and_last(owner: FlaskClient, clocks: str) -> None:
    said = text(owner, clocks)
    assert "NIKON Z 9 Serial number 3001 2 photos 4 May 2026, 10:58:00 – 4 May 2026, 11:00:00" in said
    assert "Canon EOS R5 2 photos 4 May 2026, 12:01:00 – 4 May 2026, 12:03:00" in said
    assert f'href="{clocks}"' in owner.get(clocks.removesuffix("/clocks")).text


def test_clock_is_corrected_and_reset_by_plain_forms(owner: FlaskClient, studio: Studio, clocks: str) -> None:
    assert order(owner, clocks) == ["a", "c", "b", "d"]
    answer = owner.post(clocks, data=shift(studio, clocks, hours="1", minutes="2"))
    assert (answer.status_code, answer.location) == (302, clocks)
    said = text(owner, clocks)
    assert order(owner, clocks) == ["a", "b", "c", "d"]
    assert "The clock of NIKON Z 9 is corrected by +1 h 2 min." in said
    assert "The camera wrote 4 May 2026, 10:58:00" in said
    owner.post(clocks, data=shift(studio, clocks))
    assert order(owner, clocks) == ["a", "c", "b", "d"]


def test_program_reads_the_correction_in_seconds(owner: FlaskClient, studio: Studio, clocks: str) -> None:
    sent = shift(studio, clocks, direction="earlier", seconds="30")
    assert owner.post(clocks, data=sent, headers=JSON).json == {"camera": sent["camera"], "shift_seconds": -30}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ({"hours": "-1"}, "Enter 0 to"),
        ({"minutes": "60"}, "Enter 0 to 59 minutes."),
        ({"seconds": "soon"}, "Not a valid integer value."),
        ({"hours": "500001"}, "Enter 0 to 500,000 hours."),
    ],
)
def test_invalid_correction_is_refused_with_a_message(
    owner: FlaskClient, studio: Studio, clocks: str, amount: dict[str, str], words: str
) -> None:
    sent, field = shift(studio, clocks, **amount), next(iter(amount))
    answer = owner.post(clocks, data=sent)
    assert (answer.status_code, words in answer.text) == (422, True)
    page, wrong = Page(answer.text), f"{field}-{sent['camera']}"
    assert (page.linked, page.focused, page.roles.count("alert")) == ([wrong], [wrong], 1)
    assert page.by_id[wrong] | {"aria-invalid": "true", "value": amount[field]} == page.by_id[wrong]
    assert owner.post(clocks, data={"camera": "another", "hours": "1"}).status_code == 404
    assert order(owner, clocks) == ["a", "c", "b", "d"]


def test_order_is_previewed_before_it_is_saved(owner: FlaskClient, studio: Studio, clocks: str) -> None:
    camera = key(studio, clocks, "NIKON Z 9")
    page = owner.get(f"{clocks}?camera={camera}&direction=later&hours=1&minutes=2").text
    assert "Preview: NIKON Z 9, +1 h 2 min" in page
    assert "2 photos move" in page
    assert re.findall(r'strip-middle">\s*<img src="[^"]*" alt="([^"]*)"', page)[:2] == ["b.jpg", "b.jpg"]
    assert order(owner, clocks) == ["a", "c", "b", "d"]
    form = page.split('id="preview"')[1].split("</form>")[0]
    taking = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    owner.post(clocks, data=taking)
    assert order(owner, clocks) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("query", ["camera=another&hours=1", "camera=&hours=1", "camera=x&hours=-1"])
def test_invalid_preview_is_refused(owner: FlaskClient, clocks: str, query: str) -> None:
    assert owner.get(f"{clocks}?{query}").status_code in (404, 422)


def test_owner_sees_the_correction_and_everyone_the_corrected_time(
    owner: FlaskClient, studio: Studio, clocks: str
) -> None:
    owner.post(clocks, data=shift(studio, clocks, hours="1", minutes="2"))
    page = owner.get(clocks.removesuffix("/clocks")).text
    uuid = re.findall(r'data-file-uuid="([^"]*)"', page)[0]
    info = f"/collections/files/{uuid}/info"
    told, seen = owner.get(info).json, studio.client().get(info).json
    assert told
    assert seen
    assert told.pop("clock") == "Camera clock corrected by +1 h 2 min. The camera wrote 4 May 2026, 10:58:00."
    assert seen["taken_at"] == told["taken_at"] == "2026-05-04T12:00:00+00:00"
    assert "clock" not in seen


def test_order_by_real_time_is_switched_on_and_off(owner: FlaskClient, studio: Studio, clocks: str) -> None:
    answer = owner.post(f"{clocks}/order", data={"by": "real"})
    assert (answer.status_code, "Real time needs an offset" in answer.text) == (422, True)
    assert "Use this order" not in owner.get(f"{clocks}?by=real").text
    with studio.app.app_context():
        row = db.session.query(Collection).filter_by(uuid=clocks.split("/")[2]).one()
        for file in row.files:
            file.utc_offset = 3600 if file.camera == "NIKON Z 9" else 7200
        db.session.commit()
    page = owner.get(f"{clocks}?by=real").text
    assert "Preview: Real time, as clocks showed it at UTC+01:00" in page
    assert "Use this order" in page
    owner.post(f"{clocks}/order", data={"by": "real"})
    assert "Photos are ordered by real time, with days and times as at UTC+01:00." in text(owner, clocks)
    with studio.app.app_context():
        assert db.session.query(Collection).filter_by(uuid=clocks.split("/")[2]).one().real_time_offset == 3600
    assert owner.post(f"{clocks}/order", data={"by": "wall"}, headers=JSON).json == {"by": "wall"}


def test_page_explains_why_real_time_order_ended_or_is_unavailable(
    owner: FlaskClient, studio: Studio, clocks: str
) -> None:
    with studio.app.app_context():
        row = db.session.query(Collection).filter_by(uuid=clocks.split("/")[2]).one()
        row.real_time_ended_by = "d.jpg"
        for n, file in enumerate(row.files[:3]):
            file.utc_offset = 3600 * n
        db.session.commit()
    said = text(owner, clocks)
    assert "d.jpg was uploaded without a time zone, so photos are ordered by local time again." in said
    assert "taken in 3 time zones, but 1 photo has no time zone" in said
