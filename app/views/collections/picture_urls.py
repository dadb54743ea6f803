"""The URLs of the variants of a file that a page names: of the app, or presigned URLs of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.imaging import variants
from app.services.collections.tile_rows import TileRow
from app.services.delivery.files import variant_mime
from app.services.delivery.signing import Signing
from app.services.storage_service import StorageService
from app.views.collections.addresses import FileAddresses

THUMBNAIL = "thumb"
WHOLE = frozenset(spec.name for spec in variants.LADDER if not spec.crop)


@dataclass(frozen=True)
class PictureUrls:
    """The URLs of a file's variants by name; a variant without a presigned URL has one of the app."""

    uuid: str
    query: str
    names_and_widths: str
    at: FileAddresses
    presigned: Mapping[str, str]

    def of(self, name: str) -> str:
        """The URL of a variant."""
        return self.presigned.get(name) or self.stable(name)

    def stable(self, name: str) -> str:
        """The URL of the app, which checks each request and makes a missing variant."""
        address = self.at.thumbnail if name == THUMBNAIL else self.at.variants[name]
        return address.of(self.uuid, self.query)

    @property
    def srcset(self) -> str:
        """The `srcset` of an image: the URLs and widths of its uncropped variants."""
        return ", ".join(f"{self.of(name)} {width}w" for width, name in _whole(self.names_and_widths))


def picture_urls(row: TileRow, at: FileAddresses, query: str, signing: Signing | None) -> PictureUrls:
    """The URLs of a file: presigned ones if `signing` is given, and the row has the paths of its variants."""
    presigned = _presigned(row, signing) if signing and row.paths else {}
    return PictureUrls(row.uuid, query, row.variants or "", at, presigned)


def _presigned(row: TileRow, signing: Signing) -> dict[str, str]:
    storage = StorageService().named(row.storage_backend)
    urls = {}
    for name, _, path in (line.partition(" ") for line in (row.paths or "").split("\n")):
        if name == THUMBNAIL or name in WHOLE:
            urls[name] = signing.url(storage, path, variant_mime(name))
    return {name: url for name, url in urls.items() if url is not None}


@lru_cache(maxsize=1024)
def _whole(names_and_widths: str) -> list[tuple[int, str]]:
    """The width and name of each uncropped variant, from the narrowest on."""
    pairs = [each.split(" ") for each in names_and_widths.split(",") if each]
    return sorted((int(width), name) for name, width in pairs if name in WHOLE)
