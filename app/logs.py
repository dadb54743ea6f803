"""Masking of secrets in log lines: tokens in URLs, signatures, API tokens and passwords."""

from __future__ import annotations

import logging
import re
from typing import Any

HIDDEN = "…"
SLASH = "(?:/|%2F)"
SECRETS = (
    # URLs of share links, invitations, password resets and the setup link
    re.compile(rf"({SLASH}(?:s|auth{SLASH}(?:setup|invitation|new-password)){SLASH})[^\s\"'?&#<>\\]+", re.IGNORECASE),
    re.compile(r"((?:X-Amz-(?:Signature|Credential|Security-Token)|Signature)=)[^&\s\"'\\]+", re.IGNORECASE),
    re.compile(r"(Bearer\s+)[^\s\"'\\]+", re.IGNORECASE),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),  # password in a URL
)
HEADERS = ("authorization", "cookie", "x-csrftoken")
HIDDEN_ATOMS = frozenset(f"{{{name}}}{kind}" for name in HEADERS for kind in "ie") | {
    "{set-cookie}o",
    "{http_authorization}e",
    "{http_cookie}e",
    "{http_x_csrftoken}e",
}


def masked(text: str) -> str:
    """Return the text with … in place of each secret that SECRETS matches."""
    for secret in SECRETS:
        text = secret.sub(rf"\1{HIDDEN}", text)
    return text


class MaskingFormatter(logging.Formatter):
    """Formatter that masks secrets in the whole line and its traceback, where a library may quote a signed URL."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the formatted record without secrets."""
        return masked(super().format(record))


def masked_atom(name: str, value: Any) -> Any:
    """Return a value of the access log without secrets: … for credential headers, other strings masked."""
    if name in HIDDEN_ATOMS:
        return HIDDEN
    return masked(value) if isinstance(value, str) else value
