"""Translate exceptions of decoders into children of ImageError, with messages for photographers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from PIL import UnidentifiedImageError

from app.disk import is_full
from app.errors import ImageCorrupt, ImageError, ImageOutOfMemory, ImageUnsupported

# In messages of Pillow, libwebp, libheif and dav1d about files that end too early.
_CUT_SHORT = re.compile(r"truncat|not enough|end of|unexpected eof|too short|unprocessed|not processed", re.IGNORECASE)
# In their messages about valid files of an unsupported kind: 2-bit BMPs, 12-bit JPEGs, WebP in TIFF, AVIFs that cannot
# be converted to RGB or that have unusual tiles.
_UNKNOWN_KIND = re.compile(
    r"unsupported|not supported|not implemented|cannot handle|not configured"
    r"|reformat failed|invalid image grid|invalid tone mapped",
    re.IGNORECASE,
)
# Beginnings of the first segment of a JPEG (ITU T.81, B.2.4; JFIF, Exif, Adobe, ICC).
_JPEG_NAMES = (b"JFIF\0", b"JFXX\0", b"Exif\0", b"http:", b"Adobe", b"ICC_PROFILE\0", b"Photoshop", b"MPF\0")
_HEAD = 6 + 0xFFFF


@contextmanager
def wrap_decoder_errors(label: str) -> Iterator[None]:
    """Translate any exception of a decoder into a child of ImageError; `label` is the format's name for people.

    The OSError of a full disk is not translated.
    """
    try:
        yield
    except ImageError:
        raise
    except OSError as error:
        if is_full(error):  # of the output; the picture is not at fault
            raise
        raise _named(label, error) from error
    except MemoryError as error:
        raise ImageOutOfMemory(f"There was not enough memory to open this {label}.") from error
    except Exception as error:  # broken files also raise struct.error, KeyError, RuntimeError, ...
        raise _named(label, error) from error


def unknown_kind(label: str) -> ImageUnsupported:
    """The error for a valid file of a kind that no decoder supports."""
    return ImageUnsupported(f"This {label} is of a rare kind that we can't show.")


@contextmanager
def wrap_header_errors(label: str, stream: BinaryIO, start: int) -> Iterator[None]:
    """Like `wrap_decoder_errors`, for a header at `start`; also detects files that are no JPEG or end in the header."""
    try:
        with wrap_decoder_errors(label):
            yield
    except ImageCorrupt as error:
        if label == "JPEG" and not _begins_as_jpeg(stream, start):
            raise ImageCorrupt("This file is not a JPEG, although it begins like one.") from error
        if error.__cause__ and ended_early(error.__cause__):
            raise ImageCorrupt(f"This {label} is cut short: the photo is missing.") from error
        raise


def ended_early(error: BaseException) -> bool:
    """Whether a decoder's exception means that the file ends too early."""
    return isinstance(error, EOFError) or bool(_CUT_SHORT.search(str(error)))


def _begins_as_jpeg(stream: BinaryIO, start: int) -> bool:
    """Whether the first segment has a known name or is followed by another segment."""
    stream.seek(start)
    head = stream.read(_HEAD)
    follows = head[4 + int.from_bytes(head[4:6]) :][:1] == b"\xff"
    return follows or head[6:].startswith(_JPEG_NAMES)


def _named(label: str, error: Exception) -> ImageError:
    if isinstance(error, UnidentifiedImageError):
        return ImageCorrupt(f"This {label} is damaged or of a rare kind: its header can't be read.")
    if _UNKNOWN_KIND.search(str(error)):
        return unknown_kind(label)
    if ended_early(error):
        return ImageCorrupt(f"This {label} is cut short: the lower part of the photo is missing.")
    return ImageCorrupt(f"This {label} is damaged and can't be opened.")
