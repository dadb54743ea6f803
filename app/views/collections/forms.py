"""What people fill in about a collection."""

from __future__ import annotations

from typing import Any

from wtforms import PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.models import Privacy, SortOrder, utc_now
from app.services.collections.editing import CollectionDetails
from app.views.fields import KeptDateField, MomentField, SwitchField
from app.views.incoming import Form

PAST = "That time has passed: clients can’t open the collection any more. Choose another one, or confirm it below."


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
