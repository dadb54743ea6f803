"""The session cookie: HttpOnly, SameSite, and Secure over https."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app.views.bearer import is_api
from app.views.default_cache_control import PUBLIC_ENDPOINTS


class Cookies(SecureCookieSessionInterface):
    """Flask's session cookie: Secure if the client used https (TRUSTED_PROXIES); unused under /api/."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The serializer of the app, made once: making it in every request took as long as reading the cookie."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session; None, which Flask replaces by a read-only session, for the API."""
        return None if is_api(request) else super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        """The cookie name; over https with the prefix `__Host-`, which other subdomains cannot set (RFC 6265bis)."""
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if self.get_cookie_secure(app) else name

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the cookie has the attribute Secure: with SESSION_COOKIE_SECURE, or if the request used https."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Set a changed cookie and `Vary: Cookie`.

        Public responses get neither unless the session changed: Flask-Login reads the session in every request.
        """
        if session.modified or request.endpoint not in PUBLIC_ENDPOINTS:
            super().save_session(app, session, response)
