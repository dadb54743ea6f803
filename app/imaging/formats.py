"""The image formats, one row each: signatures, decoders and encoder options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Signature = tuple[int, bytes]


@dataclass(frozen=True)
class ImageFormat:
    """One format. `signatures` are alternatives of (offset, bytes); `decoders` are Pillow's names for it.

    `preview`: camera RAW, of which only an embedded preview is shown.
    `whole`: the decoder works in one C call, which cannot be interrupted; the others read block by block.
    `drawable`: every browser displays it.
    `turns_itself`: the decoder returns the image upright, by EXIF (TIFF) or by the container (HEIC).
    `overhead`: memory for a decode in addition to the Pillow image, in bytes a pixel, measured at 12 to 20 megapixels
    and 10 bits where supported; decoders that are `whole` also hold the file's bytes.
    """

    name: str
    label: str
    extensions: tuple[str, ...]
    mime: str
    decoders: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    encoder: str | None = None
    save: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    preview: bool = False
    drawable: bool = False
    whole: bool = False
    turns_itself: bool = False
    overhead: float = 0.5

    @property
    def decodable(self) -> bool:
        """Whether Pillow can decode the format, or the preview inside a RAW."""
        return bool(self.decoders)

    @property
    def encodable(self) -> bool:
        """Whether variants can be saved in it."""
        return self.encoder is not None

    @property
    def extension(self) -> str:
        """The usual file name extension, without a dot."""
        return self.extensions[0]


def _save(**params: Any) -> Mapping[str, Any]:
    return MappingProxyType(params)


def _raw(name: str, label: str, mime: str, *signatures: Signature) -> ImageFormat:
    return ImageFormat(name, label, (name,), mime, ("JPEG", "MPO"), signatures, preview=True)


# `optimize` has no effect with `progressive`, which always computes Huffman tables.
JPEG = ImageFormat(
    "jpeg",
    "JPEG",
    ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "image/jpeg",
    ("JPEG", "MPO"),
    ((0, b"\xff\xd8\xff"),),
    "JPEG",
    _save(progressive=True),
    drawable=True,
)
PNG = ImageFormat("png", "PNG", ("png", "apng"), "image/png", ("PNG",), ((0, b"\x89PNG\r\n\x1a\n"),), drawable=True)
WEBP = ImageFormat(
    "webp",
    "WebP",
    ("webp",),
    "image/webp",
    ("WEBP",),
    ((8, b"WEBPVP8"),),
    "WEBP",
    _save(method=4),
    drawable=True,
    whole=True,
    overhead=12.5,
)
TIFF = ImageFormat(
    "tiff",
    "TIFF",
    ("tif", "tiff"),
    "image/tiff",
    ("TIFF",),
    ((0, b"II*\0"), (0, b"MM\0*"), (0, b"II+\0"), (0, b"MM\0+")),
    whole=True,
    turns_itself=True,
    overhead=4.5,
)
BMP = ImageFormat("bmp", "BMP", ("bmp", "dib"), "image/bmp", ("BMP",))
GIF = ImageFormat("gif", "GIF", ("gif",), "image/gif", ("GIF",), ((0, b"GIF87a"), (0, b"GIF89a")), drawable=True)
HEIC = ImageFormat(
    "heic",
    "HEIC",
    ("heic", "heif", "hif"),
    "image/heic",
    ("HEIF",),
    whole=True,
    turns_itself=True,
    overhead=10.0,
)
AVIF = ImageFormat(
    "avif",
    "AVIF",
    ("avif",),
    "image/avif",
    ("AVIF",),
    (),
    "AVIF",
    _save(speed=8),
    drawable=True,
    whole=True,
    overhead=13.0,
)
CR2 = _raw("cr2", "Canon RAW (CR2)", "image/x-canon-cr2", (8, b"CR\x02"))
CR3 = _raw("cr3", "Canon RAW (CR3)", "image/x-canon-cr3", (4, b"ftypcrx "))
NEF = _raw("nef", "Nikon RAW (NEF)", "image/x-nikon-nef")
ARW = _raw("arw", "Sony RAW (ARW)", "image/x-sony-arw")
DNG = _raw("dng", "DNG", "image/x-adobe-dng")
ORF = _raw("orf", "Olympus RAW (ORF)", "image/x-olympus-orf", (0, b"IIRO"), (0, b"IIRS"), (0, b"MMOR"))
RAF = _raw("raf", "Fujifilm RAW (RAF)", "image/x-fuji-raf", (0, b"FUJIFILMCCD-RAW"))
RW2 = _raw("rw2", "Panasonic RAW (RW2)", "image/x-panasonic-rw2", (0, b"IIU\0"))

FORMATS: tuple[ImageFormat, ...] = (
    *(CR2, CR3, ORF, RAF, RW2, NEF, ARW, DNG),  # before TIFF, because some begin with its signature
    *(JPEG, PNG, WEBP, TIFF, BMP, GIF, HEIC, AVIF),
)
DRAWABLE = frozenset(row.mime for row in FORMATS if row.drawable)
_BY_EXTENSION = {extension: row for row in FORMATS for extension in row.extensions}
EXTENSIONS = frozenset(_BY_EXTENSION)
_BY_NAME = {row.name: row for row in FORMATS}

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_OTHER_SIGNATURES = (b"ID3", b"%PDF", b"PK", b"RIFF", b"\0\0\0")
_BMP_HEADER_SIZES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})


def sniff(head: bytes) -> ImageFormat | None:
    """The format of a file by its first 64 bytes; None if it is not a known image.

    NEF, ARW and DNG begin like TIFF, which is returned for them; `raw.format_behind_tiff` tells them apart.
    """
    for row in FORMATS:
        if any(head[offset : offset + len(magic)] == magic for offset, magic in row.signatures):
            return row
    return _sniff_boxes(head) or _sniff_bmp(head) or (JPEG if jpeg_start(head) else None)


def jpeg_start(head: bytes) -> int:
    """The offset of a JPEG within the first 64 bytes, after junk of some cameras and recovery tools; 0 without junk.

    Always 0 if the file has the signature of another format: an MP3 may contain a cover there, a PDF or ZIP a page.
    """
    return 0 if head.startswith(_OTHER_SIGNATURES) else max(0, head[:64].find(b"\xff\xd8\xff"))


def by_filename(name: str) -> ImageFormat | None:
    """The format of a file name's extension, or None; not reliable, for labels and icons only."""
    return _BY_EXTENSION.get(name.rpartition(".")[2].lower())


def by_name(name: str) -> ImageFormat:
    """The row with this name; raises KeyError."""
    return _BY_NAME[name]


def _sniff_boxes(head: bytes) -> ImageFormat | None:
    """HEIC or AVIF by the brands of the first box (ISO/IEC 23008-12, 10.2), or None."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4]), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & _AVIF_BRANDS:
        return AVIF
    return HEIC if head[8:12] in _HEIC_BRANDS else None


def _sniff_bmp(head: bytes) -> ImageFormat | None:
    """BMP or None; a text may also begin with "BM", so the header must have a known size."""
    known = head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES
    return BMP if known else None
