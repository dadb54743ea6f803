"""The contract that both ways to send a big file keep: in chunks through the app, in parts straight to the store."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from app import Proofsheet
from app.errors import Conflict, UploadIncomplete
from app.integrations.s3.settings import client_for
from app.models import File, Upload, db, new_uuid
from app.services import lookup
from app.services.storage_service import StorageService
from app.services.uploads import rows
from app.services.uploads.chunks import SpooledChunks
from app.services.uploads.originals import OriginalService
from app.services.uploads.parts import DirectParts
from app.services.uploads.rows import CHUNKS, PARTS, UploadRecord
from app.services.uploads.transfer import Transfer
from tests.support.pictures import jpeg
from tests.support.s3 import settings_of
from tests.support.studio import Studio

DATA = jpeg(90)
SHA256 = hashlib.sha256(DATA).hexdigest()
MD5 = base64.b64encode(hashlib.md5(DATA).digest()).decode()


@pytest.fixture(params=[CHUNKS, PARTS])
def mode(request: pytest.FixtureRequest) -> str:
    """Both ways in turn."""
    return str(request.param)


@pytest.fixture
def settings(settings: dict[str, Any], mode: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The app with a folder as its store; for parts, with a bucket at moto."""
    return settings if mode == CHUNKS else settings | settings_of(request.getfixturevalue("bucket"))


@pytest.fixture
def transfer(app: Proofsheet, mode: str) -> Iterator[Transfer]:
    """The class of this way, inside an app context."""
    with app.app_context():
        originals = OriginalService()
        yield (
            SpooledChunks(Path(app.config["SPOOL_PATH"]), originals)
            if mode == CHUNKS
            else DirectParts(StorageService(), originals)
        )


@pytest.fixture
def facts(transfer: Transfer, studio: Studio) -> UploadRecord:
    """An upload of DATA that was begun."""
    owner_id = studio.photographer()
    collection_id, name = lookup.by_uuid(studio.collection(owner_id)).id, new_uuid()
    destination = asdict(transfer.begin(collection_id, name, "big.jpg"))
    announced = {"name": "big.jpg", "size": len(DATA), "sha256": SHA256}
    row = Upload(
        uuid=name,
        collection_id=collection_id,
        user_id=owner_id,
        storage_backend=StorageService().backend,
        **announced,
        **destination,
    )
    return rows.insert(row, collection_id)


def send(transfer: Transfer, facts: UploadRecord) -> None:
    """Send all bytes, as a browser does."""
    if isinstance(transfer, SpooledChunks):
        transfer.receive(facts, 0, [DATA])
    elif isinstance(transfer, DirectParts):
        url = transfer.urls(facts, {1: MD5})[1]
        assert requests.put(url, data=DATA, headers={"Content-MD5": MD5}, timeout=30).status_code == 200


def left(app: Proofsheet, facts: UploadRecord) -> int:
    """How many partial files, multipart uploads and objects there are."""
    if facts.mode == CHUNKS:
        return len(list(Path(app.config["SPOOL_PATH"]).rglob("*.part")))
    assert app.r2_storage is not None
    place = app.r2_storage.settings
    unfinished = client_for(place).list_multipart_uploads(Bucket=place.bucket).get("Uploads", [])
    return len(unfinished) + len(list(app.r2_storage.list()))


def test_upload_begins_empty(transfer: Transfer, facts: UploadRecord, mode: str) -> None:
    standing = transfer.progress(facts)
    assert (facts.mode, standing.mode, standing.uuid) == (mode, mode, facts.uuid)
    assert (standing.size, standing.received) == (len(DATA), 0)


def test_complete_upload_becomes_an_original(transfer: Transfer, facts: UploadRecord) -> None:
    send(transfer, facts)
    assert transfer.progress(facts).received == len(DATA)
    kept = transfer.finish(facts, {})
    file = db.session.get_one(File, kept.file_id)
    assert (file.sha256, kept.accepted.name, file.size) == (SHA256, "big.jpg", len(DATA))
    with StorageService().named(file.storage_backend).open(file.storage_path) as stream:
        assert stream.read() == DATA


def test_incomplete_upload_is_refused_and_can_be_resumed(transfer: Transfer, facts: UploadRecord) -> None:
    with pytest.raises(UploadIncomplete):
        transfer.finish(facts, {})
    send(transfer, facts)
    assert transfer.finish(facts, {}).accepted.sha256 == SHA256


def test_discarded_upload_leaves_no_bytes_and_no_row(app: Proofsheet, transfer: Transfer, facts: UploadRecord) -> None:
    send(transfer, facts)
    assert left(app, facts) == 1
    transfer.discard(facts)
    assert left(app, facts) == 0
    assert rows.find(Upload.id == facts.id) is None


def test_upload_of_the_other_mode_is_refused(transfer: Transfer, facts: UploadRecord, mode: str) -> None:
    other = replace(facts, multipart_id=None if mode == PARTS else "x")
    with pytest.raises(Conflict):
        send(transfer, other)
