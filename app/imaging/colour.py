"""Convert colours to sRGB, by the embedded profile or by the colour space that an image names."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from PIL import Image, ImageCms

from app.imaging import high_range, spaces
from app.imaging.code_points import CURVES, PRIMARIES, CodePoints
from app.imaging.exif import Exif

# Profiles have from 500 bytes to 3 MB; the largest known press profiles have 2.7 MB.
MAX_PROFILE_BYTES = 4_000_000
_MODES = {b"RGB ": ("RGB", "L"), b"GRAY": ("L",), b"CMYK": ("CMYK",), b"Lab ": ("LAB",)}
_LIKE = {"YCbCr": "RGB", "RGBA": "RGB", "P": "RGB", "PA": "RGB", "RGBX": "RGB", "LA": "L", "1": "L", "I;16": "L"}
# As Photoshop and browsers convert photographs.
_INTENT, _FLAGS = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
# How far from 1/2.2 a gamma may be to mean sRGB, relative, as in libpng.
_GAMMA_TOLERANCE = 0.05
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class Profile:
    """An ICC profile; hashed and compared by digest, so that caches do not compare megabytes."""

    flags = _FLAGS

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.digest = hashlib.blake2b(data, digest_size=16).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Profile) and other.digest == self.digest

    @property
    def is_grey(self) -> bool:
        """Whether it is a grey profile; a grey image may also have an RGB profile."""
        return self.data[16:20] == b"GRAY"


class HighRange(Profile):
    """The profile of a high dynamic range space, whose white may become a grey in sRGB."""

    flags = _FLAGS | ImageCms.Flags.NOWHITEONWHITEFIXUP

    def __init__(self, points: CodePoints) -> None:
        super().__init__(high_range.profile(points))


ADOBE_RGB = Profile(spaces.matrix_profile("Adobe RGB (compatible)", spaces.ADOBE_RGB, spaces.Curve(563 / 256)))


def resolve(info: Mapping[Any, Any], exif: Exif, mode: str) -> tuple[Profile | None, str | None]:
    """The profile to convert an image of this Pillow mode from (None: sRGB), and a note if one was ignored.

    `info` is the image's `info`, with the values of `code_points.read`.
    """
    like = _LIKE.get(mode, mode)
    if like in ("RGB", "L") and "cicp" in info:
        return _none_if_srgb(_from_code_points(info["cicp"]), like), None
    embedded = info.get("icc_profile")
    profile = Profile(embedded) if isinstance(embedded, bytes) and embedded else None
    note = _unusable(profile, like) if profile else None
    if profile and not note:
        return _none_if_srgb(profile, like), None
    return (_none_if_srgb(_from_info(info, exif, like), like) if like in ("RGB", "L") else None), note


def _unusable(profile: Profile, like: str) -> str | None:
    """The reason to ignore an embedded profile; None for a usable one."""
    if len(profile.data) > MAX_PROFILE_BYTES or like not in _MODES.get(profile.data[16:20], ()):
        return "The colour profile does not fit the photo and was ignored."
    if _transform(profile, _working_mode(profile, like)) is None:
        return "The colour profile is damaged and was ignored."
    return None


def _from_info(info: Mapping[Any, Any], exif: Exif, like: str) -> Profile | None:
    """The profile of a colour space that the image names: by code points, sRGB chunk, gamma and primaries, or EXIF."""
    if "nclx" in info:
        return _from_code_points(info["nclx"])
    if "srgb" in info:
        return None
    found = _from_gamma(info["gamma"], info.get("chromaticity")) if "gamma" in info else None
    return found or (ADOBE_RGB if exif.is_adobe_rgb and like == "RGB" else None)


@lru_cache(maxsize=16)
def _from_code_points(points: CodePoints) -> Profile | None:
    if points.is_high_range:
        return HighRange(points)
    return _from_primaries(PRIMARIES[points.primaries], CURVES[points.transfer])


def _from_gamma(gamma: float, space: spaces.Chromaticities | None) -> Profile | None:
    """The profile of PNG's gAMA and cHRM; as in browsers, cHRM needs gAMA, and 1/2.2 alone means sRGB."""
    if gamma <= 0 or (space is None and abs(gamma * 2.2 - 1) < _GAMMA_TOLERANCE):
        return None
    curve = spaces.Curve(1 / gamma)
    return _from_primaries(space or spaces.BT709, curve) if curve.is_writable else None


@lru_cache(maxsize=16)
def _from_primaries(space: spaces.Chromaticities, curve: spaces.Curve) -> Profile | None:
    primaries = spaces.adapted(space)
    return Profile(spaces.matrix_profile("named", primaries, curve)) if primaries else None


def display(image: Image.Image, profile: Profile | None) -> Image.Image:
    """Convert an opaque image in RGB, L, CMYK or LAB to a new image in sRGB, of mode "RGB" or "L"."""
    transform = _transform(profile, _working_mode(profile, image.mode)) if profile else None
    if profile and transform:
        return transform.apply(image.convert(_working_mode(profile, image.mode)))
    if image.mode == "LAB":
        return _lab_transform().apply(image)
    return image.copy() if image.mode in ("RGB", "L") else image.convert("RGB")


def profile_name(embedded: bytes | None) -> str:
    """The name of an embedded profile, such as "Display P3"; "" if it is missing or unreadable."""
    if not embedded or len(embedded) > MAX_PROFILE_BYTES:
        return ""
    try:
        name = ImageCms.ImageCmsProfile(io.BytesIO(embedded)).profile.profile_description
    except Exception:  # noqa: BLE001  littleCMS and Pillow's wrapper raise OSError, ValueError, TypeError, PyCMSError
        return ""
    return "".join(char for char in name or "" if char.isprintable()).strip()[:200]


def _working_mode(profile: Profile, mode: str) -> str:
    """The mode for the conversion: RGB for a grey image with an RGB profile."""
    return "RGB" if mode == "L" and not profile.is_grey else mode


@lru_cache(maxsize=16)
def _transform(profile: Profile, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The transform from a profile to sRGB; None if littleCMS rejects it. 16 are cached, 64 MB at most."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile.data))
        return ImageCms.buildTransform(source, _SRGB, mode, "RGB", _INTENT, profile.flags)
    except Exception:  # noqa: BLE001  as above
        return None


def _none_if_srgb(profile: Profile | None, mode: str) -> Profile | None:
    return None if profile is None or _changes_nothing(profile, mode) else profile


@lru_cache(maxsize=16)
def _changes_nothing(profile: Profile, mode: str) -> bool:
    """Whether the profile is sRGB: 512 colours all over the RGB cube stay the same."""
    if _working_mode(profile, mode) != "RGB":
        return False
    steps = range(0, 256, 36)
    cube = bytes(value for red in steps for green in steps for blue in steps for value in (red, green, blue))
    image = Image.frombytes("RGB", (len(cube) // 3, 1), cube)
    return max(abs(a - b) for a, b in zip(cube, display(image, profile).tobytes(), strict=True)) <= 1


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _SRGB, "LAB", "RGB", _INTENT)
