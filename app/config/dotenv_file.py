"""Strict reader of .env: invalid lines and unknown names raise ConfigError."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from app.config.names import refuse_unknown
from app.errors import ConfigError


def read(path: Path) -> dict[str, str]:
    """Return the variables of the file, {} if it does not exist; raises ConfigError with the line but no value."""
    if path.is_dir():  # a virtual environment may have this name
        return {}
    text = _text(path)
    refuse_unknown(list(_names(text)))
    return {name: value or "" for name, value in dotenv_values(stream=io.StringIO(text)).items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f".env cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(".env cannot be read: it is not text in UTF-8.") from None


def _names(text: str) -> Iterator[tuple[str, int]]:
    """Yield each name with its line number; raises ConfigError for an invalid line."""
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            raise ConfigError(f".env, line {_line(binding)}, cannot be read: it is not NAME=VALUE.")
        if binding.key is not None:
            yield binding.key, _line(binding)


def _line(binding: Binding) -> int:
    """Return the line number of the name; the parser returns the number of the empty lines before it."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
