"""Damaged, huge or hostile XMP and IPTC: pixels are decoded, and readable values are read."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from app.imaging.iim import contents
from app.imaging.packets import MAX_PACKET_BYTES, XMP, png_time
from app.imaging.render import render
from app.imaging.variants import by_name
from tests.imaging.test_metadata import PACKET
from tests.support.telling import png, saved

RATING = "{http://ns.adobe.com/xap/1.0/}Rating"
HISTORY = b"<!-- " + b"a history of many steps " * 100_000 + b" -->"
BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><x>&j;</x>"
)
DEEP = b"<a>" * 300_000


@pytest.mark.parametrize(
    "body", [b"<x", b"\xff" * 40, DEEP[:15_000], BOMB, PACKET.replace(b"'4'", b"'many'"), PACKET[:300]]
)
def test_damaged_packet_is_ignored(body: bytes) -> None:
    with render(io.BytesIO(saved("JPEG", xmp=body)), [by_name("thumb")]) as picture:
        assert picture.metadata.rating is None


def test_long_packet_is_read_as_far_as_its_limit() -> None:
    before, behind = (
        PACKET.replace(b"</rdf:RDF>", HISTORY + b"</rdf:RDF>"),
        PACKET.replace(b"<rdf:RDF", HISTORY + b"<rdf:RDF"),
    )
    assert min(len(before), len(behind)) > MAX_PACKET_BYTES
    assert list(XMP(before).values(RATING)) == ["4"]
    assert list(XMP(behind).values(RATING)) == []


@pytest.mark.parametrize("body", [BOMB, DEEP, b"<a>" + b"<b/>" * 1_000_000, b"<a " + b"b" * 5_000_000])
def test_hostile_packet_takes_little_memory(body: bytes) -> None:
    tracemalloc.start()
    try:
        assert list(XMP(body).values(RATING)) == []
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("length", range(0, 60, 7))
def test_truncated_iptc_keeps_its_complete_fields(length: int) -> None:
    block = b"".join(b"\x1c\x02\x19\0\x05" + word for word in (b"beach", b"light"))
    resource = b"8BIM\x04\x04\0\0" + len(block).to_bytes(4) + block
    whole = [word for word, end in ((b"beach", 22), (b"light", 32)) if length >= end]
    assert contents(resource[:length]).get((2, 25), []) == whole


@pytest.mark.parametrize("chunks", [[], [(b"tIME", b"\x07")], [(b"tEXt", b"")] * 5])
def test_png_with_incomplete_time_has_no_date(chunks: list[tuple[bytes, bytes]]) -> None:
    assert png_time(io.BytesIO(png(*chunks))) == ""


def test_truncated_png_has_no_date() -> None:
    whole = png((b"tIME", bytes(7)))
    assert [png_time(io.BytesIO(whole[:length])) for length in range(0, 48, 4)] == [""] * 12
