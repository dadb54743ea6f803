"""The contract of the storage backends, tested on every backend."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import InvalidKey, ObjectExists, ObjectMissing, StorageCorrupt
from app.integrations.base import FileStorage, UrlOptions
from app.integrations.local_storage import LocalStorage

MIB = 1024 * 1024
KEY = "collections/c/photo.jpg"

HOSTILE_KEYS = [
    "",
    ".",
    "..",
    "/",
    "/etc/passwd",
    "../outside",
    "a/../../outside",
    "a/./b",
    "a//b",
    "a/",
    "a\\b",
    "nul\0",
    "line\nbreak",
    "delete\x7f",
    "c1\x85",
    "half\ud800",
    "a/" + "ä" * 128,
    "x" * 256,
    "/".join(["x" * 200] * 6),
    ".incoming/x",
]

LEGAL_KEYS = [
    "x",
    "a/b/c/d/e",
    "space in name.jpg",
    "ünï/写真 📷.jpg",
    "+&=%25?#;@:,'\"()[]{}|^~`<>$!*.jpg",
    "..a/b..",
    "x" * 255,
    "/".join(["x" * 203] * 5) + "/yyyy",
]


def keys(storage: FileStorage, prefix: str = "") -> list[str]:
    return [item.key for item in storage.list(prefix)]


def content(storage: FileStorage, key: str) -> bytes:
    with storage.open(key) as stream:
        return stream.read()


def test_stored_bytes_are_returned(storage: FileStorage) -> None:
    stored = storage.put(KEY, io.BytesIO(b"picture"), "image/jpeg")
    assert (stored.key, stored.size) == (KEY, 7)
    assert stored.modified_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - stored.modified_at) < timedelta(minutes=5)
    assert storage.stat(KEY).size == 7
    assert content(storage, KEY) == b"picture"


def test_an_empty_object_is_an_object(storage: FileStorage) -> None:
    assert storage.put(KEY, io.BytesIO()).size == 0
    assert storage.stat(KEY).size == 0
    assert content(storage, KEY) == b""


def test_only_the_rest_of_the_stream_is_stored(storage: FileStorage) -> None:
    stream = io.BytesIO(b"header" + b"picture")
    stream.seek(6)
    assert storage.put(KEY, stream).size == 7
    assert content(storage, KEY) == b"picture"


@pytest.mark.parametrize("key", LEGAL_KEYS, ids=range(len(LEGAL_KEYS)))
def test_every_legal_key_can_be_stored_and_read(storage: FileStorage, key: str) -> None:
    storage.put(key, io.BytesIO(key.encode()))
    assert content(storage, key) == key.encode()
    assert keys(storage) == [key]
    storage.delete(key)
    assert keys(storage) == []


@pytest.mark.parametrize("key", HOSTILE_KEYS, ids=range(len(HOSTILE_KEYS)))
def test_hostile_keys_are_refused_by_every_verb(storage: FileStorage, key: str) -> None:
    for attempt in (
        lambda: storage.put(key, io.BytesIO(b"x")),
        lambda: storage.open(key),
        lambda: storage.stat(key),
        lambda: storage.delete(key),
        lambda: storage.local_path(key),
    ):
        with pytest.raises(InvalidKey):
            attempt()
    assert keys(storage) == []


@pytest.mark.parametrize("prefix", ["../", "/", "a/../b", "nul\0", ".incoming/"])
def test_hostile_prefixes_are_refused(storage: FileStorage, prefix: str) -> None:
    with pytest.raises(InvalidKey):
        storage.list(prefix)


def test_missing_object_is_named_in_the_error(storage: FileStorage) -> None:
    with pytest.raises(ObjectMissing) as missing:
        storage.open("nothing/here")
    assert missing.value.key == "nothing/here"
    with pytest.raises(ObjectMissing):
        storage.stat("nothing/here")


def test_origins_are_those_of_the_urls_that_a_store_gives_out(storage: FileStorage) -> None:
    """Origins are host sources of a content security policy: scheme and host, perhaps with subdomains."""
    now = datetime.now(UTC)
    url = storage.url(KEY, signed_at=now, expires_at=now + timedelta(minutes=1), options=UrlOptions())
    assert any(url.startswith(f"{origin}/") for origin in storage.origins()) if url else storage.origins() == ()
    assert all(re.fullmatch(r"https?://(\*\.)?[\w.-]+(:\d+)?", origin) for origin in storage.origins())


def test_prices_are_those_of_the_classes_in_which_objects_are_stored(storage: FileStorage) -> None:
    stored, prices = storage.put(KEY, io.BytesIO(b"picture"), "image/jpeg"), storage.prices()
    assert (stored.storage_class in prices.classes) if prices else stored.storage_class is None


def test_deleting_is_final_and_may_be_repeated(storage: FileStorage) -> None:
    storage.delete(KEY)
    storage.put(KEY, io.BytesIO(b"x"))
    storage.delete(KEY)
    storage.delete(KEY)
    with pytest.raises(ObjectMissing):
        storage.stat(KEY)
    assert storage.put(KEY, io.BytesIO(b"again")).size == 5


@pytest.mark.parametrize("size", [7, 6 * MIB], ids=["whole", "in parts"])
def test_overwriting_is_refused(storage: FileStorage, size: int) -> None:
    storage.put(KEY, io.BytesIO(b"1" * size))
    for other in (b"1" * size, b"2" * size):
        with pytest.raises(ObjectExists):
            storage.put(KEY, io.BytesIO(other))
    assert content(storage, KEY) == b"1" * size


def test_of_racing_writers_one_wins(storage: FileStorage) -> None:
    start, outcomes = threading.Barrier(4, timeout=60), {}

    def write(number: int) -> None:
        start.wait()
        try:
            storage.put(KEY, io.BytesIO(bytes([number]) * 1000))
            outcomes[number] = "stored"
        except ObjectExists:
            outcomes[number] = "refused"

    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert sorted(outcomes.values()) == ["refused", "refused", "refused", "stored"]
    winner = next(number for number, outcome in outcomes.items() if outcome == "stored")
    assert content(storage, KEY) == bytes([winner]) * 1000


def test_other_bytes_than_announced_are_not_kept(storage: FileStorage) -> None:
    right, wrong = hashlib.sha256(b"picture").hexdigest(), hashlib.sha256(b"pictura").hexdigest()
    with pytest.raises(StorageCorrupt):
        storage.put(KEY, io.BytesIO(b"picture"), sha256=wrong)
    assert keys(storage) == []
    assert storage.put(KEY, io.BytesIO(b"picture"), sha256=right).size == 7


def test_listing_goes_in_key_order_over_pages(storage: FileStorage) -> None:
    wanted = [f"a/{number:02}" for number in range(21)] + ["a-b", "a.b", "a/c/d", "a0", "b/ä", "ab/x", "B"]
    for key in wanted:
        storage.put(key, io.BytesIO(b"x"))
    assert keys(storage) == sorted(wanted)
    assert keys(storage, "a/") == sorted(key for key in wanted if key.startswith("a/"))
    assert keys(storage, "a") == sorted(key for key in wanted if key.startswith("a"))
    assert keys(storage, "a/0") == [f"a/{number:02}" for number in range(10)]
    assert keys(storage, "a/c/d") == ["a/c/d"]
    assert keys(storage, "nothing/") == []


def test_a_stream_may_be_left_half_read(storage: FileStorage) -> None:
    data = bytes(range(256)) * 4096
    storage.put(KEY, io.BytesIO(data))
    for _ in range(3):
        with storage.open(KEY) as stream:
            assert stream.read(10) == data[:10]
            assert stream.read(300_000) == data[10:300_010]
    with storage.open(KEY) as stream:
        assert b"".join(iter(lambda: stream.read(100_000), b"")) == data
        assert stream.read() == b""


def test_no_leftovers_remain_to_sweep(storage: FileStorage) -> None:
    storage.put(KEY, io.BytesIO(b"x" * (6 * MIB)))
    assert storage.sweep_leftovers(timedelta(hours=-1)) == 0
    assert keys(storage) == [KEY]


STREAM_100_MB = """
import hashlib, io, json, sys, tracemalloc
from pathlib import Path
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.local_storage import LocalStorage
from app.integrations.s3.settings import MIB, R2Settings

