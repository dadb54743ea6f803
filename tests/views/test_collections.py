"""Collections over HTTP: pages, making and changing them, passwords, expiry."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from flask.testing import FlaskClient
from PIL import ExifTags, Image
from werkzeug.security import generate_password_hash

from app.models import Collection, Privacy, ProcessingStatus, db
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import JSON, PASSWORD, Studio, past


def test_collection_made_by_a_script_answers_its_address(owner: FlaskClient, studio: Studio) -> None:
    answer = owner.post("/collections/", data={"title": "Wedding", "privacy": "public"}, headers=JSON)
    assert answer.status_code == 201
    uuid = answer.json["uuid"]
    assert answer.json == {"uuid": uuid, "url": f"/collections/{uuid}"}
    assert "Wedding" in studio.client().get(answer.json["url"]).text


def test_collection_of_a_script_defaults_to_private_with_downloads(owner: FlaskClient, studio: Studio) -> None:
    uuid = owner.post("/collections/", data={"title": "Wedding"}, headers=JSON).json["uuid"]
    with studio.app.app_context():
        collection = db.session.query(Collection).filter_by(uuid=uuid).one()
        assert (collection.privacy, collection.downloads_allowed) == (Privacy.PRIVATE, True)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "T", "privacy": "secret"}, "privacy"),
        ({"title": "T", "privacy": "password"}, "password"),
        ({"title": "T", "expires_at": "soon"}, "expires_at"),
        ({"title": "T", "expires_at": "0001-01-01T00:00+14:00"}, "expires_at"),
    ],
)
def test_invalid_collection_is_refused_by_field(owner: FlaskClient, form: dict[str, str], field: str) -> None:
    answer = owner.post("/collections/", data=form, headers=JSON)
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == [field]
    page = owner.post("/collections/", data=form)
    assert page.status_code == 422
    assert answer.json["error"]["fields"][field] in page.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2031-05-01T18:00", "2031-05-01T18:00:00+00:00"),
        ("2031-05-01T18:00:00+02:00", "2031-05-01T16:00:00+00:00"),
        ("2031-05-01T18:00:00Z", "2031-05-01T18:00:00+00:00"),
        ("2031-05-01", "2031-05-01T23:59:59+00:00"),
        ("", None),
    ],
)
def test_expiry_is_understood_in_utc(owner: FlaskClient, studio: Studio, given: str, kept: str | None) -> None:
    uuid = owner.post("/collections/", data={"title": "T", "expires_at": given}, headers=JSON).json["uuid"]
    with studio.app.app_context():
        expires_at = db.session.query(Collection).filter_by(uuid=uuid).one().expires_at
        assert (expires_at.isoformat() if expires_at else None) == kept


def test_form_switches_downloads_off_and_on(owner: FlaskClient, studio: Studio) -> None:
    uuid = owner.post("/collections/", data={"title": "T"}, headers=JSON).json["uuid"]
    for sent, kept in (([""], False), (["y", ""], True)):
        owner.post(f"/collections/{uuid}/edit", data={"title": "T", "downloads_allowed": sent})
        with studio.app.app_context():
            assert db.session.query(Collection).filter_by(uuid=uuid).one().downloads_allowed is kept


def test_switch_that_is_off_in_a_rejected_form_can_be_switched_on(owner: FlaskClient) -> None:
    page = owner.post("/collections/", data={"title": "", "downloads_allowed": ""})
    assert '<input id="downloads_allowed" name="downloads_allowed" type="checkbox" value="y">' in page.text


def test_edit_without_a_new_password_keeps_the_old_one(owner: FlaskClient, studio: Studio) -> None:
    form = {"title": "T", "privacy": "password", "password": PASSWORD}
    uuid = owner.post("/collections/", data=form, headers=JSON).json["uuid"]
    owner.post(f"/collections/{uuid}/edit", data=form | {"title": "New", "password": ""})
    visitor = studio.client()
    assert visitor.post(f"/collections/{uuid}/password", data={"password": PASSWORD}).status_code == 302
    assert "New" in visitor.get(f"/collections/{uuid}").text


def test_list_shows_own_collections_with_cover_and_counts(owner: FlaskClient, studio: Studio) -> None:
    uuid = owner.post("/collections/", data={"title": "Mine"}, headers=JSON).json["uuid"]
    photo = studio.photo(uuid)
    studio.photo(uuid, "notes.txt", b"hello")
    studio.collection(studio.photographer("grace@example.com"), title="Somebody else's")
    page = owner.get("/collections/").text
    assert "Mine" in page
    assert f"/collections/files/{photo}/" in page
    assert "Somebody else" not in page


def test_page_has_the_data_of_the_lightbox(studio: Studio) -> None:
    uuid = studio.collection(studio.photographer())
    photo = studio.photo(uuid, 'a "b" <c>.jpg')
    page = studio.client().get(f"/collections/{uuid}").text
    assert 'name="csrf-token"' in page
    for piece in (
        'data-lightbox-index="0"',
        f'data-file-uuid="{photo}"',
        'data-file-name="a &#34;b&#34; &lt;c&gt;.jpg"',
        f'data-file-size="{len(jpeg())}"',
        f'data-preview-url="/collections/files/{photo}/preview',
        f'data-full-url="/collections/files/{photo}/original',
    ):
        assert piece in page


def test_password_collection_opens_with_its_password_only(studio: Studio) -> None:
    uuid = studio.collection(studio.photographer(), Privacy.PASSWORD)
    visitor = studio.client()
    door = f"/collections/{uuid}/password"
    assert visitor.get(f"/collections/{uuid}").headers["Location"] == door
    assert visitor.post(door, data={"password": "wrong"}).status_code == 401
    assert visitor.get(f"/collections/{uuid}").status_code == 302
    assert visitor.post(door, data={"password": PASSWORD}).headers["Location"] == f"/collections/{uuid}"
    assert visitor.get(f"/collections/{uuid}").status_code == 200
    with visitor.session_transaction() as session:
        assert session[f"collection_access_{uuid}"]


def test_expiry_that_a_script_does_not_mention_stays_and_an_emptied_one_goes(
    owner: FlaskClient, studio: Studio
) -> None:
    made = {"title": "T", "privacy": "public", "expires_at": "2099-01-31T18:00"}
    uuid = owner.post("/collections/", data=made, headers=JSON).json["uuid"]
    owner.post(f"/collections/{uuid}/edit", data={"title": "Another title"})
    assert "Available until" in studio.client().get(f"/collections/{uuid}").text
    owner.post(f"/collections/{uuid}/edit", data={"title": "T", "expires_at": ""})
    assert "Available until" not in studio.client().get(f"/collections/{uuid}").text


def test_changed_password_closes_collection_for_holders_of_the_old_one(owner: FlaskClient, studio: Studio) -> None:
    made = {"title": "T", "privacy": "password", "password": PASSWORD}
    uuid = owner.post("/collections/", data=made, headers=JSON).json["uuid"]
    photo, visitor, door = studio.photo(uuid), studio.client(), f"/collections/{uuid}/password"
    visitor.post(door, data={"password": PASSWORD})
    owner.post(f"/collections/{uuid}/edit", data={"title": "Another title"})
    assert visitor.get(f"/collections/files/{photo}/original").status_code == 200
    owner.post(f"/collections/{uuid}/edit", data={"title": "T", "password": "another one"})
    assert visitor.get(f"/collections/files/{photo}/original").headers["Location"] == door
    assert visitor.post(door, data={"password": PASSWORD}).status_code == 401
    visitor.post(door, data={"password": "another one"})
    assert visitor.get(f"/collections/files/{photo}/original").status_code == 200


@pytest.mark.parametrize("given", ["pass", "pass ", "\tpass\u00a0\n", "  pass"])
@pytest.mark.parametrize("chosen", ["pass", " pass "])
def test_whitespace_around_a_collections_password_does_not_count(
    owner: FlaskClient, studio: Studio, chosen: str, given: str
) -> None:
    form = {"title": "T", "privacy": "password", "password": chosen}
    uuid = owner.post("/collections/", data=form, headers=JSON).json["uuid"]
    visitor, door = studio.client(), f"/collections/{uuid}/password"
    assert visitor.post(door, data={"password": "pa ss"}).status_code == 401
    assert visitor.post(door, data={"password": given}).status_code == 302


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_are_the_same_password(
    owner: FlaskClient, studio: Studio, form: Literal["NFC", "NFD"], typed: Literal["NFC", "NFD"]
) -> None:
    made = {"title": "T", "privacy": "password", "password": unicodedata.normalize(form, "Zoë & Jürgen")}
    uuid = owner.post("/collections/", data=made, headers=JSON).json["uuid"]
    given = {"password": unicodedata.normalize(typed, "Zoë & Jürgen")}
    assert studio.client().post(f"/collections/{uuid}/password", data=given).status_code == 302


def test_password_that_was_hashed_with_its_spaces_still_opens(owner: FlaskClient, studio: Studio) -> None:
    form = {"title": "T", "privacy": "password", "password": PASSWORD}
    uuid = owner.post("/collections/", data=form, headers=JSON).json["uuid"]
    with studio.app.app_context():
        db.session.execute(db.update(Collection).values(password_hash=generate_password_hash(" old ")))
        db.session.commit()
    visitor, door = studio.client(), f"/collections/{uuid}/password"
    assert visitor.post(door, data={"password": "old"}).status_code == 401
    assert visitor.post(door, data={"password": " old "}).status_code == 302


def test_password_of_only_spaces_counts_as_empty(owner: FlaskClient) -> None:
    form = {"title": "T", "privacy": "password", "password": "   "}
    answer = owner.post("/collections/", data=form, headers=JSON)
    assert (answer.status_code, answer.json["error"]["fields"]) == (422, {"password": "Choose a password."})


def test_password_page_reveals_nothing_about_collections_without_password(studio: Studio) -> None:
    owner_id = studio.photographer()
    public, private = studio.collection(owner_id), studio.collection(owner_id, Privacy.PRIVATE)
    assert studio.client().get(f"/collections/{public}/password").status_code == 302
    assert studio.client().get(f"/collections/{private}/password").status_code == 404


@pytest.mark.parametrize("path", ["", "/status", "/password"])
def test_expired_collection_answers_410(studio: Studio, path: str) -> None:
    owner_id = studio.photographer()
    for privacy in (Privacy.PUBLIC, Privacy.PASSWORD):
        uuid = studio.collection(owner_id, privacy, expires_at=past())
        if path == "/password" and privacy == Privacy.PUBLIC:
            continue
        assert studio.client().get(f"/collections/{uuid}{path}").status_code == 410


def test_status_has_the_state_of_each_file(studio: Studio, queue: ManualQueue) -> None:
    uuid = studio.collection(studio.photographer())
    done = studio.photo(uuid, "done.jpg", jpeg(60))
    broken = studio.photo(uuid, "broken.jpg", jpeg(300)[:400])
    queue.paused = True
    waiting = studio.photo(uuid, "waiting.jpg", jpeg(61))
    answer = studio.client().get(f"/collections/{uuid}/status").json
    by_uuid = {file["uuid"]: file for file in answer["files"]}
    assert {key: by_uuid[key]["status"] for key in (done, broken, waiting)} == {
        done: "completed",
        broken: "failed",
        waiting: "pending",
    }
    assert by_uuid[broken]["reason"]
    assert answer["counts"] == {"total": 3, "ready": 1, "preparing": 1, "failed": 1}


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/collections/"), ("get", "/collections/new"), ("post", "/collections/")]
)
def test_pages_for_photographers_ask_visitors_to_sign_in(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(path, method=method).headers["Location"].startswith("/auth/sign-in")
    assert client.open(path, method=method, headers=JSON).status_code == 401


@pytest.mark.parametrize("path", ["/collections/none", "/collections/files/none/preview", "/nowhere"])
def test_unknown_addresses_answer_404_as_page_or_json(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.get(path, headers=JSON).json["error"]["code"] == "not_found"


def test_photos_are_in_the_order_they_were_taken(studio: Studio) -> None:
    uuid = studio.collection(studio.photographer())
    taken = {"c.jpg": "2026:05:01 09:00:00", "b.jpg": "2026:05:01 12:00:00", "a.jpg": None, "0.jpg": None}
    for number, (name, time) in enumerate(taken.items()):
        exif = Image.Exif()
        if time:
            exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = time
        studio.photo(uuid, name, jpeg(60 + number, exif=exif.tobytes()))
    files = studio.client().get(f"/collections/{uuid}/status").json["files"]
    assert [file["name"] for file in files] == ["c.jpg", "b.jpg", "0.jpg", "a.jpg"]


def test_storage_error_is_shown_to_the_owner_but_not_to_visitors(studio: Studio, owner: FlaskClient) -> None:
    uuid = owner.post("/collections/", data={"title": "T", "privacy": "public"}, headers=JSON).json["uuid"]
    photo = studio.photo(uuid)
    words = "The token may not read collections/secret-key."
    studio.change(photo, processing_status=ProcessingStatus.FAILED, error=words, error_code="storage_unavailable")
    for client, told in ((owner, True), (studio.client(), False)):
        page = client.get(f"/collections/{uuid}").text
        status = client.get(f"/collections/{uuid}/status").json["files"][0]["reason"]
        assert (words in page, words == status) == (told, told)
        assert status


def test_owner_of_an_expired_collection_reads_that_it_has_expired(owner: FlaskClient) -> None:
    form = {"title": "T", "privacy": "public", "expires_at": "2020-01-31T18:00"}
    uuid = owner.post("/collections/", data=form, headers=JSON).json["uuid"]
    page = owner.get(f"/collections/{uuid}").text
    assert ">31 January 2020</time>: clients can’t open it." in page
    assert "Available until" not in page
    assert "data-copy-link" not in page


@pytest.mark.parametrize(("expires_at", "warned"), [("2020-01-31", True), ("2999-01-31", False), ("", False)])
def test_expiry_in_the_past_is_shown_on_pages(owner: FlaskClient, expires_at: str, *, warned: bool) -> None:
    form = {"title": "T", "privacy": "public", "expires_at": expires_at}
    made = owner.post("/collections/", data=form, follow_redirects=True)
    changed = owner.post(f"{made.request.path}/edit", data=form, follow_redirects=True)
    assert [("expiry date is in the past" in answer.text) for answer in (made, changed)] == [warned] * 2


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"expires_at": "2020-01-31T18:00"}, 422),
        ({"expires_at": "2020-01-31T18:00", "closes_now": ["y", ""]}, 302),
        ({"expires_at": "2999-01-31T18:00"}, 302),
        ({"expires_at": ""}, 302),
    ],
)
def test_form_asks_before_an_end_in_the_past_closes_a_collection(
    owner: FlaskClient, form: dict[str, str], status: int
) -> None:
    answer = owner.post("/collections/", data={"title": "T", "privacy": "public", "closes_now": ""} | form)
    assert answer.status_code == status
    asked = status == 422
    box = '<input id="closes_now" name="closes_now" type="checkbox" value="y">'
    assert ("That is in the past" in answer.text, box in answer.text) == (asked, asked)


def test_form_of_an_expired_collection_does_not_ask_again(owner: FlaskClient) -> None:
    form = {"title": "T", "privacy": "public", "expires_at": "2020-01-31"}
    path = f"{owner.post('/collections/', data=form).location}/edit"
    assert "closes_now" in owner.get(path).text
    again = form | {"title": "Another title", "expires_at": "2020-01-31T23:59", "closes_now": ""}
    assert owner.post(path, data=again).status_code == 302
    assert owner.post(path, data=again | {"expires_at": "2021-01-31T23:59"}).status_code == 422


@pytest.mark.parametrize(("privacy", "copies"), [("public", True), ("private", False)])
def test_address_is_offered_for_copying_only_where_others_can_open_it(
    owner: FlaskClient, privacy: str, *, copies: bool
) -> None:
    uuid = owner.post("/collections/", data={"title": "T", "privacy": privacy}, headers=JSON).json["uuid"]
    page = owner.get(f"/collections/{uuid}").text
    assert ("data-copy-link" in page, "Only you can open this address" in page) == (copies, not copies)
