"""JPEGs that end too early: what there is of them, and how much is missing."""

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
NOISE = bytes(random.Random(1).choices(range(1, 255), k=NOISE_BYTES))  # noqa: S311  no secret; without markers

# Where the last rows of a file are seen, by EXIF orientation.
_SIDES = {1: "lower", 2: "lower", 3: "upper", 4: "upper", 5: "right", 6: "left", 7: "left", 8: "right"}


@dataclass(frozen=True)
class Damage:
    """What a picture lacks: so many percent of it on one side, or, with 0, fine detail or colour.

    `side` is "lower", "upper", "left" or "right", of the picture as displayed.
    """

    percent: int
    side: str = "lower"

    def to_json(self) -> dict[str, str | int]:
        """Plain values for a JSON column."""
        return {"missing_percent": self.percent, "missing_side": self.side}


class CutShort:
    """A JPEG without its end marker, which is closed in two ways.

    An end marker leaves what is missing grey, noise before it does not: where both give the same rows, nothing was
    missing but the marker.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._scans: Scans = scans_of(stream)

    def with_noise(self) -> JpegImageFile:
        """The picture opened, with noise where something is missing."""
        return self._opened(NOISE + END_OF_IMAGE)

    def with_grey(self) -> JpegImageFile:
        """The picture opened, with grey where something is missing."""
        return self._opened(END_OF_IMAGE)

    def damage(self, noisy: Sequence[int], grey: Sequence[int], orientation: int) -> Damage | None:
        """What is missing, by the `row_sums` of both; None if nothing is. Raises ImageCorrupt if all is."""
        differing = (row for row, sums in enumerate(zip(noisy, grey, strict=True)) if sums[0] != sums[1])
        sound = next(differing, len(grey))
        if sound == len(grey):
            return None if self._scans.all_begun else Damage(0)
        if self._scans.begun > 1:
            return Damage(0)
        if sound == 0:
            raise ImageCorrupt("This JPEG is cut short: nothing of the picture is there.")
        return Damage(max(1, round(100 * (len(grey) - sound) / len(grey))), _SIDES[orientation])

    def _opened(self, ending: bytes) -> JpegImageFile:
        closed = cast(BinaryIO, Spliced(self._stream, (range(self._scans.end), ending)))
        return cast(JpegImageFile, Image.open(closed, formats=("JPEG",)))


def row_sums(image: Image.Image) -> list[int]:
    """A checksum of each row, top to bottom."""
    return [crc32(image.crop((0, row, image.width, row + 1)).tobytes()) for row in range(image.height)]
