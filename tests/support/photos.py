"""One photograph in every readable format: when it was taken, how the camera was held, where, and its colours."""

from __future__ import annotations

import base64
import io
import struct
from typing import Any

from PIL import Image

from app.imaging.spaces import Curve, adapted, matrix_profile
from tests.support.named_colours import P3_XY
from tests.support.pictures import corners, encoded

PLAIN = ("jpeg", "png", "webp", "tiff", "avif", "heic")
BARE = ("bmp", "gif")  # formats that carry no EXIF
RAW = ("cr2", "nef", "arw", "dng", "orf", "rw2", "raf", "cr3")
SECRET = "Geheimort"
TURNED_RIGHT = 6  # EXIF's orientation of a camera held with its right side down
_SIZE = (192, 128)  # as displayed after turning: 128 x 192


# The four corners of pictures.corners(96, 64), encoded once with pillow-heif 1.4 (x265, quality 60).
TINY = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAAMEAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt"
    "AAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xy"
    "bmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAMlt"
    "ZGF0AAAAvSgBrwng4wucuq///oxv//4Rp5D9ri6kglJ557/x/Jy//4p+rqZcQOFzqri8XylU6y8bb636mBagZXzCPCs0JQgflLtB"
    "GxKToPtGuJkj6tb//ddVcfvb3n/6spuQqdXhRh0yT3M6WytehAHTNxy37NOaYv4og3wc42ezuQp2SnJpW6zdPVRVzZmtD7+sV/43"
    "F6uu4Ny/6N0be9XHaFqx7+v0uYi3Ik1eIfdPYcSAuo5+mnHi3CkDpglbX71cvA=="
)


def wide_profile() -> bytes:
    """Display P3 with a gamma of 2.2."""
    primaries = adapted(tuple(value / 100_000 for value in P3_XY))  # type: ignore[arg-type]
    assert primaries
    return matrix_profile("P3", primaries, Curve(2.2))


def exif(second: int, fraction: str, orientation: int = TURNED_RIGHT) -> Image.Exif:
    """Half past ten, on a second and a fraction of it, at a place and by a person that nobody should learn."""
    block = Image.Exif()
    block[0x0112], block[0x013B] = orientation, SECRET
    block.get_ifd(0x8769).update({0x9003: f"2024:06:01 10:30:{second:02}", 0x9291: fraction, 0xA431: SECRET})
    block.get_ifd(0x8825).update({1: "N", 2: (64.0, 8.0, 47.0), 3: "W", 4: (21.0, 56.0, 33.0)})
    return block


def photograph(kind: str, second: int = 5, fraction: str = "1") -> bytes:
    """The file; every picture shows the four colours of `corners` upright when it is turned as it says."""
    stored = corners(_SIZE[1], _SIZE[0]).transpose(Image.Transpose.ROTATE_90)
    if kind in BARE:
        return encoded(corners(_SIZE[1], _SIZE[0]), kind.upper()).getvalue()
    if kind in RAW:
        return _raw(kind, second)
    if kind == "heic":
        return _heic(exif(second, fraction).tobytes())
    params: dict[str, Any] = {"jpeg": {"quality": 95}, "webp": {"lossless": True}, "avif": {"quality": 95}}
    return encoded(
        stored, kind.upper(), exif=exif(second, fraction).tobytes(), icc_profile=wide_profile(), **params.get(kind, {})
    ).getvalue()


def _raw(kind: str, second: int) -> bytes:
    preview = encoded(corners(_SIZE[1], _SIZE[0]).transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95)
    if kind == "raf":
        own = encoded(Image.open(preview), "JPEG", quality=95, exif=exif(second, "1")).getvalue()
        return b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0") + struct.pack(">II", 148, len(own)) + bytes(56) + own
    makers = {"nef": b"NIKON CORPORATION", "arw": b"SONY", "orf": b"OLYMPUS", "rw2": b"Panasonic"}
    moment = f"2024:06:01 10:30:{second:02}".encode() + b"\0"
    make = (makers.get(kind, b"Leica").ljust(288, b"\0") + moment).ljust(336, b"\0") + directory([(0x9003, 2, 20, 800)])
    tags = [(0x0112, 3, 1, TURNED_RIGHT), (0x8769, 4, 1, 512 + 336)]
    if kind == "cr3":
        return _cr3(second, preview.getvalue())
    if kind in ("nef", "arw"):
        tags += [(0x00FE, 4, 1, 1), (0x014A, 4, 1, 900)]
    if kind == "dng":
        tags += [(0xC612, 1, 4, 0x0401)]
    magic = {"orf": b"IIRO", "rw2": b"IIU\0"}.get(kind, b"II*\0")
    data = raw_like(tags, make, preview.getvalue(), magic=magic).getvalue()
    if kind == "cr2":  # its directory lies behind its own letters
        body = directory(sorted([*tags, (0x010F, 2, len(make), 512)]))
        return (b"II*\0\x10\0\0\0CR\2\0\0\0\0\0" + body).ljust(512, b"\0") + data[512:]
    return data


