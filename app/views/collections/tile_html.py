"""The HTML of tiles, kept for the latest pages: a collection is opened by many visitors, who see the same tiles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flask import current_app, request
from markupsafe import Markup

from app.models import ProcessingStatus
from app.services.collections.tile_rows import TileRow
from app.views.collections.tiles import Rights, tiles_of

KEPT_LISTS = 32  # of usually 60 tiles, which have 70 kB


def tiles_html(
    rows: Sequence[TileRow], rights: Rights, start: int = 0, *, days: bool = False, at_once: int = 0
) -> Markup:
    """The HTML of the tiles of consecutive files; `start` is the index of the first.

    `days`: with day headings. `at_once`: the number of photos of the first screen, which the browser loads at once.
    """
    given = tuple(rows), rights, start, days, at_once
    has_form = rights.is_owner and any(row.processing_status == ProcessingStatus.FAILED for row in rows)
    if has_form or current_app.debug:  # a form has the CSRF token of its session
        return _rendered(*given)
    return _kept(*given, request.script_root)


@lru_cache(maxsize=KEPT_LISTS)
def _kept(rows: tuple[TileRow, ...], rights: Rights, start: int, days: bool, at_once: int, _script_root: str) -> Markup:
    """The HTML, which depends on the arguments alone."""
    return _rendered(rows, rights, start, days, at_once)


def _rendered(rows: tuple[TileRow, ...], rights: Rights, start: int, days: bool, at_once: int) -> Markup:
    macros = current_app.jinja_env.get_template("collections/_tiles.html").make_module({"page": rights})
    html: Markup = macros.list(tiles_of(rows, rights, start), days, at_once)  # type: ignore[attr-defined]
    return html
