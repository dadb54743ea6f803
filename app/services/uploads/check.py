"""The check before an upload: finds by digest the files that the collection already has."""

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

MAX_DIGESTS = 1000  # in one request
HEX_SHA256 = re.compile(r"[0-9a-f]{64}")
# A file whose original was found missing counts as missing: uploading it again restores it.
LOST = (ObjectMissing.code,)


@dataclass(frozen=True)
class Checked:
    """The result of a check: the files already present, and the digests still to be sent."""

    present: tuple[Accepted, ...]
    missing: tuple[str, ...]


def check(collection_id: int, digests: Iterable[object]) -> Checked:
    """Return which SHA-256 digests are present in the collection and which are missing, each once, in the given order.

    Raises Invalid for more than 1,000 digests, or for a malformed one.
    """
    wanted = list(dict.fromkeys(checked_digest(digest) for digest in digests))
    if len(wanted) > MAX_DIGESTS:
        raise Invalid(f"A request may name at most {MAX_DIGESTS} files.")
    present_files = _present(collection_id, wanted)
    present = tuple(present_files[digest] for digest in wanted if digest in present_files)
    return Checked(present, tuple(digest for digest in wanted if digest not in present_files))


def checked_digest(raw: object) -> str:
    """Return the SHA-256 as 64 lower-case hexadecimal digits; raises Invalid if it is malformed."""
    digest = raw.lower() if isinstance(raw, str) else ""
    if not HEX_SHA256.fullmatch(digest):
        raise Invalid("A SHA-256 is 64 hexadecimal digits.", {"sha256": "Not 64 hexadecimal digits."})
    return digest


def _present(collection_id: int, digests: list[str]) -> dict[str, Accepted]:
    whole = (File.upload_complete, or_(File.error_code.is_(None), File.error_code.not_in(LOST)))
    query = select(File).where(File.collection_id == collection_id, File.sha256.in_(digests), is_live(File), *whole)
    with reading() as session:
        return {
            str(file.sha256): accepted_as(file, ProcessingStatus(file.processing_status))
            for file in session.scalars(query)
        }
