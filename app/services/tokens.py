"""Secrets that open something: made once, shown once, and kept as their SHA-256 only."""

from __future__ import annotations

import secrets
from hashlib import sha256

BYTES = 24  # 192 bits: nobody guesses one, however many there are


def new() -> str:
    """A secret that fits into an address."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is kept of it; no salt and no slow hash, since there is nothing to guess."""
    return sha256(secret.encode()).hexdigest()
