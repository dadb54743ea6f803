"""Invitations to an account and ways to a new password: each opens once, within its time."""

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
class Promise:
    """What a link that still opens is for."""

    purpose: OneTimePurpose
    role: Role
    user_id: int | None


def invite(role: Role, created_by: int | None = None) -> str:
    """The secret of an invitation to an account with this role."""
    return _made(OneTimeLink(purpose=OneTimePurpose.INVITATION, role=role, created_by_id=created_by))


def reset(user_id: int, created_by: int | None = None) -> str:
    """The secret with which somebody who forgot the password of this account sets another one."""
    return _made(OneTimeLink(purpose=OneTimePurpose.PASSWORD, user_id=user_id, created_by_id=created_by))


def promised(secret: str, purpose: OneTimePurpose) -> Promise:
    """What a link is for, without using it; raises NotFound."""
    link = db.session.scalar(select(OneTimeLink).where(_opens(secret, purpose)))
    if link is None:
        raise NotFound(GONE)
    return Promise(link.purpose, link.role, link.user_id)


def accept_invitation(secret: str, *, name: str, email: str, password: str) -> int:
    """The id of the account that was promised, made; raises NotFound, or Invalid, after which the link opens still."""
    promise = promised(secret, OneTimePurpose.INVITATION)
    return accounts.create(email, password, name=name, role=promise.role, provided=_used(secret, promise.purpose))


def accept_password(secret: str, password: str) -> int:
    """The id of the account whose password was set; raises NotFound, or Invalid, after which the link opens still."""
    promise = promised(secret, OneTimePurpose.PASSWORD)
    user_id = promise.user_id or 0
    accounts.set_password(user_id, password, provided=_used(secret, promise.purpose))
    return user_id


def _made(link: OneTimeLink) -> str:
    secret = tokens.new()
    link.secret_sha256 = tokens.digest(secret)
    link.expires_at = utc_now() + LIFETIMES[link.purpose]
    with transaction() as session:
        session.add(link)
    return secret


def _used(secret: str, purpose: OneTimePurpose) -> accounts.Provided:
    """Of two who use the link at once, the first gets what it promises: one statement says who that is."""

    def use(session: Session) -> None:
        if not changed(session, update(OneTimeLink).where(_opens(secret, purpose)).values(used_at=utc_now())):
            raise NotFound(GONE)

    return use


def _opens(secret: str, purpose: OneTimePurpose) -> ColumnElement[bool]:
    return and_(
        OneTimeLink.secret_sha256 == tokens.digest(secret),
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > utc_now(),
    )
