"""The makers: each makes two variants of a JPEG, a medium 1200 pixels wide (q85) and a thumb of 200 x 200 (q75)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter, ImageOps

Pair = tuple[bytes, bytes]
LANCZOS = Image.Resampling.LANCZOS


def ours(path: str) -> Pair:
    """app.imaging, including metadata and placeholder."""
    from app.imaging.render import render
    from app.imaging.variants import by_name

    with Path(path).open("rb") as stream, render(stream, [by_name("medium"), by_name("thumb")]) as picture:
        medium, thumb = (rendition.stream.read() for rendition in picture.renditions)
        return medium, thumb


def naive(path: str) -> Pair:
    """The specification's code: both variants from full resolution."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    medium = image.resize((1200, round(1200 * image.height / image.width)), LANCZOS)
    return _naive_save(medium, 85), _naive_save(ImageOps.fit(image, (200, 200), LANCZOS), 75)


def _naive_save(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.filter(ImageFilter.SHARPEN).save(buffer, "JPEG", quality=quality, progressive=True, optimize=True)
    return buffer.getvalue()


def floor(path: str) -> Pair:
    """The scaled decode and the two encodes only, which no maker with libjpeg can avoid."""
    with Image.open(path) as image:
        turned = image.getexif().get(0x0112, 1) >= 5
        image.draft("YCbCr", (1, 1260) if turned else (1260, 1))
        image.load()
        height = round(1200 * (image.width / image.height if turned else image.height / image.width))
        medium = image.crop((0, 0, 1200, height) if not turned else (0, 0, height, 1200))
    return _save(medium, 85), _save(medium.crop((0, 0, 200, 200)), 75)


def _save(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, progressive=True)
    return buffer.getvalue()


def pyvips_two(path: str) -> Pair:
    """pyvips in the usual way: one pipeline per output."""
    vips = _vips()
    medium = vips.Image.thumbnail(path, 1200, height=100_000, size="down")
    thumb = vips.Image.thumbnail(path, 200, height=200, crop="centre")
    return _vips_save(medium, 85), _vips_save(thumb, 75)


def pyvips(path: str) -> Pair:
    """pyvips at its fastest: the thumb is made from the medium."""
    medium = _vips().Image.thumbnail(path, 1200, height=100_000, size="down").copy_memory()
    return _vips_save(medium, 85), _vips_save(medium.thumbnail_image(200, height=200, crop="centre"), 75)


def _vips() -> Any:
    import pyvips as library

    library.cache_set_max(0)
    return library


def _vips_save(image: Any, quality: int) -> bytes:
    kernel = type(image).new_from_array([[-2, -2, -2], [-2, 32, -2], [-2, -2, -2]], scale=16)
    return bytes(image.conv(kernel).cast("uchar").jpegsave_buffer(Q=quality, interlace=True, keep="none"))


def thumbor(path: str) -> Pair:
    """thumbor's Pillow engine: one load per output, as in separate requests."""
    from thumbor.config import Config
    from thumbor.context import Context
    from thumbor.engines.pil import Engine

    body = Path(path).read_bytes()
    results = []
    for width, quality in ((1200, 85), (200, 75)):
        engine = Engine(Context(config=Config(PROGRESSIVE_JPEG=True, RESPECT_ORIENTATION=True)))
        engine.load(body, ".jpg")
        engine.reorientate()
        across, down = engine.size
        if width == 200:
            side = min(across, down)
            left, top = (across - side) // 2, (down - side) // 2
            engine.crop(left, top, left + side, top + side)
            across = down = side
        engine.resize(width, round(width * down / across))
        engine.image = engine.image.filter(ImageFilter.SHARPEN)
        results.append(engine.read(".jpg", quality))
    return results[0], results[1]


MAKERS: dict[str, Callable[[str], Pair]] = {
    each.__name__: each for each in (ours, naive, floor, pyvips, pyvips_two, thumbor)
}
