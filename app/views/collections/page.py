"""The values of the collection page: a slice of its files, the header, and the page numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from flask import current_app, request

from app.errors import Invalid, NotFound
from app.imaging.formats import DRAWABLE, EXTENSIONS
from app.models import Collection, Privacy, SortOrder
from app.services.access.rules import Visitor, address_opens
from app.services.collections import order
from app.services.variants import private_originals
from app.views.collections.tiles import Cover, Rights, Tile, cover_of, tiles_of
from app.views.visitors import used_link

MOST = 1_000_000_000  # limit of numbers in a query, far below the 64 bits of databases


@dataclass(frozen=True)
class Pages:
    """The number of a page, from 1, and the total number of pages."""

    number: int
    total: int

    @classmethod
    def over(cls, count: int, number: int) -> Pages:
        """The pages of `count` tiles, at least one; raises NotFound if `number` is not one of them."""
        total = max(1, -(-count // order.PAGE))
        if not 1 <= number <= total:
            raise NotFound(f"There is no page {number}. This collection has {total} page{'' if total == 1 else 's'}.")
        return cls(number, total)

    @property
    def start(self) -> int:
        """The index of the first tile of this page."""
        return (self.number - 1) * order.PAGE


@dataclass(frozen=True)
class CollectionPage:
    """A collection as one visitor sees it: one page of photos in order, and one page of other files."""

    uuid: str
    title: str
    description: str
    privacy: Privacy
    expires_at: datetime | None
    downloads_allowed: bool
    owner_name: str
    is_owner: bool
    is_expired: bool
    address_opens: bool  # whether others can open the page's URL if this visitor shares it
    link_opens: bool  # otherwise, whether this visitor used a share link that still works
    max_upload_mb: int
    sort: SortOrder
    sort_order: SortOrder  # the photographer's choice
    counts: order.Counts
    pages: Pages
    file_pages: Pages
    tiles: list[Tile]
    files: list[Tile]
    cover: Cover | None = None
    event_date: date | None = None
    accent: str | None = None  # as #rrggbb
    withheld_count: int = 0  # for the owner: files whose original clients cannot download
    drawable_types: str = " ".join(sorted(DRAWABLE))  # MIME types that browsers can display, for upload.js
    photo_extensions: str = " ".join(sorted(EXTENSIONS))  # for files of which browsers know no MIME type
    unreadable: list[Tile] = field(default_factory=list)  # for the owner: the first files without a preview

    @property
    def has_days(self) -> bool:
        """Whether the photos have day headings."""
        return self.sort == SortOrder.TAKEN and any(tile.day for tile in self.tiles)

    @property
    def is_empty(self) -> bool:
        """Whether the collection has no files."""
        return not self.counts.photographs and not self.counts.others

    @property
    def sorts(self) -> dict[SortOrder, str]:
        """The orders to choose from and their names; the photographer's own order only if it is in use."""
        shown = SortOrder.MANUAL in (self.sort_order, self.sort)
        own = {SortOrder.MANUAL: "Photographer’s order"} if shown else {}
        return own | {SortOrder.TAKEN: "Date taken", SortOrder.NAME: "Name", SortOrder.UPLOADED: "Upload date"}


def page_of(collection: Collection, visitor: Visitor, *, with_files: bool = True) -> CollectionPage:
    """The page that this request asks for, without tiles if not `with_files`; raises NotFound or Invalid."""
    sort, counts, rights = requested_sort(collection), order.counts(collection.id), Rights.of(visitor, collection)
    pages = Pages.over(counts.photographs, query_number("page", 1, 0))
    file_pages = Pages.over(counts.others, query_number("files", 1, 0))
    pictures = order.pictures(collection.id, reading_order(collection), pages.start) if with_files else []
    others = order.other_files(collection.id, file_pages.start) if with_files and counts.others else []
    return CollectionPage(
        uuid=collection.uuid,
        title=collection.title,
        description=collection.description,
        privacy=collection.privacy,
        expires_at=collection.expires_at,
        downloads_allowed=rights.downloads_allowed,
        owner_name=collection.owner.name if collection.owner else "",
        is_owner=rights.is_owner,
        is_expired=collection.is_expired,
        address_opens=(opens := address_opens(visitor, collection)),
        link_opens=not opens and used_link(collection) is not None,
        max_upload_mb=current_app.config["MAX_UPLOAD_MB"],
        sort=sort,
        sort_order=collection.sort_order,
        counts=counts,
        pages=pages,
        file_pages=file_pages,
        tiles=tiles_of(pictures, rights, pages.start),
        files=tiles_of(others, rights),
        cover=cover_of(order.cover_of(collection)),
        event_date=collection.event_date,
        accent=collection.owner.accent if collection.owner else None,
        withheld_count=private_originals.count_withheld(collection.id) if rights.warns_of_withheld else 0,
        unreadable=tiles_of(order.unreadable(collection.id), rights) if counts.failed and rights.is_owner else [],
    )


def requested_sort(collection: Collection) -> SortOrder:
    """The order in the query, else the order of the collection; raises Invalid."""
    asked = request.args.get("sort") or collection.sort_order
    if asked not in list(SortOrder):
        raise Invalid(f"“sort” must be one of {', '.join(SortOrder)}.")
    return SortOrder(asked)


def reading_order(collection: Collection) -> SortOrder:
    """The order in which to list photos; for MANUAL the collection's order, where a new manual order starts."""
    sort = requested_sort(collection)
    return collection.sort_order if sort == SortOrder.MANUAL else sort


def query_number(name: str, default: int, lowest: int, highest: int = MOST) -> int:
    """A whole number in the query; raises Invalid."""
    raw = request.args.get(name)
    if raw is None:
        return default
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else -1
    if not lowest <= number <= highest:
        raise Invalid(f"“{name}” must be a whole number from {lowest} to {highest}.")
    return number


def day_in_words(day: str) -> str:
    """A day like 2026-05-04 as '4 May 2026'; "" as 'Without a date'."""
    if not day:
        return "Without a date"
    found = date.fromisoformat(day)
    return f"{found.day} {found:%B %Y}"
