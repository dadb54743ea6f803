"""Pages name the modules that their scripts import, so that a browser fetches them side by side."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.views.modules import IMPORT, imported_by
from tests.support.studio import Studio

PRELOADED = re.compile(r'<link rel="modulepreload" href="([^"]+)"(?: fetchpriority="low")?>')


@pytest.mark.usefixtures("edited_sources")
def test_a_page_names_every_module_that_a_visitors_browser_will_need(studio: Studio, client: FlaskClient) -> None:
    page = client.get(f"/collections/{studio.collection(studio.photographer())}").text
    named = PRELOADED.findall(page)
    last = re.findall(r'href="([^"]+)" fetchpriority="low">', page)
    scripts = re.findall(r'<script type="module" src="([^"]+)"', page)

    assert "/collections/static/js/gallery/grid_window.js" in named  # grid.js imports album.js, which imports it
    assert "/static/vendor/thumbhash/thumbhash.js" in named  # the same two floors up, and another blueprint's
    assert "/collections/static/js/lightbox/bar.js" in last  # for the first click
    assert "/collections/static/js/lightbox/source.js" not in last  # grid.js imports it too
    assert not any("upload" in address for address in named)
    assert len({*named, *scripts}) == len(named) + len(scripts)
    for address in (*named, *scripts):
        source = client.get(address).text
        assert all(f"/{name.rsplit('/', 1)[-1]}" in "".join(named) for name in IMPORT.findall(source))


@pytest.mark.usefixtures("edited_sources")
def test_addresses_hold_below_a_prefix(app: Flask) -> None:
    with app.test_request_context("/collections/", base_url="http://localhost/photos"):
        assert "/photos/collections/static/js/gallery/album.js" in imported_by("grid.js")


def test_imports_are_found_in_every_notation() -> None:
    source = 'import "./a.js"\nimport {\n  b,\n} from "./b.js"\nexport { c } from "./c.js"\nawait import("./d.js")\n'

    assert IMPORT.findall(source) == ["./a.js", "./b.js", "./c.js"]


def test_exported_text_is_not_an_import() -> None:
    assert IMPORT.findall('export const WORDS = "Uploaded"\nexport default "text"\n') == []
