"""Secrets that open something: made once, shown once, and kept as their SHA-256 only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256

BYTES = 24  # 192 bits: nobody guesses one, however many there are


@dataclass(frozen=True)
class Made:
    """What was made: its uuid, and its secret, which nobody can show again."""

    uuid: str
    secret: str = field(repr=False)


def new() -> str:
    """A secret that fits into an address."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is kept of it; no salt and no slow hash, since there is nothing to guess."""
    return sha256(secret.encode()).hexdigest()
