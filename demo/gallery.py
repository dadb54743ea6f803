"""The demonstration gallery: one photographer, two collections, and drawn photographs."""

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
    """The address and the passwords of the demonstration; only digests are stored."""

    email: str
    password: str
    collection_password: str


def exists() -> bool:
    """Return whether the demonstration exists already."""
    return db.session.scalar(select(User.id).where(User.email == EMAIL)) is not None


def new_access() -> DemoAccess:
    """Return new random passwords for the demonstration."""
    return DemoAccess(EMAIL, secrets.token_urlsafe(9), secrets.token_urlsafe(6))


def make(
    access: DemoAccess, progress: Callable[[str], None], album: Sequence[DemoPhoto] = ALBUM, scale: float = 1.0
) -> None:
    """Draw the album, upload its photographs like any others, and wait for their variants."""
    owner_id = accounts.create(EMAIL, access.password, name="Ada Morgenstern")
    shelves = {title: editing.create(owner_id, details) for title, details in _collections(access, album).items()}
    for photo, jpeg in _drawn(album, scale):
        collection = lookup.by_uuid(shelves[photo.album])
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
    """Yield each photograph with its JPEG, in the order of the album, drawn in separate processes."""
    with ProcessPoolExecutor(DRAWING_PROCESSES, mp_context=get_context("spawn")) as pool:
        numbers = [ALBUM.index(photo) for photo in album]
        yield from zip(album, pool.map(_jpeg, numbers, [scale] * len(album)), strict=True)


def _jpeg(number: int, scale: float) -> bytes:
    out = io.BytesIO()
    draw(ALBUM[number], out, scale)
    return out.getvalue()
