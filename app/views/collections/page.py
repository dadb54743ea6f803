"""The page of a collection: which slice of it, what is said above it, and the addresses of the slices around it."""

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
from app.views.visitors import link_to

MOST = 1_000_000_000  # of any number in an address; databases count in 64 bits


@dataclass(frozen=True)
class Pages:
    """Which of how many pages this is, counted from 1."""

    number: int
    total: int

    @classmethod
    def over(cls, count: int, number: int) -> Pages:
        """The pages that `count` things fill, at least one; raises NotFound if there is no page of this number."""
        total = max(1, -(-count // order.PAGE))
        if not 1 <= number <= total:
            words = "only one page" if total == 1 else f"{total} pages"
            raise NotFound(f"There is no page {number}: this collection has {words}.")
        return cls(number, total)

    @property
    def start(self) -> int:
        """How many things come before this page."""
        return (self.number - 1) * order.PAGE


@dataclass(frozen=True)
class CollectionPage:
    """A collection as one visitor sees it: some of its pictures, in order, and some of its other files."""

    uuid: str
    title: str
    description: str
    privacy: Privacy
    expires_at: datetime | None
    downloads_allowed: bool
    owner_name: str
    is_owner: bool
    is_expired: bool
    address_opens: bool  # for others to whom this visitor passes it on
    link_opens: bool  # where the address does not: the share link by which this visitor came
    max_upload_mb: int
    sort: SortOrder
    sort_order: SortOrder  # the one that the photographer chose
    counts: order.Counts
    pages: Pages
    file_pages: Pages
    tiles: list[Tile]
    files: list[Tile]
    cover: Cover | None = None
    event_date: date | None = None
    accent: str | None = None  # as #rrggbb
    withheld_count: int = 0  # told to the owner: of so many files visitors get no original
    drawable_types: str = " ".join(sorted(DRAWABLE))  # MIME types that browsers draw, for the script of uploads
    photo_extensions: str = " ".join(sorted(EXTENSIONS))  # for files of which browsers know no MIME type
    unreadable: list[Tile] = field(default_factory=list)  # the first of those of which no preview could be made

    @property
    def has_days(self) -> bool:
        """Whether the days are headings."""
        return self.sort == SortOrder.TAKEN and any(tile.day for tile in self.tiles)

    @property
    def is_empty(self) -> bool:
        """Whether the collection has no file at all."""
        return not self.counts.photographs and not self.counts.others

    @property
    def sorts(self) -> dict[SortOrder, str]:
        """The orders to choose from, in words; the photographer's own where there is one."""
        shown = SortOrder.MANUAL in (self.sort_order, self.sort)
        own = {SortOrder.MANUAL: "Photographer’s order"} if shown else {}
        return own | {SortOrder.TAKEN: "Date taken", SortOrder.NAME: "Name", SortOrder.UPLOADED: "Upload"}


def page_of(collection: Collection, visitor: Visitor, *, with_files: bool = True) -> CollectionPage:
    """The page that this request asks for, or what stands above its files; raises NotFound or Invalid."""
    sort, counts, rights = asked_sort(collection), order.counts(collection.id), Rights.of(visitor, collection)
    pages = Pages.over(counts.photographs, number_in("page", 1, 0))
    file_pages = Pages.over(counts.others, number_in("files", 1, 0))
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
        link_opens=not opens and link_to(collection) is not None,
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
        unreadable=tiles_of(order.unreadable(collection.id), rights) if counts.failed else [],
    )


def asked_sort(collection: Collection) -> SortOrder:
    """The order that this request asks for, else that of the collection; raises Invalid."""
    asked = request.args.get("sort") or collection.sort_order
    if asked not in list(SortOrder):
        raise Invalid(f"There is no such order; there are {', '.join(SortOrder)}.")
    return SortOrder(asked)


def reading_order(collection: Collection) -> SortOrder:
    """The order to read pictures in: a photographer who has none of her own yet arranges from the present one."""
    sort = asked_sort(collection)
    return collection.sort_order if sort == SortOrder.MANUAL else sort


def number_in(name: str, default: int, lowest: int, highest: int = MOST) -> int:
    """A whole number of this request's address; raises Invalid, in words."""
    raw = request.args.get(name)
    if raw is None:
        return default
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else -1
    if not lowest <= number <= highest:
        raise Invalid(f"“{name}” takes a whole number from {lowest} to {highest}.")
    return number


def day_in_words(day: str) -> str:
    """A day for people: '4 May 2026'."""
    if not day:
        return "Without a date"
    found = date.fromisoformat(day)
    return f"{found.day} {found:%B %Y}"
