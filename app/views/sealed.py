"""Values that a browser keeps for us and cannot read: its cookie is only signed, so SECRET_KEY encrypts them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app


def seal(purpose: str, value: Any) -> str:
    """The value as text for a cookie, which opens for the same purpose only."""
    return _fernet(purpose).encrypt(json.dumps(value).encode()).decode()


def opened(purpose: str, text: str, seconds: int | None = None) -> Any:
    """What was sealed; None if that is longer ago than `seconds`, or SECRET_KEY was rotated since."""
    try:
        return json.loads(_fernet(purpose).decrypt(text, ttl=seconds))
    except InvalidToken:
        return None


def _fernet(purpose: str) -> Fernet:
    key = sha256(f"{purpose}\0{current_app.config['SECRET_KEY']}".encode()).digest()
    return Fernet(urlsafe_b64encode(key))
