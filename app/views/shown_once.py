"""A secret that was just made, carried over a redirect in the session and shown by one GET.

The session's cookie is signed but readable, so the secret in it is encrypted with a key derived from SECRET_KEY.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app, request, session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

KEPT = "shown_once"
LIFETIME_SECONDS = 300


@dataclass(frozen=True)
class Shown:
    """A secret, what it is for, and the page that shows it."""

    path: str
    value: str = field(repr=False)
    words: str = ""


def redirect_to(path: str, value: str, words: str = "") -> Response:
    """A redirect (303) to the page at `path`, which shows `value` once."""
    plain = json.dumps(asdict(Shown(path, value, words))).encode()
    session[KEPT] = _fernet().encrypt(plain).decode()
    return redirect(path, 303)


def take() -> Shown | None:
    """The secret that this page shows, which is forgotten with that; None if there is none or it is too old."""
    kept = session.get(KEPT)
    if kept is None or request.method != "GET":
        return None
    shown = _opened(kept)
    if shown is not None and shown.path != request.path:
        return None
    session.pop(KEPT)
    return shown


def _opened(kept: str) -> Shown | None:
    """What was kept; None if it is too old, or SECRET_KEY was rotated since."""
    try:
        return Shown(**json.loads(_fernet().decrypt(kept, ttl=LIFETIME_SECONDS)))
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    key = sha256(b"shown once\0" + str(current_app.config["SECRET_KEY"]).encode()).digest()
    return Fernet(urlsafe_b64encode(key))
