"""Colour to sRGB, through the profile that the picture carries or the colour space that its EXIF names."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache

from PIL import Image, ImageCms

from app.imaging import spaces
from app.imaging.exif import Exif

# A profile describes inks or phosphors in 500 bytes to 3 MB; the largest press profiles known have 2.7 MB.
MAX_PROFILE_BYTES = 4_000_000
_MODES = {b"RGB ": ("RGB", "L"), b"GRAY": ("L",), b"CMYK": ("CMYK",), b"Lab ": ("LAB",)}
_LIKE = {"YCbCr": "RGB", "RGBA": "RGB", "P": "RGB", "PA": "RGB", "RGBX": "RGB", "LA": "L", "1": "L", "I;16": "L"}
# Relative colorimetric with black point compensation is what Photoshop and browsers do with photographs.
_INTENT, _FLAGS = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class Profile:
    """A usable ICC profile; it hashes and compares by digest, so that caches do not compare megabytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.digest = hashlib.blake2b(data, digest_size=16).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Profile) and other.digest == self.digest

    @property
    def takes_grey(self) -> bool:
        """Whether it is a profile of grey itself, not of RGB with a grey picture in it."""
        return self.data[16:20] == b"GRAY"


ADOBE_RGB = Profile(spaces.matrix_profile("Adobe RGB (compatible)", spaces.ADOBE_RGB, 563 / 256))


def resolve(embedded: bytes | None, exif: Exif, mode: str) -> tuple[Profile | None, str | None]:
    """The profile that a picture of this Pillow mode must be converted through, and a note on what was ignored.

    No profile is the answer for what is sRGB already, whether said so or unsaid.
    """
    if not embedded:
        return (ADOBE_RGB if exif.is_adobe_rgb and _LIKE.get(mode, mode) == "RGB" else None), None
    like = _LIKE.get(mode, mode)
    profile = Profile(embedded)
    if len(embedded) > MAX_PROFILE_BYTES or like not in _MODES.get(embedded[16:20], ()):
        return None, "The colour profile does not fit the picture and was ignored."
    if _transform(profile, _working_mode(profile, like)) is None:
        return None, "The colour profile is damaged and was ignored."
    return (None if _changes_nothing(profile, like) else profile), None


def display(image: Image.Image, profile: Profile | None) -> Image.Image:
    """An opaque picture in RGB, L, CMYK or LAB as it should be seen: a new image in sRGB, "RGB" or "L"."""
    transform = _transform(profile, _working_mode(profile, image.mode)) if profile else None
    if profile and transform:
        return transform.apply(image.convert(_working_mode(profile, image.mode)))
    if image.mode == "LAB":
        return _lab_transform().apply(image)
    return image.copy() if image.mode in ("RGB", "L") else image.convert("RGB")


def profile_name(embedded: bytes | None) -> str:
    """What the profile calls itself ("Display P3"), "" without one or for one that cannot be read."""
    if not embedded or len(embedded) > MAX_PROFILE_BYTES:
        return ""
    try:
        name = ImageCms.ImageCmsProfile(io.BytesIO(embedded)).profile.profile_description
    except Exception:  # noqa: BLE001  littleCMS and Pillow's wrapper raise OSError, ValueError, TypeError, PyCMSError
        return ""
    return "".join(char for char in name or "" if char.isprintable()).strip()[:200]


def _working_mode(profile: Profile, mode: str) -> str:
    """Grey pictures with an RGB profile are seen through it as RGB."""
    return "RGB" if mode == "L" and not profile.takes_grey else mode


@lru_cache(maxsize=16)
def _transform(profile: Profile, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the profile to sRGB, None when littleCMS refuses it; 16 are kept, so 64 MB of them at most."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile.data))
        return ImageCms.buildTransform(source, _SRGB, mode, "RGB", _INTENT, _FLAGS)
    except Exception:  # noqa: BLE001  as above
        return None


@lru_cache(maxsize=16)
def _changes_nothing(profile: Profile, mode: str) -> bool:
    """Whether 512 colours all over the cube come out as they went in, so that the profile is sRGB by another name."""
    if _working_mode(profile, mode) != "RGB":
        return False
    steps = range(0, 256, 36)
    cube = bytes(value for red in steps for green in steps for blue in steps for value in (red, green, blue))
    image = Image.frombytes("RGB", (len(cube) // 3, 1), cube)
    return max(abs(a - b) for a, b in zip(cube, display(image, profile).tobytes(), strict=True)) <= 1


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _SRGB, "LAB", "RGB", _INTENT)
