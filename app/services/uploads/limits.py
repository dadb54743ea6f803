"""Limits of what one upload may be."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

MEGABYTE = 1_000_000


RESUMABLE_FROM = 16 * MEGABYTE  # a file of this many bytes goes in pieces, so that a break costs one of them at most


@dataclass(frozen=True)
class UploadLimits:
    """What the sender is told beforehand, in bytes."""

    max_bytes: int
    resumable_from_bytes: int = RESUMABLE_FROM


def limits() -> UploadLimits:
    """The limits of this server."""
    return UploadLimits(int(current_app.config["MAX_UPLOAD_MB"]) * MEGABYTE)
