"""The blueprint that the pages about accounts share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("account", __name__, url_prefix="/account", template_folder="templates")
