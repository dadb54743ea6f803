"""Names of settings: a misspelt one is refused, since it would be ignored without a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import takewhile

from app.config.settings import NAMES
from app.errors import ConfigError

KNOWN = NAMES | {f"{name}_FILE" for name in NAMES}
OWN_WORDS = (
    *("SECRET_KEY_", "DATABASE_", "STORAGE_", "R2_", "PRESIGNED_", "QUEUE_", "VARIANT_", "MAX_UPLOAD", "MAX_IMAGE"),
    *("TRASH_", "BODY_STALL", "TRUSTED_PROX", "TRUSTED_HOST", "RATE_LIMIT_"),
)
# Kubernetes and Docker tell all containers of services with these names: STORAGE_SERVICE_HOST, DATABASE_PORT_5432_TCP.
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
# The flask command reads these from .env itself.
FLASK_COMMAND = ("FLASK_APP", "FLASK_DEBUG", "FLASK_RUN_")


def refuse_misspelt(environ: Mapping[str, object]) -> None:
    """Raise ConfigError for a variable that begins with our words, or is one letter away from one of ours."""
    for name in sorted(set(environ) - KNOWN - FOREIGN):
        if _is_service_link(name, environ[name]):
            continue
        if name.startswith(OWN_WORDS) or _one_slip_from(name):
            raise ConfigError(_sentence(name))


def refuse_unknown(lines: Iterable[tuple[str, int]]) -> None:
    """Raise ConfigError for a name in .env, given with its line, that is no setting."""
    for name, line in lines:
        if name not in KNOWN and not name.startswith(FLASK_COMMAND):
            raise ConfigError(f".env, line {line}: {_sentence(name)}")


def _is_service_link(name: str, value: object) -> bool:
    is_docker_name = name.endswith("_NAME") and str(value).startswith("/")  # DATABASE_NAME=/web/database
    return is_docker_name or SERVICE_LINK.fullmatch(name) is not None


def _sentence(name: str) -> str:
    meant = _one_slip_from(name) or _resembling(name)
    hint = f"did you mean {meant}? See" if meant else "see"
    return f"{name} is not a setting of Proofsheet; {hint} docs/configure.md for those that are."


def _one_slip_from(name: str) -> str | None:
    """The setting from which the name differs by one letter, two swapped letters, underscores or case, if any."""
    letters = _letters(name)
    return next((known for known in sorted(KNOWN) if _is_one_slip(letters, _letters(known))), None)


def _resembling(name: str) -> str | None:
    return next(iter(get_close_matches(name.upper().removesuffix("_FILE"), sorted(NAMES), n=1, cutoff=0.8)), None)


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def _is_one_slip(given: str, meant: str) -> bool:
    """Whether one letter was changed, left out or added, or two were swapped."""
    start = _common(given, meant)
    given, meant = given[start:], meant[start:]
    end = _common(given[::-1], meant[::-1])
    given, meant = given[: len(given) - end], meant[: len(meant) - end]
    are_swapped = len(given) == 2 and given == meant[::-1]
    return are_swapped or max(len(given), len(meant)) <= 1


def _common(one: str, other: str) -> int:
    """Number of letters that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
