"""The cookie of the session: out of reach of scripts, not sent by other sites' forms, Secure where there is TLS."""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface


class Cookies(SecureCookieSessionInterface):
    """Flask's cookie (HttpOnly), which is Secure when the request came by https, as TRUSTED_PROXIES say it did."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser may send it over https only."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure
