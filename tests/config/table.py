"""Every setting as data: what it falls back to, what it takes, and what it refuses."""

from __future__ import annotations

from typing import Any

from app import config

ROOT = config.ROOT
R2 = {
    "STORAGE_BACKEND": "r2",
    "R2_BUCKET": "photos",
    "R2_ACCESS_KEY_ID": "id",
    "R2_SECRET_ACCESS_KEY": "secret",
    "R2_ENDPOINT_URL": "https://example.com",
}
PARSERS = {setting.name: setting for setting in config.SETTINGS}

# name: default, what is given and what becomes of it, what is refused
TABLE: dict[str, tuple[Any, dict[str, Any], tuple[str, ...]]] = {
    "SECRET_KEY": ("", {"s3cret $%": "s3cret $%"}, ()),
    "DATABASE_URL": (
        f"sqlite:///{ROOT}/instance/proofsheet.db",
        {
            "sqlite:////srv/p.db": "sqlite:////srv/p.db",
            "sqlite:///data/p.db": f"sqlite:///{ROOT}/data/p.db",
            "sqlite:////srv/p.db?timeout=5": "sqlite:////srv/p.db?timeout=5",
            "postgres://u:p%40s@db/name": "postgresql+psycopg://u:p%40s@db/name",
            "postgresql://u@db:5433/name?sslmode=require": "postgresql+psycopg://u@db:5433/name?sslmode=require",
            "postgresql+psycopg://u@/name?host=/run/pg": "postgresql+psycopg://u@/name?host=%2Frun%2Fpg",
        },
        (
            "mysql://root@localhost/p",
            "proofsheet.db",
            "sqlite://",
            "sqlite:///",
            "sqlite:///:memory:",
            "sqlite://data/p.db",
            "postgresql://u@db:port/name",
            "postgresql+psycopg2://u@db/name",
        ),
    ),
    "STORAGE_BACKEND": ("local", {"Local": "local", "R2": "r2"}, ("s3", "local r2")),
    "STORAGE_PATH": (f"{ROOT}/instance/storage", {"/srv/photos": "/srv/photos", "photos": f"{ROOT}/photos"}, ()),
    "R2_ENDPOINT_URL": (
        "",
        {"https://a.example.com/": "https://a.example.com", "http://127.0.0.1:9000": "http://127.0.0.1:9000"},
        ("a.example.com", "s3://bucket", "https://", "https://[a"),
    ),
    "R2_ACCOUNT_ID": ("", {"abc123": "abc123"}, ()),
    "R2_BUCKET": ("", {"photos": "photos"}, ()),
    "R2_ACCESS_KEY_ID": ("", {"id": "id"}, ()),
    "R2_SECRET_ACCESS_KEY": ("", {"a/b+c=": "a/b+c="}, ()),
    "R2_REGION": ("auto", {"eu-central-1": "eu-central-1"}, ()),
    "R2_ORIGINALS_STORAGE_CLASS": ("STANDARD", {"standard_ia": "STANDARD_IA"}, ("GLACIER",)),
    "PRESIGNED_URL_SECONDS": (7200, {"60": 60, "604800": 604_800}, ("59", "604801", "two hours", "-60")),
    "QUEUE_URL": (
        "",
        {url: url for url in ("redis://127.0.0.1:6379/0", "rediss://h/1", "amqp://a:b@h", "amqps://h", "memory://")},
        ("localhost:6379", "http://h", "sqs://h"),
    ),
    "VARIANT_WORKERS": (3, {"1": 1, "64": 64, " 4 ": 4}, ("0", "65", "3.0", "²", "--3", "1e1", "9" * 5000)),
    "VARIANT_WAIT_SECONDS": (3.0, {"0": 0.0, "0.5": 0.5, "60": 60.0}, ("-0.1", "60.1", "nan", "inf", "soon")),
    "VARIANT_EXTRA_FORMATS": (
        (),
        {"avif": ("avif",), "WebP, avif": ("webp", "avif")},
        ("png", "avif avif", "webp,webp"),
    ),
    "MAX_UPLOAD_MB": (200, {"1": 1, "5000": 5000}, ("0", "5001", "200 MB")),
    "MAX_IMAGE_MEGAPIXELS": (160, {"1": 1, "2000": 2000}, ("0", "2001", "many")),
    "TRASH_DAYS": (30, {"0": 0, "3650": 3650}, ("-1", "3651", "never")),
    "BODY_STALL_SECONDS": (60.0, {"0.1": 0.1, "3600": 3600.0}, ("0", "3601", "long")),
    "TRUSTED_PROXIES": (0, {"1": 1, "16": 16}, ("-1", "17", "10.0.0.1")),
    "TRUSTED_HOSTS": (
        None,
        {"photos.example.com": ["photos.example.com"], "a.example, .b.example": ["a.example", ".b.example"]},
        ("https://a.example", "a.example:80", "a b"),
    ),
    "RATE_LIMIT_URL": (
        "",
        {url: url for url in ("redis://127.0.0.1:6379/1", "rediss://u:p@h/0")},
        ("memory://", "localhost:6379", "amqp://h", "redis://"),
    ),
}
