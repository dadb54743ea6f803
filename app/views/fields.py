"""Form fields that several blueprints share."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, DateField, Field
from wtforms.widgets import CheckboxInput, DateTimeLocalInput


class MomentField(Field):  # type: ignore[misc]
    """A time in ISO 8601, in UTC if it has no zone; a date without a time means the end of that day."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, values: list[Any]) -> None:
        """Set the time, None if empty; keep it unchanged if the field was not sent. Raises ValueError."""
        if values:
            raw = str(values[0] or "").strip()
            self.data = parse_moment(raw) if raw else None


class SwitchWidget(CheckboxInput):  # type: ignore[misc]
    """A checkbox with a hidden empty field, so that browsers send the name also when it is off."""

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        """The HTML of the checkbox, followed by a hidden field that means "off"."""
        off = Markup('<input type="hidden" name="{}" value="">').format(field.name)
        box: Markup = super().__call__(field, **attributes)
        return box + off


class SwitchField(BooleanField):  # type: ignore[misc]
    """A switch, on or off; it stays unchanged if the field was not sent."""

    widget = SwitchWidget()

    def _value(self) -> str:
        """The value that means "on", also when the form is shown again with the switch off."""
        return "y"

    def process_formdata(self, values: list[Any]) -> None:
        """Set the switch on if any value means "on"; keep it unchanged if the field was not sent."""
        if values:
            super().process_formdata(values)


def parse_moment(raw: str) -> datetime:
    """Parse a time in ISO 8601 and return it in UTC; raises ValueError with a message for people."""
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise ValueError("Enter a date and time, such as 2027-01-31T18:00.") from None
    if "T" not in raw and " " not in raw:
        moment = datetime.combine(moment, time(23, 59, 59))
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("That date is out of range.") from None


class KeptDateField(DateField):  # type: ignore[misc]
    """A date, None if empty; it stays unchanged if the field was not sent."""

    def process_formdata(self, values: list[Any]) -> None:
        """Set the date, None if empty; keep it unchanged if the field was not sent. Raises ValueError."""
        if values and not str(values[0]).strip():
            self.data = None
        elif values:
            super().process_formdata(values)
