"""Clean a WebP: keep image data, rebuild EXIF and XMP, drop other chunks."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import CannotBeCleaned
from app.imaging.privacy import exif_block, xmp
from app.imaging.privacy.pieces import Piece, Source, check_part_count, checked_slice, metadata_at, read, size_of

_PICTURE = frozenset((b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
_IN_FRAME = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_FRAME_HEAD = 16
_HAS_XMP, _HAS_EXIF = 0x04, 0x08  # flags in the first byte of VP8X


def pieces(source: Source) -> Iterator[Piece]:
    """Yield the pieces of the cleaned file; raises CannotBeCleaned."""
    parts: list[Piece] = []
    flags = 0
    found = list(chunks(source, 12, end_of(source)))
    for name, whole, body in found:
        if name in _PICTURE:
            _check_frame(source, name, body)
            parts.append(whole)
            if body.stop % 2:
                parts.append(b"\0")
        elif name == b"EXIF" and not flags & _HAS_EXIF:
            block = exif_block.cleaned(metadata_at(source, body).removeprefix(exif_block.PREFIX))
            flags |= _append(parts, name, block, _HAS_EXIF)
        elif name == b"XMP " and not flags & _HAS_XMP:
            flags |= _append(parts, name, xmp.cleaned(metadata_at(source, body)), _HAS_XMP)
    extended = [_extended(source[body], flags) for name, _, body in found[:1] if name == b"VP8X"]
    everything = extended + parts
    yield b"RIFF" + (4 + size_of(everything)).to_bytes(4, "little") + b"WEBP"
    yield from everything


def end_of(source: Source) -> int:
    """The end of the file by its RIFF header; bytes after it are dropped. Raises CannotBeCleaned if it is cut short."""
    size = int.from_bytes(read(source, 4, 4), "little")
    checked_slice(source, 8, size)
    return 8 + size


def chunks(source: Source, at: int, end: int) -> Iterator[tuple[bytes, slice, slice]]:
    """Yield name, slice and content slice of each chunk, without its padding byte; raises CannotBeCleaned."""
    number = 0
    while at + 8 <= end:
        check_part_count(number)
        size = int.from_bytes(read(source, at + 4, 4), "little")
        body = checked_slice(source, at + 8, size)
        if body.stop > end:
            raise CannotBeCleaned("A WebP chunk extends past the end.")
        yield read(source, at, 4), slice(at, body.stop), body
        at, number = body.stop + size % 2, number + 1


def _check_frame(source: Source, name: bytes, body: slice) -> None:
    """Raise CannotBeCleaned if an animation frame contains chunks other than image data."""
    if name == b"ANMF":
        inside = chunks(source, body.start + _FRAME_HEAD, body.stop)
        if any(each not in _IN_FRAME for each, _, _ in inside):
            raise CannotBeCleaned("A frame of the WebP animation holds a chunk that is not image data.")


def _append(parts: list[Piece], name: bytes, content: bytes, flag: int) -> int:
    if content:
        parts.append(name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2))
    return flag if content else 0


def _extended(body: bytes, flags: int) -> bytes:
    """The VP8X header with these metadata flags; raises CannotBeCleaned if it is malformed."""
    if len(body) != 10:
        raise CannotBeCleaned("The VP8X header is not 10 bytes long.")
    first = (body[0] & ~(_HAS_EXIF | _HAS_XMP)) | flags
    return b"VP8X" + (10).to_bytes(4, "little") + bytes((first,)) + body[1:]


def exif_of(source: Source) -> bytes:
    """The EXIF block of the source; b"" without one."""
    found = (metadata_at(source, body) for name, _, body in chunks(source, 12, end_of(source)) if name == b"EXIF")
    return next(found, b"").removeprefix(exif_block.PREFIX)
