"""Render the variants of a picture: each is scaled from the next larger one."""

from __future__ import annotations

import io
import math
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import BinaryIO, Self, cast

from PIL import Image

from app.imaging import formats
from app.imaging.colour import resolve
from app.imaging.cut_short import Damage
from app.imaging.exif import Exif
from app.imaging.faults import wrap_decoder_errors
from app.imaging.flat import Flat, normalise, turn
from app.imaging.formats import ImageFormat
from app.imaging.limits import Limits
from app.imaging.metadata import PhotoMetadata, read_metadata, utc_now
from app.imaging.placeholder import LONGEST_SIDE, placeholder_size, thumbhash
from app.imaging.planes import Planes
from app.imaging.source import Raster, Source, open_source
from app.imaging.variants import Size, VariantSpec, crop_box, fit

# How much larger than its target a source must be, in width and in height. The DCT scale averages better than a resize
# after it (SSIMULACRA2 at 1.05: 55.5 and 74.9, at twice the scale 55.1 and 74.7). At 1.0 no resize is left and
# sharpening is too strong (49.4 and 73.6). From one variant to the next there is no DCT scale.
DECODE_MARGIN = 1.05
RUNG_MARGIN = 1.2


@dataclass(frozen=True)
class Rendition:
    """One encoded variant: `width` and `height` in pixels, `size` in bytes, `stream` at position 0."""

    spec: VariantSpec
    width: int
    height: int
    size: int
    mime: str
    extension: str
    stream: BinaryIO


@dataclass(frozen=True)
class Picture:
    """The renditions of an original and its metadata; `close` closes the renditions' streams.

    `width` and `height` are the original's pixels as displayed. `notes` are messages about oddities that are
    not errors. `damage` describes the missing part, if any.
    """

    width: int
    height: int
    format: ImageFormat
    metadata: PhotoMetadata
    thumbhash: bytes
    renditions: tuple[Rendition, ...]
    notes: tuple[str, ...] = ()
    damage: Damage | None = None

    def close(self) -> None:
        """Close every rendition's stream."""
        for rendition in self.renditions:
            rendition.stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def render(
    stream: BinaryIO,
    specs: Sequence[VariantSpec],
    limits: Limits = Limits(),  # noqa: B008  frozen
    clock: Callable[[], datetime] = utc_now,
) -> Picture:
    """Render every spec of the picture in a seekable stream; raises ImageError, or OSError if a disk is full.

    `clock` returns the current time, against which capture dates are checked.
    """
    source = open_source(stream, limits)
    with source.decode(_needed(source, specs)) as raster:
        return _describe(raster, source, specs, read_metadata(source.exif, source.image, stream, clock))


def _describe(raster: Raster, source: Source, specs: Sequence[VariantSpec], metadata: PhotoMetadata) -> Picture:
    width, height = source.displayed_size
    with wrap_decoder_errors(source.format.label), ExitStack() as open_streams:
        renditions, tiny = _make_renditions(raster, source, specs, open_streams)
        learned = metadata, thumbhash(tiny), renditions, tuple(source.notes), source.damage
        picture = Picture(width, height, source.format, *learned)
        open_streams.pop_all()
        return picture


def resize(image: Image.Image, size: tuple[int | None, int | None], quality: int, crop: bool) -> io.BytesIO:
    """A progressive JPEG of an image in any mode, fitted into or cropped to `size` pixels, never upscaled."""
    spec = VariantSpec("single", size[0], size[1], crop, quality)
    profile, _ = resolve(image.info, Exif({}, {}, {}), image.mode)
    flat = Flat(normalise(image), image.size, profile)
    target = fit(spec, *image.size)
    picture = flat.shrink(target, crop_box(flat.extent, target)).finish(sharpen=target != image.size)
    buffer = io.BytesIO()
    _save(picture, spec, buffer)
    buffer.seek(0)
    return buffer


def _make_renditions(
    raster: Raster, source: Source, specs: Sequence[VariantSpec], open_streams: ExitStack
) -> tuple[tuple[Rendition, ...], Image.Image]:
    """The renditions in the order of `specs`, and the picture at placeholder size.

    `open_streams` gets each rendition's stream, so that a later failure closes them.
    """
    made: dict[VariantSpec, Rendition] = {}
    levels: list[Raster] = [raster]
    for spec in sorted(specs, key=lambda each: _covering(source, each), reverse=True):
        level = _smallest_sufficient(levels, _covering(source, spec))
        target = source.as_stored(fit(spec, *source.displayed_size))
        smaller = level.shrink(target, crop_box(level.extent, target))
        made[spec] = _encode(_upright(smaller, source, sharpen=target != source.stored), spec, open_streams)
        if not spec.crop:
            levels.append(smaller)
    tiny = levels[-1].shrink(placeholder_size(*levels[-1].size))
    return tuple(made[spec] for spec in specs), _upright(tiny, source, sharpen=False)


def _upright(raster: Planes | Flat, source: Source, *, sharpen: bool) -> Image.Image:
    """The finished image, turned upright last, when it is small."""
    return turn(raster.finish(sharpen=sharpen), source.orientation)


def _needed(source: Source, specs: Sequence[VariantSpec]) -> Size:
    """The minimum size to decode for the largest spec, in pixels as stored."""
    coverings = [_covering(source, spec) for spec in specs] or [(LONGEST_SIDE, LONGEST_SIDE)]
    width, height = (max(sides) for sides in zip(*coverings, strict=True))
    return math.ceil(DECODE_MARGIN * width), math.ceil(DECODE_MARGIN * height)


def _covering(source: Source, spec: VariantSpec) -> Size:
    """The size, as stored, to which the whole picture must be scaled to contain the spec's target.

    A 200 x 200 thumb of a 12000 x 1000 panorama needs it at 2400 x 200, though its medium is only 100 high.
    """
    stored = source.stored
    target = source.as_stored(fit(spec, *source.displayed_size))
    scale = max(target[0] / stored[0], target[1] / stored[1])
    return max(1, round(stored[0] * scale)), max(1, round(stored[1] * scale))


def _smallest_sufficient(levels: Sequence[Raster], covering: Size) -> Raster:
    wanted = (covering[0] * RUNG_MARGIN, covering[1] * RUNG_MARGIN)
    serving = (each for each in reversed(levels) if each.size[0] >= wanted[0] and each.size[1] >= wanted[1])
    return next(serving, levels[0])


def _encode(picture: Image.Image, spec: VariantSpec, open_streams: ExitStack) -> Rendition:
    row = formats.by_name(spec.format)
    stream = open_streams.enter_context(_memory_file(spec.name))
    _save(picture, spec, stream)
    length = stream.tell()
    stream.seek(0)
    return Rendition(spec, *picture.size, length, row.mime, row.extension, stream)


def _save(picture: Image.Image, spec: VariantSpec, stream: BinaryIO) -> None:
    row = formats.by_name(spec.format)
    picture.info.clear()  # encoders write it: a comment of the original survives every resize
    picture.save(stream, row.encoder, quality=spec.quality, **row.save)
    stream.seek(0, io.SEEK_END)


def _memory_file(name: str) -> BinaryIO:
    """A file in memory with a descriptor: encoding into it releases the GIL, unlike encoding into BytesIO.

    With three busy workers a trivial request took 14 ms, and 42 ms with BytesIO (95th percentile).
    """
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create(name), "w+b")
    return cast(BinaryIO, tempfile.TemporaryFile())
