"""Flask extensions, unbound; `create_app` binds them."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING, Any, ClassVar

from flask import request
from flask_compress import Compress
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Query

# Named constraints can be dropped by name in a migration; SQLite's unnamed ones cannot.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base of every table."""

    metadata = MetaData(naming_convention=NAMING)


NETWORK_BITS = 64  # of an IPv6 address: a household has at least as many addresses as the rest of it can count
WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::\d+)?|([^:]+):\d+")


def client_network() -> str:
    """Under which address requests are counted: an IPv4 address, or the /64 of an IPv6 one."""
    given = _without_port(request.remote_addr or "127.0.0.1")
    try:
        address = IPv6Address(given)
    except AddressValueError:
        return given
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"


def _without_port(address: str) -> str:
    """Some proxies name the port too: 192.0.2.7:40001, [2001:db8::1]:40001."""
    if found := WITH_PORT.fullmatch(address):
        return found[1] or found[2]
    return address


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:

    class Model(Base):
        """What a type checker knows of `db.Model`."""

        __abstract__ = True
        query: ClassVar[Query[Any]]
else:
    Model = db.Model  # with `query`, as in `File.query.first()`
csrf = CSRFProtect()
login = LoginManager()
# Where its store is away it counts in memory.
limiter = Limiter(client_network, in_memory_fallback_enabled=True, swallow_errors=True)
compress = Compress()
