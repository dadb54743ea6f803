"""Flask extensions, not yet bound to an app; `create_app` binds them."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING, Any, ClassVar

from flask import Flask, request
from flask_compress import Compress
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Query

# Constraints need names: a migration cannot drop an unnamed constraint of SQLite.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base of all models."""

    metadata = MetaData(naming_convention=NAMING)


NETWORK_BITS = 64  # an IPv6 client controls a whole /64, so its single addresses are not counted apart
WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::\d+)?|([^:]+):\d+")


def client_network() -> str:
    """Return the key by which requests of a client are counted: its IPv4 address, or the /64 of its IPv6 address."""
    given = _without_port(request.remote_addr or "127.0.0.1")
    try:
        address = IPv6Address(given)
    except AddressValueError:
        return given
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"


def _without_port(address: str) -> str:
    """Remove the port that some proxies append: 192.0.2.7:40001, [2001:db8::1]:40001."""
    if found := WITH_PORT.fullmatch(address):
        return found[1] or found[2]
    return address


class RouteLimiter(Limiter):
    """Flask-Limiter without its check before every request, which took a tenth of the time of a thumbnail.

    Limits that decorate a route are checked by the decorator; a blueprint with a limit must call `check` itself.
    """

    def init_app(self, app: Flask) -> None:
        """Register the extension and remove its hook."""
        super().init_app(app)
        hooks = app.before_request_funcs.get(None, [])
        hooks[:] = [hook for hook in hooks if hook != self._check_request_limit]

    def check(self) -> None:
        """Count this request and raise RateLimitExceeded if a limit of its blueprint is reached."""
        self._check_request_limit()


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:

    class Model(Base):
        """Typed stand-in for `db.Model`."""

        __abstract__ = True
        query: ClassVar[Query[Any]]
else:
    Model = db.Model  # adds `query`, as in `File.query.first()`
csrf = CSRFProtect()
login = LoginManager()
# "basic" would mark sessions whose client has changed as not fresh, which no route asks for; it hashed the client's
# address in each request, and set a second cookie for each visitor.
login.session_protection = None
# Counts in memory while its Redis is unavailable.
limiter = RouteLimiter(client_network, in_memory_fallback_enabled=True, swallow_errors=True)
compress = Compress()
