"""What decoders raise, as named errors with a sentence that a photographer understands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

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


def _named(label: str, error: Exception) -> ImageError:
    if isinstance(error, UnidentifiedImageError):
        return ImageCorrupt(f"This {label} is damaged, or of a rare kind: its header cannot be read.")
    if _UNKNOWN_KIND.search(str(error)):
        return rare_kind(label)
    if isinstance(error, EOFError) or _CUT_SHORT.search(str(error)):
        return ImageCorrupt(f"This {label} is cut short: the lower part of the picture is missing.")
    return ImageCorrupt(f"This {label} is damaged and cannot be opened.")
