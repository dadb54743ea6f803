"""The form for a new share link."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import Length

from app.views.fields import MomentField, SwitchField
from app.views.incoming import Form


class LinkForm(Form):
    """Label, downloads and expiry of a share link."""

    label = StringField("Name (only you see it)", [Length(max=120)])
    downloads_allowed = SwitchField("Allow downloads of originals", default=False)
    expires_at = MomentField("Expires on")

    def checked(self) -> dict[str, Any]:
        """The values of the form, by the parameters of `share_links.make`; raises Invalid."""
        self.require()
        return {
            "label": self.label.data or "",
            "downloads_allowed": bool(self.downloads_allowed.data),
            "expires_at": self.expires_at.data,
        }
