"""File with a generated secret key, used if SECRET_KEY is not set."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from app.config.parsers import secret_key
from app.errors import ConfigError


def load_or_create(path: Path) -> str:
    """Return the key in the file, created with mode 0600 if missing; simultaneous processes get the same key."""
    try:
        if not path.exists():
            _create(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(f"SECRET_KEY is not set and no key can be stored in {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(_unusable(path, "is not a key")) from None
    if not key:
        raise ConfigError(_unusable(path, "is empty"))
    try:
        return secret_key(key)
    except ValueError:
        raise ConfigError(_unusable(path, "is too short")) from None


def _unusable(path: Path, problem: str) -> str:
    return f"SECRET_KEY is not set and {path} {problem}; delete that file to create a new key."


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(32))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):  # another process created the file first
            os.link(draft, path)
    finally:
        Path(draft).unlink()
