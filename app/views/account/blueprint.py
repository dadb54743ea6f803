"""The blueprint of the account pages."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("account", __name__, url_prefix="/account", template_folder="templates")
