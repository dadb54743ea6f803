"""JPEGs as Y, Cb and Cr planes: fewer pixels to resize than RGB, and no conversion before the encoder."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from app.imaging.colour import Profile, display
from app.imaging.flat import SHARPEN
from app.imaging.variants import Box, Size

Mode = Image.Resampling


@dataclass(frozen=True)
class Planes:
    """Y, Cb and Cr (JFIF, full range) as three L images; chroma may be half as wide and high.

    `extent` is the size of Y without padding, `chroma_extent` that of chroma. Both may be fractional: a scaled decode
    pads to whole pixels, and chroma has half of a width that may be odd.
    """

    y: Image.Image
    cb: Image.Image
    cr: Image.Image
    extent: tuple[float, float]
    chroma_extent: tuple[float, float]
    profile: Profile | None = None

    @property
    def size(self) -> Size:
        """Width and height of Y in pixels."""
        return self.y.size

    def shrink(self, size: Size, box: Box | None = None) -> Planes:
        """The part inside `box` (by default everything), resized to `size`, with chroma at half that size."""
        left, top, right, bottom = box or (0, 0, *self.extent)
        across, down = self.chroma_extent[0] / self.extent[0], self.chroma_extent[1] / self.extent[1]
        chroma_box = (left * across, top * down, right * across, bottom * down)
        y = _luma(self.y, size, (left, top, right, bottom))
        return _halved(y, _chroma(self.cb, size, chroma_box), _chroma(self.cr, size, chroma_box), self.profile)

    def finish(self, *, sharpen: bool) -> Image.Image:
        """A YCbCr image in sRGB, or an RGB image in sRGB if there is a profile to apply.

        Only Y is sharpened: sharper chroma shows more noise.
        """
        y = self.y.filter(SHARPEN) if sharpen else self.y
        picture = Image.merge("YCbCr", (y, self._full(self.cb), self._full(self.cr)))
        return display(picture.convert("RGB"), self.profile) if self.profile else picture

    def _full(self, chroma: Image.Image) -> Image.Image:
        """Chroma at the size of Y, each pixel as 2 x 2, so that the encoder's averaging restores it exactly."""
        if chroma.size == self.size:
            return chroma
        doubled = chroma.resize((chroma.width * 2, chroma.height * 2), Mode.NEAREST)
        return doubled if doubled.size == self.size else doubled.crop((0, 0, *self.size))


@dataclass(frozen=True)
class Interleaved:
    """A decoded JPEG with Y, Cb and Cr in one image; `shrink` extracts one plane at a time.

    Three separate planes of 45 megapixels at a quarter would take 20 MB instead of 14 in each of three threads.
    """

    image: Image.Image
    extent: tuple[float, float]
    profile: Profile | None = None

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return self.image.size

    def shrink(self, size: Size, box: Box | None = None) -> Planes:
        """The planes inside `box` (by default everything), resized to `size`, with chroma at half that size."""
        area = box or (0, 0, *self.extent)
        y = _luma(self.image.getchannel("Y"), size, area)
        cb, cr = (_chroma(self.image.getchannel(name), size, area) for name in ("Cb", "Cr"))
        return _halved(y, cb, cr, self.profile)


def _luma(plane: Image.Image, size: Size, box: Box) -> Image.Image:
    return plane.resize(size, Mode.HAMMING, box, reducing_gap=2.0)


def _chroma(plane: Image.Image, size: Size, box: Box) -> Image.Image:
    """Chroma at half of `size`, as the encoder stores it; BILINEAR, since the difference is not visible in chroma."""
    half = (size[0] + 1) // 2, (size[1] + 1) // 2
    return plane.resize(half, Mode.BILINEAR, box, reducing_gap=1.5)


def _halved(y: Image.Image, cb: Image.Image, cr: Image.Image, profile: Profile | None) -> Planes:
    return Planes(y, cb, cr, y.size, (y.width / 2, y.height / 2), profile)
