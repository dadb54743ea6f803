"""The audit log: one JSON object per line, recording an action, its actor and its subject."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

logger = logging.getLogger("audit")

MAX_LENGTH = 254  # of a value: the longest email address


def event(name: str, **facts: str | int | None) -> None:
    """Write one line, omitting facts that are None or empty; the caller must pass no secrets.

    JSON escapes line breaks, quotes and all non-ASCII characters, so a value cannot forge a line.
    """
    shortened = {key: value[:MAX_LENGTH] if isinstance(value, str) else value for key, value in facts.items()}
    kept = {key: value for key, value in shortened.items() if value not in (None, "")}
    logger.info("%s", json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": name, **kept}))
