"""Invitation and password-reset links: each works once, before it expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import OneTimeLink, OneTimePurpose, Role, db, utc_now
from app.services.accounts import accounts, tokens
from app.services.transactions import changed, transaction

LIFETIMES = {OneTimePurpose.INVITATION: timedelta(days=7), OneTimePurpose.PASSWORD: timedelta(days=1)}
GONE = "This link has been used or is too old. Ask an administrator for a new one."


@dataclass(frozen=True)
class ValidLink:
    """The purpose of an unused link; `user_id` is the account whose password it resets, None for an invitation."""

    purpose: OneTimePurpose
    role: Role
    user_id: int | None


def invite(role: Role, created_by: int | None = None) -> str:
    """Create an invitation to an account with this role; returns its secret."""
    return _created(OneTimeLink(purpose=OneTimePurpose.INVITATION, role=role, created_by_id=created_by))


def reset(user_id: int, created_by: int | None = None) -> str:
    """Create a link that sets a new password for this account; returns its secret."""
    return _created(OneTimeLink(purpose=OneTimePurpose.PASSWORD, user_id=user_id, created_by_id=created_by))


def find(secret: str, purpose: OneTimePurpose) -> ValidLink:
    """Return a link without using it; raises NotFound if it is unknown, used or expired."""
    link = db.session.scalar(select(OneTimeLink).where(_is_valid(secret, purpose)))
    if link is None:
        raise NotFound(GONE)
    return ValidLink(link.purpose, link.role, link.user_id)


def accept_invitation(secret: str, *, name: str, email: str, password: str) -> int:
    """Create the invited account and return its id; raises NotFound, or Invalid, which leaves the link unused."""
    link = find(secret, OneTimePurpose.INVITATION)
    return accounts.create(email, password, name=name, role=link.role, check=_use(secret, link.purpose))


def accept_password(secret: str, password: str) -> int:
    """Set the account's password and return its id; raises NotFound, or Invalid, which leaves the link unused."""
    link = find(secret, OneTimePurpose.PASSWORD)
    user_id = link.user_id or 0
    accounts.set_password(user_id, password, check=_use(secret, link.purpose))
    return user_id


def _created(link: OneTimeLink) -> str:
    secret = tokens.new()
    link.secret_sha256 = tokens.digest(secret)
    link.expires_at = utc_now() + LIFETIMES[link.purpose]
    with transaction() as session:
        session.add(link)
    return secret


def _use(secret: str, purpose: OneTimePurpose) -> accounts.Check:
    """Mark the link as used; one conditional UPDATE, so that of two simultaneous requests only one succeeds."""

    def use(session: Session) -> None:
        if not changed(session, update(OneTimeLink).where(_is_valid(secret, purpose)).values(used_at=utc_now())):
            raise NotFound(GONE)

    return use


def _is_valid(secret: str, purpose: OneTimePurpose) -> ColumnElement[bool]:
    return and_(
        OneTimeLink.secret_sha256 == tokens.digest(secret),
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > utc_now(),
    )
