"""Table of all settings: name, default and parser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.config.folders import INSTANCE
from app.config.parsers import (
    broker_url,
    bucket,
    choice,
    credential,
    database_url,
    folder,
    hosts,
    http_url,
    label,
    redis_url,
    seconds,
    secret_key,
    whole,
    words,
)


@dataclass(frozen=True)
class Setting:
    """One environment variable: its default, its parser, and whether error messages omit the value."""

    name: str
    default: str
    parse: Callable[[str], Any]
    is_secret: bool = False


SETTINGS = (
    Setting("SECRET_KEY", "", secret_key, is_secret=True),
    Setting("DATABASE_URL", f"sqlite:///{INSTANCE / 'proofsheet.db'}", database_url),
    Setting("STORAGE_BACKEND", "local", choice("local", "r2")),
    Setting("STORAGE_PATH", str(INSTANCE / "storage"), folder),
    Setting("R2_ENDPOINT_URL", "", http_url),
    Setting("R2_ACCOUNT_ID", "", label),
    Setting("R2_BUCKET", "", bucket),
    Setting("R2_ACCESS_KEY_ID", "", credential, is_secret=True),  # the secret key may be pasted here by mistake
    Setting("R2_SECRET_ACCESS_KEY", "", credential, is_secret=True),
    Setting("R2_REGION", "auto", label),
    Setting("R2_ORIGINALS_STORAGE_CLASS", "STANDARD", choice("STANDARD", "STANDARD_IA")),
    Setting("PRESIGNED_URL_SECONDS", "7200", whole(60, 604_800)),
    Setting("PRESIGNED_TILES", "on", choice("on", "off")),
    Setting("QUEUE_URL", "", broker_url),
    Setting("VARIANT_WORKERS", "3", whole(1, 64)),
    Setting("VARIANT_WAIT_SECONDS", "3", seconds(0, 60)),
    Setting("VARIANT_EXTRA_FORMATS", "", words("avif", "webp")),
    Setting("MAX_UPLOAD_MB", "200", whole(1, 5_000)),
    Setting("MAX_IMAGE_MEGAPIXELS", "160", whole(1, 2_000)),
    Setting("TRASH_DAYS", "30", whole(0, 3650)),
    Setting("BODY_STALL_SECONDS", "60", seconds(0.1, 3_600)),
    Setting("TRUSTED_PROXIES", "0", whole(0, 16)),
    Setting("FILES_SENT_BY", "app", choice("app", "proxy")),
    Setting("TRUSTED_HOSTS", "", hosts),
    Setting("RATE_LIMIT_URL", "", redis_url),
)
NAMES = frozenset(setting.name for setting in SETTINGS)
