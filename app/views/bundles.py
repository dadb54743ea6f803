"""Bundles of scripts and stylesheets: `make bundles` joins the 54 sources of a collection page into 7 files.

They are committed, so that running Proofsheet needs no other program. Once a source has changed, pages name the sources
until `make bundles` has run again.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from flask import current_app

VIEWS = Path(__file__).parent
FOLDER = VIEWS / "static/bundles"
MANIFEST = FOLDER / "manifest.json"
SCRIPTS = VIEWS / "collections/static/js"
STYLES = VIEWS / "static/css"
VENDOR = VIEWS / "static/vendor"
BUNDLED_SCRIPTS = ("grid.js", "lightbox.js", "upload.js", "delete.js")
BUNDLED_STYLES = ("every_page.css", "collection_page.css", "owner.css")


class Bundle(NamedTuple):
    """A file in `static/bundles`, and the names of all bundles that it imports."""

    filename: str
    imports: tuple[str, ...]


def bundle_of(source: str) -> Bundle | None:
    """The bundle of a script or stylesheet by its name, as in BUNDLED_SCRIPTS; None if there is no current one."""
    return None if current_app.debug else _current().get(source)


@cache
def _current() -> dict[str, Bundle]:
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    if manifest["sources"] != source_digest():
        return {}
    return {source: Bundle(each["filename"], tuple(each["imports"])) for source, each in manifest["bundles"].items()}


def source_digest() -> str:
    """A digest of all files that bundles are made of; 5 ms."""
    digest = sha256()
    for folder in (SCRIPTS, STYLES, VENDOR):
        for path in sorted(folder.rglob("*.?s*")):
            digest.update(f"{path.relative_to(VIEWS).as_posix()} ".encode() + path.read_bytes())
    return digest.hexdigest()
