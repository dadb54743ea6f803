"""A served file and everything that decides about it, read by one statement: gate, grant, account and variant.

The ORM needed three to five statements for the same, which was more than half of the cost of a thumbnail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select

from app.columns import UtcDateTime
from app.models import Collection, File, Grant, Privacy, Role, ShareLink, User, Variant, utc_now
from app.services.access import grants
from app.services.access.grants import StoredGrant
from app.services.lookup import is_live
from app.services.transactions import reading_once
from app.services.variants.integrity import VariantLocation


@dataclass(frozen=True)
class GatedCollection:
    """A copy of the columns of a collection that decide about access; `owner` is not read."""

    uuid: str
    title: str
    owner_id: int | None
    privacy: Privacy
    password_hash: str | None
    expires_at: datetime | None
    downloads_allowed: bool
    hides_location: bool
    owner: User | None = None

    @property
    def is_expired(self) -> bool:
        """Whether the expiry time has passed."""
        return self.expires_at is not None and self.expires_at <= utc_now()


@dataclass(frozen=True)
class Account:
    """The account that a session names."""

    id: int
    is_admin: bool
    session_version: int


@dataclass(frozen=True)
class Picture:
    """A live file with one of its variants; `variant` is None if it is not recorded.

    `account` is None if it does not exist; `grant` is what is stored for the browser.
    """

    uuid: str
    mime_type: str
    original_filename: str
    sha256: str | None
    storage_backend: str
    storage_path: str
    collection: GatedCollection
    key: str
    variant: VariantLocation | None
    account: Account | None
    grant: StoredGrant | None

    @property
    def is_deleted(self) -> bool:
        """False: the statement finds live files only."""
        return False


_FILE = (File.uuid, File.mime_type, File.original_filename, File.sha256, File.storage_backend, File.storage_path)
_NAMES = [column.key for column in _FILE]
_COLLECTION = (
    Collection.uuid, Collection.title, Collection.owner_id, Collection.privacy, Collection.password_hash,
    Collection.expires_at, Collection.downloads_allowed, Collection.hides_location,
)  # fmt: skip
_VARIANT = (Variant.path, Variant.size, Variant.sha256)
_ACCOUNT = (User.id, User.role, User.session_version)
_GRANT = (Grant.id, *grants.COLUMNS)
_PARTS = (_FILE, _COLLECTION, _VARIANT, _ACCOUNT, _GRANT)
_ENDS = [sum(map(len, _PARTS[: count + 1])) for count in range(len(_PARTS))]
_SLICES = [slice(end - len(part), end) for end, part in zip(_ENDS, _PARTS, strict=True)]

# Built once: building it took as long as executing it.
_STATEMENT = (
    select(*(column for part in _PARTS for column in part))
    .join_from(File, Collection, Collection.id == File.collection_id)
    .outerjoin(Variant, and_(Variant.file_id == File.id, Variant.name == bindparam("key")))
    .outerjoin(User, User.id == bindparam("account"))
    .outerjoin(Grant, and_(Grant.collection_id == Collection.id, Grant.visitor == bindparam("browser")))
    .outerjoin(ShareLink, grants.is_valid_link(bindparam("now", type_=UtcDateTime)))
    .where(File.uuid == bindparam("uuid"), File.upload_complete, is_live(File))
)


def find(uuid: str, key: str, *, account: int | None, browser: str) -> Picture | None:
    """Return the live file with this uuid, with its variant `key`; None if it does not exist. Raises DatabaseBusy.

    `account` and `browser` are the ids in the visitor's session. The caller must call `authorize`.
    """
    values = {"uuid": uuid, "key": key, "account": account, "browser": browser, "now": utc_now()}
    with reading_once() as connection:
        row = connection.execute(_STATEMENT, values).one_or_none()
    return None if row is None else _picture(tuple(row), key)


def _picture(row: Sequence[Any], key: str) -> Picture:
    file, collection, variant, account, grant = (row[each] for each in _SLICES)
    return Picture(
        **dict(zip(_NAMES, file, strict=True)),
        collection=GatedCollection(*collection),
        key=key,
        variant=VariantLocation(*variant) if variant[0] is not None else None,
        account=Account(account[0], account[1] == Role.ADMIN, account[2]) if account[0] is not None else None,
        grant=StoredGrant(*grant[1:]) if grant[0] is not None else None,
    )
