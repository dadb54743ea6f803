"""New secrets that a page shows once: kept encrypted in the session over a redirect."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from flask import request, session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.views import sealed

KEPT = "shown_once"
PURPOSE = "shown once"
LIFETIME_SECONDS = 300


@dataclass(frozen=True)
class Shown:
    """A secret (`value`), a text beside it (`words`), and the path of the page that shows it."""

    path: str
    value: str = field(repr=False)
    words: str = ""


def redirect_to(path: str, value: str, words: str = "") -> Response:
    """Return a redirect (303) to the page at `path`, which shows `value` once."""
    session[KEPT] = sealed.seal(PURPOSE, asdict(Shown(path, value, words)))
    return redirect(path, 303)


def take() -> Shown | None:
    """Return and remove the secret for this page; None if there is none or it is older than 5 minutes."""
    kept = session.get(KEPT)
    if kept is None or request.method != "GET":
        return None
    shown = _opened(kept)
    if shown is not None and shown.path != request.path:
        return None
    session.pop(KEPT)
    return shown


def _opened(kept: str) -> Shown | None:
    found = sealed.opened(PURPOSE, kept, LIFETIME_SECONDS)
    return None if found is None else Shown(**found)
