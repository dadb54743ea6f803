"""Create collections of any length from a few photographs, which the server prepares once.

Each row has a different URL, so a browser fetches and decodes each; in the store they are hard links.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from app.imaging.variants import LADDER
from app.models import File, Variant, new_uuid
from app.services.storage_service import original_key, variant_key
from bench.photos import GRAINS, MP12, MP24, UPRIGHT, Shot
from tests.support.photographer import Photographer
from tests.support.processes import eventually
from tests.support.server import LiveServer

SHOTS = tuple(
    Shot(
        f"album-{number}",
        number,
        MP24 if number % 6 == 0 else MP12[::-1] if number % 10 in UPRIGHT else MP12,
        GRAINS[number % len(GRAINS)],
    )
    for number in range(24)
)
PREPARING_SECONDS = 300
MORNING = datetime(2026, 5, 1, 9, tzinfo=UTC)
APART = timedelta(minutes=7)  # 500 photographs are two days and a half, 10,000 seven weeks
FILES = "SELECT id FROM files WHERE collection_id = (SELECT id FROM collections WHERE uuid = ?)"
Row = dict[str, Any]


class Album:
    """The uploaded photographs, with all variants, that collections are copied from."""

    def __init__(self, server: LiveServer, ada: Photographer, originals: Iterable[Path]) -> None:
        self.server, self.ada = server, ada
        self.models = [self._upload(path) for path in originals]

    def collection(self, title: str, photographs: int) -> str:
        """Create a public collection of so many photographs with all variants; returns its uuid."""
        uuid = self.ada.collection(title)
        ((collection, highest),) = self.server.rows(
            "SELECT (SELECT id FROM collections WHERE uuid = ?), (SELECT max(id) FROM files)", uuid
        )
        files: list[Row] = []
        variants: list[Row] = []
        for number, (file, made) in enumerate(islice(cycle(self.models), photographs), 1):
            files.append(self._copied_file(file, highest + number, collection, uuid, number))
            variants += self._copied_variants(made, files[-1])
        with create_engine(f"sqlite:///{self.server.database}").begin() as connection:
            connection.execute(insert(File), files)
            connection.execute(insert(Variant), variants)
        return uuid

    def _upload(self, path: Path) -> tuple[Row, list[Row]]:
        collection = self.ada.collection("Contact sheet")
        answer = self.ada.send(collection, (path.name, path.read_bytes()))
        answer.raise_for_status()
        uuid = answer.json()["files"][0]["uuid"]
        for spec in LADDER:
            self.ada.get(f"/collections/files/{uuid}/variants/{spec.name}").raise_for_status()
        query = f"SELECT count(*) FROM variants WHERE file_id IN ({FILES})"
        eventually(lambda: self.server.rows(query, collection) == [(len(LADDER),)], PREPARING_SECONDS, "the ladder")
        eventually(lambda: self.server.unfinished() == 0, PREPARING_SECONDS, "the variants")
        return self._rows(uuid)

    def _rows(self, uuid: str) -> tuple[Row, list[Row]]:
        with create_engine(f"sqlite:///{self.server.database}").connect() as connection:
            of_file = File.__table__.select().where(File.uuid == uuid)
            file = dict(connection.execute(of_file).mappings().one())
            of_variants = Variant.__table__.select().where(Variant.file_id == file["id"])
            return file, [dict(row) for row in connection.execute(of_variants).mappings()]

    def _copied_file(self, file: Row, file_id: int, collection: int, collection_uuid: str, number: int) -> Row:
        uuid = new_uuid()
        key = original_key(collection_uuid, f"{uuid}.jpg")
        self._link(file["storage_path"], key)
        return file | {
            "id": file_id,
            "uuid": uuid,
            "filename": f"{uuid}.jpg",
            "original_filename": f"DSC_{number:05}.jpg",
            "storage_path": key,
            "thumb_path": variant_key(key, "thumb"),
            "medium_path": variant_key(key, "medium"),
            "sha256": hashlib.sha256(uuid.encode()).hexdigest(),
            "collection_id": collection,
            "taken_at": MORNING + number * APART,
            "order_time": MORNING + number * APART,
            "metadata_json": (file["metadata_json"] or {}) | {"taken_at": (MORNING + number * APART).isoformat()},
        }  # fmt: skip

    def _copied_variants(self, made: list[Row], file: Row) -> Iterator[Row]:
        for variant in made:
            key = variant_key(file["storage_path"], variant["name"])
            self._link(variant["path"], key)
            yield {name: value for name, value in variant.items() if name != "id"} | {
                "file_id": file["id"],
                "path": key,
            }

    def _link(self, key: str, another: str) -> None:
        path = self.server.storage / another
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(self.server.storage / key, path)
