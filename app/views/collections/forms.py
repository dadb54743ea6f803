"""What people fill in about a collection."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, DateField, Field, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, DateTimeLocalInput

from app.models import Privacy, SortOrder
from app.services.collection_service import CollectionDetails
from app.views.incoming import Form


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


class CollectionForm(Form):
    """A new collection, or changes to one."""

    title = StringField("Title", [DataRequired("A title, please."), Length(max=200)])
    description = TextAreaField("Description", [Length(max=5000)])
    event_date = KeptDateField("Date", [Optional()])
    sort_order = SelectField(
        "Order of the photographs",
        choices=[
            SelectChoice(SortOrder.TAKEN.value, "By the time they were taken"),
            SelectChoice(SortOrder.NAME.value, "By file name"),
            SelectChoice(SortOrder.UPLOADED.value, "As they were uploaded"),
            SelectChoice(SortOrder.MANUAL.value, "My own order"),
        ],
        default=SortOrder.TAKEN.value,
    )
    privacy = SelectField(
        "Who can see it",
        choices=[
            SelectChoice(Privacy.PUBLIC.value, "Anyone with the link"),
            SelectChoice(Privacy.PASSWORD.value, "Anyone with the link and a password"),
            SelectChoice(Privacy.PRIVATE.value, "Only me"),
        ],
        default=Privacy.PRIVATE.value,
    )
    password = PasswordField("Password for visitors", [Length(max=1000)])
    expires_at = MomentField("Closes at (UTC)")
    downloads_allowed = SwitchField("Visitors may download originals", default=True)
    hides_location = SwitchField("Hand out originals without location and serial numbers", default=False)

    def details(self) -> CollectionDetails:
        """What was filled in."""
        return CollectionDetails(
            title=self.title.data.strip(),
            description=(self.description.data or "").strip(),
            event_date=self.event_date.data,
            sort_order=SortOrder(self.sort_order.data),
            privacy=Privacy(self.privacy.data),
            password=self.password.data or "",
            expires_at=self.expires_at.data,
            downloads_allowed=bool(self.downloads_allowed.data),
            hides_location=bool(self.hides_location.data),
        )


class PasswordForm(Form):
    """The password of a collection."""

    password = PasswordField("Password", [InputRequired("The password, please."), Length(max=1000)])
