"""Start-up checks of every program: a ConfigError becomes one line on standard error and exit code 3."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.pool import NullPool

from app import sqlite
from app.config.masks import without_password
from app.errors import ConfigError

EXIT_CODE = 3  # gunicorn replaces a worker that ends with any other code
CONNECT_SECONDS = 10  # psycopg's default of two minutes is longer than gunicorn's worker timeout


@contextmanager
def starting() -> Iterator[None]:
    """Turn a ConfigError into one line on standard error and SystemExit with EXIT_CODE."""
    try:
        yield
    except ConfigError as error:
        print(f"proofsheet: {error.message}", file=sys.stderr)
        raise SystemExit(EXIT_CODE) from None


def require_folder(settings: Mapping[str, Any]) -> None:
    """Raise ConfigError unless STORAGE_PATH is a usable folder (readable is enough with R2) or can be created."""
    path = Path(settings["STORAGE_PATH"])
    try:
        _try_folder(path, os.W_OK if settings["STORAGE_BACKEND"] == "local" else os.R_OK)
    except OSError as error:
        raise folder_problem(path, error) from None


def folder_problem(path: Path, error: OSError) -> ConfigError:
    """Return the ConfigError for an unusable STORAGE_PATH, with the reason from the OSError."""
    return ConfigError(f"STORAGE_PATH={str(path)!r} cannot be used: {error.strerror or error}.")


def _try_folder(path: Path, needed: int) -> None:
    found = next(each for each in (path, *path.parents) if os.path.lexists(each))
    if not found.is_dir():
        raise NotADirectoryError(f"{str(found)!r} is not a folder")
    if found != path:
        tempfile.TemporaryDirectory(dir=found).cleanup()
    elif not os.access(path, needed | os.X_OK):
        raise PermissionError(f"it cannot be {'written to' if needed == os.W_OK else 'read'}")


def require_database(url: str) -> None:
    """Connect to the database once, waiting up to CONNECT_SECONDS; raises ConfigError if that fails."""
    try:
        _connect(make_url(url))
    except (DBAPIError, SAWarning, TypeError, ValueError) as error:  # all but DBAPIError mean an unknown option
        raise ConfigError(f"DATABASE_URL={without_password(url)!r} does not answer: {_reason(error)}") from None


def _connect(url: URL) -> None:
    patience = {} if url.drivername == "sqlite" else {"connect_timeout": CONNECT_SECONDS}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Query string", SAWarning)  # raised for options that SQLAlchemy would ignore
        engine = create_engine(url, poolclass=NullPool, connect_args=patience)
        sqlite.configure(engine)
        engine.connect().close()


def _reason(error: Exception) -> str:
    """Return the message of the database driver as one line."""
    words = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
    return words if words.endswith(("?", ".", "!")) else f"{words}."
