"""What people fill in about a collection."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, DateField, Field, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, DateTimeLocalInput

from app.models import Privacy, SortOrder, utc_now
from app.services.collections.editing import CollectionDetails
from app.views.incoming import Form

PAST = "That time has passed: clients can’t open the collection any more. Choose another one, or confirm it below."


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
    closes_now = SwitchField("Close the collection now", default=False)
    downloads_allowed = SwitchField("Visitors may download originals", default=True)
    hides_location = SwitchField("Hand out originals without location and serial numbers", default=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be used; an end in the past has to be confirmed where the page asks for that."""
        valid = super().validate(extra_validators)
        if not self.asks_to_close or self.closes_now.data:
            return valid
        self.expires_at.errors = [*self.expires_at.errors, PAST]
        return False

    @property
    def asks_to_close(self) -> bool:
        """Whether the end is a new one and in the past; scripts, which do not mention the question, are not asked."""
        end, before = self.expires_at.data, self.expires_at.object_data
        if not self.closes_now.raw_data or end is None or end > utc_now():
            return False
        return before is None or bool(end != before.replace(second=0, microsecond=0))  # as the page shows it

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
