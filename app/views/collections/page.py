"""The values of the collection page: a slice of its files, the header, and the page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from flask import current_app, request
from markupsafe import Markup

from app.errors import Invalid, NotFound
from app.imaging.formats import DRAWABLE, EXTENSIONS
from app.models import Collection, Privacy, SortOrder
from app.services.access.rules import Visitor, address_opens, seal
from app.services.collections import order
from app.services.collections.owner import Owner, owner_of
from app.services.collections.tile_rows import TileRow
from app.services.variants import private_originals
from app.views.collections.cards import Cover, cover_of
from app.views.collections.tile_html import tiles_html
from app.views.collections.tiles import Rights, Tile, tiles_of
from app.views.visitors import used_link

FIRST_SCREEN = 5  # photos that the browser loads at once
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
    """A collection as one visitor sees it: one page of photos in order, and one page of other files.

    The fields are all that the page depends on; `page_etag` makes its ETag of them. Tiles are made only to be rendered.
    """

    uuid: str
    title: str
    description: str
    privacy: Privacy
    password_seal: str  # not shown; a new password changes the ETag
    expires_at: datetime | None
    event_date: date | None
    rights: Rights
    owner: Owner
    is_expired: bool
    address_opens: bool  # whether others can open the page's URL if this visitor shares it
    link_opens: bool  # otherwise, whether this visitor used a share link that still works
    max_upload_mb: int
    sort: SortOrder
    sort_order: SortOrder  # the photographer's choice
    counts: order.Counts
    pages: Pages
    file_pages: Pages
    pictures: Sequence[TileRow]
    other_files: Sequence[TileRow]
    cover_file: TileRow | None
    unreadable_files: Sequence[TileRow]  # for the owner: the first files without a preview
    withheld_count: int  # for the owner: files whose original clients cannot download
    drawable_types: str = " ".join(sorted(DRAWABLE))  # MIME types that browsers can display, for upload.js
    photo_extensions: str = " ".join(sorted(EXTENSIONS))  # for files of which browsers know no MIME type

    @property
    def tiles(self) -> list[Tile]:
        """The photos of this page."""
        return tiles_of(self.pictures, self.rights, self.pages.start)

    @property
    def photos_html(self) -> Markup:
        """The tiles of the photos, under their days in the order of capture."""
        return tiles_html(self.pictures, self.rights, self.pages.start, days=self.has_days, at_once=FIRST_SCREEN)

    @property
    def files_html(self) -> Markup:
        """The tiles of the other files."""
        return tiles_html(self.other_files, self.rights)

    @cached_property
    def unreadable(self) -> list[Tile]:
        """For the owner: the first files without a preview."""
        return tiles_of(self.unreadable_files, self.rights)

    @cached_property
    def cover(self) -> Cover | None:
        """The cover of the collection."""
        return cover_of(self.cover_file, self.rights.signing)

    @property
    def is_owner(self) -> bool:
        """Whether the visitor manages the collection."""
        return self.rights.is_owner

    @property
    def owner_name(self) -> str:
        """The name of the photographer."""
        return self.owner.name

    @property
    def accent(self) -> str | None:
        """The colour of the photographer, as #rrggbb."""
        return self.owner.accent

    @property
    def has_days(self) -> bool:
        """Whether the photos have day headings."""
        return self.sort == SortOrder.TAKEN and any(row.order_time for row in self.pictures)

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
    start, extra = pages.start, rights.extra
    listed = with_files and counts.photographs
    pictures = order.pictures(collection.id, reading_order(collection), start, extra=extra) if listed else []
    others = order.other_files(collection.id, file_pages.start, extra=extra) if with_files and counts.others else []
    return CollectionPage(
        uuid=collection.uuid,
        title=collection.title,
        description=collection.description,
        privacy=collection.privacy,
        password_seal=seal(collection),
        expires_at=collection.expires_at,
        event_date=collection.event_date,
        rights=rights,
        owner=owner_of(collection),
        is_expired=collection.is_expired,
        address_opens=(opens := address_opens(visitor, collection)),
        link_opens=not opens and used_link(collection) is not None,
        max_upload_mb=current_app.config["MAX_UPLOAD_MB"],
        sort=sort,
        sort_order=collection.sort_order,
        counts=counts,
        pages=pages,
        file_pages=file_pages,
        pictures=pictures,
        other_files=others,
        cover_file=order.cover_of(collection, extra),
        unreadable_files=order.unreadable(collection.id) if counts.failed and rights.is_owner else [],
        withheld_count=private_originals.count_withheld(collection.id) if rights.warns_of_withheld else 0,
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
