"""The modules that a script imports, for pages to ask for all of them at once: a browser learns of an import only when
the script above it is there, which on a phone is a round trip of 150 ms for every floor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

from flask import current_app, url_for

IMPORT = re.compile(r'^(?:import|export)\s[^"\'()]*"([^"]+)"', re.MULTILINE)


class Script(NamedTuple):
    """A static file by what serves it, so that its address holds below any prefix."""

    endpoint: str
    filename: str


def imported_by(scripts: Iterable[str]) -> list[str]:
    """The addresses of everything that these scripts of the collections import, each once, the nearest first."""
    entries = [Script("collections.static", f"js/{name}.js") for name in scripts]
    found = dict.fromkeys(entries)
    for script in (waiting := list(entries)):
        new = [each for each in _imports(script) if each not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return [url_for(each.endpoint, filename=each.filename) for each in found if each not in entries]


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
