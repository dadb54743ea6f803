"""Log lines without what opens something: secrets in addresses, signatures, tokens, passwords."""

from __future__ import annotations

import logging
import re
from typing import Any

HIDDEN = "…"
SLASH = "(?:/|%2F)"
SECRETS = (
    # the addresses of share links, invitations, ways to a new password, and of the setup link
    re.compile(rf"({SLASH}(?:s|auth{SLASH}(?:setup|invitation|new-password)){SLASH})[^\s\"'?&#<>\\]+", re.IGNORECASE),
    re.compile(r"((?:X-Amz-(?:Signature|Credential|Security-Token)|Signature)=)[^&\s\"'\\]+", re.IGNORECASE),
    re.compile(r"(Bearer\s+)[^\s\"'\\]+", re.IGNORECASE),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),  # the password of an address
)
NEVER = frozenset(f"{{{name}}}{kind}" for name in ("authorization", "cookie", "x-csrftoken") for kind in "ie") | {
    "{set-cookie}o",
    "{http_authorization}e",
    "{http_cookie}e",
    "{http_x_csrftoken}e",
}


def masked(text: str) -> str:
    """The text with a … for every secret that is known by its place."""
    for secret in SECRETS:
        text = secret.sub(rf"\1{HIDDEN}", text)
    return text


class Masked(logging.Formatter):
    """Masks whole lines, tracebacks as well: what a library says of a failed request may name its address."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be written."""
        return masked(super().format(record))


def shown(name: str, value: Any) -> Any:
    """A value as an access log may name it, whatever format somebody chose."""
    if name in NEVER:
        return HIDDEN
    return masked(value) if isinstance(value, str) else value
