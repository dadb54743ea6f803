"""Deletion and the bin over HTTP: permissions, confirmation, and responses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import Privacy, Role, utc_now
from tests.support.app import ManualQueue
from tests.support.bin import Bin, objects
from tests.support.pictures import jpeg
from tests.support.studio import JSON, PASSWORD, Studio


@pytest.fixture
def collection(studio: Studio, owner: FlaskClient) -> str:
    """Her collection."""
    return studio.collection(1)


@pytest.fixture
def photo(studio: Studio, collection: str) -> str:
    """A photograph in it."""
    return studio.photo(collection, 'a "b" <c>.jpg')


def delete_addresses(collection: str, photo: str) -> dict[str, str]:
    return {"file": f"/collections/files/{photo}/delete", "collection": f"/collections/{collection}/delete"}


@pytest.mark.parametrize("kind", ["file", "collection"])
def test_json_answer_has_the_restore_deadline(owner: FlaskClient, collection: str, photo: str, kind: str) -> None:
    answer = owner.post(delete_addresses(collection, photo)[kind], headers=JSON)
    assert answer.status_code == 200
    assert answer.json["deleted"] == (photo if kind == "file" else collection)
    until = datetime.fromisoformat(answer.json["recoverable_until"])
    assert timedelta(days=29) < until - utc_now() < timedelta(days=30)
    assert owner.post(delete_addresses(collection, photo)[kind], headers=JSON).status_code == 404


def test_answer_offers_no_restore_without_bin_days(
    app: Proofsheet, owner: FlaskClient, queue: ManualQueue, photo: str
) -> None:
    app.config["TRASH_DAYS"] = 0
    queue.paused = True
    address = f"/collections/files/{photo}/delete"
    assert "can’t be undone" in owner.get(address).text
    assert owner.post(address, headers=JSON).json == {"deleted": photo, "recoverable_until": None}
    assert objects(app)
    assert "Deleting permanently…" in owner.get("/collections/bin").text
    queue.paused = False
    queue.wait([], 1)
    assert not objects(app)


@pytest.mark.parametrize("kind", ["file", "collection"])
def test_page_asks_before_it_deletes(owner: FlaskClient, collection: str, photo: str, kind: str) -> None:
    address = delete_addresses(collection, photo)[kind]
    page = owner.get(address).text
    assert ("a &#34;b&#34; &lt;c&gt;.jpg" if kind == "file" else "Wedding") in page
    assert 'name="csrf_token"' in page
    assert owner.get(f"/collections/{collection}").status_code == 200
    answer = owner.post(address)
    assert answer.headers["Location"] == (f"/collections/{collection}" if kind == "file" else "/collections/")
    assert "is in the bin until" in owner.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("who", "status"),
    [("nobody", 401), ("grace@example.com", 403), ("root@example.com", 200), ("ada@example.com", 200)],
)
@pytest.mark.parametrize("kind", ["file", "collection"])
def test_only_the_owner_and_administrators_delete(
    studio: Studio, collection: str, photo: str, who: str, status: int, kind: str
) -> None:
    studio.photographer("grace@example.com")
    studio.photographer("root@example.com", role=Role.ADMIN)
    client = studio.client(None if who == "nobody" else who)
    for method in (client.get, client.post):
        assert method(delete_addresses(collection, photo)[kind], headers=JSON).status_code == status


def test_nothing_is_deleted_without_the_csrf_token(
    app: Proofsheet, owner: FlaskClient, collection: str, photo: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    for address in (*delete_addresses(collection, photo).values(), f"/collections/bin/files/{photo}/purge"):
        assert owner.post(address, headers=JSON).json["error"]["code"] == "csrf"
    assert owner.get(f"/collections/{collection}/status").json["counts"]["total"] == 1


PATHS = ("thumbnail", "preview", "original", "variants/large", "tile", "delete")


@pytest.mark.parametrize("who", [None, "ada@example.com", "root@example.com"])
@pytest.mark.parametrize("kind", ["file", "collection"])
def test_deleted_items_are_not_found_for_any_visitor(
    studio: Studio, owner: FlaskClient, collection: str, photo: str, who: str | None, kind: str
) -> None:
    studio.photographer("root@example.com", role=Role.ADMIN)
    owner.post(delete_addresses(collection, photo)[kind])
    client = studio.client(who)
    for path in PATHS:
        assert client.get(f"/collections/files/{photo}/{path}").status_code == 404
    assert client.post(f"/collections/files/{photo}/retry").status_code == 404
    if kind == "collection":
        for path in ("", "/status", "/edit", "/password", "/delete"):
            assert client.get(f"/collections/{collection}{path}").status_code == 404
        assert client.post(f"/collections/{collection}/upload").status_code == 404


def test_password_collection_in_the_bin_does_not_open(studio: Studio, owner: FlaskClient) -> None:
    uuid = studio.collection(1, Privacy.PASSWORD)
    visitor = studio.client()
    visitor.post(f"/collections/{uuid}/password", data={"password": PASSWORD})
    assert visitor.get(f"/collections/{uuid}").status_code == 200
    owner.post(f"/collections/{uuid}/delete")
    assert visitor.get(f"/collections/{uuid}").status_code == 404
    assert visitor.post(f"/collections/{uuid}/password", data={"password": PASSWORD}).status_code == 404


def test_bin_lists_restores_and_removes(
    app: Proofsheet, studio: Studio, owner: FlaskClient, collection: str, photo: str
) -> None:
    other = studio.collection(1, title="Portraits")
    studio.photo(other, "other.jpg", jpeg(70))
    owner.post(f"/collections/files/{photo}/delete")
    owner.post(f"/collections/{other}/delete")
    page = owner.get("/collections/bin").text
    for piece in ("a &#34;b&#34; &lt;c&gt;.jpg", "Portraits", "by Ada", "Restore", "Delete permanently"):
        assert piece in page
    listed = owner.get("/collections/bin", headers=JSON).json
    assert [(item["uuid"], item["file_count"]) for item in listed["collections"]] == [(other, 1)]
    assert [item["uuid"] for item in listed["files"]] == [photo]
    assert owner.post(f"/collections/bin/files/{photo}/restore").headers["Location"] == f"/collections/{collection}"
    assert studio.client().get(f"/collections/files/{photo}/preview").status_code == 200
    assert "can’t be undone" in owner.get(f"/collections/bin/collections/{other}/purge").text
    assert owner.post(f"/collections/bin/collections/{other}/purge", headers=JSON).status_code == 202
    assert owner.post(f"/collections/bin/collections/{other}/restore", headers=JSON).status_code == 409
    Bin(app).purge()
    assert "The bin is empty" in owner.get("/collections/bin").text


def test_bin_explains_why_a_file_cannot_be_restored(
    studio: Studio, owner: FlaskClient, collection: str, photo: str
) -> None:
    owner.post(f"/collections/files/{photo}/delete")
    studio.photo(collection, "twin.jpg")
    answer = owner.post(f"/collections/bin/files/{photo}/restore", headers=JSON)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "twin_exists")
    owner.post(f"/collections/bin/files/{photo}/restore")
    assert "twin.jpg" in owner.get("/collections/bin").text


def test_bin_of_another_account_reveals_nothing(
    studio: Studio, owner: FlaskClient, collection: str, photo: str
) -> None:
    studio.photographer("grace@example.com")
    owner.post(f"/collections/files/{photo}/delete")
    grace, nobody = studio.client("grace@example.com"), studio.client()
    assert "The bin is empty" in grace.get("/collections/bin").text
    assert nobody.get("/collections/bin", headers=JSON).status_code == 401
    for client, status in ((grace, 404), (nobody, 401)):
        for way in ("restore", "purge"):
            assert client.post(f"/collections/bin/files/{photo}/{way}", headers=JSON).status_code == status


def test_links_to_delete_are_shown_only_to_the_owner(
    studio: Studio, owner: FlaskClient, collection: str, photo: str
) -> None:
    link = f"/collections/files/{photo}/delete"
    assert link in owner.get(f"/collections/{collection}").text
    assert link in owner.get(f"/collections/files/{photo}/tile").text
    for path in (f"/collections/{collection}", f"/collections/files/{photo}/tile"):
        assert link not in studio.client().get(path).text
    assert f"/collections/{collection}/delete" in owner.get(f"/collections/{collection}/edit").text
    assert "/collections/bin" in owner.get("/collections/").text


@pytest.mark.parametrize("days", [0, 30])
def test_visitor_waiting_for_a_picture_gets_404_once_it_is_deleted(
    app: Proofsheet,
    studio: Studio,
    queue: ManualQueue,
    photo: str,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
) -> None:
    app.config["TRASH_DAYS"] = days
    bin = Bin(app)
    wait = ManualQueue.wait

    def deleted_meanwhile(self: ManualQueue, *arguments: Any, **more: Any) -> None:
        wait(self, *arguments, **more)
        if days:
            bin.delete_file(photo)
        else:
            bin.delete_file(photo)
            bin.purge()

    monkeypatch.setattr(ManualQueue, "wait", deleted_meanwhile)
    assert studio.client().get(f"/collections/files/{photo}/variants/large").status_code == 404
