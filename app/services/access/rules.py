"""The only gate: who may do what to a collection or a file."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from app.errors import (
    CollectionExpired,
    Contact,
    Forbidden,
    NotFound,
    PasswordRequired,
    ScopeMissing,
    SignInRequired,
)
from app.models import Collection, File, Privacy, Scope


class Action(enum.StrEnum):
    """What somebody wants to do."""

    BROWSE = "browse"  # the page, its thumbs and previews
    DOWNLOAD = "download"  # originals
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
    """The rights of a share link that is neither revoked nor over."""

    downloads_allowed: bool
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Grant:
    """What a browser has opened of one collection: by its present password, and by a share link."""

    opened: bool = False
    link: Link | None = None


NO_GRANT = Grant()


@dataclass(frozen=True)
class Visitor:
    """An account, a program or an anonymous browser, with its grants by the uuid of their collections.

    A collection without an entry in `grants` is closed to the visitor: `grants.with_grant` looks the entry up.
    `seals` are those of the session, by the uuid of the collection. True in place of a seal opens a collection
    whatever its password; other code may put it there.
    A program has the `scope` of its API token, and sees only what its account owns.
    """

    user_id: int | None = None
    is_admin: bool = False
    browser: str = ""  # the random id under which the server stores grants; "" without any
    seals: Mapping[str, str | bool] = field(default_factory=dict)
    grants: Mapping[str, Grant] = field(default_factory=dict)
    session: str = ""  # what `accounts.of_session` knows the account by, which a change of the password ends
    scope: Scope | None = None


def authorize(visitor: Visitor, subject: Collection | File, action: Action) -> None:
    """Return if the visitor may.

    Otherwise raises NotFound, CollectionExpired, PasswordRequired, SignInRequired or Forbidden.
    """
    collection = subject.collection if isinstance(subject, File) else subject
    if manages(visitor, collection):
        require_scope(visitor, SCOPES[action])
        return
    if visitor.scope is not None:
        raise NotFound
    is_open, link = _is_open(visitor, collection), _grant(visitor, collection).link
    if not is_open and link is None and collection.privacy == Privacy.PRIVATE:
        raise NotFound
    _require_time(collection)
    if not is_open and link is None:
        raise PasswordRequired(collection.uuid)
    if action in (Action.UPLOAD, Action.MANAGE):
        raise SignInRequired if visitor.user_id is None else Forbidden("This collection belongs to somebody else.")
    by_link = link is not None and link.downloads_allowed
    if action is Action.DOWNLOAD and not (collection.downloads_allowed and (is_open or by_link)):
        raise Forbidden("The photographer offers this collection for viewing, not for download.")


def require_scope(visitor: Visitor, needed: Scope) -> None:
    """Raise ScopeMissing if this is a program whose token is good for less."""
    if visitor.scope is not None and not visitor.scope.covers(needed):
        raise ScopeMissing(needed)


def allowed(visitor: Visitor, subject: Collection | File, action: Action) -> bool:
    """Whether `authorize` would return."""
    try:
        authorize(visitor, subject, action)
    except (NotFound, CollectionExpired, PasswordRequired, SignInRequired, Forbidden):
        return False
    return True


def manages(visitor: Visitor, collection: Collection) -> bool:
    """Whether the visitor owns the collection or is an administrator."""
    if visitor.user_id is None:
        return False
    return visitor.is_admin or visitor.user_id == collection.owner_id


def address_opens(visitor: Visitor, collection: Collection) -> bool:
    """Whether the collection's own address is worth passing on: it opens, if need be with the password.

    It is not where a share link alone lets this visitor in, where only the owner may look, and after the expiry.
    """
    if collection.is_expired:
        return False
    return _is_open(visitor, collection) or (manages(visitor, collection) and collection.privacy != Privacy.PRIVATE)


def ends_at(visitor: Visitor, subject: Collection | File) -> datetime | None:
    """When the share link ends that alone lets this visitor in; None without an end, or where no link is needed."""
    collection = subject.collection if isinstance(subject, File) else subject
    if manages(visitor, collection) or _is_open(visitor, collection):
        return None
    link = _grant(visitor, collection).link
    return link.ends_at if link else None


def seal(collection: Collection) -> str:
    """What a session keeps of the password that opened a collection; another password has another seal."""
    return sha256((collection.password_hash or "").encode()).hexdigest()[:16]


def _grant(visitor: Visitor, collection: Collection) -> Grant:
    return visitor.grants.get(collection.uuid, NO_GRANT)


def _is_open(visitor: Visitor, collection: Collection) -> bool:
    """Whether the visitor sees the collection without a link."""
    if collection.privacy == Privacy.PASSWORD:
        return _grant(visitor, collection).opened
    return collection.privacy == Privacy.PUBLIC


def _require_time(collection: Collection) -> None:
    if collection.is_expired and collection.expires_at is not None:
        raise CollectionExpired(collection.title, collection.expires_at, contact_of(collection))


def contact_of(collection: Collection) -> Contact:
    """Whom to ask about a collection that is over."""
    owner = collection.owner
    return Contact(owner.name, owner.email, owner.accent) if owner else Contact()


def gets_untouched(visitor: Visitor, collection: Collection) -> bool:
    """Whether this visitor, if any original at all, gets it as it was uploaded."""
    return not collection.hides_location or manages(visitor, collection)
