"""Models and their constraints. Properties only read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import has_request_context, url_for
from flask_login import UserMixin
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.camera_clocks import CAMERA_LENGTH, SERIAL_LENGTH, CameraClock
from app.choices import OneTimePurpose, Privacy, ProcessingStatus, Role, Scope, SortOrder
from app.columns import Tombstone, UtcDateTime, enum_type, new_uuid, tombstone_rules, utc_now
from app.credentials import ApiToken, Grant, OneTimeLink, ShareLink
from app.extensions import Model, db
from app.natural_order import KEY_LENGTH, natural_key

__all__ = [
    "ApiToken",
    "CameraClock",
    "Collection",
    "File",
    "Grant",
    "Lease",
    "OneTimeLink",
    "OneTimePurpose",
    "Privacy",
    "ProcessingStatus",
    "Role",
    "Scope",
    "ShareLink",
    "SortOrder",
    "Upload",
    "User",
    "Variant",
    "db",
    "new_uuid",
    "utc_now",
]


def human_size(size_bytes: float) -> str:
    """Return a size as text in decimal units, as cameras show it: '24.3 MB'."""
    for unit in ("B", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


class User(UserMixin, Model):  # type: ignore[misc]
    """An account: a photographer or an administrator."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"), default=Role.PHOTOGRAPHER)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    accent: Mapped[str | None] = mapped_column(String(7))  # accent colour of the visitor pages: '#1a6b5c'
    session_version: Mapped[int] = mapped_column(default=1)  # sessions with another version are invalid

    @property
    def is_admin(self) -> bool:
        """Whether this account is an administrator."""
        return self.role == Role.ADMIN

    def get_id(self) -> str:
        """Return the id and session version that a session stores; a new password changes the version."""
        return f"{self.id}.{self.session_version}"


