"""What a photographer says of a camera's clock."""

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
    """Which camera, and by how much its photos were taken later or earlier than it wrote."""

    camera = StringField("Camera", [InputRequired("Choose a camera.")])
    direction = SelectField(
        "Direction", choices=[SelectChoice(LATER, "later"), SelectChoice(EARLIER, "earlier")], default=LATER
    )
    hours = IntegerField("Hours", [Optional(), NumberRange(0, MOST_HOURS, f"Hours go from 0 to {MOST_HOURS:,}.")])
    minutes = IntegerField("Minutes", [Optional(), NumberRange(0, 59, "Minutes go from 0 to 59.")])
    seconds = IntegerField("Seconds", [Optional(), NumberRange(0, 59, "Seconds go from 0 to 59.")])

    def shift(self) -> int:
        """What was filled in, in seconds; raises Invalid."""
        if not self.validate():
            fields = {name: " ".join(errors) for name, errors in self.errors.items() if name}
            raise Invalid(" ".join(fields.values()) or "Please look at the form again.", fields)
        amount = (self.hours.data or 0) * 3600 + (self.minutes.data or 0) * 60 + (self.seconds.data or 0)
        return -amount if self.direction.data == EARLIER else amount

    def sent(self) -> dict[str, str]:
        """The fields as they were sent."""
        return {name: str(self[name].data or "") for name in ("camera", "direction", "hours", "minutes", "seconds")}


class PreviewForm(ShiftForm):
    """The same, asked for in an address: nothing is changed yet."""

    class Meta(ShiftForm.Meta):
        """What Flask-WTF asks."""

        csrf = False

        def wrap_formdata(self, form: Form, formdata: Any) -> MultiDict[str, str]:
            """The fields of the address."""
            return request.args
