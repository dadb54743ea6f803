"""URLs of files, from prefixes that the URL map gives once: a page has 500, and `url_for` takes 8 µs for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for

from app.imaging import variants
from app.views.url_cache import once_for_each_root

PLACEHOLDER = "00000000-0000-0000-0000-000000000000"
PREVIEW = "medium"  # its only URL is that of the preview, so that tiles and lightbox load it once


class Address(NamedTuple):
    """A URL without its uuid: the parts before and after it."""

    before: str
    after: str

    def of(self, uuid: str, query: str = "") -> str:
        """The URL for a uuid; `query` begins with a question mark."""
        return f"{self.before}{uuid}{self.after}{query}"


@dataclass(frozen=True)
class FileAddresses:
    """The URLs of a file by what they are for; `variants` by name, that of `medium` is `preview`."""

    original: Address
    thumbnail: Address
    preview: Address
    retry: Address
    delete: Address
    variants: Mapping[str, Address]


@once_for_each_root
def of_files() -> FileAddresses:
    """The URLs of files."""
    preview = _address("collections.serve_preview")
    names = [spec.name for spec in variants.LADDER if spec.name != PREVIEW]
    return FileAddresses(
        original=_address("collections.serve_file"),
        thumbnail=_address("collections.serve_thumbnail"),
        preview=preview,
        retry=_address("collections.retry_file"),
        delete=_address("trash.delete_file"),
        variants={name: _address("collections.serve_variant", name=name) for name in names} | {PREVIEW: preview},
    )


def _address(endpoint: str, **values: Any) -> Address:
    before, _, after = url_for(endpoint, file_uuid=PLACEHOLDER, **values).partition(PLACEHOLDER)
    return Address(before, after)


def version(completed_at: datetime | None) -> str:
    """The query of a URL that changes when the variants are made again, so that it can be cached for a year."""
    return f"?v={int(completed_at.timestamp()):x}" if completed_at else ""
