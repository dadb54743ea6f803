"""The only reader of the environment: typed settings, checked once, at boot."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
DATABASE_PROBLEM = "takes sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


def text(value: str) -> str:
    """The value as it is."""
    return value


def choice(*allowed: str) -> Callable[[str], str]:
    """One of the allowed words, in any case."""

    def parse(value: str) -> str:
        found = next((word for word in allowed if word.lower() == value.lower()), None)
        if found is None:
            raise ValueError(f"takes one of {', '.join(allowed)}")
        return found

    return parse


def words(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    """Some of the allowed words, in the order given, between commas; none at all is fine."""

    def parse(value: str) -> tuple[str, ...]:
        given = tuple(word.strip().lower() for word in value.split(",") if word.strip())
        if any(word not in allowed for word in given) or len(set(given)) < len(given):
            raise ValueError(f"takes a list of {', '.join(allowed)}, between commas")
        return given

    return parse


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"takes a whole number from {lowest} to {highest}")
        return int(value)

    return parse


def seconds(lowest: float, highest: float) -> Callable[[str], float]:
    """A number of seconds within bounds, fractions allowed."""

    def parse(value: str) -> float:
        problem = f"takes a number of seconds from {lowest:g} to {highest:g}"
        try:
            number = float(value)
        except ValueError:
            raise ValueError(problem) from None
        if not lowest <= number <= highest:
            raise ValueError(problem)
        return number

    return parse


def http_url(value: str) -> str:
    """An http or https address without a trailing slash."""
    problem = "takes an address such as https://ACCOUNT.r2.cloudflarestorage.com"
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError(problem) from None
    if value and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ValueError(problem)
    return value.rstrip("/")


def folder(value: str) -> str:
    """An absolute path; a relative one starts at the folder of Proofsheet, wherever the command was given."""
    return str(ROOT / Path(value).expanduser())


def database_url(value: str) -> str:
    """A SQLAlchemy address of PostgreSQL (by psycopg 3) or of a SQLite file, absolute as `folder` makes it."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(DATABASE_PROBLEM) from None
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url.drivername != "sqlite" or url.host or url.database in (None, "", ":memory:"):
        raise ValueError(DATABASE_PROBLEM)
    return url.set(database=folder(str(url.database))).render_as_string(hide_password=False)


def broker_url(value: str) -> str:
    """The address of a message broker, or nothing: work is then done in the web process."""
    if value and urlsplit(value).scheme not in ("redis", "rediss", "amqp", "amqps", "memory"):
        raise ValueError("takes an address such as redis://HOST:6379/0 or amqp://USER:PASSWORD@HOST")
    return value


def hosts(value: str) -> list[str] | None:
    """Names of hosts, without port; a leading dot takes what lies under one as well. None: whatever it is asked as."""
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not all(re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name) for name in names):
        raise ValueError("takes a list of host names between commas, such as photos.example.com,.example.org")
    return names or None


