"""The information about one photo for visitors and owners."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import human_size
from tests.support.pictures import jpeg
from tests.support.studio import PASSWORD, Studio

WRITTEN = {
    "taken_at": "2026-05-04T20:00:00-07:00",
    "camera": "NIKON D850",
    "aperture": 2.8,
    "keywords": ["sea", "wind"],
    "icc_name": "Display P3",
    "gps": {"latitude": 49.28, "longitude": -123.12},
}
SIZE = len(jpeg())
BARE = {"name": "photo.jpg", "size": SIZE, "size_human": human_size(SIZE), "width": 60, "height": 40}


@pytest.mark.parametrize(
    ("email", "knows_where"),
    [(None, False), ("grace@example.com", False), ("ada@example.com", True), ("root@example.com", True)],
)
def test_place_is_shown_only_to_owner_and_administrator(studio: Studio, email: str | None, knows_where: bool) -> None:
    photo = studio.photo(studio.collection(studio.photographer()))
    studio.photographer("grace@example.com")
    studio.photographer("root@example.com", role="admin")
    studio.change(photo, metadata_json=WRITTEN)
    told = studio.client(email).get(f"/collections/files/{photo}/info").json
    written = {name: WRITTEN[name] for name in ("taken_at", "camera", "aperture", "keywords")}
    assert told == BARE | written | ({"gps": WRITTEN["gps"]} if knows_where else {})


def test_unknown_fields_are_omitted(studio: Studio) -> None:
    photo = studio.photo(studio.collection(studio.photographer()))
    studio.change(photo, metadata_json=None)
    assert studio.client().get(f"/collections/files/{photo}/info").json == BARE


def test_visitors_see_source_and_precision_of_the_date(studio: Studio) -> None:
    photo = studio.photo(studio.collection(studio.photographer()))
    day = {"taken_at": "2012-07-27T00:00:00", "taken_precision": "day", "taken_from": "xmp"}
    studio.change(photo, metadata_json=day)
    assert studio.client().get(f"/collections/files/{photo}/info").json == BARE | day


def test_information_passes_the_gate(studio: Studio) -> None:
    uuid = studio.collection(studio.photographer(), privacy="password")
    photo, visitor = studio.photo(uuid), studio.client()
    assert visitor.get(f"/collections/files/{photo}/info", headers={"Accept": "application/json"}).status_code == 401
    visitor.post(f"/collections/{uuid}/password", data={"password": PASSWORD})
    assert visitor.get(f"/collections/files/{photo}/info").status_code == 200


@pytest.mark.parametrize(
    ("email", "knows"),
    [(None, False), ("grace@example.com", False), ("ada@example.com", True), ("root@example.com", True)],
)
@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"missing_percent": 20}, "Damaged: the lower 20% is missing."),
        ({"missing_percent": 9, "missing_side": "left"}, "Damaged: the left 9% is missing."),
        ({"missing_percent": 0}, "Damaged: the file is cut short, so fine detail or colour is missing."),
    ],
)
def test_damage_is_shown_only_to_owner_and_administrator(
    studio: Studio, email: str | None, *, knows: bool, missing: dict[str, Any], words: str
) -> None:
    uuid = studio.collection(studio.photographer())
    photo = studio.photo(uuid)
    studio.photographer("grace@example.com")
    studio.photographer("root@example.com", role="admin")
    studio.change(photo, metadata_json=missing)
    browser = studio.client(email)
    assert browser.get(f"/collections/files/{photo}/info").json.get("damage") == (words if knows else None)
    assert browser.get(f"/collections/{uuid}/status").json["files"][0]["damage"] == (words if knows else "")
    for page in (f"/collections/{uuid}", f"/collections/files/{photo}/tile"):
        assert (words in browser.get(page).text) is knows
        assert ("Damaged" in browser.get(page).text) is knows
