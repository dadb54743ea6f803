"""The cookie of the session: out of reach of scripts, not sent by other sites' forms, Secure where there is TLS."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from app.views.bearer import is_api
from app.views.default_cache_control import FOR_ALL


class Cookies(SecureCookieSessionInterface):
    """Flask's cookie (HttpOnly), which is Secure when the request came by https, as TRUSTED_PROXIES say it did.

    Under /api/ it is neither read nor set.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session; None, which cannot be written to, for a program."""
        return None if is_api(request) else super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        """Over https one that no other host, such as another subdomain's page, can plant: RFC 6265bis, “__Host-”."""
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if self.get_cookie_secure(app) else name

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser may send it over https only."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Set the cookie where it changed, and tell caches (Vary) where it was looked at.

        Not in what is for everybody: Flask-Login looks at it always, for a cookie of its own that is not used here.
        """
        if session.modified or request.endpoint not in FOR_ALL:
            super().save_session(app, session, response)
