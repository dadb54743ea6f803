"""The ETag of a collection page for one visitor, with which an unchanged page is answered before it is rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, current_app, get_flashed_messages, make_response, request, session
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from app.views.collections.page import CollectionPage

SOURCES = (".py", ".html", ".js", ".css")
CSRF = "csrf_token"  # the key in the session of the secret that all tokens of the session sign
SHOWN_SETTINGS = ("TRASH_DAYS",)  # those that the page does not have as a field


def answer(page: CollectionPage, render: Callable[[], str]) -> Response:
    """Return 304 if the browser has this page, else the page; one with messages, which are shown once, has no ETag."""
    tag = _tag(page)
    if tag is not None and (known := _known(tag)):
        return _unchanged(known)
    response = make_response(render())
    if tag is not None:
        response.set_etag(tag)
    return response


def _tag(page: CollectionPage) -> str | None:
    """A digest of all that the page shows; None for a page with messages, and while templates may be edited."""
    if current_app.debug or get_flashed_messages():
        return None
    settings = [current_app.config[name] for name in SHOWN_SETTINGS]
    shown = _program(), _values(page), _session(), request.url_root, settings
    return sha256(repr(shown).encode()).hexdigest()[:32]


def _values(page: CollectionPage) -> list[Any]:
    """The fields of the page, with rows as plain tuples, whose text takes a third of the time."""
    values = [getattr(page, field.name) for field in fields(page)]
    return [[tuple(row) for row in value] if isinstance(value, list) else value for value in values]


def _session() -> tuple[str | None, Any]:
    """The account in the navigation, and the secret of the CSRF token; tokens of a session differ, but stay valid."""
    if CSRF not in session:
        generate_csrf()
    return current_user.email if current_user.is_authenticated else None, session[CSRF]


@cache
def _program() -> str:
    """A digest of the sources, so that another release has other ETags; 10 ms, once in each process."""
    digest = sha256()
    for path in sorted(Path(current_app.root_path).rglob("*")):
        if path.suffix in SOURCES:
            digest.update(f"{path.name} ".encode() + path.read_bytes())
    return digest.hexdigest()


def _known(tag: str) -> str | None:
    """The ETag in the request if it is of this page; Flask-Compress adds the coding to it, as in `…:gzip`."""
    sent = request.if_none_match.as_set(include_weak=True)
    return next((each for each in sorted(sent) if each.partition(":")[0] == tag), None)


def _unchanged(tag: str) -> Response:
    response = Response(status=304)
    response.set_etag(tag)
    response.vary.add("Accept-Encoding")  # as in the response with the page
    return response
