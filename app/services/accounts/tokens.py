"""Random secrets of API tokens and links: shown once, stored only as SHA-256."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256

BYTES = 24  # 192 bits, too many to guess


@dataclass(frozen=True)
class Made:
    """The uuid and the secret of a new token or link; the secret cannot be shown again."""

    uuid: str
    secret: str = field(repr=False)


def new() -> str:
    """Return a random URL-safe secret."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """Return the hexadecimal SHA-256 to store; 192 random bits need no salt and no slow hash."""
    return sha256(secret.encode()).hexdigest()
