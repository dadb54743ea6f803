"""Display name, MIME type and extension of an incoming file."""

from __future__ import annotations

import mimetypes
import unicodedata
from pathlib import PurePosixPath

from app.imaging import formats

NAME_LENGTH = 255
JOINERS = "\u200c\u200d"  # invisible characters that Persian words and combined emoji need


def display_name(raw: str) -> str:
    """Return the uploaded file name for display: no folders or control characters, at most 255 characters."""
    last = raw.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Cf") or c in JOINERS)
    return shortened(printable.strip()) if printable.strip(JOINERS).strip() else "unnamed"


def shortened(name: str) -> str:
    """Return the name shortened to 255 characters, keeping the extension."""
    suffix = PurePosixPath(name).suffix[:20]
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - len(suffix)] + suffix


def kind_of(head: bytes, name: str) -> tuple[str, str]:
    """Return MIME type and extension: by content for pictures, by name for other files.

    A file named as a picture counts as one even if its content is not, so that its processing fails visibly.
    """
    image = picture_format(head, name)
    if image is not None:
        return image.mime, f".{image.extension}"
    guessed = mimetypes.guess_type(name, strict=False)[0] or ""
    neutral = not guessed or guessed.startswith("image/")
    return ("application/octet-stream" if neutral else guessed), safe_suffix(name)


def picture_format(head: bytes, name: str) -> formats.ImageFormat | None:
    """Return the format by content, else by name; most camera RAW formats are TIFFs that only the name identifies."""
    by_content, by_name = formats.sniff(head), formats.by_filename(name)
    if by_content is formats.TIFF and by_name is not None and by_name.preview:
        return by_name
    return by_content or by_name


def safe_suffix(name: str) -> str:
    """Return the extension in lower case if it is ASCII alphanumeric and at most 12 characters long, else ''."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 12 else ""
