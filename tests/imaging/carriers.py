"""Metadata blocks with every kind of damage, and pictures of each format that contain them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from tests.support.photos import TINY
from tests.support.pictures import encoded, scene
from tests.support.telling import XMP, XMP_HEAD, blocks, box, exif, gif, jpeg, png, saved, segment

TEXT = b"Dear Ada, here are the photos. "


def directory(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """A TIFF directory at 8, little-endian, its values as they are given."""
    listed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + listed + struct.pack("<I", following)


EXIFS = {
    "empty": b"",
    "text": TEXT * 9,
    "zeros": bytes(400),
    "cut short": exif(orientation=1)[:90],
    "its own successor": directory((0x0100, 3, 1, 5), following=8),
    "its own part": directory((0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)),
    "values beyond the end": directory((0x010F, 2, 99, 1 << 30), (0x9286, 7, 1 << 31, 8)),
    "endless values": directory((0x010F, 2, 0xFFFFFFFF, 8), (0x0112, 5, 0xFFFFFFFF, 8), (0x011A, 5, 0xFFFFFFFF, 8)),
    "unknown types": directory((0x010F, 77, 1, 8), (0x0112, 0, 1, 8)),
    "division by zero": directory((0x011A, 5, 1, 60), (0x011B, 5, 1, 60), (0x0128, 3, 1, 2)) + bytes(60),
    "the same value 3,000 times": directory(*((number, 5, 3000, 8) for number in range(0x200, 0x200 + 3000))),
}
XMPS = {
    "empty": b"",
    "text": TEXT * 9,
    "cut short": XMP[:-30],
    "nested 9,000 deep": b"<x>" * 9000 + b"</x>" * 9000,
    "entities": b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(8))
    + b"]><x>&i;</x>",
    "no letters": bytes(range(256)) * 4,
}
PROFILES = {"empty": b"", "text": TEXT * 9, "zeros": bytes(4000), "huge size": b"\xff" * 128 + bytes(4000)}


def with_crc(name: bytes, body: bytes, wrong: int = 0) -> bytes:
    """A chunk of a PNG."""
    return len(body).to_bytes(4) + name + body + (zlib.crc32(name + body) ^ wrong).to_bytes(4)


def png_with(*chunks: bytes, behind: bool = False) -> bytes:
    """A PNG with these chunks before or behind its pixels."""
    plain = png()
    at = len(plain) - 12 if behind else 33
    return plain[:at] + b"".join(chunks) + plain[at:]


def webp_with(*chunks: tuple[bytes, bytes], flags: int = 0b101100) -> bytes:
    """A WebP with these chunks around its picture: ICCP and what is unknown before it, the others behind."""
    picture = saved("WEBP")[12:]
    parts = [name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2) for name, body in chunks]
    before = [part for part in parts if part[:4] not in (b"EXIF", b"XMP ")]
    behind = [part for part in parts if part[:4] in (b"EXIF", b"XMP ")]
    canvas = bytes((flags, 0, 0, 0)) + (95).to_bytes(3, "little") + (63).to_bytes(3, "little")
    body = b"".join((b"WEBPVP8X" + (10).to_bytes(4, "little") + canvas, *before, picture, *behind))
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def avif_with(**metadata: bytes) -> bytes:
    """An AVIF whose encoder takes metadata that is in order, which is broken afterwards."""
    sound = {"exif": exif(orientation=1), "xmp": XMP}
    body = saved("AVIF", **{name: sound[name] for name in metadata})
    for name, block in metadata.items():
        size = len(sound[name])
        body = body.replace(sound[name], block[:size].ljust(size, b" "))
    return body


def heic_with_items(**metadata: bytes) -> bytes:
    """The tiny HEIC with items of EXIF and XMP that describe its picture."""
    kinds = {"exif": (b"Exif\0", b"\0\0\0\0"), "xmp": (b"mime\0application/rdf+xml\0", b"")}
    bodies = [kinds[name][1] + block for name, block in metadata.items()]
    meta, data = TINY.index(b"meta") - 4, TINY.index(b"mdat") - 4
    old = TINY[meta + 12 : data]
    handler = old[: int.from_bytes(old[:4])]
    primary, properties = (old[old.index(name) - 4 :] for name in (b"pitm", b"iprp"))
    names = [b"hvc1\0", *(kinds[name][0] for name in metadata)]
    entries = [box(b"infe", b"\2\0\0\0" + (n + 1).to_bytes(2) + b"\0\0" + name) for n, name in enumerate(names)]
    info = box(b"iinf", b"\0\0\0\0" + len(entries).to_bytes(2) + b"".join(entries))
    refers = b"".join(box(b"cdsc", (n + 2).to_bytes(2) + b"\0\1\0\1") for n in range(len(bodies)))
    sizes = [0xC1, *map(len, bodies)]

    def whole(start: int) -> bytes:
        places, at = [], start
        for n, size in enumerate(sizes):
            places.append((n + 1).to_bytes(2) + b"\0\0" + b"\0\1" + at.to_bytes(4) + size.to_bytes(4))
            at += size
        located = box(b"iloc", b"\0\0\0\0\x44\0" + len(places).to_bytes(2) + b"".join(places))
        parts = (handler, primary[: int.from_bytes(primary[:4])], located, info, box(b"iref", b"\0\0\0\0" + refers))
        rest = properties[: int.from_bytes(properties[:4])]
        return TINY[:meta] + box(b"meta", b"\0\0\0\0" + b"".join(parts) + rest)

    start = len(whole(0)) + 8
    picture = TINY[0x17A : 0x17A + 0xC1]
    return whole(start) + box(b"mdat", picture + b"".join(bodies))


def tiff_with(*entries: tuple[int, int, int, int], data: bytes = b"") -> bytes:
    """A TIFF with more entries in its directory, which moves to the end; a value of -1 is where `data` lies."""
    plain = encoded(scene(96, 64), "TIFF").getvalue()
    at = int.from_bytes(plain[4:8], "little")
    count = int.from_bytes(plain[at : at + 2], "little")
    own = [struct.unpack_from("<HHII", plain, at + 2 + 12 * number) for number in range(count)]
    added = [(tag, kind, many, len(plain) if value == -1 else value) for tag, kind, many, value in entries]
    start = len(plain) + len(data)
    listed = b"".join(struct.pack("<HHII", *entry) for entry in sorted((*own, *added), key=lambda each: each[0]))
    head = plain[:4] + start.to_bytes(4, "little") + plain[8:]
    return head + data + struct.pack("<H", len(own) + len(added)) + listed + bytes(4)


def icc_segments(profile: bytes, *, number: int = 1, of: int = 1) -> bytes:
    return segment(0xE2, b"ICC_PROFILE\0" + bytes((number, of)) + profile)


Table = dict[str, Callable[[], bytes]]


def _each(format_name: str, make: Callable[[bytes], bytes], name: str, bodies: dict[str, bytes]) -> Table:
    return {f"{format_name}, {name}: {kind}": lambda block=block: make(block) for kind, block in bodies.items()}


JPEGS: Table = {
    **_each("JPEG", lambda block: jpeg(segment(0xE1, b"Exif\0\0" + block)), "EXIF", EXIFS),
    **_each("JPEG", lambda block: jpeg(segment(0xE1, XMP_HEAD + block)), "XMP", XMPS),
    **_each("JPEG", lambda block: jpeg(icc_segments(block)), "ICC", PROFILES),
    "JPEG, EXIF 900 times": lambda: jpeg(segment(0xE1, b"Exif\0\0" + exif(orientation=1)) * 900),
    "JPEG, XMP 900 times": lambda: jpeg(segment(0xE1, XMP_HEAD + XMP) * 900),
    "JPEG, EXIF of 64 KB 300 times": lambda: jpeg(segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 300),
    "JPEG, comments of 20 MB": lambda: jpeg(segment(0xFE, TEXT * 2000) * 320),
    "JPEG, unknown segments of 20 MB": lambda: jpeg(segment(0xE7, TEXT * 2000) * 320),
    "JPEG, profile of 20 MB": lambda: jpeg(
        *(icc_segments(bytes(64_000), number=n % 255 + 1, of=255) for n in range(320))
    ),
    "JPEG, profile without its parts": lambda: jpeg(icc_segments(TEXT, number=2, of=7)),
    "JPEG, profile of no bytes": lambda: jpeg(segment(0xE2, b"ICC_PROFILE\0")),
    "JPEG, resources that end in their name": lambda: jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\4\4")),
    "JPEG, resources without end": lambda: jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\xff\xff\xff\xff")),
    "JPEG, a long name of a resource": lambda: jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\4\4\xff\0")),
    "JPEG, IPTC of text": lambda: jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\x1f" + TEXT)),
    "JPEG, resolution of no bytes": lambda: jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\3\xed\0\0\0\0\0\0")),
    "JPEG, short JFIF": lambda: jpeg(segment(0xE0, b"JFIF\0")),
    "JPEG, short Adobe": lambda: jpeg(segment(0xEE, b"Adobe\0")),
    "JPEG, pictures in pictures of text": lambda: jpeg(segment(0xE2, b"MPF\0" + TEXT)),
    "JPEG, pictures in pictures without a number": lambda: jpeg(segment(0xE2, b"MPF\0" + directory((1, 3, 1, 1)))),
    "JPEG, empty segments": lambda: jpeg(*(segment(0xE0 + number, b"") for number in range(16))),
}
PNGS: Table = {
    **_each("PNG", lambda block: png_with(with_crc(b"eXIf", block)), "EXIF", EXIFS),
    **_each("PNG", lambda block: png_with(with_crc(b"eXIf", block), behind=True), "EXIF behind", EXIFS),
    **_each("PNG", lambda block: png_with(with_crc(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + block)), "XMP", XMPS),
    **_each("PNG", lambda block: png_with(with_crc(b"iCCP", b"name\0\0" + zlib.compress(block))), "ICC", PROFILES),
    **{
        f"PNG, {name.decode()} with a wrong CRC": lambda name=name: png_with(with_crc(name, bytes(9), 1))
        for name in (
            b"tEXt",
            b"zTXt",
            b"iTXt",
            b"iCCP",
            b"gAMA",
            b"cHRM",
            b"sRGB",
            b"tIME",
            b"pHYs",
            b"eXIf",
            b"tRNS",
            b"prVt",
        )
    },
    **{
        f"PNG, {name.decode()} of {length} bytes": lambda name=name, length=length: png_with(
            with_crc(name, bytes(length))
        )
        for name in (
            b"tEXt",
            b"zTXt",
            b"iTXt",
            b"iCCP",
            b"gAMA",
            b"cHRM",
            b"sRGB",
            b"tIME",
            b"pHYs",
            b"acTL",
            b"fcTL",
            b"bKGD",
        )
        for length in (0, 1, 3)
        if (name, length) not in ((b"sRGB", 1), (b"sRGB", 3))
    },
    "PNG, wrong CRC behind the pixels": lambda: png_with(with_crc(b"tEXt", b"a\0b", 1), behind=True),
    "PNG, history of 2 MB": lambda: png_with(with_crc(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(TEXT * 70_000))),
    "PNG, history behind": lambda: png_with(
        with_crc(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(TEXT * 70_000)), behind=True
    ),
    "PNG, text of 20 MB": lambda: png_with(with_crc(b"tEXt", b"a\0" + TEXT * 700_000)),
    "PNG, 200 bombs": lambda: png_with(with_crc(b"zTXt", b"a\0\0" + zlib.compress(bytes(20_000_000))) * 200),
    "PNG, 30,000 texts": lambda: png_with(*(with_crc(b"tEXt", b"%d\0a" % number) for number in range(30_000))),
    "PNG, text that is no zlib": lambda: png_with(with_crc(b"zTXt", b"a\0\0" + TEXT)),
    "PNG, text of an unknown method": lambda: png_with(with_crc(b"zTXt", b"a\0\7" + TEXT)),
    "PNG, profile of an unknown method": lambda: png_with(with_crc(b"iCCP", b"a\0\7" + TEXT)),
    "PNG, profile bomb": lambda: png_with(with_crc(b"iCCP", b"a\0\0" + zlib.compress(bytes(50_000_000)))),
    "PNG, private chunk of 20 MB": lambda: png_with(with_crc(b"prVt", TEXT * 700_000)),
    "PNG, EXIF as text": lambda: png_with(with_crc(b"tEXt", b"Raw profile type exif\0\nexif\n 9\nzzzz")),
    "PNG, animation without end": lambda: png_with(with_crc(b"acTL", b"\xff" * 8), with_crc(b"fcTL", bytes(26))),
}
WEBPS: Table = {
    **_each("WebP", lambda block: webp_with((b"EXIF", block)), "EXIF", EXIFS),
    **_each("WebP", lambda block: webp_with((b"XMP ", block)), "XMP", XMPS),
    **_each("WebP", lambda block: webp_with((b"ICCP", block)), "ICC", PROFILES),
    "WebP, promises without blocks": webp_with,
    "WebP, EXIF 900 times": lambda: webp_with(*[(b"EXIF", exif(orientation=1))] * 900),
    "WebP, XMP of 20 MB": lambda: webp_with((b"XMP ", TEXT * 700_000)),
    "WebP, unknown chunks": lambda: webp_with(*[(b"abcd", TEXT)] * 900),
    "WebP, profile twice": lambda: webp_with(*[(b"ICCP", TEXT)] * 2),
    "WebP, blocks nobody announced": lambda: webp_with((b"EXIF", TEXT), (b"XMP ", TEXT), (b"ICCP", TEXT), flags=0),
    "WebP, XMP that is cut short": lambda: webp_with((b"XMP ", XMP))[:-40],
    "WebP, XMP of a wrong length": lambda: webp_with((b"XMP ", b"")) + b"\xff\xff\0\0",
    "WebP, EXIF behind the end": lambda: saved("WEBP") + b"EXIF\x04\0\0\0abcd",
}
AVIFS: Table = {
    **_each("AVIF", lambda block: avif_with(exif=block), "EXIF", EXIFS),
    **_each("AVIF", lambda block: avif_with(xmp=block), "XMP", XMPS),
    **_each("AVIF", lambda block: saved("AVIF", icc_profile=block), "ICC", {k: v for k, v in PROFILES.items() if v}),
    "AVIF, boxes of 20 MB behind": lambda: saved("AVIF") + box(b"free", bytes(20_000_000)),
}
HEICS: Table = {
    **_each("HEIC", lambda block: heic_with_items(exif=block), "EXIF", EXIFS),
    **_each("HEIC", lambda block: heic_with_items(xmp=block), "XMP", XMPS),
    "HEIC, profile of three bytes": lambda: TINY.replace(b"colrnclx", b"colrprof"),
    "HEIC, 20 MB of XMP": lambda: heic_with_items(xmp=TEXT * 700_000),
    "HEIC, boxes of 20 MB behind": lambda: TINY + box(b"free", bytes(20_000_000)),
}
_TIFF_BLOCKS = {"XMP": 700, "IPTC": 33723, "resources": 34377, "ICC": 34675, "description": 270, "date": 306}
TIFFS: Table = {
    **_each("TIFF", lambda block: tiff_with((34665, 4, 1, -1), data=block.ljust(8)), "EXIF", EXIFS),
    **_each(
        "TIFF",
        lambda block: tiff_with((700, 1, len(block), -1), data=block),
        "XMP",
        {k: v for k, v in XMPS.items() if v},
    ),
    **_each(
        "TIFF",
        lambda block: tiff_with((34675, 7, len(block), -1), data=block),
        "ICC",
        {k: v for k, v in PROFILES.items() if v},
    ),
    **{
        f"TIFF, {name} {words}": lambda tag=tag, count=count, value=value: tiff_with((tag, 7, count, value))
        for name, tag in _TIFF_BLOCKS.items()
        for words, count, value in (
            ("beyond the end", 900, 1 << 30),
            ("without end", 0xFFFFFFFF, 8),
            ("of no bytes", 0, 0),
        )
    },
    "TIFF, EXIF that is its own part": lambda: tiff_with(
        (34665, 4, 1, -1), (34853, 4, 1, -1), data=EXIFS["its own part"][8:]
    ),
    "TIFF, EXIF beyond the end": lambda: tiff_with((34665, 4, 1, 1 << 30)),
    "TIFF, XMP of 20 MB": lambda: tiff_with((700, 1, 20_000_000, -1), data=bytes(20_000_000)),
    "TIFF, a million fractions": lambda: tiff_with((50_000, 5, 1_000_000, -1), data=b"\1\0\0\0\3\0\0\0" * 1_000_000),
    "TIFF, the same 2 MB 900 times": lambda: tiff_with(
        *((50_000 + number, 7, 2_000_000, -1) for number in range(900)), data=bytes(2_000_000)
    ),
}
GIFS: Table = {
    "GIF, comments of 20 MB": lambda: gif(blocks(0xFE, *[TEXT * 8] * 80_000)),
    "GIF, 30,000 comments": lambda: gif(*[blocks(0xFE, TEXT)] * 30_000),
    "GIF, XMP of text": lambda: gif(blocks(0xFF, b"XMP DataXMP", TEXT)),
    "GIF, application without a name": lambda: gif(blocks(0xFF, b"")),
    "GIF, loop of no bytes": lambda: gif(blocks(0xFF, b"NETSCAPE2.0")),
    "GIF, text of no bytes": lambda: gif(blocks(0x01)),
    "GIF, unknown extension": lambda: gif(blocks(0x77, TEXT)),
}
PLAIN: dict[str, Callable[[], bytes]] = {
    "JPEG": jpeg,
    "PNG": png,
    "WebP": lambda: saved("WEBP"),
    "AVIF": lambda: saved("AVIF"),
    "HEIC": lambda: TINY,
    "TIFF": lambda: saved("TIFF"),
    "GIF": lambda: saved("GIF"),
}
BROKEN: Table = {**JPEGS, **PNGS, **WEBPS, **AVIFS, **HEICS, **TIFFS, **GIFS}
