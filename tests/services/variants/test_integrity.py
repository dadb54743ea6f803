"""Local variants with other bytes than they were made with: never served, made again from the original."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.errors import ObjectMissing
from app.models import Variant, db
from app.services.variants import integrity
from app.services.variants.integrity import VariantLocation
from app.services.variants.single import SingleVariant
from tests.support.pictures import jpeg
from tests.support.studio import Studio

ADDRESSES = {"thumb": "thumbnail", "medium": "preview", "large": "variants/large"}


@pytest.fixture
def photo(app: Proofsheet, studio: Studio) -> str:
    """The uuid of a public photo with all of its variants."""
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(300, 200))
    with app.app_context():
        assert SingleVariant().make(studio.file(uuid).id, "large")
    return uuid


@pytest.fixture(autouse=True)
def _fresh_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "_verified", integrity._VerifiedFiles())


def path_of(studio: Studio, uuid: str, name: str) -> Path:
    """Where a variant lies."""
    row = next(row for row in studio.file(uuid).variants if row.name == name)
    return Path(studio.app.config["STORAGE_PATH"]) / row.path


def served(visitor: FlaskClient, uuid: str, name: str) -> bytes:
    """The response to a visitor for a variant."""
    answer = visitor.get(f"/collections/files/{uuid}/{ADDRESSES[name]}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    return answer.data


def change_silently(path: Path) -> None:
    """Other bytes of the same length, as a disk or a program makes them that sets the time back."""
    found = path.stat()
    path.write_bytes(bytes(found.st_size))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("looked_before", [False, True], ids=["at the first look", "changed since a look"])
def test_variant_with_other_bytes_is_made_again_and_never_served(
    studio: Studio, photo: str, name: str, looked_before: bool
) -> None:
    path = path_of(studio, photo, name)
    right = path.read_bytes()
    if looked_before:
        assert served(studio.client(), photo, name) == right
    change_silently(path)
    assert served(studio.client(), photo, name) == right


def test_file_is_read_once_for_as_long_as_it_stays_as_it_is(
    studio: Studio, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = integrity._has_digest

    def listed(path: Path, *more: object) -> bool:
        read.append(path)
        return real(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(integrity, "_has_digest", listed)
    for _ in range(3):
        served(studio.client(), photo, "thumb")
    assert read == [path_of(studio, photo, "thumb")]


def test_number_of_remembered_files_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "CACHE_SIZE", 2)
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"")
        integrity._verified.add(tmp_path / name, (0, 0, 0, ""))
    assert list(integrity._verified._stamps) == [tmp_path / "b", tmp_path / "c"]


def test_variant_from_before_digests_is_known_by_its_length(app: Proofsheet, studio: Studio, photo: str) -> None:
    with app.app_context():
        db.session.execute(db.update(Variant).values(sha256=None))
        db.session.commit()
    path = path_of(studio, photo, "thumb")
    change_silently(path)
    assert served(studio.client(), photo, "thumb") == path.read_bytes()


def test_file_deleted_during_the_scan_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing):
        integrity.is_intact_file(tmp_path / "gone", VariantLocation("gone", 1, "0" * 64))
