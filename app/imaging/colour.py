"""Colour to sRGB, through the profile that the picture carries or the colour space that its EXIF names."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache

from PIL import Image, ImageCms

# A profile describes inks or phosphors in 500 bytes to 3 MB; the largest press profiles known have 2.7 MB.
MAX_PROFILE_BYTES = 8_000_000
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}


def profile_mode(profile: bytes | None) -> str | None:
    """The Pillow mode that an ICC profile describes, None for one that is unreadable or of another kind."""
    if not profile or not 128 < len(profile) <= MAX_PROFILE_BYTES:
        return None
    return _MODES.get(profile[16:20].decode("latin-1"))


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The picture in sRGB ("RGB"), or None when its profile does not fit it or is broken."""
    if profile_mode(profile) != image.mode:
        return None
    try:
        converted = _transform(Profile(profile), image.mode).apply(image)
    except Exception:  # noqa: BLE001  littleCMS and Pillow's wrapper raise OSError, ValueError, TypeError, PyCMSError
        return None
    converted.info.clear()
    return converted


class Profile:
    """ICC bytes that hash and compare by digest, so that transforms are cached without keeping megabytes as keys."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.digest = hashlib.blake2b(data, digest_size=16).digest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Profile) and other.digest == self.digest


@lru_cache(maxsize=32)
def _transform(profile: Profile, mode: str) -> ImageCms.ImageCmsTransform:
    """Relative colorimetric with black point compensation, what Photoshop and browsers do with photographs."""
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile.data)),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def profile_name(profile: bytes | None) -> str:
    """What the profile calls itself ("Display P3"), "" without one or for one that cannot be read."""
    if profile_mode(profile) is None:
        return ""
    try:
        return (ImageCms.ImageCmsProfile(io.BytesIO(profile or b"")).profile.profile_description or "").strip()[:200]
    except Exception:  # noqa: BLE001  as above
        return ""


def display(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An opaque picture in RGB, L, CMYK or LAB as it should be seen: a new image in sRGB, "RGB" or "L"."""
    converted = to_srgb(image, profile) if profile else None
    if converted is not None:
        return converted
    if image.mode == "LAB":
        return _lab_transform().apply(image)
    return image.copy() if image.mode in ("RGB", "L") else image.convert("RGB")


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
