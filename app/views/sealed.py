"""Encrypt values for the session cookie with SECRET_KEY; Flask only signs the cookie, so its content is readable."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app


def seal(purpose: str, value: Any) -> str:
    """Encrypt a JSON value as text; pass the same purpose to `opened`."""
    return _fernet(purpose).encrypt(json.dumps(value).encode()).decode()


def opened(purpose: str, text: str, seconds: int | None = None) -> Any:
    """The decrypted value; None if it is older than `seconds`, or SECRET_KEY has changed."""
    try:
        return json.loads(_fernet(purpose).decrypt(text, ttl=seconds))
    except InvalidToken:
        return None


def _fernet(purpose: str) -> Fernet:
    key = sha256(f"{purpose}\0{current_app.config['SECRET_KEY']}".encode()).digest()
    return Fernet(urlsafe_b64encode(key))
