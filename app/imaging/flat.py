"""Pictures as one Pillow image of any mode: resized first, then converted for an encoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image, ImageFilter

from app.imaging.colour import Profile, display
from app.imaging.variants import Box, Size

Mode = Image.Resampling
# HAMMING takes half the time of BICUBIC and does not ring, but loses fine detail, which this kernel restores.
# SSIMULACRA2 on photographs of 12 to 45 megapixels by the kernel's centre: 14 gave 70.4 and 164 kB, 15 gave 73.0 and
# 157 kB, 16 (Pillow's SHARPEN) 75.0 and 153 kB, none 81 and 122 kB; LANCZOS with SHARPEN 71.3.
SHARPEN = ImageFilter.Kernel((3, 3), (-1, -1, -1, -1, 15, -1, -1, -1, -1), scale=7)
# Rows converted at a time: 256 rows of 12,000 pixels take 12 MB; converting all at once would hold the image twice.
BAND_ROWS = 256
_DIRECT = frozenset({"RGB", "L", "CMYK", "LAB"})
_PLAIN = {"YCbCr": "RGB", "HSV": "RGB", "RGBX": "RGB", "La": "LA", "RGBa": "RGBA", "PA": "RGBA"}
Convert = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True)
class Flat:
    """An image in RGB, RGBA, L, LA, CMYK or LAB, with its ICC profile.

    `extent` is the size without padding. It may be fractional, because a scaled JPEG decode pads to whole pixels.
    """

    image: Image.Image
    extent: tuple[float, float]
    profile: Profile | None = None

    @classmethod
    def of(cls, image: Image.Image, extent: tuple[float, float], profile: Profile | None, needed: Size) -> Flat:
        """Wrap a decoded image of any mode; one that must be converted is reduced first, to at least 2 x `needed`."""
        if image.mode in _DIRECT and not image.has_transparency_data:
            return cls(image, extent, profile)
        factor = max(1, min(image.width // (2 * needed[0]), image.height // (2 * needed[1])))
        return cls(_reduced(image, factor), (extent[0] / factor, extent[1] / factor), profile)

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return self.image.size

    def shrink(self, size: Size, box: Box | None = None) -> Flat:
        """The part inside `box` (by default everything), resized to `size`."""
        area = box or (0, 0, *self.extent)
        smaller = self.image.resize(size, Mode.HAMMING, area, reducing_gap=3.0)
        return replace(self, image=smaller, extent=size)

    def finish(self, *, sharpen: bool) -> Image.Image:
        """An RGB or L image in sRGB, on a white background."""
        opaque, alpha = _split_alpha(self.image)
        picture = display(opaque, self.profile)
        if sharpen:
            picture = picture.filter(SHARPEN)
        if alpha is not None:
            white = Image.new(picture.mode, picture.size, "white")
            white.paste(picture, mask=alpha)
            picture = white
        return picture


def normalise(image: Image.Image) -> Image.Image:
    """The image in a mode that can be resized and colour-converted: RGB, RGBA, L, LA, CMYK or LAB."""
    return _converter(image)(image)


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """The image turned upright, for an EXIF orientation of 1 to 8."""
    method = _TURNS.get(orientation)
    return image if method is None else image.transpose(method)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """The image converted and averaged over factor x factor pixels, BAND_ROWS at a time."""
    convert = _converter(image)
    if factor == 1:
        return convert(image)
    rows = -(-BAND_ROWS // factor) * factor
    bands = [_band(image, top, rows, convert).reduce(factor) for top in range(0, image.height, rows)]
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    for number, band in enumerate(bands):
        whole.paste(band, (0, number * rows // factor))
    return whole


def _band(image: Image.Image, top: int, rows: int, convert: Convert) -> Image.Image:
    return convert(image.crop((0, top, image.width, min(top + rows, image.height))))


def _converter(image: Image.Image) -> Convert:
    """The function that converts this image, or a part of it, to a mode that can be resized."""
    if image.mode in ("L", "RGB", "P") and image.has_transparency_data:
        target = "LA" if image.mode == "L" else "RGBA"
    elif image.mode == "P":
        target = "RGB"
    elif image.mode.startswith("I;16"):
        return _from_sixteen_bits
    elif image.mode in ("I", "F"):
        return _wide_range_converter(image)
    elif image.mode == "1":
        return _from_one_bit
    else:
        target = _PLAIN.get(image.mode, image.mode)
    return lambda part: part.convert(target)


def _from_one_bit(image: Image.Image) -> Image.Image:
    opaque = image.copy()
    opaque.info.pop("transparency", None)  # Pillow cannot convert a 1-bit PNG with a transparent level
    return opaque.convert("L")


def _from_sixteen_bits(image: Image.Image) -> Image.Image:
    """Convert 16-bit grey to L; the tones are scaled first, because Pillow clips them at 255."""
    wide = image if image.mode == "I;16" else image.convert("I")
    narrow = wide.point(lambda value: value * (1 / 257) + 0.5)
    narrow.info.pop("transparency", None)  # Pillow cannot convert a transparent 16-bit level
    return narrow.convert("L")


def _wide_range_converter(image: Image.Image) -> Convert:
    """A function that converts 32-bit integers or floats to L; white is the next of 1, 255, 65535, or the maximum."""
    extrema = image.getextrema()
    top = float(extrema[1]) if not isinstance(extrema[1], tuple) else 1.0
    white = next((limit for limit in (1.0, 255.0, 65535.0) if top <= limit), top)
    return lambda part: part.point(lambda value: value * (255 / white) + 0).convert("L")


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    if image.mode not in ("RGBA", "LA"):
        return image, None
    return image.convert(image.mode[:-1]), image.getchannel("A")
