"""Decode JPEGs at the smallest sufficient scale, into planes where possible."""

from __future__ import annotations

import io
from typing import IO

from PIL.JpegImagePlugin import JpegImageFile

from app.imaging.colour import Profile
from app.imaging.flat import Flat
from app.imaging.planes import Interleaved
from app.imaging.variants import Size

# One call of libjpeg decodes all bytes of one read and cannot be interrupted. A scan of a progressive JPEG may have
# only 10 bytes and visit every block (12 ms at 160 megapixels): 64 KB of such scans take a minute, 2 KB two seconds.
# Below 4 megapixels 64 KB take less than three seconds, and arithmetic coding needs all bytes in one read.
PROGRESSIVE_READ = 2048
SMALL_PIXELS = 4_000_000
_START_OF_SCAN = 0xDA


def draft(image: JpegImageFile, needed: Size) -> tuple[float, float]:
    """Prepare decoding at the smallest DCT scale with the needed pixels, as stored.

    Returns width and height of the decoded picture without padding, in pixels; decodes nothing.
    """
    stored = image.size
    image.draft("YCbCr" if is_ycc(image) else None, needed)
    scale = image.decoderconfig[0]
    if image.info.get("progressive") and stored[0] * stored[1] > SMALL_PIXELS:
        image.decodermaxblock = PROGRESSIVE_READ
    return stored[0] / scale, stored[1] / scale


def cost(image: JpegImageFile, stored: Size) -> int:
    """The largest number of bytes that decoding takes: pixels at the scale of `draft`, plus any coefficients."""
    pixels = image.width * image.height * 8
    return pixels + (_coefficients(image, stored) if in_scans(image) else 0)


def raster(image: JpegImageFile, extent: tuple[float, float], profile: Profile | None) -> Interleaved | Flat:
    """Wrap a decoded JPEG: as planes if it is YCbCr, else as one image."""
    if image.mode == "YCbCr":
        return Interleaved(image, extent, profile)
    return Flat(image, extent, profile)


def is_ycc(image: JpegImageFile) -> bool:
    """Whether the three components are Y, Cb and Cr, by the rules of libjpeg's default_decompress_parms.

    libjpeg prefers an intact JFIF segment to an Adobe segment; for files where they disagree this returns False.
    """
    if image.mode != "RGB" or image.info.get("adobe_transform") == 0:
        return False
    named = "jfif" in image.info or "adobe" in image.info
    return named or bytes(layer[0] for layer in image.layer) != b"RGB"


def in_scans(image: JpegImageFile) -> bool:
    """Whether libjpeg must keep all coefficients: progressive, or one scan per component."""
    if image.info.get("progressive") or image.fp is None:
        return True
    here = image.fp.tell()
    components = _in_first_scan(image.fp)
    image.fp.seek(here)
    return components < image.layers


def _in_first_scan(stream: IO[bytes]) -> int:
    """The number of components in the first scan, by its header; 0 without a scan (ITU T.81, B.2.3)."""
    stream.seek(2)
    while len(marker := stream.read(2)) == 2:
        if marker[1] == 0xFF or marker[0] != 0xFF:  # padding, or junk between segments
            stream.seek(-1, io.SEEK_CUR)
            continue
        length = int.from_bytes(stream.read(2))
        if marker[1] == _START_OF_SCAN:
            return int.from_bytes(stream.read(1))
        stream.seek(max(0, length - 2), io.SEEK_CUR)
    return 0


def _coefficients(image: JpegImageFile, stored: Size) -> int:
    """Bytes of all coefficients: two for each sample, so 3 bytes a pixel in 4:2:0 and 6 in 4:4:4."""
    widest = max((layer[1] for layer in image.layer), default=1) or 1
    tallest = max((layer[2] for layer in image.layer), default=1) or 1
    samples = sum(layer[1] * layer[2] / (widest * tallest) for layer in image.layer)
    return int(2 * samples * stored[0] * stored[1])
