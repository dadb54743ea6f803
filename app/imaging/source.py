"""Open a picture: recognise its format, check limits, decode no more pixels than needed, translate errors."""

from __future__ import annotations

import io
from contextlib import ExitStack
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
from app.imaging.faults import ended_early, unknown_kind, wrap_decoder_errors, wrap_header_errors
from app.imaging.flat import Flat
from app.imaging.formats import ImageFormat
from app.imaging.guard import GuardedStream, run_until
from app.imaging.jpeg_scans import ends_with_filling
from app.imaging.limits import MEGA, Deadline, Limits, Reservation
from app.imaging.opening import open_image
from app.imaging.planes import Interleaved, Planes
from app.imaging.variants import Size

Raster = Interleaved | Planes | Flat

# Set once for the process. Two threads that load plugins on demand can race and raise KeyError. Pixels are limited by
# `_check`, by format and with an error that names the limit.
Image.init()
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
HEAD_BYTES = 64
# A JPEG decoded at a smaller scale may have more pixels: 200 megapixels take 39 MB as baseline JPEG, 800 MB as PNG.
SCALED_ALLOWANCE = 2.5


@dataclass(frozen=True)
class Decoded:
    """Pixels in memory, and the reservation of that memory; `close` ends it."""

    raster: Raster
    memory: Reservation

    def close(self) -> None:
        """Release the reservation."""
        self.memory.close()

    def __enter__(self) -> Raster:
        return self.raster

    def __exit__(self, *_raised: object) -> None:
        self.close()


@dataclass
class Source:
    """A picture within the limits, not yet decoded; `length` is the file's, in bytes.

    `decode` sets `damage` if a part is missing.
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
        """The EXIF orientation (1 to 8) to apply after decoding; 1 for formats that decode upright."""
        return 1 if self.format.turns_itself else self.exif.orientation

    @property
    def turned(self) -> bool:
        """Whether turning the picture upright swaps width and height."""
        return self.orientation >= 5

    @property
    def displayed_size(self) -> Size:
        """Width and height in pixels as displayed."""
        return self.as_stored(self.stored)

    def as_stored(self, size: Size) -> Size:
        """Convert a size as displayed to one as stored, or the reverse."""
        return (size[1], size[0]) if self.turned else size

    def _profile(self) -> Profile | None:
        profile, note = colour.resolve(self.image.info, self.exif, self.image.mode)
        if note:
            self.notes.append(note)
        return profile

    def decode(self, needed: Size) -> Decoded:
        """The pixels as stored, at least `needed` wide and high if the file has so many; raises ImageError."""
        with wrap_decoder_errors(self.format.label):
            if isinstance(self.image, JpegImageFile):
                return self._decode_jpeg(self.image, needed)
            if self.format.whole:
                return run_until(lambda: self._decode_whole(needed), self.deadline)
            return self._decode_whole(needed)

    def _decode_jpeg(self, image: JpegImageFile, needed: Size) -> Decoded:
        stream, extent = image.fp, jpeg.draft(image, needed)
        with ExitStack() as on_error:
            memory = on_error.enter_context(self._reserve(jpeg.cost(image, self.stored)))
            if stream and not _loads_completely(image, stream):
                image = self._decode_cut_short(CutShort(stream), needed)
            memory.reduce_to(_bytes_in_memory(image))
            decoded = Decoded(jpeg.raster(image, extent, self._profile()), memory)
            on_error.pop_all()
            return decoded

    def _decode_cut_short(self, cut: CutShort, needed: Size) -> JpegImageFile:
        """The picture with missing parts grey; it is also decoded with noise there, to find out what is missing."""
        sums = []
        for opened in (cut.with_noise, cut.with_grey):
            self.image.close()  # hold one at a time
            self.image = image = opened()
            jpeg.draft(image, needed)
            image.load()
            sums.append(row_sums(image))
        self.damage = cut.damage(sums[0], sums[1], self.orientation)
        return image

    def _decode_whole(self, needed: Size) -> Decoded:
        kept = _bytes_in_memory(self.image)
        overhead = int(self.image.width * self.image.height * self.format.overhead)
        with ExitStack() as on_error:
            memory = self._reserve(kept + overhead + (self.length if self.format.whole else 0))
            on_error.enter_context(memory)
            self.image.load()
            if not self.exif.main:  # a PNG may have EXIF after its pixels
                self.exif = Exif.from_bytes(self.image.info.get("exif"))
            decoded = Decoded(Flat.of(self.image, self.image.size, self._profile(), needed), memory)
            memory.reduce_to(kept)
            on_error.pop_all()
            return decoded

    def _reserve(self, amount: int) -> Reservation:
        return self.limits.budget.reserve(amount, self.format.label, self.deadline.remaining)


def open_source(stream: BinaryIO, limits: Limits) -> Source:
    """Read the header of a picture and check its limits; raises ImageError."""
    deadline = Deadline(limits.max_seconds)
    length = stream.seek(0, io.SEEK_END)
    row, start = _recognise(stream, length, limits)
    with wrap_header_errors(row.label, stream, start):
        if row.preview:
            return _open_raw(stream, row, limits, deadline)
        image, exif = _open(cast(BinaryIO, GuardedStream(stream, deadline, start)), row)
    _check(image, row, limits)
    return Source(image, image.size, row, exif, limits, deadline, length)


def _open(stream: BinaryIO, row: ImageFormat) -> tuple[Image.Image, Exif]:
    """The image at its main page, and its EXIF; `image.info` also gets colour information that Pillow does not read."""
    colour_info = bmp_profile.read(stream) if row is formats.BMP else code_points.read(stream, row)
    page = tiff_pages.main_page(stream) if row is formats.TIFF else None
    stream.seek(0)
    try:
        image = open_image(stream, row)
    except UnidentifiedImageError as error:
        if row in (formats.AVIF, formats.HEIC) and boxes.are_whole(stream):
            raise unknown_kind(row.label) from error
        raise
    exif = Exif.of(image)
    if page:
        image.seek(page)
        exif = Exif.of(image).filled_from(exif)
    image.info.update(colour_info)
    return image, exif


def _recognise(stream: BinaryIO, length: int, limits: Limits) -> tuple[ImageFormat, int]:
    """The format, and the offset of the picture's first byte; raises ImageUnsupported or ImageTooLarge."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    row = formats.sniff(head)
    if row is formats.TIFF:
        row = raw.format_behind_tiff(stream) or row
    if row is None:
        raise ImageUnsupported("This file is not a photo in a format that we can show.")
    if length > limits.max_megabytes * MEGA:
        raise ImageTooLarge(
            f"This {row.label} is {length / MEGA:.0f} MB; the limit for photos is {limits.max_megabytes:g} MB."
        )
    return row, formats.jpeg_start(head) if row is formats.JPEG else 0


