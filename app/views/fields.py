"""Fields that forms of several blueprints share."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, DateField, Field
from wtforms.widgets import CheckboxInput, DateTimeLocalInput


class MomentField(Field):  # type: ignore[misc]
    """A moment in ISO 8601; without a zone it is UTC, and a mere date means until the end of that day."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, values: list[Any]) -> None:
        """Read the moment, or none if it was emptied; unchanged without values. Raises ValueError for what is none."""
        if values:
            raw = str(values[0] or "").strip()
            self.data = parse_moment(raw) if raw else None


class SwitchWidget(CheckboxInput):  # type: ignore[misc]
    """A checkbox that also says when it is off: a browser sends nothing at all for an empty one."""

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        """The checkbox, and behind it what stands for "off"."""
        off = Markup('<input type="hidden" name="{}" value="">').format(field.name)
        box: Markup = super().__call__(field, **attributes)
        return box + off


class SwitchField(BooleanField):  # type: ignore[misc]
    """On or off; a script that does not mention it leaves it as it is."""

    widget = SwitchWidget()

    def _value(self) -> str:
        """What stands for "on", also in a form that comes back with it off."""
        return "y"

    def process_formdata(self, values: list[Any]) -> None:
        """On if any value says so; unchanged without values."""
        if values:
            super().process_formdata(values)


def parse_moment(raw: str) -> datetime:
    """An aware UTC time; raises ValueError with words for people."""
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise ValueError("Not a date and time, such as 2027-01-31T18:00.") from None
    if "T" not in raw and " " not in raw:
        moment = datetime.combine(moment, time(23, 59, 59))
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("That date is out of range.") from None


class KeptDateField(DateField):  # type: ignore[misc]
    """A day; a script that does not mention it leaves it as it is, and an empty one is none."""

    def process_formdata(self, values: list[Any]) -> None:
        """Read the day, or none if it was emptied; unchanged without values. Raises ValueError for what is none."""
        if values and not str(values[0]).strip():
            self.data = None
        elif values:
            super().process_formdata(values)
