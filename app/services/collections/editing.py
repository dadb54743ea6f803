"""Create and change collections, and check their passwords."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from werkzeug.security import check_password_hash, generate_password_hash

from app.errors import Invalid, NotFound
from app.models import Collection, Privacy, SortOrder
from app.services.collections.arranging import keep_present_order
from app.services.lookup import require_live
from app.services.transactions import transaction
from app.services.variants.private_originals import Preparation


@dataclass(frozen=True)
class CollectionDetails:
    """The settings of a collection; an empty password keeps the present one."""

    title: str
    description: str = ""
    privacy: Privacy = Privacy.PRIVATE
    password: str = ""
    expires_at: datetime | None = None
    downloads_allowed: bool = True
    hides_location: bool = False
    event_date: date | None = None
    sort_order: SortOrder = SortOrder.TAKEN


def create(owner_id: int, details: CollectionDetails) -> str:
    """Create a collection and return its uuid; raises Invalid for password privacy without a password."""
    collection = Collection(owner_id=owner_id)
    _apply(collection, details)
    with transaction() as session:
        session.add(collection)
        session.flush()
        return collection.uuid


def update(collection_id: int, details: CollectionDetails) -> None:
    """Replace the settings of a collection; raises NotFound, or Invalid for password privacy without a password."""
    change(collection_id, vars(details))


def change(collection_id: int, changes: Mapping[str, Any]) -> None:
    """Change some settings, named as in CollectionDetails; raises the errors of `update`."""
    with transaction() as session:
        collection = session.get(Collection, collection_id, with_for_update=True)
        if collection is None or collection.is_deleted:
            raise NotFound
        details = replace(_present(collection), **changes)
        if details.sort_order == SortOrder.MANUAL != collection.sort_order:
            keep_present_order(session, collection_id)
        _apply(collection, details)
    Preparation().start(collection_id)


def _present(collection: Collection) -> CollectionDetails:
    """The present settings, with an empty password, which keeps the stored one."""
    names = [each.name for each in fields(CollectionDetails) if each.name != "password"]
    return CollectionDetails(**{name: getattr(collection, name) for name in names})


def _apply(collection: Collection, details: CollectionDetails) -> None:
    if password := normal_password(details.password):
        collection.password_hash = generate_password_hash(password)
    if details.privacy == Privacy.PASSWORD and not collection.password_hash:
        raise Invalid("A password collection needs a password.", {"password": "Choose a password."})
    collection.title, collection.description = details.title, details.description
    collection.privacy, collection.expires_at = details.privacy, details.expires_at
    collection.downloads_allowed, collection.hides_location = details.downloads_allowed, details.hides_location
    collection.event_date, collection.sort_order = details.event_date, details.sort_order


def use_as_cover(collection_id: int, file_uuid: str) -> None:
    """Set the cover of a collection; raises NotFound if the collection is deleted."""
    with transaction() as session:
        require_live(session, collection_id)
        session.get_one(Collection, collection_id).cover_uuid = file_uuid


def password_is_right(collection: Collection, password: str) -> bool:
    """Return whether the password opens the collection.

    Hashes from before `normal_password` are of the password as typed, so that form is compared too if it differs.
    """
    hashed = collection.password_hash
    if not hashed:
        return False
    candidates = dict.fromkeys((normal_password(password), password))
    return any(check_password_hash(hashed, each) for each in candidates)


def normal_password(password: str) -> str:
    """Return a collection's password as hashed and compared: Unicode NFC, stripped."""
    return unicodedata.normalize("NFC", password).strip()
