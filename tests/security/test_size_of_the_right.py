"""Visitors without the download right get neither the original nor its length or SHA-256, by any request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from app.models import File, ProcessingStatus, Variant, db
from app.services import lookup
from app.services.storage_service import StorageService
from tests.security.house import GPS, SERIAL, Furnished, Place, built
from tests.support.studio import JSON

# Who may look and not download: by which collection, and as whom.
LOOKERS = [("previews", "anonymous"), ("previews", "photographer"), ("previews", "download link"), ("private", "link")]
STRANGERS = [("password", "anonymous"), ("password", "former password"), ("private", "photographer")]
WAYS = ("thumbnail", "preview", "variants/thumb", "variants/small", "variants/medium", "variants/large")


pytestmark = pytest.mark.usefixtures("put_back")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    with built(tmp_path_factory.mktemp("size")) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: Furnished) -> FlaskClient:
    return house.app.test_client(use_cookies=False)


def response_to(
    client: FlaskClient, house: Furnished, visitor: str, path: str, method: str = "GET", **headers: str
) -> TestResponse:
    return client.open(path, method=method, headers=house.visitors[visitor] | headers)


def gives_away(answer: TestResponse, place: Place) -> list[str]:
    """The facts about the original in a response."""
    everything = str(answer.headers).encode() + answer.data
    signs = {
        "sha256": re.escape(place.sha256.encode()),
        "length": rb"(?<![\w-])%d(?![\w-])" % len(place.original),
        "bytes": re.escape(place.original[len(place.original) // 2 :][:48]),
        "head": re.escape(place.original[20:60]),
    }
    return [name for name, sign in signs.items() if re.search(sign, everything)]


def without_token(answer: TestResponse) -> str:
    """The page without the token against forged forms, which is another for everybody."""
    return re.sub('csrf-token" content="[^"]*"', "", answer.text)


def original_of(place: Place) -> str:
    return f"/collections/files/{place.file_uuid}/original"


# --- the original's own address ------------------------------------------------------------

QUESTIONS = {
    "plain": {},
    "as JSON": JSON,
    "first bytes": {"Range": "bytes=0-99"},
    "last bytes": {"Range": "bytes=-50"},
    "beyond the end": {"Range": "bytes=99999999-"},
    "right ETag": {"If-None-Match": "RIGHT"},
    "wrong ETag": {"If-None-Match": '"wrong"'},
    "any ETag": {"If-None-Match": "*"},
    "must be right": {"If-Match": "RIGHT"},
    "must be another": {"If-Match": '"wrong"'},
    "range if right": {"If-Range": "RIGHT", "Range": "bytes=0-9"},
    "changed since": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    "unchanged since": {"If-Unmodified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"},
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_original_is_refused_the_same_way_for_every_request(
    house: Furnished, client: FlaskClient, question: str, method: str
) -> None:
    for kind, visitor in LOOKERS + STRANGERS:
        place = house.place(visitor, kind)
        tag = response_to(client, house, "owner", original_of(place)).headers["ETag"]
        headers = {name: value.replace("RIGHT", tag) for name, value in QUESTIONS[question].items()}
        answer = response_to(client, house, visitor, original_of(place), method, **headers)
        plain = response_to(
            client, house, visitor, original_of(place), method, **(JSON if question == "as JSON" else {})
        )
        assert (answer.status_code, gives_away(answer, place)) == (plain.status_code, []), (kind, visitor)
        assert answer.status_code in (302, 401, 403, 404)
        assert without_token(answer) == without_token(plain)
        assert not {"ETag", "Last-Modified", "Accept-Ranges", "Content-Range"} & {*answer.headers.keys()}


def test_visitor_with_download_right_gets_original_with_its_length(house: Furnished, client: FlaskClient) -> None:
    place = house.place("owner", "previews")
    answer = response_to(client, house, "owner", original_of(place))
    assert answer.data == place.original
    assert gives_away(answer, place) == ["sha256", "length", "bytes", "head"]


# --- in place of a variant ------------------------------------------------------------------


def forget_variants(place: Place, **columns: object) -> None:
    file = lookup.file_by_uuid(place.file_uuid)
    db.session.execute(delete(Variant).where(Variant.file_id == file.id))
    paths = {"thumb_path": None, "medium_path": None}
    db.session.execute(update(File).where(File.id == file.id).values(paths | columns))
    db.session.commit()


@contextmanager
def objects_lost(house: Furnished, place: Place) -> Iterator[None]:
    """The variants of a photograph are recorded, and gone from the store."""
    with house.app.app_context():
        store = StorageService().current
        paths = [store.local_path(row.path) for row in lookup.file_by_uuid(place.file_uuid).variants]
    for path in paths:
        path.rename(path.with_suffix(".gone"))
    yield
    for path in paths:
        path.with_suffix(".gone").rename(path)


HARM = {
    "never made": lambda place: forget_variants(place, processing_status=ProcessingStatus.PENDING),
    "being made": lambda place: forget_variants(place, processing_status=ProcessingStatus.PROCESSING),
    "waiting for another try": lambda place: forget_variants(place, processing_status=ProcessingStatus.RETRYING),
    "failed": lambda place: forget_variants(
        place, processing_status=ProcessingStatus.FAILED, error_code="corrupt", error="cut short"
    ),
    "lost from the rows": forget_variants,
    "no preview of its type": lambda place: forget_variants(
        place, mime_type="image/x-sony-arw", processing_status=ProcessingStatus.FAILED
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("harm", HARM)
def test_no_variant_falls_back_to_the_original(house: Furnished, client: FlaskClient, harm: str, way: str) -> None:
    for kind, visitor in LOOKERS:
        place = house.place(visitor, kind)
        with house.app.app_context():
            HARM[harm](place)
        for headers in ({}, {"Range": "bytes=0-99"}, {"If-None-Match": f'"{place.sha256}"'}):
            answer = response_to(client, house, visitor, f"/collections/files/{place.file_uuid}/{way}", **headers)
            assert answer.status_code in (202, 404)
            assert gives_away(answer, place) == []
            assert answer.headers["Cache-Control"] == "no-store"


def test_missing_objects_do_not_fall_back_either(house: Furnished, client: FlaskClient) -> None:
    place = house.place("link", "private")
    with objects_lost(house, place):
        answers = [response_to(client, house, "link", f"/collections/files/{place.file_uuid}/{way}") for way in WAYS]
    assert [(answer.status_code, gives_away(answer, place)) for answer in answers] == [(202, [])] * len(WAYS)


def test_original_replaces_a_missing_variant_where_allowed(house: Furnished, client: FlaskClient) -> None:
    place = house.place("download link", "private")
    with house.app.app_context():
        HARM["failed"](place)
    answer = response_to(client, house, "download link", f"/collections/files/{place.file_uuid}/preview")
    assert answer.data == place.original


NAMES = [
    "original",
    "full",
    "raw",
    "LARGE",
    "large_avif",
    "medium.jpg",
    "..",
    "%2e%2e",
    "%2e%2e%2foriginal",
    "large%00",
    " ",
]


@pytest.mark.parametrize("name", NAMES)
def test_unknown_variants_are_not_found(house: Furnished, client: FlaskClient, name: str) -> None:
    for kind, visitor in [*LOOKERS, ("public", "owner")]:
        place = house.place(visitor, kind)
        answer = response_to(client, house, visitor, f"/collections/files/{place.file_uuid}/variants/{name}")
        assert (answer.status_code, gives_away(answer, place)) == (404, [])


# --- what is told of it ---------------------------------------------------------------------

FACTS = {
    "page": "/collections/{c}",
    "page of another order": "/collections/{c}?sort=name",
    "head": "/collections/{c}/head",
    "tiles": "/collections/{c}/tiles",
    "tile": "/collections/files/{f}/tile",
    "info": "/collections/files/{f}/info",
    "status": "/collections/{c}/status",
    "status since": "/collections/{c}/status?since=0:1-99",
    "layout": "/collections/{c}/layout",
    "position": "/collections/{c}/position?file={f}",
}


@pytest.mark.parametrize("state", ["completed", "failed", "pending"])
@pytest.mark.parametrize("fact", FACTS)
def test_answers_reveal_nothing_of_the_original(house: Furnished, client: FlaskClient, fact: str, state: str) -> None:
    for kind, visitor in LOOKERS:
        place = house.place(visitor, kind)
        with house.app.app_context():
            if state != "completed":
                forget_variants(place, processing_status=state, error_code="storage", error=f"lost {place.sha256}")
        answer = response_to(client, house, visitor, FACTS[fact].format(c=place.collection_uuid, f=place.file_uuid))
        assert (answer.status_code, gives_away(answer, place)) == (200, []), (kind, visitor)
        for secret in ("/original", str(GPS), SERIAL, "/delete", '/retry"', "storage_path", "metadata_json"):
            assert secret not in answer.text, (kind, visitor)


@pytest.mark.parametrize(("visitor", "knows"), [("owner", True), ("admin", True), ("photographer", False)])
def test_place_is_shown_to_the_owner_only(house: Furnished, client: FlaskClient, visitor: str, *, knows: bool) -> None:
    place = house.place(visitor, "public")
    told = response_to(client, house, visitor, f"/collections/files/{place.file_uuid}/info").text
    assert (str(GPS) in told, SERIAL in told) == (knows, False)


@pytest.mark.parametrize(
    "path", ["/collections/{c}/cover", "/collections/{c}/edit", "/.well-known/{f}", "/{f}", "/storage/{f}"]
)
def test_other_paths_give_nothing(house: Furnished, client: FlaskClient, path: str) -> None:
    for kind, visitor in LOOKERS:
        place = house.place(visitor, kind)
        answer = response_to(client, house, visitor, path.format(c=place.collection_uuid, f=place.file_uuid))
        assert answer.status_code in (302, 403, 404)
        assert gives_away(answer, place) == []


# --- asking whether somebody has these bytes ------------------------------------------------


def check(client: FlaskClient, house: Furnished, visitor: str, collection: str, sha256: str) -> TestResponse:
    body = {"files": [{"sha256": sha256}]}
    headers = house.visitors[visitor] | JSON
    return client.post(f"/collections/{collection}/uploads/check", json=body, headers=headers)


@pytest.mark.parametrize(
    ("kind", "visitor"), [*LOOKERS, *STRANGERS, ("public", "anonymous"), ("public", "photographer")]
)
def test_upload_check_reveals_no_hashes_to_strangers(
    house: Furnished, client: FlaskClient, kind: str, visitor: str
) -> None:
    place = house.place(visitor, kind)
    right, wrong = (check(client, house, visitor, place.collection_uuid, each) for each in (place.sha256, "0" * 64))
    assert (right.status_code, right.data) == (wrong.status_code, wrong.data)
    assert right.status_code in (401, 403, 404)


def test_upload_check_and_start_know_only_files_of_their_collection(house: Furnished, client: FlaskClient) -> None:
    """Eve may ask of her own collection, and learns nothing of Ada's."""
    place = house.place("owner", "private")
    with house.app.app_context():
        eve = db.session.scalar(db.text("SELECT id FROM users WHERE email = 'eve@example.com'"))
    own = house.studio.collection(eve)
    answer = check(client, house, "photographer", own, place.sha256)
    assert (answer.json["present"], answer.json["missing"]) == ([], [place.sha256])
    announced = {"name": "guess.jpg", "size": len(place.original), "sha256": place.sha256}
    headers = house.visitors["photographer"] | JSON
    begun = client.post(f"/collections/{own}/uploads", json=announced, headers=headers)
    assert (begun.status_code, begun.json["received"]) == (201, 0)


def test_variants_contain_no_metadata_of_the_original(house: Furnished, client: FlaskClient) -> None:
    for kind, visitor in LOOKERS:
        place = house.place(visitor, kind)
        for way in WAYS[:-1]:
            answer = response_to(client, house, visitor, f"/collections/files/{place.file_uuid}/{way}")
            assert (answer.status_code, gives_away(answer, place)) == (200, [])
            assert b"Exif" not in answer.data
