"""The collection page a slice at a time, and what a browser asks for to lay out the rest."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.models import Collection, SortOrder, db
from tests.support.app import ManualQueue
from tests.support.gallery import Gallery
from tests.support.pictures import corners, encoded, jpeg
from tests.support.rows import add, fill
from tests.support.studio import JSON, Studio

NAME = re.compile(r'class="gallery-item [^>]*data-file-name="([^"]*)"', re.DOTALL)
INDEX = re.compile(r'data-lightbox-index="(\d+)"')


@pytest.fixture
def collection(studio: Studio) -> str:
    """The uuid of a public collection of 130 pictures, of two days and of none, and of 61 other files."""
    uuid = studio.collection(studio.photographer())
    with studio.app.app_context():
        row = db.session.query(Collection).filter_by(uuid=uuid).one()
        start = datetime(2026, 5, 4, 23, tzinfo=UTC)
        taken = [start + timedelta(minutes=n) if n < 120 else None for n in range(130)]
        fill(*(add(row, original_filename=f"{999 - n}.jpg", taken_at=at) for n, at in enumerate(taken)))
        fill(*(add(row, original_filename=f"{n:02}.txt", mime_type="text/plain") for n in range(61)))
    return uuid


def test_page_shows_sixty_pictures_under_their_days(client: FlaskClient, collection: str) -> None:
    page = client.get(f"/collections/{collection}").text
    gallery = page[: page.index('id="files"')]
    assert NAME.findall(gallery) == [f"{999 - n}.jpg" for n in range(60)]
    assert re.findall(r'<li class="day" id="([^"]+)"', page) == ["day-2026-05-04"]
    assert "4 May 2026" in page
    assert "130 photos" in page
    assert "61 other files" in page
    assert f'rel="next" href="/collections/{collection}?page=2#photographs"' in page


def test_last_page_ends_with_undated_photos(client: FlaskClient, collection: str) -> None:
    page = client.get(f"/collections/{collection}?page=3").text
    assert INDEX.findall(page)[0] == "120"
    assert 'id="day-unknown"' not in page  # nothing on it has a date, so there is nothing to tell apart
    middle = client.get(f"/collections/{collection}?page=2").text
    assert re.findall(r'<li class="day" id="([^"]+)"', middle) == ["day-2026-05-05"]
    assert "page=4" not in page
    assert f'rel="prev" href="/collections/{collection}?page=2#photographs"' in page


def test_other_files_have_pages_of_their_own(client: FlaskClient, collection: str) -> None:
    assert f'href="/collections/{collection}?files=2#files"' in client.get(f"/collections/{collection}").text
    page = client.get(f"/collections/{collection}?files=2").text
    assert NAME.findall(page[page.index('id="files"') :]) == ["60.txt"]


def test_chosen_order_is_kept_on_the_next_page(client: FlaskClient, collection: str) -> None:
    page = client.get(f"/collections/{collection}?sort=name").text
    assert NAME.findall(page)[0] == "870.jpg"
    assert f'rel="next" href="/collections/{collection}?sort=name&amp;page=2#photographs"' in page
    assert '<li class="day"' not in page


def test_first_custom_order_starts_from_the_current_one(client: FlaskClient, collection: str) -> None:
    address = f"/collections/{collection}"
    for path in ("?sort={}", "/tiles?count=60&sort={}"):
        taken, manual = (NAME.findall(client.get(address + path.format(sort)).text) for sort in ("taken", "manual"))
        assert manual == taken
    ours = client.get(f"{address}/layout?sort=manual").json
    assert ours
    assert ours["days"] == []
    assert ours["ratios"] == (client.get(f"{address}/layout?sort=taken").json or {})["ratios"]
    last = re.findall(r'data-file-uuid="([^"]+)"', client.get(f"{address}/tiles?sort=taken&start=129").text)
    assert client.get(f"{address}/position?file={last[0]}&sort=manual").json == {"index": 129}


def test_first_pictures_are_fetched_at_once_and_the_rest_when_they_come_near(
    studio: Studio, client: FlaskClient
) -> None:
    uuid = studio.collection(studio.photographer())
    for n in range(9):
        studio.photo(uuid, f"{n}.jpg", jpeg(1300, 900 + n))
    page = client.get(f"/collections/{uuid}").text
    assert (page.count('fetchpriority="high"'), page.count('loading="lazy"')) == (2, 4)
    assert page.count('decoding="async"') == 9
    assert len(re.findall(r'data-thumbhash="[^"]+"', page)) == 9
    tiles = client.get(f"/collections/{uuid}/tiles").text
    assert (tiles.count('fetchpriority="high"'), tiles.count('loading="lazy"')) == (0, 9)


def test_dense_screens_and_the_lightbox_share_the_preview_by_one_address(studio: Studio, client: FlaskClient) -> None:
    uuid = studio.collection(studio.photographer())
    studio.photo(uuid, "1.jpg", jpeg(1300, 900))
    page = client.get(f"/collections/{uuid}").text
    (preview,) = re.findall(r'data-preview-url="([^"]+)"', page)
    assert re.search(rf'srcset="[^"]*{re.escape(preview)} 1200w', page)


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("?page=0", 404, "no page 0"),
        ("?page=4", 404, "3 pages"),
        ("?page=999999999", 404, "3 pages"),
        ("?files=3", 404, "2 pages"),
        ("?page=two", 422, "must be a whole number"),
        ("?page=-1", 422, "must be a whole number"),
        (f"?page={'9' * 400}", 422, "must be a whole number"),
        ("?sort=size", 422, "must be one of"),
        ("/layout?sort=size", 422, "must be one of"),
        ("/tiles?start=-1", 422, "must be a whole number"),
        ("/tiles?start=1e3", 422, "must be a whole number"),
        ("/tiles?count=0", 422, "must be a whole number"),
        ("/tiles?count=241", 422, "must be a whole number"),
        ("/position", 404, "The link may be wrong"),
        ("/position?file=nobody", 404, "The link may be wrong"),
    ],
)
def test_invalid_urls_are_refused_with_a_message(
    client: FlaskClient, collection: str, address: str, status: int, words: str
) -> None:
    answer = client.get(f"/collections/{collection}{address}", headers=JSON)
    assert answer.status_code == status
    assert words in answer.json["error"]["message"]


def test_layout_gives_every_ratio_and_the_days(client: FlaskClient, collection: str) -> None:
    answer = client.get(f"/collections/{collection}/layout")
    assert answer.json["total"] == 130
    assert answer.json["ratios"] == [150] * 130
    assert answer.json["days"] == [["2026-05-04", 60], ["2026-05-05", 60], ["", 10]]
    assert client.get(f"/collections/{collection}/layout?sort=name").json["days"] == []
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"/collections/{collection}/layout", headers=known).status_code == 304
    assert client.get(f"/collections/{collection}/layout?sort=name", headers=known).status_code == 200


def test_slices_are_numbered_by_their_place(client: FlaskClient, collection: str) -> None:
    tiles = client.get(f"/collections/{collection}/tiles?start=125&count=60").text
    assert INDEX.findall(tiles) == ["125", "126", "127", "128", "129"]
    assert "<html" not in tiles
    assert not INDEX.findall(client.get(f"/collections/{collection}/tiles?start=500").text)


def test_position_of_a_file_is_its_index(client: FlaskClient, collection: str) -> None:
    page = client.get(f"/collections/{collection}?page=2").text
    uuids = re.findall(r'data-file-uuid="([^"]+)"', page)
    asked = f"/collections/{collection}/position?file={uuids[3]}"
    assert client.get(asked).json == {"index": 63}
    assert client.get(f"{asked}&sort=name").json == {"index": 66}
    tile = client.get(f"/collections/files/{uuids[3]}/tile").text
    assert INDEX.findall(tile) == ["63"]


@pytest.mark.parametrize("address", ["", "/layout", "/tiles", "/position?file=x"])
def test_private_collection_reveals_nothing(studio: Studio, address: str) -> None:
    uuid = studio.collection(studio.photographer(), privacy="private")
    assert studio.client().get(f"/collections/{uuid}{address}").status_code == 404


def test_shape_of_a_failed_picture_is_the_same_in_layout_and_tile(
    studio: Studio, client: FlaskClient, queue: ManualQueue
) -> None:
    uuid = studio.collection(studio.photographer())
    photo = studio.photo(uuid, "wide.jpg", jpeg(400, 100))
    assert client.get(f"/collections/{uuid}/layout").json["ratios"] == [400]
    studio.change(photo, processing_status="failed", error="It is damaged.")
    assert client.get(f"/collections/{uuid}/layout").json["ratios"] == [150]
    assert 'class="gallery-item r150"' in client.get(f"/collections/{uuid}/tiles").text


@pytest.mark.parametrize("sort", SortOrder)
def test_default_order_is_the_photographers(studio: Studio, client: FlaskClient, sort: SortOrder) -> None:
    uuid = studio.collection(studio.photographer())
    with studio.app.app_context():
        row = db.session.query(Collection).filter_by(uuid=uuid).one()
        row.sort_order = sort
        db.session.commit()
    assert f'data-sort="{sort}"' in client.get(f"/collections/{uuid}").text


def test_local_pictures_have_urls_of_the_app(client: FlaskClient, gallery: Gallery) -> None:
    page = client.get(f"/collections/{gallery.collection}").text
    assert "X-Amz" not in page
    assert "data-signed" not in page
    assert client.get(f"/collections/{gallery.collection}/status?since=").json["signed"] == ""


@pytest.mark.parametrize(("kind", "undrawable"), [("JPEG", 0), ("PNG", 0), ("TIFF", 1), ("BMP", 1)])
def test_tile_says_whether_browsers_display_the_original(
    client: FlaskClient, studio: Studio, kind: str, undrawable: int
) -> None:
    uuid = studio.collection(studio.photographer())
    studio.photo(uuid, f"photo.{kind.lower()}", encoded(corners(60, 40), kind).getvalue())
    assert client.get(f"/collections/{uuid}").text.count("data-undrawable") == undrawable
