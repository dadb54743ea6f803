"""Check of setting names: a misspelt name raises an error, because it would be ignored silently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import takewhile

from app.config.settings import NAMES
from app.errors import ConfigError

KNOWN = NAMES | {f"{name}_FILE" for name in NAMES}
PREFIXES = (
    *("SECRET_KEY_", "DATABASE_", "STORAGE_", "R2_", "PRESIGNED_", "QUEUE_", "VARIANT_", "MAX_UPLOAD", "MAX_IMAGE"),
    *("TRASH_", "BODY_STALL", "TRUSTED_PROX", "TRUSTED_HOST", "RATE_LIMIT_", "FILES_SENT"),
)
# Names that Kubernetes and Docker set for their services, such as STORAGE_SERVICE_HOST and DATABASE_PORT_5432_TCP.
SERVICE_LINK = re.compile(
    r"\w+?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?|ENV_\w+)"
)
FOREIGN = frozenset(
    {
        "SECRET_KEY_BASE",  # Rails
        "SECRET_KEY_FALLBACKS",  # Flask, as an override
        "DATABASE_CONNECTION_POOL_URL",  # Heroku
        "DATABASE_PRIVATE_URL",  # Railway
        "DATABASE_PUBLIC_URL",  # Railway
    }
)
# Read from .env by the flask command.
FLASK_COMMAND = ("FLASK_APP", "FLASK_DEBUG", "FLASK_RUN_")


def refuse_misspelt(environ: Mapping[str, object]) -> None:
    """Raise ConfigError for a variable that starts with a prefix of ours or is one typo away from a setting."""
    for name in sorted(set(environ) - KNOWN - FOREIGN):
        if _is_service_link(name, environ[name]):
            continue
        if name.startswith(PREFIXES) or _one_typo_from(name):
            raise ConfigError(_message(name))


def refuse_unknown(lines: Iterable[tuple[str, int]]) -> None:
    """Raise ConfigError for a name in .env (given with its line number) that is not a setting."""
    for name, line in lines:
        if name not in KNOWN and not name.startswith(FLASK_COMMAND):
            raise ConfigError(f".env, line {line}: {_message(name)}")


def _is_service_link(name: str, value: object) -> bool:
    is_docker_name = name.endswith("_NAME") and str(value).startswith("/")  # DATABASE_NAME=/web/database
    return is_docker_name or SERVICE_LINK.fullmatch(name) is not None


def _message(name: str) -> str:
    meant = _one_typo_from(name) or _most_similar(name)
    hint = f"did you mean {meant}? See" if meant else "see"
    return f"{name} is not a setting of Proofsheet; {hint} docs/configure.md for those that are."


def _one_typo_from(name: str) -> str | None:
    """Return the setting that differs by one typo, underscores or case only; None if there is none."""
    letters = _letters(name)
    return next((known for known in sorted(KNOWN) if _is_one_typo(letters, _letters(known))), None)


def _most_similar(name: str) -> str | None:
    return next(iter(get_close_matches(name.upper().removesuffix("_FILE"), sorted(NAMES), n=1, cutoff=0.8)), None)


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _is_one_typo(given: str, meant: str) -> bool:
    """Whether one letter is different, missing or added, or two neighbours are swapped."""
    start = _common_prefix(given, meant)
    given, meant = given[start:], meant[start:]
    end = _common_prefix(given[::-1], meant[::-1])
    given, meant = given[: len(given) - end], meant[: len(meant) - end]
    are_swapped = len(given) == 2 and given == meant[::-1]
    return are_swapped or max(len(given), len(meant)) <= 1


def _common_prefix(one: str, other: str) -> int:
    """Return the length of the common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
