"""The tiles of a page, and what a visitor may do with their files; values for templates and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from app.imaging.formats import DRAWABLE
from app.models import Collection, ProcessingStatus, human_size
from app.services.access.rules import Action, Visitor, allowed, manages
from app.services.collections import order
from app.services.collections.photo_info import damage_in_words, reason_in_words
from app.services.collections.tile_rows import Extra, TileRow
from app.services.delivery.signing import Signer, Signing
from app.services.variants import private_originals
from app.views.collections import addresses
from app.views.collections.addresses import PREVIEW, FileAddresses
from app.views.collections.picture_urls import THUMBNAIL, picture_urls

UNKNOWN_RATIO = "r150"  # 3:2, as most cameras' frames, until the photo's ratio is known


class Tile(NamedTuple):
    """One file on the page; a tuple, which is made in a third of the time of a frozen dataclass."""

    uuid: str
    name: str
    size: int | None  # in bytes; None for visitors who may not download
    kind: str
    status: str
    reason: str
    width: int | None
    height: int | None
    ratio_class: str
    thumb_url: str | None
    preview_url: str | None  # by which scripts know the other URLs of the file
    preview_src: str | None  # the URL that the lightbox loads
    full_url: str | None
    delete_url: str  # for the owner
    retry_url: str  # for the owner
    srcset: str
    sizes: str
    thumbhash: str | None
    day: str
    drawable: bool = True  # whether every browser displays the original
    place: int | None = None  # the index of a photo in the order
    withheld: str = ""  # why clients cannot download the original of a collection that hides locations
    damage: str = ""  # for the owner: which part of the image is missing

    @property
    def size_human(self) -> str:
        """The size as text; "" for visitors who may not download."""
        return "" if self.size is None else human_size(self.size)

    @property
    def type_label(self) -> str:
        """The extension of the name in capitals, at most 5 letters, as 'PDF'; 'FILE' without one."""
        return PurePosixPath(self.name).suffix[1:6].upper() or "FILE"


@dataclass(frozen=True)
class Rights:
    """What a visitor may do with the files of a collection."""

    downloads_allowed: bool
    is_owner: bool
    hides_location: bool = False
    signing: Signing | None = None  # of the URLs of variants in the store; None if the app sends them

    @classmethod
    def of(cls, visitor: Visitor, collection: Collection) -> Rights:
        """The rights of a visitor in a collection."""
        may_download, is_owner = allowed(visitor, collection, Action.DOWNLOAD), manages(visitor, collection)
        return cls(may_download, is_owner, collection.hides_location, Signer().signing_of_page(visitor, collection))

    @property
    def warns_of_withheld(self) -> bool:
        """Whether to tell the owner which originals clients cannot download."""
        return self.is_owner and self.hides_location and self.downloads_allowed

    @property
    def extra(self) -> Extra:
        """What tiles need: notes of damage for the owner and of withheld files, and the paths for presigned URLs."""
        return Extra(notes=self.is_owner or self.hides_location, paths=self.signing is not None)

    def withheld(self, row: TileRow) -> str:
        """Why clients cannot download this file; "" if they can, or if the collection allows no downloads."""
        if not (self.hides_location and self.downloads_allowed):
            return ""
        return private_originals.why_withheld(row.processing_status, row.mime_type, row.withheld_note) or ""

    def original_url(self, row: TileRow, at: FileAddresses, query: str) -> str | None:
        """The URL of the original for this visitor, or None; a copy without location has another URL."""
        if not self.downloads_allowed or (self.withheld(row) and not self.is_owner):
            return None
        if self.hides_location and not self.is_owner:
            query = f"{query}&cleaned=1" if query else "?cleaned=1"
        return at.original.of(row.uuid, query)


def tiles_of(rows: Sequence[TileRow], rights: Rights, start: int = 0) -> list[Tile]:
    """The tiles of consecutive files; `start` is the index of the first.

    They have the size and the URL of the original only if the visitor may download it.
    """
    at = addresses.of_files()
    return [_tile(row, rights, at, start + number) for number, row in enumerate(rows)]


def _tile(row: TileRow, rights: Rights, at: FileAddresses, index: int) -> Tile:
    uuid, picture, failed = row.uuid, row.is_image, row.processing_status == ProcessingStatus.FAILED
    query = addresses.version(row.completed_at)
    urls = picture_urls(row, at, query, rights.signing)
    return Tile(
        uuid=uuid,
        name=row.original_filename,
        size=row.size if rights.downloads_allowed else None,
        kind="image" if picture else "file",
        status=str(row.processing_status),
        reason=reason_in_words(row.error, row.error_code, is_owner=rights.is_owner),
        width=row.width,
        height=row.height,
        ratio_class=UNKNOWN_RATIO if failed else ratio_class(row.width, row.height),
        thumb_url=urls.of(THUMBNAIL) if picture else None,
        preview_url=at.preview.of(uuid, query) if picture else None,
        preview_src=urls.of(PREVIEW) if picture else None,
        full_url=rights.original_url(row, at, query),
        delete_url=at.delete.of(uuid) if rights.is_owner else "",
        retry_url=at.retry.of(uuid) if rights.is_owner else "",
        srcset=urls.srcset,
        sizes=sizes(row.width, row.height),
        thumbhash=row.thumbhash,
        day=order.day_of(row),
        drawable=row.mime_type in DRAWABLE,
        place=index if picture else None,
        withheld=rights.withheld(row),
        damage=damage_in_words(row.missing_percent, row.missing_side) if rights.is_owner else "",
    )


def status_of(tile: Tile) -> dict[str, Any]:
    """Return the JSON values of a tile, from which scripts update an open page."""
    return {
        "uuid": tile.uuid,
        "status": tile.status,
        "reason": tile.reason,
        "damage": tile.damage,
        "thumb": tile.thumb_url,
        "preview": tile.preview_url,
        "full": tile.full_url,
        "name": tile.name,
        "size": tile.size,
        "width": tile.width,
        "height": tile.height,
        "ratio_class": tile.ratio_class,
        "srcset": tile.srcset,
    }


@lru_cache(maxsize=1024)
def sizes(width: int | None, height: int | None) -> str:
    """The `sizes` of an image: its width in the rows of the grid, whose height depends on that of the window.

    Phones with 3 device pixels per CSS pixel get 2: 180 kB instead of 25 kB took 1 s more and looked the same.
    """
    ratio = width / height if width and height else 1.5
    dense, phone, tablet, desk, wide = (round(ratio * height) for height in (113, 170, 205, 250, 360))
    return (
        f"(max-width:40rem) and (min-resolution:2.5dppx) min(65vw,{dense}px),(max-width:40rem) min(97vw,{phone}px),"
        f"(max-width:64rem) {tablet}px,(max-width:100rem) {desk}px,{wide}px"
    )


@lru_cache(maxsize=1024)
def ratio_class(width: int | None, height: int | None) -> str:
    """The CSS class of the nearest aspect ratio, from 0.30 (`r30`) to 4.00 (`r400`) in steps of 0.05."""
    if not width or not height:
        return UNKNOWN_RATIO
    return f"r{min(400, max(30, round(width / height * 20) * 5))}"


def ratio_number(width: int | None, height: int | None) -> int:
    """The number in `ratio_class`: 100 times the ratio."""
    return int(ratio_class(width, height)[1:])
