"""What decoders raise, as named errors with a sentence that a photographer understands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from PIL import UnidentifiedImageError

from app.disk import is_full
from app.errors import ImageCorrupt, ImageError, ImageOutOfMemory, ImageUnsupported

# What Pillow, libwebp, libheif and dav1d say when the bytes end too early.
_CUT_SHORT = re.compile(r"truncat|not enough|end of|unexpected eof|too short|unprocessed|not processed", re.IGNORECASE)
# What they say of files that are sound but of a kind they do not know: 2-bit BMPs, 12-bit JPEGs, WebP inside TIFF,
# AVIFs whose planes make no RGB or whose tiles are odd.
_UNKNOWN_KIND = re.compile(
    r"unsupported|not supported|not implemented|cannot handle|not configured"
    r"|reformat failed|invalid image grid|invalid tone mapped",
    re.IGNORECASE,
)
# How the first segment of a JPEG begins, by its marker (ITU T.81, B.2.4; JFIF, Exif, Adobe, ICC).
_JPEG_NAMES = (b"JFIF\0", b"JFXX\0", b"Exif\0", b"http:", b"Adobe", b"ICC_PROFILE\0", b"Photoshop", b"MPF\0")
_HEAD = 6 + 0xFFFF


@contextmanager
def naming_faults(label: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a child of ImageError; `label` is the format's, as people know it.

    A full disk stays an OSError.
    """
    try:
        yield
    except ImageError:
        raise
    except OSError as error:
        if is_full(error):  # of the disk that is written to; the picture is not to blame
            raise
        raise _named(label, error) from error
    except MemoryError as error:
        raise ImageOutOfMemory(f"There was not enough memory to open this {label}.") from error
    except Exception as error:  # broken files raise far more than OSError: struct.error, KeyError, RuntimeError, ...
        raise _named(label, error) from error


def rare_kind(label: str) -> ImageUnsupported:
    """The error for a file that is sound, but that no decoder here knows."""
    return ImageUnsupported(f"This {label} is of a rare kind that cannot be decoded here.")


@contextmanager
def naming_header_faults(label: str, stream: BinaryIO, start: int) -> Iterator[None]:
    """As `naming_faults`, while a header is read that begins at `start`: nothing of the picture has been seen yet."""
    try:
        with naming_faults(label):
            yield
    except ImageCorrupt as error:
        if label == "JPEG" and not _begins_as_jpeg(stream, start):
            raise ImageCorrupt("This file is not a JPEG, though it begins like one.") from error
        if error.__cause__ and ended_early(error.__cause__):
            raise ImageCorrupt(f"This {label} is cut short: nothing of the picture is there.") from error
        raise


def ended_early(error: BaseException) -> bool:
    """Whether a decoder says that the bytes end too early."""
    return isinstance(error, EOFError) or bool(_CUT_SHORT.search(str(error)))


def _begins_as_jpeg(stream: BinaryIO, start: int) -> bool:
    """Whether the first segment has a known name, or another follows where it ends."""
    stream.seek(start)
    head = stream.read(_HEAD)
    follows = head[4 + int.from_bytes(head[4:6]) :][:1] == b"\xff"
    return follows or head[6:].startswith(_JPEG_NAMES)


def _named(label: str, error: Exception) -> ImageError:
    if isinstance(error, UnidentifiedImageError):
        return ImageCorrupt(f"This {label} is damaged, or of a rare kind: its header cannot be read.")
    if _UNKNOWN_KIND.search(str(error)):
        return rare_kind(label)
    if ended_early(error):
        return ImageCorrupt(f"This {label} is cut short: the lower part of the picture is missing.")
    return ImageCorrupt(f"This {label} is damaged and cannot be opened.")
