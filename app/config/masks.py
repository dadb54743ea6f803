"""Masking of passwords in settings."""

from __future__ import annotations

import re
from typing import Any

USER_PASSWORD = re.compile(r":(?!//).*@", re.DOTALL)
QUERY_PASSWORD = re.compile(r"(?<=password=)[^&]*", re.IGNORECASE)


def without_password(value: Any) -> str:
    """Return the value as text, with *** in place of a password in a URL."""
    return QUERY_PASSWORD.sub("***", USER_PASSWORD.sub(":***@", str(value)))
