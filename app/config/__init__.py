"""Typed settings, read from the environment and checked once at start-up. No other module reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.config import dotenv_file, folders, secret_key_file
from app.config.folders import INSTANCE, ROOT
from app.config.masks import without_password
from app.config.names import refuse_misspelt
from app.config.settings import NAMES, SETTINGS, Setting
from app.errors import ConfigError

__all__ = ["INSTANCE", "NAMES", "ROOT", "SETTINGS", "load"]


def load(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return all settings by name, from the overrides, the environment, .env or the default; raises ConfigError."""
    given = dict(overrides or {})
    environ = {**dotenv_file.read(folders.ROOT / ".env"), **os.environ}
    refuse_misspelt({**environ, **given})
    values = {setting.name: _value(setting, given, environ) for setting in SETTINGS}
    _require_r2(values)
    _require_proxy(values)
    if values["QUEUE_URL"].startswith("redis://"):  # not rediss://: its query options are for Celery only
        values["RATE_LIMIT_URL"] = values["RATE_LIMIT_URL"] or values["QUEUE_URL"]
    values["SECRET_KEY"] = values["SECRET_KEY"] or secret_key_file.load_or_create(folders.INSTANCE / "secret_key")
    return values | {name: value for name, value in given.items() if name not in NAMES}


def _value(setting: Setting, given: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    raw = given.get(setting.name)
    if raw is None:
        raw = _from_file(setting.name, environ) or environ.get(setting.name, "").strip() or setting.default
    try:
        return setting.parse(str(raw))
    except ValueError as error:
        shown = setting.name if setting.is_secret else f"{setting.name}={without_password(raw)!r}"
        raise ConfigError(f"{shown} is not valid: it {error}.") from None


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
    """Raise ConfigError if R2 is used and one of its settings is missing; derive the endpoint from the account."""
    if values["R2_ACCOUNT_ID"] and not values["R2_ENDPOINT_URL"]:
        values["R2_ENDPOINT_URL"] = f"https://{values['R2_ACCOUNT_ID']}.r2.cloudflarestorage.com"
    if values["STORAGE_BACKEND"] == "r2":
        reason = "STORAGE_BACKEND=r2"
    elif values["R2_BUCKET"] and values["R2_ENDPOINT_URL"]:  # files stored there earlier are still served
        reason = f"R2_BUCKET={values['R2_BUCKET']}"
    else:
        return
    needed = ("R2_ENDPOINT_URL", "R2_BUCKET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
    missing = [name for name in needed if not values[name]]
    if missing:
        raise ConfigError(f"{reason} also needs {', '.join(missing)}.")


def _require_proxy(values: Mapping[str, Any]) -> None:
    """Raise ConfigError if a proxy is to send files, but none is trusted: visitors would get empty files."""
    if values["FILES_SENT_BY"] == "proxy" and not values["TRUSTED_PROXIES"]:
        raise ConfigError("FILES_SENT_BY=proxy also needs TRUSTED_PROXIES.")