def directory(entries: list[tuple[int, int, int, int]], at: int = 8) -> bytes:
    """A TIFF directory of these entries: tag, type, count, value; no other follows."""
    return struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *each) for each in entries) + bytes(4)


def raw_like(
    tags: list[tuple[int, int, int, int]], make: bytes, *previews: bytes, magic: bytes = b"II*\0"
) -> io.BytesIO:
    """A TIFF-like container: one directory, the maker's name at 512, the previews between pages of noise."""
    entries = sorted([*tags, (0x010F, 2, len(make), 512)])
    head = (magic + struct.pack("<I", 8) + directory(entries)).ljust(512, b"\0") + make.ljust(512, b"\0")
    return io.BytesIO(head + b"".join(preview + b"\x5a\xa5" * 2000 for preview in previews))


def _cr3(second: int, preview: bytes) -> bytes:
    """The boxes that Canon puts its directories into, inside one of its own inside `moov`."""
    main = b"II*\0\x08\0\0\0" + directory([(0x0112, 3, 1, TURNED_RIGHT)])
    photo = (b"II*\0\x08\0\0\0" + directory([(0x9003, 2, 20, 64)])).ljust(64, b"\0")
    photo += f"2024:06:01 10:30:{second:02}".encode() + b"\0"
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    moov = _box(b"moov", _box(b"uuid", canon + _box(b"CMT1", main) + _box(b"CMT2", photo)))
    return _box(b"ftyp", b"crx \0\0\0\1crx isom") + moov + _box(b"mdat", preview)


def _heic(block: bytes) -> bytes:
    """The tiny HEIC with an EXIF item, a profile and a quarter turn, as iPhones write them."""
    found = {name: TINY[TINY.index(name) - 4 :] for name in (b"hdlr", b"hvcC", b"ispe", b"pixi")}
    hdlr, codec, size, depth = (each[: int.from_bytes(each[:4])] for each in found.values())
    pixels = TINY[TINY.index(b"mdat") + 4 :]
    tags = bytes(4) + block.removeprefix(b"Exif\0\0")
    entries = _full(b"infe", 2, b"\0\1\0\0hvc1\0") + _full(b"infe", 2, b"\0\2\0\0Exif\0")
    colour = _box(b"colr", b"prof" + wide_profile())
    listed = _box(b"ipco", codec + colour + size + depth + _box(b"irot", b"\3"))
    owned = _full(b"ipma", 0, b"\0\0\0\1" + b"\0\1" + b"\5\x81\2\3\4\x85")
    fixed = hdlr + _full(b"pitm", 0, b"\0\1") + _full(b"iinf", 0, b"\0\2" + entries)
    fixed += _full(b"iref", 0, _box(b"cdsc", b"\0\2\0\1\0\1")) + _box(b"iprp", listed + owned)
    head = TINY[: int.from_bytes(TINY[:4])]
    start = len(head) + 12 + len(fixed) + 16 + 2 * 14 + 8
    places = b"".join(
        struct.pack(">HHHII", item, 0, 1, at, length)
        for item, at, length in ((1, start, len(pixels)), (2, start + len(pixels), len(tags)))
    )
    located = _full(b"iloc", 0, b"\x44\0\0\2" + places)
    return head + _full(b"meta", 0, fixed + located) + _box(b"mdat", pixels + tags)


def _box(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + name + body


def _full(name: bytes, version: int, body: bytes) -> bytes:
    return _box(name, bytes((version, 0, 0, 0)) + body)
