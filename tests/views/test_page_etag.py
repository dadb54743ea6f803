"""The ETag of the collection page: whatever the page shows changes it, and an unchanged page is not rendered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import template_rendered
from flask.testing import FlaskClient

from app.models import Collection, Privacy, ProcessingStatus, SortOrder, Variant, db, utc_now
from app.services import lookup
from app.services.accounts import accounts
from app.services.collections import arranging, editing
from app.services.trash.deletion import DeletionService
from app.services.variants.private_originals import WITHHELD
from app.views.collections import page_etag
from tests.support.app import ManualQueue
from tests.support.gallery import counting
from tests.support.pictures import jpeg
from tests.support.studio import EMAIL, JSON, PASSWORD, Studio, past

LATER = datetime(2090, 1, 1, tzinfo=UTC)


class Scene:
    """A collection with a ready photo, one that is being prepared, a failed one and a document."""

    def __init__(self, studio: Studio, queue: ManualQueue) -> None:
        self.studio, self.owner_id = studio, studio.photographer()
        self.uuid = studio.collection(self.owner_id)
        self.ready, self.failed = studio.photo(self.uuid, "1.jpg"), studio.photo(self.uuid, "2.jpg", jpeg(70, 40))
        queue.paused = True
        self.waiting = studio.photo(self.uuid, "3.jpg", jpeg(80, 40))
        self.document = studio.photo(self.uuid, "contract.pdf", b"%PDF-1.7\n")
        studio.change(self.failed, processing_status="failed", error="It is damaged.", error_code="corrupt")

    def set(self, **changes: Any) -> None:
        """Change settings of the collection."""
        with self.studio.app.app_context():
            editing.change(lookup.by_uuid(self.uuid).id, changes)

    def use_as_cover(self) -> None:
        with self.studio.app.app_context():
            editing.use_as_cover(lookup.by_uuid(self.uuid).id, self.ready)

    def delete(self, uuid: str) -> None:
        with self.studio.app.app_context():
            DeletionService().delete_file(lookup.file_by_uuid(uuid).id, None)

    def move_to_the_end(self, uuid: str) -> None:
        with self.studio.app.app_context():
            arranging.move(lookup.by_uuid(self.uuid).id, [uuid], None)

    def add_variant(self) -> None:
        with self.studio.app.app_context():
            row = {"name": "large", "format": "jpeg", "path": "large", "width": 2048, "height": 1365, "size": 1}
            db.session.add(Variant(file_id=lookup.file_by_uuid(self.ready).id, **row))
            db.session.commit()

    def profile(self, **changes: Any) -> None:
        with self.studio.app.app_context():
            accounts.update_profile(self.owner_id, **{"name": "Ada", "accent": None} | changes)


@pytest.fixture
def scene(studio: Studio, queue: ManualQueue) -> Scene:
    """The collection of each test."""
    return Scene(studio, queue)


@pytest.fixture
def owner(studio: Studio, scene: Scene) -> FlaskClient:
    """The photographer's browser."""
    return studio.client(EMAIL)


def asked(client: FlaskClient, scene: Scene, known: str = "", query: str = "", **headers: str) -> Any:
    sent = headers | ({"If-None-Match": known} if known else {})
    return client.get(f"/collections/{scene.uuid}{query}", headers=sent)


def tag_of(client: FlaskClient, scene: Scene, query: str = "") -> str:
    return str(asked(client, scene, query=query).headers["ETag"])


