"""Deep verification: bytes that changed behind an unchanged length, and metadata that should not be there."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import update

from app.errors import StorageUnavailable
from app.models import Variant
from app.services.maintenance import deep
from app.services.maintenance.deep import DeepVerification
from app.services.maintenance.findings import Finding, Fix
from tests.support.gallery import Gallery
from tests.support.pictures import jpeg


def deep_findings(gallery: Gallery) -> list[Finding]:
    with gallery.app.app_context():
        return list(DeepVerification().findings())


def flipped(data: bytes) -> bytes:
    """The same length, one bit changed."""
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


def test_deep_check_of_an_intact_gallery_finds_nothing(gallery: Gallery) -> None:
    assert deep_findings(gallery) == []


@pytest.mark.parametrize("forgotten", [{"error": None}, {"sha256": None}, {"crc32": None}])
def test_an_original_with_one_bit_changed_is_found_by_either_digest(
    gallery: Gallery, forgotten: dict[str, None]
) -> None:
    gallery.set(**forgotten)
    gallery.replace(flipped(jpeg()))
    (finding,) = deep_findings(gallery)
    assert (finding.invariant, finding.fix, finding.key) == (1, Fix.NONE, gallery.key())


@pytest.mark.usefixtures("on_r2")
def test_an_original_in_a_bucket_is_read_as_well(gallery: Gallery) -> None:
    gallery.replace(flipped(jpeg()))
    assert [finding.invariant for finding in deep_findings(gallery)] == [1]


def test_a_variant_with_one_bit_changed_is_found_by_its_digest(gallery: Gallery) -> None:
    with gallery.store.open(gallery.key("small")) as stream:
        data = stream.read()
    at = data.rindex(b"\xff\xd9")
    gallery.replace(data[: at - 1] + bytes([data[at - 1] ^ 1]) + data[at:], "small")
    (finding,) = deep_findings(gallery)
    assert (finding.invariant, finding.fix, finding.name) == (2, Fix.REMAKE, "small")


def test_a_variant_with_a_comment_is_found(gallery: Gallery) -> None:
    with gallery.store.open(gallery.key("small")) as stream, Image.open(stream) as image:
        out = io.BytesIO()
        image.save(out, "JPEG", comment=b"at home")
    gallery.replace(out.getvalue(), "small")
    gallery.size_is(len(out.getvalue()), "small")
    (finding,) = deep_findings(gallery)
    assert (finding.invariant, finding.fix, finding.name) == (8, Fix.REMAKE, "small")
    assert finding.words == "The variant small carries a comment."


def test_variant_that_is_not_an_image_is_found(gallery: Gallery) -> None:
    length = next(row.size for row in gallery.studio.file(gallery.photo).variants if row.name == "thumb")
    gallery.replace(b"x" * length, "thumb")
    (finding,) = deep_findings(gallery)
    assert (finding.invariant, finding.fix, finding.name) == (2, Fix.REMAKE, "thumb")


def test_a_variant_of_other_pixels_than_recorded_is_found(gallery: Gallery) -> None:
    gallery.execute(update(Variant).where(Variant.name == "medium").values(width=7))
    (finding,) = deep_findings(gallery)
    assert "instead of 7 x" in finding.words


def test_unreadable_object_is_reported_but_not_as_damaged(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_key: str) -> io.BytesIO:
        raise StorageUnavailable("503")

    monkeypatch.setattr(gallery.store, "open", refuse)
    assert {finding.words.split(":")[-1] for finding in deep_findings(gallery)} == {" 503"}


def test_interrupted_read_resumes_after_last_batch_with_its_findings(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deep, "BATCH", 1)
    second = gallery.studio.photo(gallery.collection, "second.jpg", jpeg(colour=(1, 2, 3)))
    gallery.replace(flipped(jpeg()))
    gallery.photo, first = second, gallery.photo
    gallery.replace(flipped(jpeg(colour=(1, 2, 3))))
    with gallery.app.app_context():
        reading = DeepVerification().findings()
        assert [next(reading).uuid, next(reading).uuid] == [first, second]
        reading.close()  # type: ignore[attr-defined]
        again = DeepVerification()
        assert again.earlier == (gallery.studio.file(first).id, 1)
        assert [finding.uuid for finding in again.findings()] == [second]
