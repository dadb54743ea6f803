"""Enumerations that are stored in columns."""

from __future__ import annotations

import enum


class Privacy(enum.StrEnum):
    """Who may open a collection."""

    PUBLIC = "public"
    PASSWORD = "password"  # noqa: S105  the word
    PRIVATE = "private"


class Role(enum.StrEnum):
    """Role of an account: administrators see every collection and manage accounts."""

    PHOTOGRAPHER = "photographer"
    ADMIN = "admin"


class ProcessingStatus(enum.StrEnum):
    """State of the variant processing of a file."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    RETRYING = "retrying"


class SortOrder(enum.StrEnum):
    """Order of the photos of a collection."""

    TAKEN = "taken"
    NAME = "name"
    UPLOADED = "uploaded"
    MANUAL = "manual"


class OneTimePurpose(enum.StrEnum):
    """Purpose of a one-time link: create an account, or set a new password."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105  the word


class Scope(enum.StrEnum):
    """Permissions of an API token; each scope includes those before it."""

    READ = "read"  # view and download
    UPLOAD = "upload"  # read, and upload
    MANAGE = "manage"  # upload, and edit and delete

    def covers(self, needed: Scope) -> bool:
        """Whether this scope includes the scope `needed`."""
        scopes = list(Scope)
        return scopes.index(self) >= scopes.index(needed)
