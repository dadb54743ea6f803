"""Dataclasses of tiles, covers and cards, with the values for templates and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from flask import url_for

from app.imaging import variants
from app.models import Collection, File, Privacy, ProcessingStatus
from app.services.access.rules import Action, Visitor, allowed, manages
from app.services.collections import order, photo_info
from app.services.collections.overview import CollectionSummary
from app.services.collections.photo_info import reason_for
from app.services.variants import private_originals

UNKNOWN_RATIO = "r150"  # 3:2, as most cameras' frames, until the photo's ratio is known


@dataclass(frozen=True)
class Tile:
    """One file on the page."""

    uuid: str
    name: str
    size: int | None  # in bytes; None for visitors who may not download
    size_human: str
    kind: str
    type_label: str
    status: str
    reason: str
    width: int | None
    height: int | None
    ratio_class: str
    thumb_url: str | None
    preview_url: str | None
    full_url: str | None
    srcset: str
    large_url: str | None
    thumbhash: str | None
    day: str
    index: int | None = None
    withheld: str = ""  # why clients cannot download the original of a collection that hides locations
    damage: str = ""  # for the owner: which part of the image is missing


@dataclass(frozen=True)
class Cover:
    """The cover of a collection, with the URLs of its sizes."""

    url: str
    srcset: str
    width: int
    height: int


@dataclass(frozen=True)
class Card:
    """A collection in the owner's list."""

    uuid: str
    title: str
    url: str
    cover_url: str | None
    photo_count: int
    failed_count: int
    file_count: int
    privacy: Privacy
    expires_at: datetime | None
    is_expired: bool
    created_at: datetime


@dataclass(frozen=True)
class Rights:
    """What a visitor may do with the files of a collection."""

    downloads_allowed: bool
    is_owner: bool
    hides_location: bool = False

    @classmethod
    def of(cls, visitor: Visitor, collection: Collection) -> Rights:
        """The rights of a visitor in a collection."""
        may_download, is_owner = allowed(visitor, collection, Action.DOWNLOAD), manages(visitor, collection)
        return cls(may_download, is_owner, collection.hides_location)

    @property
    def warns_of_withheld(self) -> bool:
        """Whether to tell the owner which originals clients cannot download."""
        return self.is_owner and self.hides_location and self.downloads_allowed

    def withheld(self, file: File) -> str:
        """Why clients cannot download this file; "" if they can, or if the collection allows no downloads."""
        return (private_originals.withheld(file) or "") if self.hides_location and self.downloads_allowed else ""

    def original_url(self, file: File) -> str | None:
        """The URL of the original for this visitor, or None; a copy without location has another URL."""
        if not self.downloads_allowed or (self.withheld(file) and not self.is_owner):
            return None
        cleaned = self.hides_location and not self.is_owner
        return _url("serve_file", file, cleaned=1 if cleaned else None)


def tiles_of(files: Sequence[File], rights: Rights, start: int = 0) -> list[Tile]:
    """The tiles of consecutive files; `start` is the index of the first."""
    return [tile_of(file, rights, start + number) for number, file in enumerate(files)]


def tile_of(file: File, rights: Rights, index: int | None = None) -> Tile:
    """The tile of one file; its size and the URL of the original only if the visitor may download it."""
    picture = file.is_image
    failed = file.processing_status == ProcessingStatus.FAILED
    return Tile(
        uuid=file.uuid,
        name=file.original_filename,
        size=file.size if rights.downloads_allowed else None,
        size_human=file.size_human if rights.downloads_allowed else "",
        kind="image" if picture else "file",
        type_label=type_label(file.original_filename),
        status=str(file.processing_status),
        reason=reason_for(file, is_owner=rights.is_owner),
        width=file.width,
        height=file.height,
        ratio_class=UNKNOWN_RATIO if failed else ratio_class(file.width, file.height),
        thumb_url=_url("serve_thumbnail", file) if picture else None,
        preview_url=_url("serve_preview", file) if picture else None,
        full_url=rights.original_url(file),
        srcset=srcset(file),
        large_url=large_url(file),
        thumbhash=file.thumbhash,
        day=order.day_of(file),
        index=index if picture else None,
        withheld=rights.withheld(file),
        damage=photo_info.damage_of(file) if rights.is_owner else "",
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


def cover_of(file: File | None) -> Cover | None:
    """The cover made from a file; None without a file or while its size is unknown."""
    if file is None or not file.width or not file.height:
        return None
    return Cover(_url("serve_preview", file), srcset(file), file.width, file.height)


def card_of(summary: CollectionSummary) -> Card:
    """The card of a collection."""
    collection, cover = summary.collection, summary.cover
    return Card(
        uuid=collection.uuid,
        title=collection.title,
        url=url_for("collections.view", collection_uuid=collection.uuid),
        cover_url=_url("serve_preview", cover) if cover else None,
        photo_count=summary.photo_count,
        failed_count=summary.failed_count,
        file_count=summary.file_count,
        privacy=collection.privacy,
        expires_at=collection.expires_at,
        is_expired=collection.is_expired,
        created_at=collection.created_at,
    )


def srcset(file: File) -> str:
    """The `srcset` of an image: the URLs and widths of its uncropped variants."""
    whole = [v for v in file.variants if v.name in WHOLE]
    return ", ".join(f"{_variant_url(file, v.name)} {v.width}w" for v in sorted(whole, key=lambda v: v.width))


def large_url(file: File) -> str | None:
    """The URL of `large` for big and dense screens, made on request; None for photos no wider than the preview."""
    ready = file.is_image and file.processing_status == ProcessingStatus.COMPLETED
    return _url("serve_variant", file, name="large") if ready and (file.width or 0) > PREVIEW_WIDTH else None


WHOLE = frozenset(spec.name for spec in variants.LADDER if not spec.crop)
PREVIEW_WIDTH = variants.by_name("medium").width or 0


def _variant_url(file: File, name: str) -> str:
    """The URL of a variant; that of `medium` is the preview's, so that tiles and lightbox load it once."""
    return _url("serve_preview", file) if name == "medium" else _url("serve_variant", file, name=name)


def _url(view: str, file: File, **values: Any) -> str:
    """A URL with a version that changes when the variants are made again, so that it can be cached for a year."""
    version = f"{int(file.completed_at.timestamp()):x}" if file.completed_at else None
    return url_for(f"collections.{view}", file_uuid=file.uuid, v=version, **values)


def ratio_class(width: int | None, height: int | None) -> str:
    """The CSS class of the nearest aspect ratio, from 0.30 (`r30`) to 4.00 (`r400`) in steps of 0.05."""
    if not width or not height:
        return UNKNOWN_RATIO
    return f"r{min(400, max(30, round(width / height * 20) * 5))}"


def ratio_number(width: int | None, height: int | None) -> int:
    """The number in `ratio_class`: 100 times the ratio."""
    return int(ratio_class(width, height)[1:])


def type_label(name: str) -> str:
    """The extension of a file name in capitals, at most 5 letters, as 'PDF'; 'FILE' without one."""
    return PurePosixPath(name).suffix[1:6].upper() or "FILE"
