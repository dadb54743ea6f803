"""marshmallow fields of the API that are stricter than the library's."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.views.fields import parse_moment

LAST_ID = 2**63 - 1  # ids are signed 64-bit integers


class Words(fields.String):
    """A text without control characters and lone surrogates; with `lines`, line breaks and tabs are allowed."""

    def __init__(self, *, most: int, lines: bool = False, least: int = 0, as_is: bool = False, **more: Any) -> None:
        super().__init__(validate=validate.Length(min=least or None, max=most), **more)
        self._kept = "\n\r\t" if lines else ""
        self._least, self._as_is = least, as_is

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        text = super()._deserialize(value, attr, data, **more)
        if any(unicodedata.category(each) in ("Cc", "Cs") and each not in self._kept for each in text):
            raise ValidationError("This contains control characters.")
        if self._least and not text.strip():
            raise ValidationError("This cannot be empty.")
        return text if self._as_is else text.strip()


class Moment(fields.Field[datetime]):
    """A time in ISO 8601, in UTC if it has no zone; a date without a time means the end of that day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        try:
            return parse_moment(value if isinstance(value, str) else "")
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **more: Any) -> str | None:
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if value else None


class Cursor(fields.Field[int]):
    """An opaque cursor from an earlier response, from which to continue a list."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and int(text[:20]) <= LAST_ID and len(text) < 20):
            raise ValidationError("Not a cursor of an earlier response.")
        return int(text)

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **more: Any) -> str | None:
        return None if value is None else str(value)


class Whole(fields.Integer):
    """An integer; as a text only ASCII digits, so neither ' 1' nor '١'."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 20):
            raise self.make_error("invalid", input=value)
        if isinstance(value, bool | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)
