"""Columns of few words: what each may say."""

from __future__ import annotations

import enum


class Privacy(enum.StrEnum):
    """Who may open a collection."""

    PUBLIC = "public"
    PASSWORD = "password"  # noqa: S105  the word
    PRIVATE = "private"


class Role(enum.StrEnum):
    """What an account may do."""

    PHOTOGRAPHER = "photographer"
    ADMIN = "admin"


class ProcessingStatus(enum.StrEnum):
    """Where a file stands on its way to having variants."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    RETRYING = "retrying"


class SortOrder(enum.StrEnum):
    """By what the photographs of a collection stand in order."""

    TAKEN = "taken"
    NAME = "name"
    UPLOADED = "uploaded"
    MANUAL = "manual"


class OneTimePurpose(enum.StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105  the word


class Scope(enum.StrEnum):
    """What an API token may do in its account's name; each may do what those before it may."""

    READ = "read"  # see and download
    UPLOAD = "upload"  # and add
    MANAGE = "manage"  # and change and delete

    def covers(self, needed: Scope) -> bool:
        """Whether this is enough where `needed` is asked for."""
        scopes = list(Scope)
        return scopes.index(self) >= scopes.index(needed)