def _open_raw(stream: BinaryIO, row: ImageFormat, limits: Limits, deadline: Deadline) -> Source:
    """A source for the largest preview of a RAW, with the EXIF of preview and container combined."""
    found = raw.previews(stream, deadline)
    if not found:
        raise ImageNoPreview(f"This {row.label} contains no preview that we can show.")
    exif, own = raw.read_exif(stream, row), Exif.of(found[0])
    if Base.Orientation in own.main or not exif.main:
        exif = Exif({**exif.main, **own.main}, exif.photo or own.photo, exif.position or own.position)
    _check(found[0], row, limits)
    return Source(found[0], found[0].size, row, exif, limits, deadline, 0)


def _check(image: Image.Image, row: ImageFormat, limits: Limits) -> None:
    width, height = image.size
    megapixels = width * height / MEGA
    frames = vars(image).get("n_frames", 1)  # only if the header has it; counting in GIF and TIFF reads the whole file
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


def _loads_completely(image: JpegImageFile, stream: IO[bytes]) -> bool:
    """Decode a JPEG; returns False if it is cut short."""
    if ends_with_filling(stream):
        return False
    try:
        image.load()
    except OSError as error:
        if ended_early(error):
            return False
        raise
    return True


def _scales(image: Image.Image) -> bool:
    """Whether decoding never holds the picture at full size: a JPEG whose coefficients need not be kept."""
    return isinstance(image, JpegImageFile) and not jpeg.in_scans(image)


def _bytes_in_memory(image: Image.Image) -> int:
    """Bytes that Pillow takes for the pixels of an image."""
    depth = {"1": 1, "L": 1, "P": 1}.get(image.mode, 2 if image.mode.startswith("I;16") else 4)
    return image.width * image.height * depth
