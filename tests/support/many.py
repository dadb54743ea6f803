"""Many files at once: rows inserted in bulk, and their objects as sparse files or out of thin air."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import insert

from app.integrations.base import StoredObject
from app.models import Collection, File, ProcessingStatus, Variant, db

MADE = datetime(2026, 1, 1, tzinfo=UTC)
PER_COLLECTION = 1000
CHUNK = 1000
VARIANTS = {"medium": (1200, 800, 200_000), "small": (480, 320, 45_000), "thumb": (200, 200, 20_000)}
ORIGINAL_BYTES = 24_000_000


@dataclass(frozen=True)
class Many:
    """`number` photographs, a thousand to a collection; each of these lists names the photographs that are so."""

    number: int
    unprepared: range = field(default=range(0))

    def fill(self) -> None:
        """Insert the rows, in chunks."""
        for start in range(0, self.number, CHUNK):
            chunk = range(start, min(start + CHUNK, self.number))
            self._collection(start)
            db.session.execute(insert(File), [self._file(index) for index in chunk])
            made = [row for index in chunk if index not in self.unprepared for row in self._variants(index)]
            if made:
                db.session.execute(insert(Variant), made)
            db.session.commit()

    def objects(self) -> Iterator[StoredObject]:
        """What the store has of them, in the order of upload."""
        for index in range(self.number):
            yield StoredObject(self._key(index), ORIGINAL_BYTES, MADE)
            if index not in self.unprepared:
                for row in self._variants(index):
                    yield StoredObject(str(row["path"]), int(str(row["size"])), MADE)

    def _collection(self, start: int) -> None:
        number = start // PER_COLLECTION + 1
        values = {"id": number, "uuid": _uuid(number, 1), "title": f"Collection {number}", "created_at": MADE}
        db.session.execute(insert(Collection).values(values))

    def _file(self, index: int) -> dict[str, object]:
        prepared = index not in self.unprepared
        paths = {row["name"]: row["path"] for row in self._variants(index)} if prepared else {}
        return {
            "id": index + 1,
            "uuid": _uuid(index, 2),
            "filename": f"{_uuid(index, 2)}.jpg",
            "original_filename": f"IMG_{index:06}.JPG",
            "mime_type": "image/jpeg",
            "size": ORIGINAL_BYTES,
            "storage_path": self._key(index),
            "upload_complete": True,
            "storage_backend": "local",
            "collection_id": index // PER_COLLECTION + 1,
            "width": 6000,
            "height": 4000,
            "thumb_path": paths.get("thumb"),
            "medium_path": paths.get("medium"),
            "processing_status": ProcessingStatus.COMPLETED,
            "completed_at": MADE,
            "created_at": MADE,
        }

    def _key(self, index: int) -> str:
        return f"collections/{_uuid(index // PER_COLLECTION + 1, 1)}/{_uuid(index, 2)}.jpg"

    def _variants(self, index: int) -> list[dict[str, object]]:
        folder = f"collections/{_uuid(index // PER_COLLECTION + 1, 1)}/variants"
        return [
            {
                "file_id": index + 1,
                "name": name,
                "format": "jpeg",
                "path": f"{folder}/{name}_{_uuid(index, 2)}.jpg",
                "width": width,
                "height": height,
                "size": size,
                "created_at": MADE,
            }
            for name, (width, height, size) in VARIANTS.items()
        ]


def _uuid(number: int, kind: int) -> str:
    """Scattered like random ones, so that the order of upload is not that of keys."""
    return str(UUID(int=(number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % (1 << 128) ^ kind))
