"""What decoders raise, as named errors with a sentence that a photographer understands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import UnidentifiedImageError

from app.errors import ImageCorrupt, ImageError, ImageOutOfMemory

# What Pillow, libwebp, libheif and dav1d say when the bytes end too early.
_CUT_SHORT = re.compile(r"truncat|not enough|end of|unexpected eof|too short|unprocessed|not processed", re.IGNORECASE)


@contextmanager
def naming_faults(label: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a child of ImageError; `label` is the format's, as people know it."""
    try:
        yield
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageOutOfMemory(f"There was not enough memory to open this {label}.") from error
    except Exception as error:  # broken files raise far more than OSError: struct.error, KeyError, RuntimeError, ...
        raise _corrupt(label, error) from error


def _corrupt(label: str, error: Exception) -> ImageCorrupt:
    if isinstance(error, UnidentifiedImageError):
        return ImageCorrupt(f"This {label} is damaged: its header cannot be read.")
    if isinstance(error, EOFError) or _CUT_SHORT.search(str(error)):
        return ImageCorrupt(f"This {label} is cut short: the lower part of the picture is missing.")
    return ImageCorrupt(f"This {label} is damaged and cannot be opened.")
