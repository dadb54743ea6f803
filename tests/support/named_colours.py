"""Pictures that name their colour space without a profile, and what Chromium 156 draws of each on a canvas."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image

from app.imaging.spaces import ADOBE_RGB, Curve, matrix_profile
from tests.support.delta_e import Array, delta_e, lab, srgb_to_xyz
from tests.support.pictures import encoded

COLOURS = ((64, 128, 192), (200, 150, 100), (128, 128, 128), (20, 20, 20), (0, 96, 64), (250, 250, 250))
SIDE = 32
MIDDLES = [(SIDE // 2 + SIDE * number, SIDE // 2) for number in range(len(COLOURS))]
Chunk = tuple[bytes, bytes]

SRGB_XY = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3_XY = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
D50_XY = (34567, 35850, 64000, 33000, 30000, 60000, 15000, 6000)
FLAT_XY = (31270, 32900, 64000, 33000, 64000, 33000, 15000, 6000)


def strip() -> Image.Image:
    """One square of each colour, side by side."""
    image = Image.new("RGB", (SIDE * len(COLOURS), SIDE))
    for number, colour in enumerate(COLOURS):
        image.paste(colour, (SIDE * number, 0, SIDE * (number + 1), SIDE))
    return image


def gama(value: int) -> Chunk:
    return b"gAMA", struct.pack(">I", value)


def chrm(values: tuple[int, ...]) -> Chunk:
    return b"cHRM", struct.pack(">8I", *values)


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> Chunk:
    return b"cICP", bytes((primaries, transfer, matrix, full))


def levels(most: int) -> Chunk:
    return b"cLLI", struct.pack(">2I", most * 10_000, 50 * 10_000)


def mastered(most: int) -> Chunk:
    return b"mDCV", struct.pack(">8H2I", *(0,) * 8, most * 10_000, 50)


SRGB: Chunk = (b"sRGB", b"\0")


def png(*chunks: Chunk, image: Image.Image | None = None) -> bytes:
    """The strip, or another picture, as a PNG with these chunks before its pixels."""
    plain = encoded(image or strip(), "PNG").getvalue()
    made = (len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4) for name, body in chunks)
    return plain[:33] + b"".join(made) + plain[33:]


def avif(primaries: int, transfer: int) -> bytes:
    """The strip as an AVIF with these code points."""
    plain = encoded(strip(), "AVIF", quality=100, subsampling="4:4:4").getvalue()
    at = plain.index(b"nclx") + 4
    return plain[:at] + struct.pack(">HH", primaries, transfer) + plain[at + 4 :]


def bmp(space: int, *, profile: bytes = b"", linear: bool = False) -> bytes:
    """The strip as a BMP of version 5 that names this colour space."""
    image = strip()
    body = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes("raw", "BGR")
    header = struct.pack("<IiiHHIIiiII", 124, *image.size, 1, 24, 0, len(body), 2835, 2835, 0, 0) + bytes(16)
    header += struct.pack("<I", space) + bytes(36) + struct.pack("<3I", *(65536 if linear else 0,) * 3)
    header += struct.pack("<4I", 4, 124 + len(body), len(profile), 0)
    return b"BM" + struct.pack("<IHHI", 138 + len(body) + len(profile), 0, 0, 138) + header + body + profile


NAMED: dict[str, bytes] = {
    "PNG without a word": png(),
    "PNG, gamma 1": png(gama(100_000)),
    "PNG, gamma 1/1.8": png(gama(55_556)),
    "PNG, gamma 1/2.2": png(gama(45_455)),
    "PNG, gamma almost 1/2.2": png(gama(44_000)),
    "PNG, gamma 1/2.2 and primaries of sRGB": png(gama(45_455), chrm(SRGB_XY)),
    "PNG, gamma 1/2.2 and primaries of P3": png(gama(45_455), chrm(P3_XY)),
    "PNG, gamma 1/2.2 and a white of D50": png(gama(45_455), chrm(D50_XY)),
    "PNG, primaries of P3 without a gamma": png(chrm(P3_XY)),
    "PNG, gamma 1 and primaries in one line": png(gama(100_000), chrm(FLAT_XY)),
    "PNG, gamma 0": png(gama(0)),
    "PNG, sRGB beside gamma 1 and P3": png(SRGB, gama(100_000), chrm(P3_XY)),
    "PNG, cICP of P3 beside sRGB": png(cicp(12, 13), SRGB),
    "PNG, cICP of BT.2020 with BT.709's curve": png(cicp(9, 1)),
    "PNG, cICP of linear P3": png(cicp(12, 8)),
    "PNG, cICP of SMPTE 240M": png(cicp(7, 7)),
    "PNG, cICP of 1953": png(cicp(4, 4)),
    "PNG, cICP of film with gamma 2.8": png(cicp(8, 5)),
    "PNG, cICP of cinema": png(cicp(11, 17)),
    "PNG, cICP of XYZ": png(cicp(10, 13)),
    "PNG, cICP of P22": png(cicp(22, 13)),
    "PNG, cICP unknown beside gamma 1": png(cicp(2, 2), gama(100_000)),
    "PNG, cICP of limited range beside gamma 1": png(cicp(12, 13, full=0), gama(100_000)),
    "PNG, PQ": png(cicp(9, 16)),
    "PNG, PQ up to 400 cd/m2": png(cicp(9, 16), levels(400)),
    "PNG, PQ mastered at 4,000 cd/m2": png(cicp(9, 16), mastered(4000)),
    "PNG, HLG": png(cicp(9, 18)),
    "BMP with a profile": bmp(0x4D424544, profile=matrix_profile("Adobe", ADOBE_RGB, Curve(563 / 256))),
    "BMP of gamma 1": bmp(0, linear=True),
    "AVIF, P3": avif(12, 13),
    "AVIF, BT.2020 with BT.709's curve": avif(9, 1),
    "AVIF, linear": avif(1, 8),
    "AVIF, unknown primaries": avif(3, 13),
    "AVIF, P3 with an unknown curve": avif(12, 2),
    "AVIF, PQ": avif(9, 16),
    "AVIF, HLG": avif(9, 18),
}
DRAWN = {
    "PNG without a word": "4080c0 c89664 808080 141414 006040 fafafa",
    "PNG, gamma 1": "89bce1 e5caa8 bcbcbc 4f4f4f 00a589 fdfdfd",
    "PNG, gamma 1/1.8": "5192cb d2a777 929292 1a1a1a 007351 fbfbfb",
    "PNG, gamma 1/2.2": "4080c0 c89664 808080 141414 006040 fafafa",
    "PNG, gamma almost 1/2.2": "4080c0 c89664 808080 141414 006040 fafafa",
    "PNG, gamma 1/2.2 and primaries of sRGB": "3e81c1 c99764 818181 0c0c0c 00603e fafafa",
    "PNG, gamma 1/2.2 and primaries of P3": "1883c7 d2955b 818181 0c0c0c 00623b fafafa",
    "PNG, gamma 1/2.2 and a white of D50": "2d80bf ce9868 818181 0c0c0c 00603f fafafa",
    "PNG, primaries of P3 without a gamma": "4080c0 c89664 808080 141414 006040 fafafa",
    "PNG, gamma 1 and primaries in one line": "4080c0 c89664 808080 141414 006040 fafafa",
    "PNG, gamma 0": "4080c0 c89664 808080 141414 006040 fafafa",
    "PNG, sRGB beside gamma 1 and P3": "4080c0 c89664 808080 141414 006040 fafafa",
    "PNG, cICP of P3 beside sRGB": "2082c5 d1935b 808080 141414 00623d fafafa",
    "PNG, cICP of BT.2020 with BT.709's curve": "007ec3 e18850 797979 070707 005d31 fafafa",
    "PNG, cICP of linear P3": "7abee5 ebc8a4 bcbcbc 4f4f4f 00a888 fdfdfd",
    "PNG, cICP of SMPTE 240M": "588ec7 cca273 8d8d8d 262626 186e51 fbfbfb",
    "PNG, cICP of 1953": "0088c6 df935c 818181 0c0c0c 005f3d fafafa",
    "PNG, cICP of film with gamma 2.8": "006ab8 cc8042 6a6a6a 030303 004a25 f9f9f9",
    "PNG, cICP of cinema": "1078c5 d08c4c 767676 050505 00552d ffffff",
    "PNG, cICP of XYZ": "00a8c6 ff2d60 808080 141414 008434 fafafa",
    "PNG, cICP of P22": "3e82c0 c99664 808080 141414 005e40 fafafa",
    "PNG, cICP unknown beside gamma 1": "89bce1 e5caa8 bcbcbc 4f4f4f 00a589 fdfdfd",
    "PNG, cICP of limited range beside gamma 1": "89bce1 e5caa8 bcbcbc 4f4f4f 00a589 fdfdfd",
    "PNG, PQ": "0057ff ff4400 848484 010101 004b16 ffffff",
    "PNG, PQ up to 400 cd/m2": "0057ff ff4400 a3a3a3 020202 005d1e ffffff",
    "PNG, PQ mastered at 4,000 cd/m2": "004cec ff3d00 848484 010101 004b16 ffffff",
    "PNG, HLG": "0066b0 e37249 636363 050505 00492a fbfbfb",
    "BMP with a profile": "0081c4 d99761 818181 0c0c0c 00603c fafafa",
    "BMP of gamma 1": "4080c0 c89664 808080 141414 006040 fafafa",
    "AVIF, P3": "1c83c3 d1935a 808080 141414 00633d fafafa",
    "AVIF, BT.2020 with BT.709's curve": "0086c4 e38e58 808080 141414 00673c fafafa",
    "AVIF, linear": "88bde0 e5caa7 bcbcbc 4f4f4f 00a689 fdfdfd",
    "AVIF, unknown primaries": "3f81be c89663 808080 141414 006140 fafafa",
    "AVIF, P3 with an unknown curve": "1c83c3 d1935a 808080 141414 00633d fafafa",
    "AVIF, PQ": "005cff ff4400 848484 010101 004c16 ffffff",
    "AVIF, HLG": "0067ac e37248 636363 050505 004a2a fbfbfb",
}


def drawn(name: str) -> Array:
    """The colours that Chromium draws, one a row."""
    return np.array([tuple(bytes.fromhex(each)) for each in DRAWN[name].split()], float)


def picked(image: Image.Image) -> Array:
    """The colours in the middle of the squares, one a row."""
    return np.array([image.convert("RGB").getpixel(place) for place in MIDDLES], float)


def distance(found: Array, expected: Array) -> float:
    """The largest difference of a colour (CIEDE2000)."""
    return float(delta_e(lab(srgb_to_xyz(found)), lab(srgb_to_xyz(expected))).max())
