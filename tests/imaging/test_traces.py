"""Metadata in variants."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from app.errors import ImageError
from app.imaging.traces import inspect
from tests.support.pictures import jpeg

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'


def exif() -> bytes:
    found = Image.Exif()
    found[0x010E] = "a caption"
    return found.tobytes()


def saved(kind: str, **save: Any) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), (90, 120, 30)).save(out, kind, **save)
    out.seek(0)
    return out


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize(
    ("save", "traces"),
    [
        ({}, ()),
        ({"exif": exif()}, ("EXIF",)),
        ({"xmp": XMP}, ("XMP",)),
        ({"exif": exif(), "xmp": XMP}, ("EXIF", "XMP")),
    ],
)
def test_metadata_is_named_in_every_format(kind: str, save: dict[str, Any], traces: tuple[str, ...]) -> None:
    seen = inspect(saved(kind, **save))
    assert (seen.width, seen.height, seen.traces) == (30, 20, traces)


def test_a_comment_is_metadata() -> None:
    assert inspect(saved("JPEG", comment=b"by Ada")).traces == ("a comment",)


def test_segment_unknown_to_pillow_is_still_reported() -> None:
    data = jpeg()
    unknown = b"\xff\xe1\x00\x09unknown"
    assert inspect(io.BytesIO(data[:2] + unknown + data[2:])).traces == ("EXIF or XMP",)


@pytest.mark.parametrize("data", [b"", b"no picture", jpeg(200, 200)[:-900]])
def test_truncated_picture_is_an_error(data: bytes) -> None:
    with pytest.raises(ImageError):
        inspect(io.BytesIO(data))
