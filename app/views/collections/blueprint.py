"""The blueprint of the pages of collections and the URLs of their files."""

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
