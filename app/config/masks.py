"""Values as they may be printed."""

from __future__ import annotations

import re
from typing import Any

USER_PASSWORD = re.compile(r":(?!//).*@", re.DOTALL)
QUERY_PASSWORD = re.compile(r"(?<=password=)[^&]*", re.IGNORECASE)


def without_password(value: Any) -> str:
    """The value, with *** for the password of an address."""
    return QUERY_PASSWORD.sub("***", USER_PASSWORD.sub(":***@", str(value)))
