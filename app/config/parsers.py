"""Parsers from the text of a setting to its value; each raises ValueError with the accepted form."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.config import folders

DATABASE_PROBLEM = "must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
BROKER_PROBLEM = "must be an address such as redis://HOST:6379/0 or amqp://USER:PASSWORD@HOST"
REDIS_PROBLEM = "must be an address such as redis://HOST:6379/1"
ENDPOINT_PROBLEM = "must be an address such as https://ACCOUNT.r2.cloudflarestorage.com"
KEY_LENGTH, KEY_VARIETY = 12, 5
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; R2 accepts a subset
BUCKET = re.compile(r"(?!.*\.\.)(?![0-9.]+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
REDIS = ("redis", "rediss")


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a parser for one of the allowed words, in any case."""

    def parse(value: str) -> str:
        found = next((word for word in allowed if word.lower() == value.lower()), None)
        if found is None:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return found

    return parse


def words(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    """Return a parser for a comma-separated list of allowed words, each at most once; may be empty."""

    def parse(value: str) -> tuple[str, ...]:
        given = tuple(word.lower() for word in _listed(value))
        if any(word not in allowed for word in given) or len(set(given)) < len(given):
            raise ValueError(f"must be a list of {', '.join(allowed)}, separated by commas")
        return given

    return parse


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """Return a parser for an integer from `lowest` to `highest`."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return parse


def seconds(lowest: float, highest: float) -> Callable[[str], float]:
    """Return a parser for a number of seconds from `lowest` to `highest`, with or without a fraction."""

    def parse(value: str) -> float:
        # float() alone would accept 1_0, 1e1 and nan
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) or not lowest <= float(value) <= highest:
            raise ValueError(f"must be a number of seconds from {lowest:g} to {highest:g}")
        return float(value)

    return parse


def secret_key(value: str) -> str:
    """Parse a key long and varied enough not to be guessed, or an empty text."""
    if value and (len(value) < KEY_LENGTH or len(set(value)) < KEY_VARIETY):
        raise ValueError(f"must have at least {KEY_LENGTH} characters, {KEY_VARIETY} of them different")
    return value


def credential(value: str) -> str:
    """Parse an access key: a text without white space."""
    if re.search(r"\s", value):
        raise ValueError("must be a text without spaces")
    return value


def label(value: str) -> str:
    """Parse one label of a host name, or an empty text."""
    if value and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", value):
        raise ValueError("must consist of letters, digits and hyphens")
    return value


def bucket(value: str) -> str:
    """Parse a bucket name by the rules of S3, or an empty text."""
    if value and not BUCKET.fullmatch(value):
        raise ValueError("must be a bucket name: 3 to 63 of a-z, 0-9, hyphen and dot")
    return value


def http_url(value: str) -> str:
    """Parse an http or https URL, without its trailing slash, or an empty text."""
    parts = _address(value, ("http", "https"), ENDPOINT_PROBLEM)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(ENDPOINT_PROBLEM)
    return value.rstrip("/")


def folder(value: str) -> str:
    """Return an absolute path; a relative one is relative to the installation, not to the working directory."""
    try:
        return str(folders.ROOT / Path(value).expanduser())
    except RuntimeError:  # ~name of an unknown account
        raise ValueError("must be a path") from None


def database_url(value: str) -> str:
    """Return a SQLAlchemy URL of PostgreSQL (with psycopg 3) or of a SQLite file with an absolute path."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(DATABASE_PROBLEM) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg") and url.database:
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url.drivername != "sqlite" or url.host or url.database in (None, "", ":memory:"):
        raise ValueError(DATABASE_PROBLEM)
    try:
        return url.set(database=folder(str(url.database))).render_as_string(hide_password=False)
    except ValueError:
        raise ValueError(DATABASE_PROBLEM) from None


def broker_url(value: str) -> str:
    """Parse the URL of a message broker; an empty text means that the web process does the work."""
    _require_redis_number(_address(value, (*REDIS, "amqp", "amqps"), BROKER_PROBLEM), BROKER_PROBLEM)
    return value


def redis_url(value: str) -> str:
    """Parse the URL of a Redis server, or an empty text."""
    _require_redis_number(_address(value, REDIS, REDIS_PROBLEM), REDIS_PROBLEM)
    return value


def hosts(value: str) -> list[str] | None:
    """Parse a list of host names (a leading dot includes subdomains); None if empty, which accepts every name."""
    names = _listed(value)
    if not all(re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name) for name in names):
        raise ValueError("must be a list of host names separated by commas, such as photos.example.com,.example.org")
    return names or None


def _listed(value: str) -> list[str]:
    """Split at commas, keeping empty parts except after a trailing comma."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts if value else []


def _address(value: str, schemes: tuple[str, ...], problem: str) -> SplitResult:
    """Split a URL; raises ValueError(problem) unless scheme, host and port are valid or the text is empty."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(problem) from None
    if value and (parts.scheme not in schemes or not parts.hostname or port == 0 or re.search(r"\s", value)):
        raise ValueError(problem)
    return parts


def _require_redis_number(parts: SplitResult, problem: str) -> None:
    """Raise ValueError if the path of a Redis URL is not a database number."""
    if parts.scheme in REDIS and not re.fullmatch(r"/?[0-9]{0,5}", parts.path):
        raise ValueError(problem)
