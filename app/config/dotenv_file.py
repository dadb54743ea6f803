"""Reader of the file .env, which refuses lines that it cannot parse and names that are no settings."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from app.config.names import refuse_unknown
from app.errors import ConfigError


def read(path: Path) -> dict[str, str]:
    """The variables of the file, none if it does not exist; raises ConfigError, which names the line but no value."""
    if path.is_dir():  # a virtual environment of that name
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
    """Each name with its line."""
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            raise ConfigError(f".env, line {_line(binding)}, cannot be read: it is not NAME=VALUE.")
        if binding.key is not None:
            yield binding.key, _line(binding)


def _line(binding: Binding) -> int:
    """The line of the name: the parser counts from the empty lines before it."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
