"""The appearance of a collection: cover, day, name, accent, order, and notes about missing previews."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from app.services.accounts import accents
from tests.support.pictures import jpeg
from tests.support.studio import JSON, Studio, past


@pytest.fixture
def collection(owner: FlaskClient) -> str:
    """Ada's public collection, with a day."""
    form = {"title": "Wedding", "privacy": "public", "event_date": "2026-05-04"}
    return str(owner.post("/collections/", data=form, headers=JSON).json["uuid"])


def test_chosen_cover_is_on_the_page_and_the_card(owner: FlaskClient, studio: Studio, collection: str) -> None:
    first, second = studio.photo(collection), studio.photo(collection, "b.jpg", jpeg(1300, 900))
    assert "hero-cover" not in owner.get(f"/collections/{collection}").text
    assert owner.post(f"/collections/files/{second}/cover", headers=JSON).json == {"cover": second}
    page = studio.client().get(f"/collections/{collection}").text
    assert re.search(rf'hero-cover" src="/collections/files/{second}/preview', page)
    assert re.search(rf'card-cover">\s*<img src="/collections/files/{second}/', owner.get("/collections/").text)
    owner.post(f"/collections/files/{second}/delete")
    assert f'hero-cover" src="/collections/files/{first}/preview' in owner.get(f"/collections/{collection}").text
    assert re.search(rf'card-cover">\s*<img src="/collections/files/{first}/', owner.get("/collections/").text)


def test_only_the_owner_chooses_cover_and_order(studio: Studio, owner: FlaskClient, collection: str) -> None:
    photo, visitor = studio.photo(collection), studio.client()
    for address in (f"/collections/files/{photo}/cover", f"/collections/{collection}/order"):
        assert visitor.post(address, headers=JSON, json={"moved": [photo]}).status_code == 401
    assert owner.get(f"/collections/{collection}/cover").status_code == 200
    moved = owner.post(f"/collections/{collection}/order", json={"moved": [photo], "before": None}, headers=JSON)
    assert moved.json == {"sort_order": "manual", "moved": 1}
    for nonsense in ({}, [], {"moved": "x"}, {"moved": [1]}, {"moved": [photo], "before": 3}):
        assert owner.post(f"/collections/{collection}/order", json=nonsense, headers=JSON).status_code == 422


def test_name_day_and_accent_are_shown_to_visitors(owner: FlaskClient, studio: Studio, collection: str) -> None:
    form = {"name": "Ada Morgenstern", "own_accent": "y", "accent": "#FFCC00"}
    assert owner.post("/account/", data=form).status_code == 302
    page = studio.client().get(f"/collections/{collection}").text
    for piece in ("Ada Morgenstern", "4 May 2026", "/account/accent/ffcc00.css"):
        assert piece in page
    owner.post("/account/", data=form | {"own_accent": ""})
    assert "/account/accent/" not in studio.client().get(f"/collections/{collection}").text
    assert owner.post("/account/", data=form | {"accent": "red}"}).status_code == 422
    assert studio.client().get("/account/", headers=JSON).status_code == 401


@pytest.mark.parametrize(
    "colour", ["#ffcc00", "#000000", "#ffffff", "#17655b", "#ff0000", "#0000ff", "#808080", "#00ff00"]
)
def test_every_accent_can_be_read(client: FlaskClient, colour: str) -> None:
    sheet = client.get(f"/account/accent/{colour[1:]}.css")
    assert "immutable" in sheet.headers["Cache-Control"]
    for found, pages in ((accents.light(colour), accents.LIGHT), (accents.dark(colour), accents.DARK)):
        assert f"--accent: {found.accent}" in sheet.text
        assert min(accents.contrast(found.accent, page) for page in (*pages, found.soft)) >= 4.5
    assert client.get("/account/accent/red.css").status_code == 404


def test_page_counts_pending_photos_and_shows_failures_to_its_owner(
    owner: FlaskClient, studio: Studio, collection: str
) -> None:
    photos = [studio.photo(collection, f"{n}.jpg", jpeg(60 + n)) for n in range(4)]
    studio.change(photos[0], processing_status="failed", error="It is damaged.", error_code="corrupt")
    studio.change(photos[1], processing_status="pending")
    page = studio.client().get(f"/collections/{collection}").text
    assert "3 photos</span>" in page
    assert "1 photo is still being prepared" in page
    assert "has no preview" not in page
    page = owner.get(f"/collections/{collection}").text
    said = page[page.index("1 photo has no preview:") :]
    assert f'href="/collections/files/{photos[0]}/original' in said[:400]


def test_closed_page_names_the_photographer_to_ask(owner: FlaskClient, studio: Studio) -> None:
    uuid = studio.collection(1, expires_at=past())
    page = studio.client().get(f"/collections/{uuid}")
    assert page.status_code == 410
    assert "Ada can open it again" in page.text
