"""Covers of collections, and cards in the list of collections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from app.models import Privacy
from app.services.collections.overview import CollectionSummary
from app.services.collections.tile_rows import TileRow
from app.services.delivery.signing import Signing
from app.views.collections import addresses
from app.views.collections.picture_urls import picture_urls


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


def cover_of(row: TileRow | None, signing: Signing | None) -> Cover | None:
    """The cover made from a file, with presigned URLs by `signing`; None if there is none or its size is unknown."""
    if row is None or not row.width or not row.height:
        return None
    urls = picture_urls(row, addresses.of_files(), addresses.version(row.completed_at), signing)
    return Cover(urls.of(addresses.PREVIEW), urls.srcset, row.width, row.height)


def card_of(summary: CollectionSummary) -> Card:
    """The card of a collection."""
    collection, cover = summary.collection, summary.cover
    preview = addresses.of_files().preview
    return Card(
        uuid=collection.uuid,
        title=collection.title,
        url=url_for("collections.view", collection_uuid=collection.uuid),
        cover_url=preview.of(cover.uuid, addresses.version(cover.completed_at)) if cover else None,
        photo_count=summary.photo_count,
        failed_count=summary.failed_count,
        file_count=summary.file_count,
        privacy=collection.privacy,
        expires_at=collection.expires_at,
        is_expired=collection.is_expired,
        created_at=collection.created_at,
    )
