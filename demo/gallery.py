"""Create the demo gallery: one photographer, two collections, and drawn photographs."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from sqlalchemy import select

from app.errors import Invalid
from app.models import File, Privacy, User, db
from app.services import lookup
from app.services.accounts import accounts
from app.services.collections import editing
from app.services.collections.editing import CollectionDetails
from app.services.thumbnail_service import ThumbnailService
from app.services.uploads.form import UploadService
from app.services.uploads.receipt import IncomingFile
from demo.album import ALBUM, NIGHT, DemoPhoto, draw

EMAIL = "demo@proofsheet.example"
DRAWING_PROCESSES = 2
WORDS = {
    "public": "Ridges, coasts and quiet weather. Drawn by Proofsheet itself, delivered like any other work.",
    "night": "After the light has gone. Visitors need the password for this one.",
}


@dataclass(frozen=True)
class DemoAccess:
    """The email address and passwords of the demo gallery; only their digests are stored."""

    email: str
    password: str
    collection_password: str


def exists() -> bool:
    """Whether the demo photographer's account exists."""
    return db.session.scalar(select(User.id).where(User.email == EMAIL)) is not None


def new_access() -> DemoAccess:
    """New random passwords for the demo gallery."""
    return DemoAccess(EMAIL, secrets.token_urlsafe(9), secrets.token_urlsafe(6))


def make(
    access: DemoAccess, progress: Callable[[str], None], album: Sequence[DemoPhoto] = ALBUM, scale: float = 1.0
) -> None:
    """Create the account and collections, draw and upload the photographs, and wait for their variants.

    Calls `progress` with each file name; raises Invalid if an upload is refused.
    """
    owner_id = accounts.create(EMAIL, access.password, name="Ada Morgenstern")
    collections = {title: editing.create(owner_id, details) for title, details in _collections(access, album).items()}
    for photo, jpeg in _drawn(album, scale):
        collection = lookup.by_uuid(collections[photo.album])
        report = UploadService().receive(collection.id, collection.uuid, [IncomingFile(photo.filename, [jpeg])])
        if report.errors:
            raise Invalid(f"{photo.filename}: {report.errors[0].message}")
        progress(photo.filename)
    files = db.session.scalars(select(File).where(lookup.is_live(File))).all()
    ThumbnailService().batch_generate_variants(files)


def _collections(access: DemoAccess, album: Sequence[DemoPhoto]) -> dict[str, CollectionDetails]:
    return {
        title: CollectionDetails(title, WORDS["night"], Privacy.PASSWORD, access.collection_password)
        if title == NIGHT
        else CollectionDetails(title, WORDS["public"], Privacy.PUBLIC)
        for title in sorted({photo.album for photo in album})
    }


def _drawn(album: Sequence[DemoPhoto], scale: float) -> Iterator[tuple[DemoPhoto, bytes]]:
    """Yield each photograph with its JPEG bytes, in order; separate processes draw them."""
    with ProcessPoolExecutor(DRAWING_PROCESSES, mp_context=get_context("spawn")) as pool:
        numbers = [ALBUM.index(photo) for photo in album]
        yield from zip(album, pool.map(_jpeg, numbers, [scale] * len(album)), strict=True)


def _jpeg(number: int, scale: float) -> bytes:
    out = io.BytesIO()
    draw(ALBUM[number], out, scale)
    return out.getvalue()
