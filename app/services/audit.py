"""The audit log: who did what to what, one JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

logger = logging.getLogger("audit")

LONGEST = 254  # of a fact: an email address may be that long


def event(name: str, **facts: str | int | None) -> None:
    """Write one line; facts that are None or empty are left out, and none is a secret.

    JSON escapes what could end a line or a value, and everything that is not ASCII: nobody writes a line of his own.
    """
    told = {key: value[:LONGEST] if isinstance(value, str) else value for key, value in facts.items()}
    kept = {key: value for key, value in told.items() if value not in (None, "")}
    logger.info("%s", json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": name, **kept}))
