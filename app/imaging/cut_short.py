"""Decode JPEGs that are cut short, and determine how much is missing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, BinaryIO, cast
from zlib import crc32

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from app.errors import ImageCorrupt
from app.imaging.jpeg_scans import END_OF_IMAGE, Scans, scans_of
from app.imaging.spliced import Spliced

NOISE_BYTES = 2048
NOISE = bytes(random.Random(1).choices(range(1, 255), k=NOISE_BYTES))  # noqa: S311  not a secret; has no markers

# The side on which the last stored rows are displayed, by EXIF orientation.
_SIDES = {1: "lower", 2: "lower", 3: "upper", 4: "upper", 5: "right", 6: "left", 7: "left", 8: "right"}


@dataclass(frozen=True)
class Damage:
    """The missing part of a picture: percent of it on one side; 0 percent means fine detail or colour.

    `side` is "lower", "upper", "left" or "right", as displayed.
    """

    percent: int
    side: str = "lower"

    def to_json(self) -> dict[str, str | int]:
        """Plain values for a JSON column."""
        return {"missing_percent": self.percent, "missing_side": self.side}


class CutShort:
    """A JPEG without an end marker, which can be decoded with two endings.

    With an end marker alone, missing rows become grey; with noise before it, they do not. Rows that are equal in both
    are complete.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._scans: Scans = scans_of(stream)

    def with_noise(self) -> JpegImageFile:
        """Open the picture with noise in place of missing data."""
        return self._opened(NOISE + END_OF_IMAGE)

    def with_grey(self) -> JpegImageFile:
        """Open the picture with grey in place of missing data."""
        return self._opened(END_OF_IMAGE)

    def damage(self, noisy: Sequence[int], grey: Sequence[int], orientation: int) -> Damage | None:
        """Compare the `row_sums` of both decodes; None if nothing is missing. Raises ImageCorrupt if all is missing."""
        differing = (row for row, sums in enumerate(zip(noisy, grey, strict=True)) if sums[0] != sums[1])
        sound = next(differing, len(grey))
        if sound == len(grey):
            return None if self._scans.all_begun else Damage(0)
        if self._scans.begun > 1:
            return Damage(0)
        if sound == 0:
            raise ImageCorrupt("This JPEG is cut short: the photo is missing.")
        return Damage(max(1, round(100 * (len(grey) - sound) / len(grey))), _SIDES[orientation])

    def _opened(self, ending: bytes) -> JpegImageFile:
        closed = cast(BinaryIO, Spliced(self._stream, (range(self._scans.end), ending)))
        return cast(JpegImageFile, Image.open(closed, formats=("JPEG",)))


def row_sums(image: Image.Image) -> list[int]:
    """A checksum of each row, top to bottom."""
    return [crc32(image.crop((0, row, image.width, row + 1)).tobytes()) for row in range(image.height)]
