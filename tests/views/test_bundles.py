"""Bundles are those of the sources, are kept by browsers, and give way to sources that were edited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.views import bundles, modules
from tests.support.studio import Studio

NAMED = re.compile(r'(?:src|href)="([^"]+\.(?:js|css))"')
OURS = re.compile(r"/static/bundles/|/static/vendor/photoswipe/|/account/accent/")


@pytest.fixture
def address(studio: Studio) -> str:
    """The address of a public collection."""
    return f"/collections/{studio.collection(studio.photographer())}"


def test_bundles_are_those_of_the_sources() -> None:
    assert bundles._current(), "run `make bundles` and commit app/views/static/bundles"


def test_manifest_names_every_bundle_that_is_there() -> None:
    current = bundles._current().values()
    named = {each.filename for each in current} | {name for each in current for name in each.imports}
    assert {path.name for path in bundles.FOLDER.iterdir()} == named | {bundles.MANIFEST.name}


def test_collection_page_loads_few_files(client: FlaskClient, address: str) -> None:
    named = NAMED.findall(client.get(address).text)
    assert len(set(named)) == len(named) == 8  # 2 stylesheets, 2 scripts, 3 that they share, and PhotoSwipe
    assert [name for name in named if not OURS.search(name)] == []
    assert [client.get(name).status_code for name in named] == [200] * len(named)


@pytest.mark.usefixtures("edited_sources")
def test_edited_sources_are_served(client: FlaskClient, address: str) -> None:
    named = NAMED.findall(client.get(address).text)
    assert "/static/css/collection_page.css" in named
    assert "/collections/static/js/grid.js" in named
    assert "/collections/static/js/gallery/album.js" in named
    assert [client.get(name).status_code for name in named] == [200] * len(named)


def test_debug_mode_serves_sources(app: Proofsheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEBUG", True)
    with app.test_request_context():
        assert modules.script_url("grid.js") == "/collections/static/js/grid.js"


def test_an_edit_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bundles.source_digest()
    (tmp_path / "new.js").write_text("alert()")
    for folder in ("SCRIPTS", "STYLES", "VENDOR"):
        with monkeypatch.context() as edit:
            edit.setattr(bundles, "VIEWS", tmp_path)
            for each in ("SCRIPTS", "STYLES", "VENDOR"):
                edit.setattr(bundles, each, tmp_path if each == folder else tmp_path / "empty")
            assert bundles.source_digest() != before


def test_browsers_keep_bundles(client: FlaskClient) -> None:
    for bundle in bundles._current().values():
        answer = client.get(f"/static/bundles/{bundle.filename}")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/bundles/grid-OLD.js").headers["Cache-Control"] == "no-store"


def test_bundles_keep_the_notices_of_what_they_contain() -> None:
    sheet = bundles._current()["collection_page.css"].filename
    assert "PhotoSwipe" in (bundles.FOLDER / sheet).read_text()
