"""Strips of photos before and after a proposed change of the order, for its preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.models import Collection, File
from app.services.collections import camera_clocks, order_preview
from app.services.collections.camera_clocks import Camera
from app.services.collections.capture_time import in_words, offset_in_words
from app.services.collections.order_preview import Proposal, Shown
from app.views.collections import addresses

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Marks = Callable[[File], str]


@dataclass(frozen=True)
class Photo:
    """A photo of a strip; `mark` is the letter of its camera, or its offset from UTC."""

    name: str
    thumb_url: str | None
    at: datetime
    mark: str
    is_middle: bool


@dataclass(frozen=True)
class Page:
    """The preview of an order: number of moved photos, strips (before, after), and endpoint and fields to apply it."""

    title: str
    moved: int
    strips: list[tuple[list[Photo], list[Photo]]]
    sends: dict[str, str]
    endpoint: str


def of_clock(collection: Collection, camera: Camera, shift: int, sends: dict[str, str]) -> Page:
    """Return the preview of a clock correction of `shift` seconds; `sends` are the form fields that apply it."""
    title = f"{camera.name or 'Unknown camera'}, {in_words(shift)}"
    marks = letters(camera_clocks.cameras(collection.id))
    proposal = order_preview.clock_of(collection, camera, shift)
    return _page(proposal, title, sends, lambda file: marks.get((file.camera, file.camera_serial), ""))


def of_real_time(collection: Collection) -> Page | None:
    """The preview of the order by real time; None if photos lack a time zone."""
    proposal = order_preview.real_time(collection)
    if proposal is None:
        return None
    title = f"Real time, as clocks showed it at {offset_in_words(proposal.offset or 0)}"
    return _page(proposal, title, {"by": "real"}, lambda file: offset_in_words(file.utc_offset or 0))


def letters(cameras: list[Camera]) -> dict[tuple[str, str], str]:
    """A letter for each camera, by (name, serial); after Z the numbers 27, 28, …."""
    marks = (LETTERS[n] if n < len(LETTERS) else str(n + 1) for n in range(len(cameras)))
    return {(camera.name, camera.serial): mark for camera, mark in zip(cameras, marks, strict=True)}


def _page(proposal: Proposal, title: str, sends: dict[str, str], marks: Marks) -> Page:
    thumbnail = addresses.of_files().thumbnail

    def photo(shown: Shown) -> Photo:
        file = shown.file
        url = thumbnail.of(file.uuid, addresses.version(file.completed_at))
        return Photo(file.original_filename, url, shown.at, marks(file), shown.is_middle)

    found = order_preview.preview(proposal)
    strips = [([*map(photo, strip.before)], [*map(photo, strip.after)]) for strip in found.strips]
    endpoint = "clocks.order" if "by" in sends else "clocks.put_right"
    return Page(title, found.moved, strips, sends, endpoint)
