"""Uploads in pieces that are begun twice at once, by two people, or whose bytes cannot be removed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from app import Proofsheet
from app.errors import NotFound
from app.services import lookup
from app.services.uploads import rows
from app.services.uploads.chunks import PartialFile
from app.services.uploads.resumable import ResumableService
from app.services.uploads.rows import Announced, UploadProgress
from tests.support.pictures import jpeg
from tests.support.studio import Studio

DATA = jpeg()
ANNOUNCED = Announced("a/photo.jpg", len(DATA), hashlib.sha256(DATA).hexdigest())


@pytest.fixture
def people(studio: Studio) -> list[int]:
    """Two accounts."""
    return [studio.photographer(), studio.photographer("grace@example.com")]


@pytest.fixture
def collection_id(app: Proofsheet, studio: Studio, people: list[int]) -> int:
    """A collection of the first of them."""
    uuid = studio.collection(people[0])
    with app.app_context():
        return lookup.by_uuid(uuid).id


@pytest.fixture
def service(app: Proofsheet) -> Iterator[ResumableService]:
    """The service, inside an app context."""
    with app.app_context():
        yield ResumableService()


def begun(service: ResumableService, collection_id: int, user_id: int) -> tuple[UploadProgress, bool]:
    result = service.begin(collection_id, user_id, ANNOUNCED)
    assert result.progress is not None
    return result.progress, result.fresh


def test_upload_is_resumed_by_who_began_it(service: ResumableService, collection_id: int, people: list[int]) -> None:
    first, again, other = (begun(service, collection_id, user_id) for user_id in (people[0], people[0], people[1]))
    assert [fresh for _progress, fresh in (first, again, other)] == [True, False, True]
    assert first[0] == again[0]
    assert first[0].uuid != other[0].uuid
    assert rows.by_uuid(first[0].uuid).name == "photo.jpg"


def test_upload_begun_twice_at_once_is_one(
    service: ResumableService, collection_id: int, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _fresh = begun(service, collection_id, people[0])
    look = ResumableService._resumed
    answers = iter([lambda *_: None, look])  # the first look was before the other request
    monkeypatch.setattr(ResumableService, "_resumed", lambda self, *args: next(answers)(self, *args))
    assert begun(service, collection_id, people[0]) == (first, False)


def test_saved_file_is_told_even_if_its_pieces_cannot_be_removed(
    service: ResumableService, collection_id: int, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: PartialFile) -> None:
        raise PermissionError("read-only")

    progress, _fresh = begun(service, collection_id, people[0])
    upload_id = rows.by_uuid(progress.uuid).id
    service.receive(upload_id, 0, [DATA])
    monkeypatch.setattr(PartialFile, "remove", fail)
    assert [file.name for file in service.complete(upload_id).files] == ["photo.jpg"]


def test_unknown_upload_is_not_found(service: ResumableService) -> None:
    for ask in (service.progress, service.complete, service.cancel):
        with pytest.raises(NotFound):
            ask(7)
