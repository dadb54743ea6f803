"""Open a picture safely: recognise it, check its limits, decode no more than is needed, name what is wrong with it."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, BinaryIO, cast

import pi_heif
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile

from app.errors import ImageCorrupt, ImageNoPreview, ImageTooLarge, ImageUnsupported
from app.imaging import bmp_profile, boxes, code_points, colour, formats, jpeg, raw, tiff_pages
from app.imaging.colour import Profile
from app.imaging.cut_short import CutShort, Damage, row_sums
from app.imaging.exif import Exif
from app.imaging.faults import ended_early, naming_faults, naming_header_faults, rare_kind
from app.imaging.flat import Flat
from app.imaging.formats import ImageFormat
from app.imaging.guard import GuardedStream, abandonable
from app.imaging.jpeg_scans import is_filled_up
from app.imaging.limits import MEGA, Deadline, Limits
from app.imaging.opening import open_image
from app.imaging.planes import Interleaved, Planes
from app.imaging.variants import Size

Raster = Interleaved | Planes | Flat

# Once for the process, not per call. Plugins loaded on demand would let two threads race for a KeyError; pixels are
# counted here, by format, with an error that says the limit.
Image.init()
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
HEAD_BYTES = 64
# A baseline JPEG of 200 megapixels, as phones make them, takes 39 MB to decode; the same as PNG, 800 MB.
SCALED_ALLOWANCE = 2.5


@dataclass
class Source:
    """A picture whose header has been read and found within the limits, its pixels not yet decoded.

    `damage` is known when they are decoded.
    """

    image: Image.Image
    stored: Size
    format: ImageFormat
    exif: Exif
    limits: Limits
    deadline: Deadline
    length: int
    notes: list[str] = field(default_factory=list)
    damage: Damage | None = None

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
        return self.as_stored(self.stored)

    def as_stored(self, size: Size) -> Size:
        """A size as displayed, in the orientation in which the pixels are stored (and the other way round)."""
        return (size[1], size[0]) if self.turned else size

    def _profile(self) -> Profile | None:
        profile, note = colour.resolve(self.image.info, self.exif, self.image.mode)
        if note:
            self.notes.append(note)
        return profile

    def decode(self, needed: Size) -> Raster:
        """The pixels, as stored: at least `needed` of them each way if there are so many."""
        with naming_faults(self.format.label):
            if isinstance(self.image, JpegImageFile):
                return self._decode_jpeg(self.image, needed)
            if self.format.whole:
                return abandonable(lambda: self._decode_whole(needed), self.deadline)
            return self._decode_whole(needed)

    def _decode_jpeg(self, image: JpegImageFile, needed: Size) -> Raster:
        stream, extent = image.fp, jpeg.draft(image, needed)
        with self._reserved(jpeg.cost(image, self.stored)):
            if stream and not _loads_whole(image, stream):
                image = self._decode_what_there_is(CutShort(stream), needed)
            return jpeg.raster(image, extent, self._profile())

    def _decode_what_there_is(self, cut: CutShort, needed: Size) -> JpegImageFile:
        """The picture with grey where something is missing, decoded after one with noise there to compare it with."""
        sums = []
        for opened in (cut.with_noise, cut.with_grey):
            self.image.close()  # so that one at a time is held
            self.image = image = opened()
            jpeg.draft(image, needed)
            image.load()
            sums.append(row_sums(image))
        self.damage = cut.damage(sums[0], sums[1], self.orientation)
        return image

    def _decode_whole(self, needed: Size) -> Raster:
        pixels = self.image.width * self.image.height
        cost = pixels * (self.format.overhead + _pixel_bytes(self.image.mode))
        with self._reserved(int(cost) + (self.length if self.format.whole else 0)):
            self.image.load()
            if not self.exif.main:  # a PNG may have it behind its pixels
                self.exif = Exif.from_bytes(self.image.info.get("exif"))
            return Flat.of(self.image, self.image.size, self._profile(), needed)

    def _reserved(self, amount: int) -> AbstractContextManager[None]:
        return self.limits.budget.reserve(amount, self.format.label, self.deadline.remaining)


def open_source(stream: BinaryIO, limits: Limits) -> Source:
    """Read the header of a picture; raises the children of ImageError."""
    deadline = Deadline(limits.max_seconds)
    length = stream.seek(0, io.SEEK_END)
    row, start = _recognise(stream, length, limits)
    with naming_header_faults(row.label, stream, start):
        if row.preview:
            return _open_raw(stream, row, limits, deadline)
        image, exif = _open(cast(BinaryIO, GuardedStream(stream, deadline, start)), row)
    _check(image, row, limits)
    return Source(image, image.size, row, exif, limits, deadline, length)


def _open(stream: BinaryIO, row: ImageFormat) -> tuple[Image.Image, Exif]:
    """The picture at its right page, with what it says of its colour beside what Pillow reads, and its EXIF."""
    told = bmp_profile.read(stream) if row is formats.BMP else code_points.read(stream, row)
    page = tiff_pages.main_page(stream) if row is formats.TIFF else None
    stream.seek(0)
    try:
        image = open_image(stream, row)
    except UnidentifiedImageError as error:
        if row in (formats.AVIF, formats.HEIC) and boxes.are_whole(stream):
            raise rare_kind(row.label) from error
        raise
    exif = Exif.of(image)
    if page:
        image.seek(page)
        exif = Exif.of(image).beside(exif)
    image.info.update(told)
    return image, exif


def _recognise(stream: BinaryIO, length: int, limits: Limits) -> tuple[ImageFormat, int]:
    """The format, and where its first byte lies."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    row = formats.sniff(head)
    if row is formats.TIFF:
        row = raw.disguised(stream) or row
    if row is None:
        raise ImageUnsupported("This file is not a picture in a format that can be shown here.")
    if length > limits.max_megabytes * MEGA:
        raise ImageTooLarge(
            f"This {row.label} is {length / MEGA:.0f} MB; the limit for pictures is {limits.max_megabytes:g} MB."
        )
    return row, formats.jpeg_start(head) if row is formats.JPEG else 0


