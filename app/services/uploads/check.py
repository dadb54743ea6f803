"""What of a folder needs to be sent at all: asked by digest, before a byte has left."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.errors import Invalid, ObjectMissing
from app.models import File, ProcessingStatus
from app.services.lookup import is_live
from app.services.transactions import reading
from app.services.uploads.receipt import Accepted, accepted_as

AT_ONCE = 1000  # files that one question may name
HEX_SHA256 = re.compile(r"[0-9a-f]{64}")
# What a worker found lost is not said to be there: sent again, it is restored.
LOST = (ObjectMissing.code,)


@dataclass(frozen=True)
class Checked:
    """Of the digests that were asked for: the files that the collection has, and what is still to be sent."""

    present: tuple[Accepted, ...]
    missing: tuple[str, ...]


def check(collection_id: int, digests: Iterable[object]) -> Checked:
    """Which of these SHA-256 digests the collection has, and which are missing, each once and in the order given.

    Raises Invalid for more than 1,000, or for what is no digest.
    """
    wanted = list(dict.fromkeys(checked_digest(digest) for digest in digests))
    if len(wanted) > AT_ONCE:
        raise Invalid(f"Ask about {AT_ONCE} files at once at the most.")
    have = _kept(collection_id, wanted)
    present = tuple(have[digest] for digest in wanted if digest in have)
    return Checked(present, tuple(digest for digest in wanted if digest not in have))


def checked_digest(raw: object) -> str:
    """The SHA-256 as 64 lower-case hexadecimal digits; raises Invalid."""
    digest = raw.lower() if isinstance(raw, str) else ""
    if not HEX_SHA256.fullmatch(digest):
        raise Invalid("A SHA-256 is 64 hexadecimal digits.", {"sha256": "Not 64 hexadecimal digits."})
    return digest


def _kept(collection_id: int, digests: list[str]) -> dict[str, Accepted]:
    whole = (File.upload_complete, or_(File.error_code.is_(None), File.error_code.not_in(LOST)))
    query = select(File).where(File.collection_id == collection_id, File.sha256.in_(digests), is_live(File), *whole)
    with reading() as session:
        return {
            str(file.sha256): accepted_as(file, ProcessingStatus(file.processing_status))
            for file in session.scalars(query)
        }
