"""Open a picture safely: recognise it, check its limits, decode no more than is needed, name what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

import pi_heif
from PIL import Image, UnidentifiedImageError

from app.errors import ImageCorrupt, ImageError, ImageOutOfMemory, ImageTooLarge, ImageUnsupported
from app.imaging import formats
from app.imaging.exif import Exif
from app.imaging.flat import Flat, normalise
from app.imaging.formats import ImageFormat
from app.imaging.guard import GuardedStream
from app.imaging.limits import MEGA, Deadline, Limits
from app.imaging.variants import Size

# Once for the process, not per call: pixels are counted here, by format, with an error that says the limit.
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
HEAD_BYTES = 4096


@dataclass
class Source:
    """A picture whose header has been read and found within the limits, its pixels not yet decoded."""

    image: Image.Image
    format: ImageFormat
    exif: Exif
    limits: Limits
    deadline: Deadline

    @property
    def orientation(self) -> int:
        """The EXIF orientation that is still to be undone, 1 to 8."""
        return 1 if self.format.turns_itself else self.exif.orientation

    @property
    def turned(self) -> bool:
        """Whether width and height change places when the picture is shown upright."""
        return self.orientation >= 5

    @property
    def displayed_size(self) -> Size:
        """Width and height in pixels as displayed."""
        return self.as_stored(self.image.size)

    def as_stored(self, size: Size) -> Size:
        """A size as displayed, in the orientation in which the pixels are stored (and the other way round)."""
        return (size[1], size[0]) if self.turned else size

    @property
    def profile(self) -> bytes | None:
        """The embedded ICC profile's bytes."""
        found = self.image.info.get("icc_profile")
        return found if isinstance(found, bytes) else None

    def decode(self, needed: Size) -> Flat:
        """The pixels, at least `needed` of them each way if there are so many."""
        cost = int(self.image.width * self.image.height * self.format.bytes_per_pixel)
        with (
            naming_faults(self.format),
            self.limits.budget.reserve(cost, self.format.label, self.deadline.remaining),
        ):
            drafted = self.image.draft(None, needed)
            self.image.load()
            box = drafted[1] if drafted else None
            return Flat(normalise(self.image), self.profile, box)


def open_source(stream: BinaryIO, limits: Limits) -> Source:
    """Read the header of a picture; raises the children of ImageError."""
    deadline = Deadline(limits.max_seconds)
    stream.seek(0)
    row = formats.sniff(stream.read(HEAD_BYTES))
    if row is None or not row.decodable or row.preview:
        raise ImageUnsupported("This file is not a picture in a format that can be shown here.")
    guarded = cast(BinaryIO, GuardedStream(stream, deadline))
    with naming_faults(row):
        image = Image.open(guarded, formats=row.decoders)
    _check(image, row, limits)
    return Source(image, row, Exif.of(image), limits, deadline)


@contextmanager
def naming_faults(row: ImageFormat) -> Iterator[None]:
    """Turn whatever a decoder raises into a named error that says what is wrong with the picture."""
    try:
        yield
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageOutOfMemory(f"There was not enough memory to open this {row.label}.") from error
    except UnidentifiedImageError as error:
        raise ImageCorrupt(f"This {row.label} is damaged: its header cannot be read.") from error
    except Exception as error:  # broken files raise far more than OSError: struct.error, KeyError, EOFError, ...
        raise _corrupt(row, error) from error


def _corrupt(row: ImageFormat, error: Exception) -> ImageCorrupt:
    cause = str(error).lower()
    if "truncated" in cause or "not enough" in cause or "end of" in cause or isinstance(error, EOFError):
        return ImageCorrupt(f"This {row.label} is cut short: the lower part of the picture is missing.")
    return ImageCorrupt(f"This {row.label} is damaged and cannot be opened.")


def _check(image: Image.Image, row: ImageFormat, limits: Limits) -> None:
    width, height = image.size
    megapixels = width * height / MEGA
    if min(width, height) < 1:
        raise ImageCorrupt(f"This {row.label} is damaged: it has no pixels.")
    if max(width, height) > limits.max_side:
        raise ImageTooLarge(
            f"This {row.label} is {max(width, height)} pixels on its longer side; the limit is {limits.max_side}."
        )
    if megapixels > limits.max_megapixels:
        raise ImageTooLarge(f"This {row.label} is {megapixels:.0f} megapixels; the limit is {limits.max_megapixels:g}.")
