"""A secret that was just made, carried over a redirect in the session and shown by one GET.

The session's cookie is signed but readable, so the secret in it is encrypted: the key stream is SHAKE-256 of SECRET_KEY
and a nonce that is used once. The signature of the cookie says that nobody changed it.
"""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from hashlib import shake_256

from flask import current_app, request, session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

KEPT = "shown_once"
NONCE_BYTES = 16
LIFETIME_SECONDS = 300


@dataclass(frozen=True)
class Shown:
    """A secret, what it is for, and the page that shows it."""

    path: str
    value: str = field(repr=False)
    words: str = ""
    made_at: float = field(default_factory=time.time)


def redirect_to(path: str, value: str, words: str = "") -> Response:
    """A redirect (303) to the page at `path`, which shows `value` once."""
    plain = json.dumps(asdict(Shown(path, value, words))).encode()
    nonce = secrets.token_bytes(NONCE_BYTES)
    session[KEPT] = urlsafe_b64encode(nonce + _masked(plain, nonce)).decode()
    return redirect(path, 303)


def take() -> Shown | None:
    """The secret that this page shows, which is forgotten with that; None if there is none or it is too old."""
    kept = session.get(KEPT)
    if kept is None or request.method != "GET":
        return None
    sealed = urlsafe_b64decode(kept)
    shown = _opened(sealed[NONCE_BYTES:], sealed[:NONCE_BYTES])
    if shown is not None and shown.path != request.path:
        return None
    session.pop(KEPT)
    return shown if shown and time.time() - shown.made_at < LIFETIME_SECONDS else None


def _opened(masked: bytes, nonce: bytes) -> Shown | None:
    """What was kept; None if SECRET_KEY was rotated since, so that the cookie is valid by an older key."""
    try:
        return Shown(**json.loads(_masked(masked, nonce)))
    except ValueError:
        return None


def _masked(data: bytes, nonce: bytes) -> bytes:
    key = b"shown once\0" + nonce + str(current_app.config["SECRET_KEY"]).encode()
    return bytes(a ^ b for a, b in zip(data, shake_256(key).digest(len(data)), strict=True))
