"""A picture read by other programs: metadata by exiftool, pixels by ImageMagick and Chromium."""

from __future__ import annotations

import base64
import io
import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms
from playwright.sync_api import Page

from app.imaging.metadata import PhotoMetadata
from app.imaging.render import render
from app.imaging.variants import by_name
from tests.support.delta_e import Array, delta_e, lab, srgb_to_xyz

Size = tuple[int, int]
_SPOTS = ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))
_DRAW = """async (address) => {
    const image = new Image();
    image.src = address;
    try { await image.decode(); } catch { return null; }
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/png");
}"""


@dataclass(frozen=True)
class Seen:
    """A picture as it is shown: its size, and the colours in its four corners."""

    size: Size
    corners: Array

    @classmethod
    def of(cls, image: Image.Image) -> Seen:
        """The size and corners of an sRGB picture."""
        plain, (width, height) = image.convert("RGB"), image.size
        values = [plain.getpixel((int(width * x), int(height * y))) for x, y in _SPOTS]
        return cls(image.size, np.array(values, float))

    def differs_by(self, other: Seen) -> float:
        """The largest difference of a corner's colour (CIEDE2000)."""
        return _distance(self.corners, other.corners)

    def differs_in_colour_by(self, other: Seen) -> float:
        """As `differs_by`, in any order of the corners, for a program that does not apply the orientation."""
        return max(min(_distance(one, each) for each in other.corners) for one in self.corners)


def _distance(first: Array, second: Array) -> float:
    return float(delta_e(lab(srgb_to_xyz(first)), lab(srgb_to_xyz(second))).max())


def ours(data: bytes) -> tuple[Seen, PhotoMetadata, bytes]:
    """The picture in its medium size, its metadata, and the bytes of that size."""
    with render(io.BytesIO(data), [replace(by_name("medium"), quality=95)]) as picture:
        body = picture.renditions[0].stream.read()
        assert (picture.width, picture.height) == Image.open(io.BytesIO(body)).size
        return Seen.of(Image.open(io.BytesIO(body))), picture.metadata, body


def exiftool(program: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Every tag of every file in a folder, by the name of the file and then by group and name."""
    found = subprocess.run([program, "-j", "-G1", "-n", str(folder)], capture_output=True, check=True)
    return {each["System:FileName"]: each for each in json.loads(found.stdout)}


def magick(program: str, path: Path, *, assumed_profile: bytes | None) -> Seen | None:
    """The picture as ImageMagick turns it and converts it to sRGB; None where it cannot read it.

    `assumed_profile` is the profile of a format whose profiles it does not see.
    """
    srgb, own = path.with_name("srgb.icc"), path.with_name("own.icc")
    srgb.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    own.write_bytes(assumed_profile or b"")
    first = ["-profile", str(own)] if assumed_profile else []
    command = [program, str(path), "-auto-orient", *first, "-profile", str(srgb), "-depth", "8", "png:-"]
    found = subprocess.run(command, capture_output=True, check=False)
    return Seen.of(Image.open(io.BytesIO(found.stdout))) if found.stdout else None


def chromium(page: Page, data: bytes, mime: str) -> Seen | None:
    """The picture as Chromium draws it; None where it cannot read it."""
    drawn = page.evaluate(_DRAW, f"data:{mime};base64,{base64.b64encode(data).decode()}")
    return drawn and Seen.of(Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2]))))