# Changes that both visitors and the photographer see.
SHOWN: dict[str, Callable[[Scene], object]] = {
    "title": lambda scene: scene.set(title="Another"),
    "description": lambda scene: scene.set(description="At the lake"),
    "event date": lambda scene: scene.set(event_date=date(2026, 5, 4)),
    "expiry": lambda scene: scene.set(expires_at=LATER),
    "hidden location": lambda scene: scene.set(hides_location=True),
    "order": lambda scene: scene.set(sort_order=SortOrder.NAME),
    "cover": lambda scene: scene.use_as_cover(),
    "new photo": lambda scene: scene.studio.photo(scene.uuid, "4.jpg", jpeg(90, 40)),
    "new document": lambda scene: scene.studio.photo(scene.uuid, "notes.pdf", b"%PDF-1.8\n"),
    "deleted photo": lambda scene: scene.delete(scene.ready),
    "deleted document": lambda scene: scene.delete(scene.document),
    "moved photo": lambda scene: scene.move_to_the_end(scene.ready),
    "finished photo": lambda scene: scene.studio.change(scene.waiting, processing_status="completed"),
    "failed photo": lambda scene: scene.studio.change(scene.waiting, processing_status="failed"),
    "retried photo": lambda scene: scene.studio.change(scene.waiting, processing_status="retrying"),
    "reason": lambda scene: scene.studio.change(scene.failed, error="It is empty."),
    "renamed photo": lambda scene: scene.studio.change(scene.ready, original_filename="0.jpg"),
    "new variants": lambda scene: scene.studio.change(scene.ready, completed_at=LATER),
    "further variant": lambda scene: scene.add_variant(),
    "likeness": lambda scene: scene.studio.change(scene.ready, thumbhash="AAAA"),
    "shape": lambda scene: scene.studio.change(scene.ready, width=999),
    "day": lambda scene: scene.studio.change(scene.ready, order_time=LATER),
    "owner's name": lambda scene: scene.profile(name="Grace"),
    "owner's colour": lambda scene: scene.profile(accent="#1a6b5c"),
}
# Changes that only the photographer sees, or after which visitors get no page.
SHOWN_TO_OWNER: dict[str, Callable[[Scene], object]] = {
    "privacy": lambda scene: scene.set(privacy=Privacy.PRIVATE),
    "password": lambda scene: scene.set(privacy=Privacy.PASSWORD, password="a first password"),
    "end": lambda scene: scene.set(expires_at=past()),
    "damage": lambda scene: scene.studio.change(scene.ready, metadata_json={"missing_percent": 20}),
    "side of the damage": lambda scene: scene.studio.change(
        scene.ready, metadata_json={"missing_percent": 20, "missing_side": "left"}
    ),
    "code of the reason": lambda scene: scene.studio.change(scene.failed, error_code="storage"),
}


@pytest.mark.parametrize("change", [*SHOWN.values(), *SHOWN_TO_OWNER.values()], ids=[*SHOWN, *SHOWN_TO_OWNER])
def test_whatever_the_photographer_sees_changes_the_etag(
    scene: Scene, owner: FlaskClient, change: Callable[[Scene], object]
) -> None:
    has_changed(scene, owner, change)


@pytest.mark.parametrize("change", SHOWN.values(), ids=SHOWN)
def test_whatever_a_visitor_sees_changes_the_etag(
    scene: Scene, client: FlaskClient, change: Callable[[Scene], object]
) -> None:
    has_changed(scene, client, change)


def has_changed(scene: Scene, client: FlaskClient, change: Callable[[Scene], object]) -> None:
    known = tag_of(client, scene)
    assert asked(client, scene, known).status_code == 304
    change(scene)
    answer = asked(client, scene, known)
    assert (answer.status_code, answer.headers["ETag"] != known) == (200, True)
    assert asked(client, scene, answer.headers["ETag"]).status_code == 304


def test_another_password_changes_the_etag(scene: Scene, owner: FlaskClient) -> None:
    scene.set(privacy=Privacy.PASSWORD, password=PASSWORD)
    has_changed(scene, owner, lambda _: scene.set(password="another password"))


def test_withheld_original_changes_the_etag(scene: Scene, owner: FlaskClient, client: FlaskClient) -> None:
    scene.set(hides_location=True)
    for browser in (owner, client):
        scene.studio.change(scene.ready, metadata_json={})
        has_changed(scene, browser, lambda _: scene.studio.change(scene.ready, metadata_json={WITHHELD: "It is odd."}))


def test_end_of_downloads_changes_the_etag_for_visitors(scene: Scene, client: FlaskClient) -> None:
    has_changed(scene, client, lambda _: scene.set(downloads_allowed=False))