def redis_url(value: str) -> str:
    """The address of a Redis, or nothing."""
    if value and (urlsplit(value).scheme not in ("redis", "rediss") or not urlsplit(value).netloc):
        raise ValueError("takes an address such as redis://HOST:6379/1")
    return value


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it falls back to, and how its text becomes a value."""

    name: str
    default: str
    parse: Callable[[str], Any]


SETTINGS = (
    Setting("SECRET_KEY", "", text),
    Setting("DATABASE_URL", f"sqlite:///{INSTANCE / 'proofsheet.db'}", database_url),
    Setting("STORAGE_BACKEND", "local", choice("local", "r2")),
    Setting("STORAGE_PATH", str(INSTANCE / "storage"), folder),
    Setting("R2_ENDPOINT_URL", "", http_url),
    Setting("R2_ACCOUNT_ID", "", text),
    Setting("R2_BUCKET", "", text),
    Setting("R2_ACCESS_KEY_ID", "", text),
    Setting("R2_SECRET_ACCESS_KEY", "", text),
    Setting("R2_REGION", "auto", text),
    Setting("R2_ORIGINALS_STORAGE_CLASS", "STANDARD", choice("STANDARD", "STANDARD_IA")),
    Setting("PRESIGNED_URL_SECONDS", "7200", whole(60, 604_800)),
    Setting("QUEUE_URL", "", broker_url),
    Setting("VARIANT_WORKERS", "3", whole(1, 64)),
    Setting("VARIANT_WAIT_SECONDS", "3", seconds(0, 60)),
    Setting("VARIANT_EXTRA_FORMATS", "", words("avif", "webp")),
    Setting("MAX_UPLOAD_MB", "200", whole(1, 5_000)),
    Setting("MAX_IMAGE_MEGAPIXELS", "160", whole(1, 2_000)),
    Setting("TRASH_DAYS", "30", whole(0, 3650)),
    Setting("BODY_STALL_SECONDS", "60", seconds(0.1, 3_600)),
    Setting("TRUSTED_PROXIES", "0", whole(0, 16)),
    Setting("TRUSTED_HOSTS", "", hosts),
    Setting("RATE_LIMIT_URL", "", redis_url),
)
NAMES = frozenset(setting.name for setting in SETTINGS)
# A misspelt name under one of these would otherwise be ignored without a word.
OWN_PREFIXES = (
    *("R2_", "VARIANT_", "PRESIGNED_", "MAX_UPLOAD", "MAX_IMAGE", "TRASH_", "BODY_STALL"),
    *("TRUSTED_PROX", "TRUSTED_HOST", "RATE_LIMIT_"),
)


def load(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Every setting by name, from the overrides, the environment or .env, in that order; raises ConfigError."""
    given = dict(overrides or {})
    environ = {**_dotenv(), **os.environ}
    _refuse_unknown({*environ, *given})
    values = {setting.name: _value(setting, given, environ) for setting in SETTINGS}
    _require_r2(values)
    if values["QUEUE_URL"].startswith("redis://"):  # the options of a rediss:// are Celery's
        values["RATE_LIMIT_URL"] = values["RATE_LIMIT_URL"] or values["QUEUE_URL"]
    values["SECRET_KEY"] = values["SECRET_KEY"] or _kept_secret_key(INSTANCE / "secret_key")
    return values | {name: value for name, value in given.items() if name not in NAMES}


def _dotenv() -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}


def _refuse_unknown(names: set[str]) -> None:
    for name in sorted(names):
        bare = name.removesuffix("_FILE")
        if name.startswith(OWN_PREFIXES) and bare not in NAMES:
            raise ConfigError(f"{name} is not a setting of Proofsheet; see docs/configure.md for those that are.")


def _value(setting: Setting, given: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    raw = given.get(setting.name)
    if raw is None:
        raw = _from_file(setting.name, environ) or environ.get(setting.name, "").strip() or setting.default
    try:
        return setting.parse(str(raw))
    except ValueError as error:
        raise ConfigError(f"{setting.name}={_without_password(raw)!r} makes no sense: it {error}.") from None


def _without_password(raw: Any) -> str:
    """The value as it may be printed: the password of an address is left out."""
    return re.sub(r"//([^/:@]*):[^/]*@", r"//\1:***@", str(raw))


def _from_file(name: str, environ: Mapping[str, str]) -> str:
    path = environ.get(f"{name}_FILE", "")
    if not path:
        return ""
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{name}_FILE={path!r} cannot be read: it is not text in UTF-8.") from None
    if not value:
        raise ConfigError(f"{name}_FILE={path!r} is empty.")
    return value


def _require_r2(values: dict[str, Any]) -> None:
    if values["R2_ACCOUNT_ID"] and not values["R2_ENDPOINT_URL"]:
        values["R2_ENDPOINT_URL"] = f"https://{values['R2_ACCOUNT_ID']}.r2.cloudflarestorage.com"
    if values["STORAGE_BACKEND"] != "r2":
        return
    needed = ("R2_ENDPOINT_URL", "R2_BUCKET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
    missing = [name for name in needed if not values[name]]
    if missing:
        raise ConfigError(f"STORAGE_BACKEND=r2 also needs {', '.join(missing)}.")


def _kept_secret_key(path: Path) -> str:
    """The key in the file, which is made (mode 0600) on first run; two processes starting at once agree on one."""
    try:
        if not path.exists():
            _make_secret_key(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(f"SECRET_KEY is not set and cannot be kept in {path}: {error.strerror}.") from None
    if not key:
        raise ConfigError(f"SECRET_KEY is not set and {path} is empty; delete that file to have a new key made.")
    return key


def _make_secret_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):  # the other process linked its draft first, whole
            os.link(draft, path)
    finally:
        Path(draft).unlink()