class Collection(Tombstone, Model):
    """A set of files with an owner, a privacy setting and an optional expiry."""

    __tablename__ = "collections"
    __table_args__ = (
        CheckConstraint("privacy <> 'password' OR password_hash IS NOT NULL", name="password_has_hash"),
        Index("ix_collections_owner_id_created_at", "owner_id", "created_at"),
        *tombstone_rules("collections"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True, default=new_uuid)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    privacy: Mapped[Privacy] = mapped_column(enum_type(Privacy, "privacy"), default=Privacy.PRIVATE)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    downloads_allowed: Mapped[bool] = mapped_column(Boolean(name="downloads_allowed"), default=True)
    hides_location: Mapped[bool] = mapped_column(Boolean(name="hides_location"), default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    sort_order: Mapped[SortOrder] = mapped_column(enum_type(SortOrder, "sort_order"), default=SortOrder.TAKEN)
    cover_uuid: Mapped[str | None] = mapped_column(String(36))  # of a file; if it is deleted, the first file is used
    event_date: Mapped[date | None] = mapped_column(Date)
    # UTC offset (seconds) of displayed times while photos are ordered by real time; NULL: ordered by wall-clock time.
    real_time_offset: Mapped[int | None]
    real_time_ended_by: Mapped[str | None] = mapped_column(String(255))  # name of the photo with an unknown time zone

    owner: Mapped[User | None] = relationship(foreign_keys="Collection.owner_id")
    deleted_by: Mapped[User | None] = relationship(foreign_keys="Collection.deleted_by_id")
    files: Mapped[list[File]] = relationship(back_populates="collection", order_by="File.id", lazy="select")

    @property
    def is_expired(self) -> bool:
        """Whether the expiry time has passed."""
        return self.expires_at is not None and self.expires_at <= utc_now()


def _live_index(name: str, *columns: str, unique: bool = False) -> Index:
    """Return a partial index of the rows that are not deleted."""
    live = text("deleted_at IS NULL")
    return Index(name, *columns, unique=unique, sqlite_where=live, postgresql_where=live)


# Collation C compares by code point, as SQLite does; other PostgreSQL collations ignore punctuation.
_NAME_KEY = String(KEY_LENGTH).with_variant(String(KEY_LENGTH, collation="C"), "postgresql")


def _natural_key_of_name(context: DefaultExecutionContext) -> str:
    """Default of `name_key` for an inserted row."""
    row: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return natural_key(row["original_filename"])


def _taken_at_as_written(context: DefaultExecutionContext) -> datetime | None:
    """Default of `order_time` for an inserted row: its `taken_at`."""
    row: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return row.get("taken_at")


class File(Tombstone, Model):
    """One uploaded original, its metadata and the state of its variants."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("storage_path"),
        # No duplicates in a collection; deleted files do not count.
        _live_index("uq_files_live_collection_id_sha256", "collection_id", "sha256", unique=True),
        CheckConstraint("size >= 0", name="size_not_negative"),
        CheckConstraint("sha256 IS NULL OR length(sha256) = 64", name="sha256_is_hex"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("interruptions >= 0", name="interruptions_not_negative"),
        Index("ix_files_collection_id_id", "collection_id", "id"),
        # One index for each sort order of a collection.
        _live_index("ix_files_live_taken", "collection_id", "order_time", "name_key", "id"),
        _live_index("ix_files_live_name", "collection_id", "name_key", "id"),
        _live_index("ix_files_live_position", "collection_id", "position", "id"),
        # Covers counting the files of a collection by state, and finding the unfinished ones.
        _live_index("ix_files_live_status", "collection_id", "processing_status", "mime_type", "upload_complete", "id"),
        # For the sweep, which looks for due files every few seconds.
        Index("ix_files_processing_status_next_attempt_at", "processing_status", "next_attempt_at"),
        *tombstone_rules("files"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True, default=new_uuid)
    filename: Mapped[str] = mapped_column(String(255))
    original_filename: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(_NAME_KEY, default=_natural_key_of_name, server_default="")
    mime_type: Mapped[str] = mapped_column(String(127), default="application/octet-stream")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    storage_path: Mapped[str] = mapped_column(String(512))
    thumbnail_path: Mapped[str | None] = mapped_column(String(512))  # deprecated: thumb_path replaces it
    thumb_path: Mapped[str | None] = mapped_column(String(512))
    medium_path: Mapped[str | None] = mapped_column(String(512))
    upload_complete: Mapped[bool] = mapped_column(Boolean(name="upload_complete"), default=False)
    storage_backend: Mapped[str] = mapped_column(String(20), default="local")
    storage_class: Mapped[str | None] = mapped_column(String(40))  # of the original; NULL: local or unknown
    metadata_json: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="RESTRICT"))

    sha256: Mapped[str | None] = mapped_column(String(64))
    crc32: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the camera's wall-clock time, as if in UTC
    utc_offset: Mapped[int | None]  # of taken_at in seconds; NULL if the camera did not record it
    # Sort key and day of a photo: taken_at after the corrections of app.services.collections.camera_clocks.
    order_time: Mapped[datetime | None] = mapped_column(UtcDateTime, default=_taken_at_as_written)
    camera: Mapped[str] = mapped_column(String(CAMERA_LENGTH), default="", server_default="")
    camera_serial: Mapped[str] = mapped_column(String(SERIAL_LENGTH), default="", server_default="")  # owner only
    thumbhash: Mapped[str | None] = mapped_column(String(60))

    processing_status: Mapped[ProcessingStatus] = mapped_column(
        enum_type(ProcessingStatus, "processing_status"), default=ProcessingStatus.PENDING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    interruptions: Mapped[int] = mapped_column(default=0, server_default="0")  # how often its worker was killed
    error_code: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[str | None] = mapped_column(String(500))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # reset at the shutdown of its worker
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_token: Mapped[str | None] = mapped_column(String(36))
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    position: Mapped[int | None] = mapped_column(BigInteger)  # in the manual order
    deleted_with_collection: Mapped[bool] = mapped_column(Boolean(name="deleted_with_collection"), default=False)

    deleted_by: Mapped[User | None] = relationship()
    collection: Mapped[Collection] = relationship(back_populates="files")
    variants: Mapped[list[Variant]] = relationship(back_populates="file", cascade="all, delete-orphan")

    @property
    def is_image(self) -> bool:
        """Whether this is an image, so that variants are made from it."""
        return (self.mime_type or "").startswith("image/")

    @property
    def size_human(self) -> str:
        """The size as text: '24.3 MB'."""
        return human_size(self.size or 0)

    @property
    def has_variants(self) -> bool:
        """Whether the thumb or the medium variant exists; both are recorded together."""
        return bool(self.thumb_path or self.medium_path)

    @property
    def preview_path(self) -> str | None:
        """Storage key of the preview: the medium variant, else the deprecated thumbnail, else None."""
        return self.medium_path or self.thumbnail_path

    @property
    def storage_url(self) -> str:
        """URL path of the original on this server."""
        if not has_request_context():
            return f"/collections/files/{self.uuid}/original"
        return url_for("collections.serve_file", file_uuid=self.uuid)

    @property
    def preview_url(self) -> str:
        """URL path of the preview on this server, or of the original while there is no medium variant."""
        if not self.medium_path:
            return self.storage_url
        if not has_request_context():  # url_for needs a request, which workers and shells do not have
            return f"/collections/files/{self.uuid}/preview"
        return url_for("collections.serve_preview", file_uuid=self.uuid)


class Variant(Model):
    """One stored variant of a file."""

    __tablename__ = "variants"
    __table_args__ = (UniqueConstraint("file_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    format: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(512), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))  # NULL: made before digests were recorded
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    file: Mapped[File] = relationship(back_populates="variants")


class Lease(Model):
    """A named lock that one process holds until it expires."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    token: Mapped[str] = mapped_column(String(36))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Upload(Model):
    """An unfinished upload of a large file in parts; it becomes a File when complete and verified."""

    __tablename__ = "uploads"
    __table_args__ = (
        UniqueConstraint("collection_id", "user_id", "sha256"),
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("length(sha256) = 64", name="sha256_is_hex"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True, default=new_uuid)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))  # as computed by the browser
    storage_backend: Mapped[str] = mapped_column(String(20))
    storage_path: Mapped[str] = mapped_column(String(512))
    multipart_id: Mapped[str | None] = mapped_column(String(1024))  # upload id of a direct upload
    part_size: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)

    collection: Mapped[Collection] = relationship()
