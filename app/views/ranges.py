"""Range requests: one byte range of a GET is honoured, any other Range header is ignored (RFC 9110, 14.2)."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.http import parse_range_header


def register(app: Flask) -> None:
    """Ignore unsupported Range headers in every request; Werkzeug would respond with 416."""
    app.before_request(_drop_unsupported_range)


def _drop_unsupported_range() -> None:
    value = request.environ.get("HTTP_RANGE")
    if value is not None and not (request.method == "GET" and is_supported(value)):
        del request.environ["HTTP_RANGE"]


def is_supported(value: str) -> bool:
    """Whether a Range header names one valid range of bytes; false for several parts and for other units."""
    if "," in value:
        return False
    parsed = parse_range_header(value)
    return parsed is not None and parsed.units == "bytes"
