"""The only reader of the environment: typed settings, checked once, at boot."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from app.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"


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


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def parse(value: str) -> int:
        if not value.lstrip("-").isdigit() or not lowest <= int(value) <= highest:
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
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
        raise ValueError("takes an address such as https://ACCOUNT.r2.cloudflarestorage.com")
    return value.rstrip("/")


def database_url(value: str) -> str:
    """A SQLAlchemy address of SQLite or PostgreSQL; `postgres://` is read as psycopg 3."""
    for prefix in ("postgres://", "postgresql://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value.removeprefix(prefix)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("takes sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
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
    Setting("STORAGE_PATH", str(INSTANCE / "storage"), text),
    Setting("R2_ENDPOINT_URL", "", http_url),
    Setting("R2_ACCOUNT_ID", "", text),
    Setting("R2_BUCKET", "", text),
    Setting("R2_ACCESS_KEY_ID", "", text),
    Setting("R2_SECRET_ACCESS_KEY", "", text),
    Setting("R2_REGION", "auto", text),
    Setting("R2_ORIGINALS_STORAGE_CLASS", "STANDARD", choice("STANDARD", "STANDARD_IA")),
    Setting("PRESIGNED_URL_SECONDS", "7200", whole(60, 604_800)),
    Setting("VARIANT_WORKERS", "3", whole(1, 64)),
    Setting("VARIANT_WAIT_SECONDS", "3", seconds(0, 60)),
    Setting("MAX_UPLOAD_MB", "200", whole(1, 5_000)),
    Setting("MAX_IMAGE_MEGAPIXELS", "160", whole(1, 2_000)),
    Setting("TRUSTED_PROXIES", "0", whole(0, 16)),
)
NAMES = frozenset(setting.name for setting in SETTINGS)
# A misspelt name under one of these would otherwise be ignored without a word.
OWN_PREFIXES = ("R2_", "VARIANT_", "PRESIGNED_", "MAX_UPLOAD", "MAX_IMAGE", "TRUSTED_PROX")


def load(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Every setting by name, from the overrides, the environment or .env, in that order; raises ConfigError."""
    given = dict(overrides or {})
    environ = {**_dotenv(), **os.environ}
    _refuse_unknown({*environ, *given})
    values = {setting.name: _value(setting, given, environ) for setting in SETTINGS}
    _require_r2(values)
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
        raise ConfigError(f"{setting.name}={raw!r} makes no sense: it {error}.") from None


def _from_file(name: str, environ: Mapping[str, str]) -> str:
    path = environ.get(f"{name}_FILE", "")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from None


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
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        pass  # the other process linked its draft first, whole
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
