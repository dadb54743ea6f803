"""The inspection detects every breach: each row of the table breaks one invariant."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.models import File
from tests.faults.client import Client, InProcess
from tests.faults.invariants import Inspection
from tests.faults.pictures import SECRET, metadata_of, photograph
from tests.faults.world import World
from tests.support.app import ManualQueue
from tests.support.studio import Studio


@pytest.fixture
def world(tmp_path: Path, settings: dict[str, Any], studio: Studio, queue: ManualQueue) -> World:
    """One photograph that was acknowledged, with its variants."""
    world = World(tmp_path, settings["DATABASE_URL"])
    client = Client(InProcess(studio.client(), studio.photographer()), world.ledger)
    client.upload(client.collection(), photograph())
    return world


def test_inspection_without_faults_finds_no_breach(world: World) -> None:
    seen = Inspection(world).run()
    assert (seen.breaches, seen.counts["completed"], seen.counts["acknowledged"]) == ([], 1, 1)


def sql(statement: str) -> Callable[[World, File], None]:
    """Do this to the database; `:path` is the original's key, `:thumb` that of the thumb, `:uuid` the file's."""

    def change(world: World, file: File) -> None:
        known = {"path": file.storage_path, "thumb": file.thumb_path, "uuid": file.uuid}
        with closing(sqlite3.connect(str(world.engine.url.database))) as connection, connection:
            connection.execute(statement, known)

    return change


def replaced(column: str, data: bytes | None) -> Callable[[World, File], None]:
    """Put other bytes, or none, in the place of an object."""

    def change(world: World, file: File) -> None:
        key = getattr(file, column)
        world.storage.delete(key)
        if data is not None:
            world.storage.put(key, io.BytesIO(data))

    return change


def noted(kind: str, **facts: Any) -> Callable[[World, File], None]:
    """Write something into the ledger; UUID stands for that of the file, KEY for its key."""

    def change(world: World, file: File) -> None:
        known = {"UUID": file.uuid, "KEY": file.storage_path}
        world.ledger.note(kind, **{name: known.get(str(value), value) for name, value in facts.items()})

    return change


def chatty(world: World, file: File) -> None:
    """A thumb that was copied with all metadata."""
    replaced("thumb_path", photograph())(world, file)
    sql(f"UPDATE variants SET size = {len(photograph())} WHERE path = :thumb")(world, file)


def stray(world: World, file: File) -> None:
    """A variant of an unknown file."""
    world.storage.put("collections/c/variants/thumb_nobody.jpg", io.BytesIO(b"stray"))


BREACHES = [
    ("1", sql("DELETE FROM files WHERE uuid = :uuid")),
    ("1", replaced("storage_path", None)),
    ("1", replaced("storage_path", b"other bytes")),
    ("1", noted("acknowledged", uuid="UUID", sha256="0" * 64, collection="c")),
    ("2", replaced("thumb_path", None)),
    ("2", replaced("thumb_path", b"short")),
    ("2", sql("DELETE FROM variants WHERE path = :thumb")),
    ("3", stray),
    ("3", sql("DELETE FROM files WHERE uuid = :uuid")),
    ("4", sql("UPDATE files SET processing_status = 'pending' WHERE uuid = :uuid")),
    ("4", sql("UPDATE files SET processing_status = 'failed' WHERE uuid = :uuid")),
    ("4", sql("UPDATE files SET medium_path = NULL WHERE uuid = :uuid")),
    ("5", noted("gone", uuid="UUID", files=[])),
    ("6", lambda world, file: [noted("put", key="KEY", sha256=each)(world, file) for each in "ab"]),
    ("8", chatty),
    ("rows without", sql("DELETE FROM files WHERE uuid = :uuid")),
]


@pytest.mark.parametrize(("breach", "break_it"), BREACHES)
def test_every_breach_is_named(
    world: World, studio: Studio, breach: str, break_it: Callable[[World, File], Any]
) -> None:
    world.ledger.note("collection", uuid="c")
    (uuid,) = world.uuids()
    break_it(world, studio.file(uuid))
    assert any(found.startswith(breach) for found in Inspection(world).run().breaches)


def test_sample_photos_contain_the_metadata_that_variants_must_not() -> None:
    assert metadata_of(photograph()) == ["comment", "exif", "xmp", "exif", "the secret"]
    assert SECRET in photograph()