def _open_raw(stream: BinaryIO, row: ImageFormat, limits: Limits, deadline: Deadline) -> Source:
    """The largest preview stands for the picture; the container knows the camera, and how it was held."""
    found = raw.previews(stream, deadline)
    if not found:
        raise ImageNoPreview(f"This {row.label} holds no preview that can be shown.")
    exif, own = raw.read_exif(stream, row), Exif.of(found[0])
    if Base.Orientation in own.main or not exif.main:
        exif = Exif({**exif.main, **own.main}, exif.photo or own.photo, exif.position or own.position)
    _check(found[0], row, limits)
    return Source(found[0], found[0].size, row, exif, limits, deadline, 0)


def _check(image: Image.Image, row: ImageFormat, limits: Limits) -> None:
    width, height = image.size
    megapixels = width * height / MEGA
    frames = vars(image).get("n_frames", 1)  # where the header says it; GIF and TIFF would have to be walked through
    if min(width, height) < 1:
        raise ImageCorrupt(f"This {row.label} is damaged: it has no pixels.")
    if max(width, height) > limits.max_side:
        raise ImageTooLarge(
            f"This {row.label} is {max(width, height)} pixels on its longer side; the limit is {limits.max_side}."
        )
    if frames > limits.max_frames:
        raise ImageTooLarge(f"This {row.label} has {frames} frames; the limit is {limits.max_frames}.")
    most = limits.max_megapixels * (SCALED_ALLOWANCE if _scales(image) else 1)
    if megapixels > most:
        raise ImageTooLarge(f"This {row.label} is {round(megapixels, 1):,g} megapixels; the limit is {most:g}.")


def _loads_whole(image: JpegImageFile, stream: IO[bytes]) -> bool:
    """Decode a JPEG; False if it has no end."""
    if is_filled_up(stream):
        return False
    try:
        image.load()
    except OSError as error:
        if ended_early(error):
            return False
        raise
    return True


def _scales(image: Image.Image) -> bool:
    """Whether the picture is never held at full size: a JPEG whose coefficients need not be kept."""
    return isinstance(image, JpegImageFile) and not jpeg.in_scans(image)


def _pixel_bytes(mode: str) -> int:
    """What Pillow stores for a pixel of this mode."""
    if mode in ("1", "L", "P"):
        return 1
    return 2 if mode.startswith("I;16") else 4
