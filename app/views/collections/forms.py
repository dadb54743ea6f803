"""Forms to edit a collection and to enter its password."""

from __future__ import annotations

from typing import Any

from wtforms import PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.models import Privacy, SortOrder, utc_now
from app.services.collections.editing import CollectionDetails
from app.views.fields import KeptDateField, MomentField, SwitchField
from app.views.incoming import Form

PAST = "That is in the past, so clients can’t open the collection. Choose another time, or confirm it below."


class CollectionForm(Form):
    """A new collection, or changes to one."""

    title = StringField("Title", [DataRequired("Enter a title."), Length(max=200)])
    description = TextAreaField("Description", [Length(max=5000)])
    event_date = KeptDateField("Date", [Optional()])
    sort_order = SelectField(
        "Order of the photos",
        choices=[
            SelectChoice(SortOrder.TAKEN.value, "Date taken"),
            SelectChoice(SortOrder.NAME.value, "Name"),
            SelectChoice(SortOrder.UPLOADED.value, "Upload date"),
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
    password = PasswordField("Password for clients", [Length(max=1000)])
    expires_at = MomentField("Expires on")
    closes_now = SwitchField("Close the collection now", default=False)
    downloads_allowed = SwitchField("Clients can download originals", default=True)
    hides_location = SwitchField("Remove location and serial numbers from downloads", default=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all fields are valid; a new expiry in the past is valid only if the page's checkbox confirms it."""
        valid = super().validate(extra_validators)
        if not self.asks_to_close or self.closes_now.data:
            return valid
        self.expires_at.errors = [*self.expires_at.errors, PAST]
        return False

    @property
    def asks_to_close(self) -> bool:
        """Whether to ask for confirmation of a new expiry in the past; scripts omit `closes_now` and are not asked."""
        expiry, saved = self.expires_at.data, self.expires_at.object_data
        if not self.closes_now.raw_data or expiry is None or expiry > utc_now():
            return False
        return saved is None or bool(expiry != saved.replace(second=0, microsecond=0))  # the page shows minutes

    def details(self) -> CollectionDetails:
        """Return the submitted values as CollectionDetails."""
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

    password = PasswordField("Password", [InputRequired("Enter the password."), Length(max=1000)])
