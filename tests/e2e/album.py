"""Collections of thousands of photos, created quickly: rows whose objects are links to a few real ones."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from app.models import Collection, File, Variant, new_uuid
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.server import LiveServer

SHAPES = ((900, 600), (600, 900), (800, 800), (1600, 500), (700, 525), (1000, 562))
FIRST_DAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
COPIED = (
    "mime_type",
    "size",
    "width",
    "height",
    "thumbhash",
    "processing_status",
    "upload_complete",
    "storage_backend",
)


def big_collection(photographer: Photographer, server: LiveServer, count: int, days: int = 20) -> tuple[str, list[str]]:
    """The uuid of a collection of `count` photographs over some days, and theirs in the order they were taken."""
    collection, models = photographer.collection(f"{count} photographs"), _models(photographer)
    engine = create_engine(server.environment["DATABASE_URL"])
    with Session(engine) as session:
        real = session.scalars(select(File).where(File.uuid.in_(models)).order_by(File.id)).all()
        uuids = _multiply(session, collection, real, count, days, server.storage)
        session.commit()
    engine.dispose()
    return collection, uuids


@cache
def _models(photographer: Photographer) -> tuple[str, ...]:
    """The uuids of the real photos from which every big collection is made."""
    colours = [(n * 40, 140, 250 - n * 40) for n in range(len(SHAPES))]
    shapes = enumerate(zip(SHAPES, colours, strict=True))
    pictures = [(f"{n}.jpg", jpeg(*shape, colour)) for n, (shape, colour) in shapes]
    return tuple(photographer.upload(photographer.collection("Models"), *pictures))


def _multiply(
    session: Session, collection: str, real: Sequence[File], count: int, days: int, storage: Path
) -> list[str]:
    owner = session.scalar(select(Collection).where(Collection.uuid == collection))
    assert owner is not None
    start = 1 + (session.scalar(select(func.max(File.id))) or 0)
    (storage / f"collections/{collection}/variants").mkdir(parents=True)
    uuids, files, variants = [new_uuid() for _ in range(count)], [], []
    for number, uuid in enumerate(uuids):
        model = real[(number * 7 + number // 5) % len(real)]
        files.append({
            **{name: getattr(model, name) for name in COPIED},
            "id": start + number,
            "uuid": uuid,
            "collection_id": owner.id,
            "filename": f"{uuid}.jpg",
            "original_filename": f"{number:05}.jpg",
            "storage_path": f"collections/{collection}/{uuid}.jpg",
            "taken_at": FIRST_DAY + timedelta(days=number * days // count, seconds=number),
            "sha256": f"{number:064x}",
            "thumb_path": model.thumb_path,
            "medium_path": model.medium_path,
            "completed_at": model.completed_at,
        })  # fmt: skip
        os.link(storage / model.storage_path, storage / f"collections/{collection}/{uuid}.jpg")
        variants += [_copy(v, start + number, uuid, collection, storage) for v in model.variants]
    session.execute(insert(File), files)
    session.execute(insert(Variant), variants)
    return uuids


def _copy(variant: Variant, file_id: int, uuid: str, collection: str, storage: Path) -> dict[str, object]:
    path = f"collections/{collection}/variants/{uuid}_{Path(variant.path).name}"
    os.link(storage / variant.path, storage / path)
    values = {key: getattr(variant, key) for key in ("name", "format", "width", "height", "size", "created_at")}
    return {**values, "file_id": file_id, "path": path}
