"""If a collection hides location, only its managers get the untouched originals, at any URL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from unittest.mock import patch

import pytest
import urllib3

from app import Proofsheet
from app.errors import StorageUnavailable
from app.models import File, Privacy, Variant, db
from app.services import lookup
from app.services.delivery.addresses import attachment
from app.services.maintenance.deep import DeepVerification
from app.services.maintenance.statistics import gather
from app.services.maintenance.verify import Verification
from app.services.storage_service import StorageService
from app.services.variants import private_originals
from app.services.variants.single import SingleVariant
from tests.support import telling
from tests.support.app import ManualQueue, running, settings_in
from tests.support.house import ADMIN, OTHER, OWNER, House
from tests.support.studio import JSON, PASSWORD, Studio
from tests.support.telling import SERIAL, TOWN, XMP, XMP_HEAD, jpeg, segment, with_exif

SECRETS = (SERIAL, TOWN, telling.rationals("little"), b"64,8.7995")
ORIGINAL = jpeg(with_exif(orientation=1), segment(0xE1, XMP_HEAD + XMP), behind=jpeg(with_exif("big"), quality=20))
SHA256 = hashlib.sha256(ORIGINAL).hexdigest()
VISITORS = ("anybody", "with the password", "with a link", "another photographer")
MANAGERS = ("owner", "admin")
WAYS = ("original", "preview", "thumbnail", "variants/small", "variants/large")
HEADERS: dict[str, dict[str, str]] = {
    "all of it": {},
    "the first bytes": {"Range": "bytes=0-2000"},
    "the last bytes": {"Range": "bytes=-400"},
    "a range of the untouched one": {"Range": "bytes=0-9000", "If-Range": f'"{SHA256}"'},
    "what may be cached": {"If-None-Match": f'"{SHA256}"'},
}


class Hiding(House):
    """A public and a password collection that hide the place, and everybody who may come."""

    def __init__(self, app: Proofsheet) -> None:
        super().__init__(app)
        studio = self.studio
        self.public = studio.collection(self.owner_id, hides_location=True)
        self.closed = studio.collection(self.owner_id, Privacy.PASSWORD, hides_location=True)
        self.photo, self.closed_photo = (studio.photo(each, data=ORIGINAL) for each in (self.public, self.closed))
        owner = studio.client(OWNER)
        link = owner.post(f"/collections/{self.closed}/links", data={"downloads_allowed": "y"}, headers=JSON)
        self.clients = {
            "anybody": studio.client(),
            "with the password": studio.client(),
            "with a link": studio.client(),
            "another photographer": studio.client(OTHER),
            "owner": owner,
            "admin": studio.client(ADMIN),
        }
        self.clients["with the password"].post(f"/collections/{self.closed}/password", data={"password": PASSWORD})
        self.clients["with a link"].get(link.json["url"].removeprefix("http://localhost"))

    def way_to(self, who: str, way: str, photo: str | None = None) -> str:
        closed = who in ("with the password", "with a link")
        return f"/collections/files/{photo or (self.closed_photo if closed else self.photo)}/{way}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hiding]:
    with running(settings_in(tmp_path_factory.mktemp("privacy"))) as app:
        yield Hiding(app)


@pytest.mark.parametrize("how", HEADERS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("who", VISITORS)
def test_visitors_never_get_the_untouched_bytes(house: Hiding, who: str, method: str, how: str) -> None:
    for way in WAYS:
        answer = house.clients[who].open(house.way_to(who, way), method=method, headers=HEADERS[how])
        assert answer.status_code in (200, 206), (way, answer.text)
        assert [secret for secret in SECRETS if secret in answer.data] == []
        assert SHA256 not in str(answer.headers)
        assert not answer.data or not ORIGINAL.endswith(answer.data)


@pytest.mark.parametrize("who", MANAGERS)
def test_managers_get_the_untouched_original(house: Hiding, who: str) -> None:
    answer = house.clients[who].get(house.way_to(who, "original"))
    assert hashlib.sha256(answer.data).hexdigest() == SHA256
    assert answer.headers["ETag"] == f'"{SHA256}"'


def test_cleaned_original_is_a_separate_download(house: Hiding) -> None:
    visitor, way = house.clients["anybody"], house.way_to("anybody", "original")
    whole, head = visitor.get(way), visitor.head(way)
    assert whole.headers["Content-Disposition"] == attachment("photo.jpg")
    assert (whole.mimetype, whole.content_length) == ("image/jpeg", len(whole.data))
    assert (head.content_length, head.headers["ETag"]) == (len(whole.data), whole.headers["ETag"])
    assert "Cookie" in whole.headers["Vary"]
    part = visitor.get(way, headers={"Range": "bytes=10-19", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert visitor.get(way, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("way", ["preview", "thumbnail", "variants/small"])
def test_missing_variant_does_not_fall_back_to_the_untouched_original(house: Hiding, way: str) -> None:
    name = {"preview": "medium", "thumbnail": "thumb"}.get(way, "small")
    photo = house.studio.photo(house.public, data=jpeg(with_exif(), quality=31 + len(way)))
    forget(house, photo, name)
    house.queue.paused = True
    try:
        for who in ("anybody", "owner"):
            answer = house.clients[who].get(house.way_to(who, way, photo))
            assert (SERIAL in answer.data) == (who == "owner")
            assert answer.headers["Cache-Control"] == "no-store"
    finally:
        house.queue.paused = False


def forget(house: Hiding, photo: str, name: str) -> None:
    from app.services.variants import store

    with house.app.app_context():
        store.forget(lookup.file_by_uuid(photo).id, name)


def test_page_and_information_show_no_place(house: Hiding) -> None:
    for path in (f"/collections/{house.public}", house.way_to("", "info"), house.way_to("", "tile")):
        text = house.clients["anybody"].get(path).text
        assert not any(word in text for word in (SERIAL.decode(), TOWN.decode(), "64.14", SHA256, "gps"))
    assert "gps" in house.clients["owner"].get(house.way_to("", "info")).json


# --- what cannot be cleaned ----------------------------------------------------------------

KEPT_BACK = {
    "scan.tif": lambda: telling.saved("TIFF"),
    "film.mp4": lambda: telling.box(b"ftyp", b"mp42isom") + telling.box(b"moov", TOWN),
    "words.pdf": lambda: b"%PDF-1.4 " + TOWN,
    "live.heic": lambda: telling.heic_with(telling.box(b"moov", TOWN)),
}


@pytest.mark.parametrize("name", KEPT_BACK)
def test_uncleanable_original_is_not_delivered(house: Hiding, name: str) -> None:
    data = KEPT_BACK[name]()
    photo = house.studio.photo(house.public, name, data)
    refused = house.clients["anybody"].get(house.way_to("", "original", photo), headers=JSON)
    assert refused.status_code == 403
    assert refused.json["error"]["message"].startswith("We can't safely remove location data from this file.")
    assert house.clients["owner"].get(house.way_to("", "original", photo)).data == data
    tile = house.clients["anybody"].get(house.way_to("", "tile", photo)).text
    assert "/original" not in tile
    assert house.clients["owner"].get(house.way_to("", "info", photo)).json["withheld"]


def test_owner_sees_number_of_undeliverable_originals(studio: Studio) -> None:
    collection = studio.collection(studio.photographer(), hides_location=True)
    for name, data in KEPT_BACK.items():
        studio.photo(collection, name, data())
    studio.photo(collection, data=ORIGINAL)
    studio.client().get(f"/collections/files/{uuid_of(studio, collection, 'live.heic')}/original")
    page = studio.client("ada@example.com").get(f"/collections/{collection}").text
    assert "4 files can’t be downloaded by clients" in page
    assert "data-withheld-count" not in studio.client().get(f"/collections/{collection}").text


def uuid_of(studio: Studio, collection: str, name: str) -> str:
    return next(file.uuid for file in studio.files(collection) if file.original_filename == name)


# --- made once, beside the variants ---------------------------------------------------------


def private_row(studio: Studio, photo: str) -> Variant | None:
    return next((row for row in studio.file(photo).variants if row.name == private_originals.NAME), None)


def test_switching_it_on_cleans_existing_files_one_by_one(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    collection = studio.collection(studio.photographer())
    photos = [studio.photo(collection, f"{n}.jpg", jpeg(with_exif(), quality=40 + n)) for n in range(3)]
    queue.background.clear()
    owner, form = studio.client("ada@example.com"), {"title": "Wedding", "privacy": "public", "hides_location": "y"}
    assert owner.post(f"/collections/{collection}/edit", data=form).status_code == 302
    while queue.background:
        from app.jobs import tasks

        tasks.run(app, *queue.background.pop(0))
    assert all(private_row(studio, photo) for photo in photos)


def test_upload_into_such_a_collection_is_cleaned_in_the_background(studio: Studio, queue: ManualQueue) -> None:
    photo = studio.photo(studio.collection(studio.photographer(), hides_location=True), data=ORIGINAL)
    assert (studio.file(photo).id, private_originals.NAME) in queue.background


def test_other_collections_hand_out_the_untouched_original(studio: Studio, queue: ManualQueue) -> None:
    photo = studio.photo(studio.collection(studio.photographer()), data=ORIGINAL)
    assert studio.client().get(f"/collections/files/{photo}/original").data == ORIGINAL
    assert private_originals.NAME not in {name for _, name in queue.background}


def test_cleaned_original_is_made_once_and_the_stored_one_unaltered(app: Proofsheet, studio: Studio) -> None:
    photo = studio.photo(studio.collection(studio.photographer(), hides_location=True), data=ORIGINAL)
    visitor, way = studio.client(), f"/collections/files/{photo}/original"
    first = visitor.get(way)
    with patch.object(SingleVariant, "_make", side_effect=AssertionError):
        assert visitor.get(way).data == first.data
    with app.app_context(), StorageService().current.open(studio.file(photo).storage_path) as stored:
        assert stored.read() == ORIGINAL


def test_visitor_is_asked_to_retry_while_cleaned_original_is_made(studio: Studio, queue: ManualQueue) -> None:
    photo = studio.photo(studio.collection(studio.photographer(), hides_location=True), data=ORIGINAL)
    queue.paused = True
    answer = studio.client().get(f"/collections/files/{photo}/original", headers=JSON)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "preparing")
    assert answer.headers["Retry-After"] == "5"


def test_failing_store_gives_503_and_next_visitor_is_served(app: Proofsheet, studio: Studio) -> None:
    photo = studio.photo(studio.collection(studio.photographer(), hides_location=True), data=ORIGINAL)
    way = f"/collections/files/{photo}/original"
    with patch.object(StorageService, "upload_image_variant", side_effect=StorageUnavailable("away")):
        assert studio.client().get(way, headers=JSON).status_code == 503
    with app.app_context():
        from app.models import Lease

        db.session.query(Lease).delete()
        db.session.commit()
    assert studio.client().get(way).status_code == 200


def test_maintenance_knows_cleaned_originals(app: Proofsheet, studio: Studio) -> None:
    photo = studio.photo(studio.collection(studio.photographer(), hides_location=True), data=ORIGINAL)
    cleaned = studio.client().get(f"/collections/files/{photo}/original").data
    with app.app_context():
        assert list(Verification(StorageService()).findings()) == []
        assert list(DeepVerification().findings()) == []
        assert gather().variants[private_originals.NAME].bytes == len(cleaned)
        row = private_row(studio, photo)
        assert row is not None
        path = StorageService().current.local_path(row.path)
        assert path is not None
        path.write_bytes(ORIGINAL[: row.size])  # somebody put it back, and left off its end
        assert {finding.invariant for finding in DeepVerification().findings()} == {8}


def test_cleaned_original_goes_with_its_file(app: Proofsheet, studio: Studio) -> None:
    from app.services.trash.purge import _variant_keys

    photo = studio.photo(studio.collection(studio.photographer(), hides_location=True), data=ORIGINAL)
    studio.client().get(f"/collections/files/{photo}/original")
    row = private_row(studio, photo)
    assert row is not None
    with app.app_context():
        assert row.path in _variant_keys(db.session.get_one(File, row.file_id))  # also where it was never recorded


def test_json_sets_hides_location_and_edit_without_it_keeps_it(studio: Studio) -> None:
    studio.photographer()
    owner = studio.client("ada@example.com")
    made = owner.post("/collections/", data={"title": "A", "privacy": "public", "hides_location": "y"}, headers=JSON)
    owner.post(f"/collections/{made.json['uuid']}/edit", data={"title": "B", "privacy": "public"})
    page = owner.get(f"/collections/{made.json['uuid']}/edit").text
    assert 'checked id="hides_location"' in page
    assert json.loads(made.text)["uuid"] in page


@pytest.mark.usefixtures("on_r2")
def test_addresses_of_the_store_lead_visitors_to_the_cleaned_original(studio: Studio) -> None:
    photo = studio.photo(studio.collection(studio.photographer(), hides_location=True), data=ORIGINAL)
    way = f"/collections/files/{photo}/original"
    url = studio.client().get(way).location
    given = urllib3.request("GET", url)
    assert "/variants/private_" in url
    assert [secret for secret in SECRETS if secret in given.data] == []
    assert given.headers["Content-Disposition"].startswith('attachment; filename="photo.jpg"')
    assert urllib3.request("GET", studio.client("ada@example.com").get(way).location).data == ORIGINAL
