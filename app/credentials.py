"""Tables of credentials: share links, visitors' grants, one-time links and API tokens.

Secrets are stored only as hexadecimal SHA-256 digests, so a copy of the database gives no access.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.choices import OneTimePurpose, Role, Scope
from app.columns import UtcDateTime, enum_type, new_uuid, utc_now
from app.extensions import Model


class ShareLink(Model):
    """A revocable link that opens one collection whatever its privacy, with a separate expiry and download right."""

    __tablename__ = "share_links"
    __table_args__ = (Index("ix_share_links_collection_id", "collection_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True, default=new_uuid)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"))
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(120), default="")
    downloads_allowed: Mapped[bool] = mapped_column(Boolean(name="link_downloads_allowed"), default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    visits: Mapped[int] = mapped_column(default=0)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_over(self) -> bool:
        """Whether the link was revoked or has expired."""
        return self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= utc_now())


class Grant(Model):
    """Access of one browser to one collection, by its password (`seal`) or by a share link (`share_link_id`)."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("visitor", "collection_id"), Index("ix_grants_created_at", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(String(36))  # a random id in the signed session
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"))
    seal: Mapped[str | None] = mapped_column(String(16))
    share_link_id: Mapped[int | None] = mapped_column(ForeignKey("share_links.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class OneTimeLink(Model):
    """An invitation or a password reset link, usable once before it expires."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[OneTimePurpose] = mapped_column(enum_type(OneTimePurpose, "purpose"))
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(enum_type(Role, "invited_role"), default=Role.PHOTOGRAPHER)  # of an invitation
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))  # of a password reset
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Model):
    """A token that lets a program act for an account, limited by its scope."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index("ix_api_tokens_user_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True, default=new_uuid)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[Scope] = mapped_column(enum_type(Scope, "scope"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
