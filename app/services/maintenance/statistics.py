"""Count files and bytes by kind, variant, format, storage class and collection, and compute their cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select

from app.integrations.prices import FREE, GB, PriceList
from app.models import Collection, File, Variant, db
from app.services.lookup import is_live, is_picture
from app.services.storage_service import StorageService
from app.services.transactions import reading

STANDARD, ON_DISK = "STANDARD", "local disk"
UNKNOWN = "unknown"  # the class of originals in a bucket from before rows recorded it
VARIANTS_CLASS = STANDARD


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of objects and their bytes."""

    files: int = 0
    bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.files + other.files, self.bytes + other.bytes)

    def as_json(self) -> dict[str, int]:
        """Return the count of files and their bytes, as printed by `--json`."""
        return {"files": self.files, "bytes": self.bytes}


Amounts = dict[str, Amount]


@dataclass(frozen=True)
class Statistics:
    """Amounts by name under each heading; `collections` lists (uuid, title, amount), largest first."""

    originals: Amounts
    variants: Amounts
    formats: Amounts
    classes: Amounts
    collections: list[tuple[str, str, Amount]]
    cost: dict[str, Any]

    @property
    def total(self) -> Amount:
        """The sum over all stores."""
        return sum(self.classes.values(), Amount())

    def as_json(self) -> dict[str, Any]:
        """Return the statistics as printed by `--json`."""
        headings = ("originals", "variants", "formats", "classes")
        return {
            "total": self.total.as_json(),
            **{name: {key: amount.as_json() for key, amount in getattr(self, name).items()} for name in headings},
            "collections": [
                {"uuid": uuid, "title": title, **amount.as_json()} for uuid, title, amount in self.collections
            ],
            "cost": self.cost,
        }


def gather(top: int = 20) -> Statistics:
    """Return all amounts, with the `top` largest collections (0: all); a fixed number of statements.

    Originals count under the storage class recorded at upload, or UNKNOWN.
    """
    lists = StorageService().prices()
    free = [name for name, prices in lists.items() if prices is None]
    charged = next((prices for prices in lists.values() if prices is not None), FREE)
    with reading():
        originals = _originals(_kind())
        made = _variants(Variant.name)
        by_class = _originals(_class(File.storage_class, free)), _variants(_class(literal(VARIANTS_CLASS), free))
        formats = _merged(_originals(File.mime_type), _as_mime(_variants(Variant.format)))
        collections = _collections(top)
    classes = _merged(*by_class)
    return Statistics(originals, made, formats, classes, collections, cost(classes, charged))


def _kind() -> ColumnElement[str]:
    image, video = is_picture(), File.mime_type.like("video/%")
    return case((image, "images"), (video, "videos"), else_="other files")


def _class(in_bucket: Any, free: Sequence[str]) -> ColumnElement[str]:
    """SQL for the storage class of an object; ON_DISK in stores that charge nothing."""
    return case((File.storage_backend.in_(free), ON_DISK), else_=func.coalesce(in_bucket, UNKNOWN))


def _originals(heading: Any) -> Amounts:
    query = select(heading, func.count(), func.sum(File.size)).where(is_live(File), File.upload_complete)
    return _amounts(db.session.execute(query.group_by(heading)))


def _variants(heading: Any) -> Amounts:
    query = select(heading, func.count(), func.sum(Variant.size)).select_from(Variant).join(File).where(is_live(File))
    return _amounts(db.session.execute(query.group_by(heading)))


def _amounts(found: Iterable[Any]) -> Amounts:
    return {str(name): Amount(int(number), int(size or 0)) for name, number, size in found}


def _as_mime(by_format: Amounts) -> Amounts:
    return {f"image/{name}": amount for name, amount in by_format.items()}


def _merged(one: Amounts, other: Amounts) -> Amounts:
    return {name: one.get(name, Amount()) + other.get(name, Amount()) for name in sorted({*one, *other})}


def _collections(top: int) -> list[tuple[str, str, Amount]]:
    """The largest collections, including variants; summed by table, because a join would repeat originals."""
    own = (
        select(File.collection_id, func.count().label("number"), func.sum(File.size).label("size"))
        .where(is_live(File), File.upload_complete)
        .group_by(File.collection_id)
        .subquery()
    )
    made = (
        select(File.collection_id, func.count().label("number"), func.sum(Variant.size).label("size"))
        .select_from(Variant)
        .join(File)
        .where(is_live(File))
        .group_by(File.collection_id)
        .subquery()
    )
    number, size = (own.c[name] + func.coalesce(made.c[name], 0) for name in ("number", "size"))
    query = (
        select(Collection.uuid, Collection.title, number, size)
        .join(own, own.c.collection_id == Collection.id)
        .outerjoin(made, made.c.collection_id == Collection.id)
        .order_by(size.desc(), Collection.id)
    )
    found = db.session.execute(query.limit(top) if top else query)
    return [(uuid, title, Amount(int(files), int(total))) for uuid, title, files, total in found]


def cost(classes: Amounts, prices: PriceList) -> dict[str, Any]:
    """Return the cost of storing everything for a month, of writing it once, and of reading it once.

    Gigabytes are decimal; the free monthly allowance of the account is subtracted once. Objects of an unknown class are
    priced as STANDARD, the most expensive to store, and counted in `assumed_standard`.
    """
    unknown = classes.get(UNKNOWN, Amount())
    known = {name: amount for name, amount in classes.items() if name != UNKNOWN}
    counted = _merged(known, {STANDARD: unknown}) if unknown.files else known
    priced = {name: (amount, prices.classes[name]) for name, amount in counted.items() if name in prices.classes}
    keeping = {name: tariff.per_month(amount.bytes) for name, (amount, tariff) in priced.items()}
    free = sum(min(keeping[name], tariff.free_gb_month * tariff.gb_month) for name, (_, tariff) in priced.items())
    return {
        "currency": prices.currency,
        "assumed_standard": unknown.as_json(),
        "storage_per_month": {name: round(value, 4) for name, value in keeping.items()},
        "allowance_per_month": round(free, 4),
        "total_per_month": round(sum(keeping.values()) - free, 4),
        "writing_once": round(sum(a.files * tariff.class_a_million for a, tariff in priced.values()) / 1e6, 4),
        "reading_once": round(
            sum(a.files * t.class_b_million / 1e6 + a.bytes / GB * t.retrieval_gb for a, t in priced.values()), 4
        ),
        "minimum_days": {name: tariff.minimum_days for name, (_, tariff) in priced.items() if tariff.minimum_days},
        "prices": {"vendor": prices.vendor, "source": prices.source, "read_on": prices.read_on},
    }
