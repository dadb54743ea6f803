"""What a file that comes in is called and what it is: text to show, MIME type, extension."""

from __future__ import annotations

import mimetypes
import unicodedata
from pathlib import PurePosixPath

from app.imaging import formats

NAME_LENGTH = 255
JOINERS = "\u200c\u200d"  # invisible by themselves; without them Persian words and emoji of several become others


def display_name(raw: str) -> str:
    """The sender's file name as text to show: no folders, no control characters, at most 255 characters."""
    last = raw.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Cf") or c in JOINERS)
    return shortened(printable.strip()) if printable.strip(JOINERS).strip() else "unnamed"


def shortened(name: str) -> str:
    """At most 255 characters, the extension kept."""
    suffix = PurePosixPath(name).suffix[:20]
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - len(suffix)] + suffix


def kind_of(head: bytes, name: str) -> tuple[str, str]:
    """MIME type and extension: by content for pictures, by name for the rest.

    What is called a picture and is none counts as one: it then fails visibly instead of passing for a document.
    """
    image = picture_format(head, name)
    if image is not None:
        return image.mime, f".{image.extension}"
    guessed = mimetypes.guess_type(name, strict=False)[0] or ""
    neutral = not guessed or guessed.startswith("image/")
    return ("application/octet-stream" if neutral else guessed), safe_suffix(name)


def picture_format(head: bytes, name: str) -> formats.ImageFormat | None:
    """The format by content, else by name; most camera RAW is a TIFF that only its name tells from others."""
    by_content, by_name = formats.sniff(head), formats.by_filename(name)
    if by_content is formats.TIFF and by_name is not None and by_name.preview:
        return by_name
    return by_content or by_name


def safe_suffix(name: str) -> str:
    """The extension of a name in lower case, if it is one that any store and system takes; else ''."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 12 else ""
