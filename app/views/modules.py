"""URLs of scripts, stylesheets and the modules that scripts import.

Pages name the modules for `modulepreload`: without it a browser loads each level of imports after the one above it,
which costs a phone 150 ms per level.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

from flask import current_app, url_for

from app.views.bundles import bundle_of
from app.views.url_cache import once_for_each_root

IMPORT = re.compile(r'^(?:import\s+|(?:import|export)\s[^"\'()=]*\bfrom\s+)"([^"]+)"', re.MULTILINE)


class Script(NamedTuple):
    """A static file by its endpoint and name, from which `url_for` builds its URL."""

    endpoint: str
    filename: str


@once_for_each_root
def stylesheet_url(name: str) -> str:
    """The URL of a file of `static/css` or its bundle."""
    bundle = bundle_of(name)
    return static_url(f"bundles/{bundle.filename}" if bundle else f"css/{name}")


@once_for_each_root
def script_url(name: str) -> str:
    """The URL of a file of `collections/static/js` or its bundle."""
    if bundle := bundle_of(name):
        return static_url(f"bundles/{bundle.filename}")
    return url_for("collections.static", filename=f"js/{name}")


@once_for_each_root
def imported_by(*scripts: str) -> list[str]:
    """The URLs of all modules that these scripts of `collections/static/js` import, direct imports first."""
    bundles = [bundle for name in scripts if (bundle := bundle_of(name))]
    if len(bundles) == len(scripts):
        return [static_url(f"bundles/{name}") for name in dict.fromkeys(sum((each.imports for each in bundles), ()))]
    entries = [Script("collections.static", f"js/{name}") for name in scripts]
    return [url_for(each.endpoint, filename=each.filename) for each in _all_imports(entries)]


@once_for_each_root
def static_url(filename: str) -> str:
    """The URL of a static file."""
    return url_for("static", filename=filename)


def _all_imports(entries: list[Script]) -> list[Script]:
    found = dict.fromkeys(entries)
    for script in (waiting := list(entries)):
        new = [each for each in _imports(script) if each not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return [each for each in found if each not in entries]


@cache
def _imports(script: Script) -> tuple[Script, ...]:
    addresses = current_app.url_map.bind("")
    here = addresses.build(script.endpoint, {"filename": script.filename})
    named = (addresses.match(urljoin(here, name)) for name in IMPORT.findall(_source(script)))
    return tuple(dict.fromkeys(Script(endpoint, values["filename"]) for endpoint, values in named))


def _source(script: Script) -> str:
    owner = current_app.blueprints.get(script.endpoint.removesuffix(".static"), current_app)
    assert owner.static_folder
    return (Path(owner.static_folder) / script.filename).read_text(encoding="utf-8")
