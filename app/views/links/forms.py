"""What an owner says of a new share link."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import Length

from app.views.fields import MomentField, SwitchField
from app.views.incoming import Form


class LinkForm(Form):
    """For whom it is, what it allows, and until when."""

    label = StringField("For whom", [Length(max=120)])
    downloads_allowed = SwitchField("May download originals", default=False)
    expires_at = MomentField("Ends at (UTC)")

    def checked(self) -> dict[str, Any]:
        """What was filled in; raises Invalid."""
        self.require()
        return {
            "label": self.label.data or "",
            "downloads_allowed": bool(self.downloads_allowed.data),
            "expires_at": self.expires_at.data,
        }
