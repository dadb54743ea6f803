"""URLs that are the same in each request under one script root, so that `url_for` builds them once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app, request

EXTENSION = "proofsheet.url_cache"

Given = ParamSpec("Given")
Urls = TypeVar("Urls")


def once_for_each_root(build: Callable[Given, Urls]) -> Callable[Given, Urls]:
    """Keep what the function returns for each app, script root and arguments; arguments must not come from users."""

    @wraps(build)
    def kept(*args: Given.args, **kwargs: Given.kwargs) -> Urls:
        known: dict[Hashable, Urls] = current_app.extensions.setdefault(EXTENSION, {})
        key = build, request.script_root, args, tuple(kwargs.items())
        if key not in known:
            known[key] = build(*args, **kwargs)
        return known[key]

    return kept
