"""One statement that reads a served file, its variant, and what decides about access to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import Proofsheet, models
from app.models import Collection, Privacy, Role, ShareLink, User, db, new_uuid, utc_now
from app.services.access import grants
from app.services.access.grants import StoredGrant
from app.services.delivery import pictures
from app.services.delivery.pictures import Account, Picture
from app.services.trash.deletion import DeletionService
from app.services.variants.integrity import VariantLocation
from tests.support.app import ManualQueue
from tests.support.studio import Studio

BROWSER = "browser"


@pytest.fixture
def photo(studio: Studio, queue: ManualQueue) -> str:
    """The uuid of a photo of account 1 whose variants exist."""
    uuid = studio.photo(studio.collection(studio.photographer(), Privacy.PASSWORD), "photo.jpg")
    queue.run_due()
    return uuid


@pytest.fixture
def find(app: Proofsheet, photo: str) -> Callable[..., Picture | None]:
    """Find the photo with its thumbnail as account 1 and BROWSER."""

    def found(uuid: str = photo, key: str = "thumb", account: int | None = 1, browser: str = BROWSER) -> Picture | None:
        with app.app_context():
            return pictures.find(uuid, key, account=account, browser=browser)

    return found


def link(collection_id: int, **columns: Any) -> int:
    """Insert a share link and return its id."""
    row = ShareLink(collection_id=collection_id, secret_sha256=new_uuid(), **columns)
    db.session.add(row)
    db.session.commit()
    return row.id


def test_values_are_those_of_the_rows(app: Proofsheet, studio: Studio, photo: str, find: Any) -> None:
    file, picture = studio.file(photo), find()
    with app.app_context():
        collection = db.session.get_one(Collection, 1)
        for name in ("uuid", "mime_type", "original_filename", "sha256", "storage_backend", "storage_path"):
            assert getattr(picture, name) == getattr(file, name)
        for name in ("uuid", "title", "owner_id", "privacy", "password_hash", "expires_at", "downloads_allowed"):
            assert getattr(picture.collection, name) == getattr(collection, name)
        row = db.session.query(models.Variant).filter_by(name="thumb").one()
        assert picture.variant == VariantLocation(row.path, row.size, row.sha256)
    assert (picture.key, picture.is_deleted, picture.collection.hides_location) == ("thumb", False, False)


@pytest.mark.parametrize("role", list(Role))
def test_account_is_the_one_of_the_session(app: Proofsheet, find: Any, role: Role) -> None:
    with app.app_context():
        db.session.execute(update(User).values(role=role, session_version=3))
        db.session.commit()
    assert find().account == Account(1, role == Role.ADMIN, 3)
    assert find(account=2).account is find(account=None).account is None


def test_variant_that_is_not_recorded_is_none(find: Any) -> None:
    assert find(key="large").variant is None


@pytest.mark.parametrize("change", ["deleted", "incomplete", "unknown"])
def test_file_that_is_not_live_is_not_found(
    app: Proofsheet, studio: Studio, photo: str, find: Any, change: str
) -> None:
    if change == "deleted":
        with app.app_context():
            DeletionService().delete_file(studio.file(photo).id, 1)
    elif change == "incomplete":
        studio.change(photo, upload_complete=False)
    assert find("0" * 36 if change == "unknown" else photo) is None


@pytest.mark.parametrize(
    ("columns", "valid"),
    [
        ({}, True),
        ({"expires_at": utc_now() + timedelta(days=1)}, True),
        ({"expires_at": utc_now() - timedelta(seconds=1)}, False),
        ({"revoked_at": utc_now()}, False),
    ],
)
def test_grant_names_the_share_link_while_it_is_valid(
    app: Proofsheet, find: Any, columns: dict[str, Any], *, valid: bool
) -> None:
    with app.app_context():
        link_id = link(1, downloads_allowed=True, **columns)
        grants.store_seal(BROWSER, 1, "seal")
        grants.store_link(BROWSER, 1, link_id)
    expected = (link_id, True, columns.get("expires_at")) if valid else (None, None, None)
    assert find().grant == StoredGrant("seal", *expected)
    assert find(browser="another").grant is None


def test_grant_of_another_collection_is_not_used(app: Proofsheet, studio: Studio, find: Any) -> None:
    studio.collection(1)
    with app.app_context():
        grants.store_seal(BROWSER, 2, "seal")
    assert find().grant is None


@pytest.mark.parametrize(("seconds", "expired"), [(-1, True), (60, False), (None, False)])
def test_collection_is_expired_after_its_time(
    app: Proofsheet, find: Any, seconds: int | None, *, expired: bool
) -> None:
    with app.app_context():
        ends_at = None if seconds is None else utc_now() + timedelta(seconds=seconds)
        db.session.execute(update(Collection).values(expires_at=ends_at))
        db.session.commit()
    assert find().collection.is_expired is expired
