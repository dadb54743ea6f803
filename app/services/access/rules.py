"""Access rules: whether a visitor may perform an action on a collection or a file. No other module decides this."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from app.errors import (
    CollectionExpired,
    Contact,
    Forbidden,
    NotFound,
    PasswordRequired,
    ScopeMissing,
    SignInRequired,
)
from app.models import File, Privacy, Scope, User


class Action(enum.StrEnum):
    """An action that requires permission."""

    BROWSE = "browse"  # view the page, thumbnails and previews
    DOWNLOAD = "download"  # download originals
    UPLOAD = "upload"  # add files
    MANAGE = "manage"  # edit, retry, delete, share


SCOPES = {
    Action.BROWSE: Scope.READ,
    Action.DOWNLOAD: Scope.READ,
    Action.UPLOAD: Scope.UPLOAD,
    Action.MANAGE: Scope.MANAGE,
}


@dataclass(frozen=True)
class Link:
    """The rights of a valid share link."""

    downloads_allowed: bool
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Grant:
    """A browser's access to one collection: `opened` if it entered the current password, and any share link."""

    opened: bool = False
    link: Link | None = None


NO_GRANT = Grant()


@dataclass(frozen=True)
class Visitor:
    """An account, a program or an anonymous browser.

    `grants` and `seals` are keyed by collection uuid. A collection without an entry in `grants` counts as not opened;
    `grants.with_grant` adds the entry. `seals` come from the session; external code may set True instead of a
    seal to open a collection regardless of its password. A program has the `scope` of its API token, and access only
    to collections of its account.
    """

    user_id: int | None = None
    is_admin: bool = False
    browser: str = ""  # the random id under which grants are stored, or ""
    seals: Mapping[str, str | bool] = field(default_factory=dict)
    grants: Mapping[str, Grant] = field(default_factory=dict)
    session: str = ""  # the session key for `accounts.of_session`; a password change invalidates it
    scope: Scope | None = None


class Gated(Protocol):
    """The values of a collection that decide about access: a row, or a copy of its columns."""

    @property
    def uuid(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def owner(self) -> User | None: ...
    @property
    def privacy(self) -> Privacy: ...
    @property
    def password_hash(self) -> str | None: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def is_expired(self) -> bool: ...
    @property
    def downloads_allowed(self) -> bool: ...
    @property
    def hides_location(self) -> bool: ...


Subject = Gated | File


def authorize(visitor: Visitor, subject: Subject, action: Action) -> None:
    """Raise NotFound, CollectionExpired, PasswordRequired, SignInRequired, Forbidden or ScopeMissing if not allowed."""
    collection = subject.collection if isinstance(subject, File) else subject
    if manages(visitor, collection):
        require_scope(visitor, SCOPES[action])
        return
    if visitor.scope is not None:
        raise NotFound
    is_open, link = _is_open(visitor, collection), _grant(visitor, collection).link
    if not is_open and link is None and collection.privacy == Privacy.PRIVATE:
        raise NotFound
    _require_unexpired(collection)
    if not is_open and link is None:
        raise PasswordRequired(collection.uuid)
    if action in (Action.UPLOAD, Action.MANAGE):
        raise SignInRequired if visitor.user_id is None else Forbidden("This collection belongs to another account.")
    by_link = link is not None and link.downloads_allowed
    if action is Action.DOWNLOAD and not (collection.downloads_allowed and (is_open or by_link)):
        raise Forbidden("Downloads are turned off for this collection.")


def require_scope(visitor: Visitor, needed: Scope) -> None:
    """Raise ScopeMissing if the visitor is a program whose token does not cover the needed scope."""
    if visitor.scope is not None and not visitor.scope.covers(needed):
        raise ScopeMissing(needed)


def allowed(visitor: Visitor, subject: Subject, action: Action) -> bool:
    """Return whether `authorize` would return without raising."""
    try:
        authorize(visitor, subject, action)
    except (NotFound, CollectionExpired, PasswordRequired, SignInRequired, Forbidden):
        return False
    return True


def manages(visitor: Visitor, collection: Gated) -> bool:
    """Return whether the visitor owns the collection or is an administrator."""
    if visitor.user_id is None:
        return False
    return visitor.is_admin or visitor.user_id == collection.owner_id


def address_opens(visitor: Visitor, collection: Gated) -> bool:
    """Return whether other people can open the collection's URL, if necessary with its password.

    False if the visitor has access only by a share link, if the collection is private, or if it has expired.
    """
    if collection.is_expired:
        return False
    return _is_open(visitor, collection) or (manages(visitor, collection) and collection.privacy != Privacy.PRIVATE)


def ends_at(visitor: Visitor, subject: Subject) -> datetime | None:
    """Return the expiry of the visitor's share link; None without an expiry, or if the visitor needs no link."""
    collection = subject.collection if isinstance(subject, File) else subject
    if manages(visitor, collection) or _is_open(visitor, collection):
        return None
    link = _grant(visitor, collection).link
    return link.ends_at if link else None


def seal(collection: Gated) -> str:
    """Return a digest of the password hash, kept in sessions that opened the collection; a new password changes it."""
    return sha256((collection.password_hash or "").encode()).hexdigest()[:16]


def _grant(visitor: Visitor, collection: Gated) -> Grant:
    return visitor.grants.get(collection.uuid, NO_GRANT)


def _is_open(visitor: Visitor, collection: Gated) -> bool:
    """Return whether the collection is open to the visitor without a share link."""
    if collection.privacy == Privacy.PASSWORD:
        return _grant(visitor, collection).opened
    return collection.privacy == Privacy.PUBLIC


def _require_unexpired(collection: Gated) -> None:
    if collection.is_expired and collection.expires_at is not None:
        raise CollectionExpired(collection.title, collection.expires_at, contact_of(collection))


def contact_of(collection: Gated) -> Contact:
    """Return the owner's contact details, to show when a collection or link has expired."""
    owner = collection.owner
    return Contact(owner.name, owner.email, owner.accent) if owner else Contact()


def gets_untouched(visitor: Visitor, collection: Gated) -> bool:
    """Return whether downloads by this visitor are the uploaded originals, not cleaned copies."""
    return not collection.hides_location or manages(visitor, collection)