def test_passing_of_the_expiry_changes_the_etag(
    scene: Scene, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.set(expires_at=utc_now() + timedelta(hours=1))
    later = utc_now() + timedelta(hours=2)
    has_changed(scene, owner, lambda _: monkeypatch.setattr("app.models.utc_now", lambda: later))


@pytest.mark.parametrize(("name", "value"), [("TRASH_DAYS", 11), ("MAX_UPLOAD_MB", 11)])
def test_settings_on_the_page_change_the_etag(scene: Scene, owner: FlaskClient, name: str, value: int) -> None:
    has_changed(scene, owner, lambda _: scene.studio.app.config.update({name: value}))


def test_another_release_changes_the_etag(scene: Scene, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    has_changed(scene, client, lambda _: monkeypatch.setattr(page_etag, "_program", lambda: "another"))


def test_unchanged_page_is_not_rendered(scene: Scene, client: FlaskClient, owner: FlaskClient) -> None:
    app, rendered = scene.studio.app, []
    # The collection, counts, photos, other files and owner; for the owner also the account and the failed photos.
    for browser, most in ((client, 5), (owner, 7)):
        known = tag_of(browser, scene)
        with counting(app) as statements, template_rendered.connected_to(lambda *_, **__: rendered.append(1), app):
            answer = asked(browser, scene, known)
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", known)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert not rendered
        assert len(statements) <= most, statements.sent


def test_number_of_statements_does_not_depend_on_the_number_of_photos(scene: Scene, client: FlaskClient) -> None:
    numbers = []
    for _ in range(2):
        known = tag_of(client, scene)
        with counting(scene.studio.app) as statements:
            asked(client, scene, known)
        numbers.append(len(statements))
        for n in range(5):
            scene.studio.photo(scene.uuid, f"more {n}.jpg", jpeg(100 + n, 50))
    assert numbers[0] == numbers[1] == 5


def test_sessions_and_queries_have_their_own_pages(scene: Scene, client: FlaskClient, owner: FlaskClient) -> None:
    browsers = client, owner, scene.studio.client(), scene.studio.client(EMAIL)
    tags = [tag_of(browser, scene) for browser in browsers]
    tags += [tag_of(client, scene, query) for query in ("?sort=name", "?sort=uploaded")]
    assert len(set(tags)) == len(tags)
    assert asked(client, scene, tags[0], "?sort=name").status_code == 200
    client.post("/auth/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=JSON)
    assert asked(client, scene, tags[0]).status_code == 200


def test_csrf_token_of_a_stored_page_stays_valid(scene: Scene, owner: FlaskClient) -> None:
    page = asked(owner, scene)
    token = page.text.split('name="csrf-token" content="')[1].split('"')[0]
    assert asked(owner, scene, page.headers["ETag"]).status_code == 304
    scene.studio.app.config["WTF_CSRF_ENABLED"] = True
    retry = f"/collections/files/{scene.failed}/retry"
    assert owner.post(retry, headers=JSON).status_code == 400
    assert owner.post(retry, headers=JSON | {"X-CSRFToken": token}).status_code == 202


def test_page_with_a_message_is_shown_once(scene: Scene, owner: FlaskClient) -> None:
    known = tag_of(owner, scene)
    assert owner.post(f"/collections/files/{scene.ready}/cover").status_code == 302
    scene.studio.app.config["WTF_CSRF_ENABLED"] = False
    with scene.studio.app.app_context():
        db.session.query(Collection).update(
            {"cover_uuid": None}
        )  # but for the message, the page is the known one again
        db.session.commit()
    answer = asked(owner, scene, known)
    assert (answer.status_code, "Cover changed." in answer.text, "ETag" in answer.headers) == (200, True, False)
    assert asked(owner, scene, known).status_code == 304


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_compressed_page_is_known_by_its_own_etag(scene: Scene, client: FlaskClient, coding: str) -> None:
    plain = tag_of(client, scene)
    accepted = {"Accept-Encoding": coding}
    page = asked(client, scene, **accepted)
    known = page.headers["ETag"]
    assert (page.headers["Content-Encoding"], known) == (coding, plain[:-1] + f':{coding}"')
    for sent in (known, f"W/{known}", f'"another", {known}'):
        answer = asked(client, scene, sent, **accepted)
        assert (answer.status_code, answer.headers["ETag"], answer.data) == (304, known, b"")
        assert {"Cookie", "Accept-Encoding"} <= {*answer.headers["Vary"].split(", ")}
    assert asked(client, scene, '"another"', **accepted).status_code == 200


def test_head_of_an_open_page_has_an_etag_too(scene: Scene, client: FlaskClient) -> None:
    client.get(f"/collections/{scene.uuid}")
    known = tag_of(client, scene, "/head")
    assert asked(client, scene, known, "/head").status_code == 304
    scene.studio.change(scene.waiting, processing_status=ProcessingStatus.FAILED)
    assert asked(client, scene, known, "/head").status_code == 200
