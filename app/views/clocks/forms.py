"""Forms to preview and correct a camera clock."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from app.errors import Invalid
from app.services.collections.camera_clocks import MOST_HOURS
from app.views.incoming import Form

LATER, EARLIER = "later", "earlier"


class ShiftForm(Form):
    """A camera, and the shift of its clock: how much later or earlier its photos were really taken."""

    camera = StringField("Camera", [InputRequired("Choose a camera.")])
    direction = SelectField(
        "Direction", choices=[SelectChoice(LATER, "later"), SelectChoice(EARLIER, "earlier")], default=LATER
    )
    hours = IntegerField("Hours", [Optional(), NumberRange(0, MOST_HOURS, f"Enter 0 to {MOST_HOURS:,} hours.")])
    minutes = IntegerField("Minutes", [Optional(), NumberRange(0, 59, "Enter 0 to 59 minutes.")])
    seconds = IntegerField("Seconds", [Optional(), NumberRange(0, 59, "Enter 0 to 59 seconds.")])

    def shift(self) -> int:
        """The correction in seconds, negative for earlier; raises Invalid."""
        if not self.validate():
            fields = {name: " ".join(errors) for name, errors in self.errors.items() if name}
            raise Invalid(" ".join(fields.values()) or "Please check what you entered.", fields)
        amount = (self.hours.data or 0) * 3600 + (self.minutes.data or 0) * 60 + (self.seconds.data or 0)
        return -amount if self.direction.data == EARLIER else amount

    def sent(self) -> dict[str, str]:
        """The fields and their values, for hidden inputs."""
        return {name: str(self[name].data or "") for name in ("camera", "direction", "hours", "minutes", "seconds")}


class PreviewForm(ShiftForm):
    """ShiftForm read from the query, because a preview changes nothing."""

    class Meta(ShiftForm.Meta):
        """Options for Flask-WTF."""

        csrf = False

        def wrap_formdata(self, form: Form, formdata: Any) -> MultiDict[str, str]:
            """The fields of the query."""
            return request.args