where, spool = json.loads(sys.argv[1]), sys.argv[2]
where.pop("part_bytes", None)
storage = LocalStorage(Path(where["root"])) if "root" in where else CloudflareR2Storage(R2Settings(**where))
tracemalloc.start()
with open(spool, "rb") as stream:
    stored = storage.put("big", stream)
read = hashlib.sha256()
with storage.open("big") as stream:
    while chunk := stream.read(MIB):
        read.update(chunk)
print(json.dumps([stored.size, read.hexdigest(), tracemalloc.get_traced_memory()[1]]))
"""


def test_100_mb_pass_through_without_being_held_in_memory(storage: FileStorage, tmp_path: Path) -> None:
    spool, expected = tmp_path / "spool", hashlib.sha256()
    with spool.open("wb") as file:
        for number in range(100):
            block = bytes([number]) * MIB
            file.write(block)
            expected.update(block)
    where = {"root": str(storage.root)} if isinstance(storage, LocalStorage) else asdict(storage.settings)  # type: ignore[attr-defined]
    done = subprocess.run(
        [sys.executable, "-c", STREAM_100_MB, json.dumps(where), str(spool)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    size, digest, peak = json.loads(done.stdout)
    assert (size, digest) == (100 * MIB, expected.hexdigest())
    assert peak < 32 * MIB  # two parts of 8 MiB under way and their copies; measured 20 (R2) and 2 (local)
