"""Pictures as one Pillow image, whatever their mode: shrunk as they are, then brought to what an encoder takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image, ImageFilter

from app.imaging.colour import Profile, display
from app.imaging.variants import Box, Size

Mode = Image.Resampling
# HAMMING costs half of BICUBIC and rings at no edge, but takes some of the finest detail; this gives it back, with a
# little more bite. SSIMULACRA2 on photographs of 12 to 45 megapixels by the kernel's centre: 14 gave 70.4 and 164 kB,
# 15 gave 73.0 and 157 kB, 16 (Pillow's SHARPEN) 75.0 and 153 kB, none 81 and 122 kB; LANCZOS with SHARPEN 71.3.
SHARPEN = ImageFilter.Kernel((3, 3), (-1, -1, -1, -1, 15, -1, -1, -1, -1), scale=7)
# Rows converted at a time: 256 of a 12,000 pixel wide picture take 12 MB, a whole one would be held twice.
BAND_ROWS = 256
_DIRECT = frozenset({"RGB", "L", "CMYK", "LAB"})
_PLAIN = {"YCbCr": "RGB", "HSV": "RGB", "RGBX": "RGB", "La": "LA", "RGBa": "RGBA", "PA": "RGBA"}
Convert = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True)
class Flat:
    """An image in RGB, RGBA, L, LA, CMYK or LAB; `profile` is the ICC profile its numbers are meant in.

    `extent` is the width and height that hold the picture: a scaled JPEG decode pads to whole pixels.
    """

    image: Image.Image
    extent: tuple[float, float]
    profile: Profile | None = None

    @classmethod
    def of(cls, image: Image.Image, extent: tuple[float, float], profile: Profile | None, needed: Size) -> Flat:
        """A decoded image of any mode, already made smaller where that saves holding it twice."""
        if image.mode in _DIRECT and not image.has_transparency_data:
            return cls(image, extent, profile)
        factor = max(1, min(image.width // (2 * needed[0]), image.height // (2 * needed[1])))
        return cls(_reduced(image, factor), (extent[0] / factor, extent[1] / factor), profile)

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return self.image.size

    def shrink(self, size: Size, box: Box | None = None) -> Flat:
        """A smaller copy of the part inside `box` (all of it without)."""
        area = box or (0, 0, *self.extent)
        smaller = self.image.resize(size, Mode.HAMMING, area, reducing_gap=3.0)
        return replace(self, image=smaller, extent=size)

    def finish(self, *, sharpen: bool) -> Image.Image:
        """RGB or L in sRGB, sharpened, white behind what is transparent."""
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
    """The same picture in a mode that can be resized and converted: RGB, RGBA, L, LA, CMYK or LAB."""
    return _converter(image)(image)


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """The image as it should be seen, for an EXIF orientation of 1 to 8."""
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
    """The image converted and averaged over factor x factor pixels, band by band."""
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
    """How this image, or any part of it, is brought to a mode that can be resized."""
    if image.mode in ("L", "RGB", "P") and image.has_transparency_data:
        target = "LA" if image.mode == "L" else "RGBA"
    elif image.mode == "P":
        target = "RGB"
    elif image.mode.startswith("I;16"):
        return _from_sixteen_bits
    elif image.mode in ("I", "F"):
        return _from_wide_range(image)
    elif image.mode == "1":
        return _from_one_bit
    else:
        target = _PLAIN.get(image.mode, image.mode)
    return lambda part: part.convert(target)


def _from_one_bit(image: Image.Image) -> Image.Image:
    opaque = image.copy()
    opaque.info.pop("transparency", None)  # a PNG may name one of the two as transparent, which Pillow cannot convert
    return opaque.convert("L")


def _from_sixteen_bits(image: Image.Image) -> Image.Image:
    """Pillow clips 16 bits at 255 when it converts to L, so the tones are brought down first."""
    wide = image if image.mode == "I;16" else image.convert("I")
    narrow = wide.point(lambda value: value * (1 / 257) + 0.5)
    narrow.info.pop("transparency", None)  # one 16-bit grey level of a PNG, which Pillow cannot convert
    return narrow.convert("L")


def _from_wide_range(image: Image.Image) -> Convert:
    """32-bit integers and floats name no range: up to 1, 255 and 65535 are taken as white, beyond that the maximum."""
    extrema = image.getextrema()
    top = float(extrema[1]) if not isinstance(extrema[1], tuple) else 1.0
    white = next((limit for limit in (1.0, 255.0, 65535.0) if top <= limit), top)
    return lambda part: part.point(lambda value: value * (255 / white) + 0).convert("L")


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    if image.mode not in ("RGBA", "LA"):
        return image, None
    return image.convert(image.mode[:-1]), image.getchannel("A")
