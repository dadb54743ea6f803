"""The blueprint that the pages of collections and the addresses of their files share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint(
    "collections",
    __name__,
    url_prefix="/collections",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
