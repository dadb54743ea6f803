"""Every setting as data: its default, accepted values and refused values."""

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
    "SECRET_KEY": ("", {"a s3cret of $%": "a s3cret of $%"}, ("x", "changeme", "elevenchars", "xyzx" * 8)),
    "DATABASE_URL": (
        f"sqlite:///{ROOT}/instance/proofsheet.db",
        {
            "sqlite:////srv/p.db": "sqlite:////srv/p.db",
            "sqlite:///data/p.db": f"sqlite:///{ROOT}/data/p.db",
            "sqlite:////srv/p.db?timeout=5": "sqlite:////srv/p.db?timeout=5",
            "postgres://u:p%40s@db/name": "postgresql+psycopg://u:p%40s@db/name",
            "postgresql://u@db:5433/name?sslmode=require": "postgresql+psycopg://u@db:5433/name?sslmode=require",
            "postgresql+psycopg://u@/name?host=/run/pg": "postgresql+psycopg://u@/name?host=%2Frun%2Fpg",
            "postgresql:///name": "postgresql+psycopg:///name",
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
            "postgresql://u@db",
            "postgresql://",
            "sqlite:///~nobody-here/p.db",
        ),
    ),
    "STORAGE_BACKEND": ("local", {"Local": "local", "R2": "r2"}, ("s3", "local r2")),
    "STORAGE_PATH": (
        f"{ROOT}/instance/storage",
        {"/srv/photos": "/srv/photos", "photos": f"{ROOT}/photos"},
        ("~nobody-here/photos",),
    ),
    "R2_ENDPOINT_URL": (
        "",
        {"https://a.example.com/": "https://a.example.com", "http://127.0.0.1:9000": "http://127.0.0.1:9000"},
        (
            *("a.example.com", "s3://bucket", "https://", "https://[a", "https://:443", "https://a:port"),
            *("https://a b", "https://a:0", "https://a:65536", "https://id@a", "https://a?x=1", "https://a#b"),
        ),
    ),
    "R2_ACCOUNT_ID": ("", {"abc123": "abc123"}, ("abc 123", "abc.example.com", "https://abc", "-abc")),
    "R2_BUCKET": (
        "",
        {name: name for name in ("photos", "a.b-3", "3" * 62 + "a")},
        (
            *("my photos", "ab", "a" * 64, "Photos", "my_photos", "-photos", "photos.", "a..b", "192.168.5.4"),
            *("a/b", "fotos-ä"),
        ),
    ),
    "R2_ACCESS_KEY_ID": ("", {"id": "id"}, ("i d", "id\tx")),
    "R2_SECRET_ACCESS_KEY": ("", {"a/b+c=": "a/b+c="}, ("a b", "one\ntwo")),
    "R2_REGION": ("auto", {"eu-central-1": "eu-central-1"}, ("eu central", "eu.central", "eu_central")),
    "R2_ORIGINALS_STORAGE_CLASS": ("STANDARD", {"standard_ia": "STANDARD_IA"}, ("GLACIER",)),
    "PRESIGNED_URL_SECONDS": (7200, {"60": 60, "604800": 604_800}, ("59", "604801", "two hours", "-60")),
    "PRESIGNED_TILES": ("on", {"Off": "off"}, ("yes", "0")),
    "QUEUE_URL": (
        "",
        {
            url: url
            for url in (
                *("redis://127.0.0.1:6379/0", "redis://:p@h", "redis://[::1]:6379", "rediss://h/1?ssl_cert_reqs=none"),
                *("amqp://a:b@h", "amqp://h:5672/vhost", "amqps://h"),
            )
        },
        (
            *("localhost:6379", "http://h", "sqs://h", "redis://", "redis:///0", "redis://:6379/0", "redis://u@/0"),
            *("rediss://", "amqp://", "amqps:///vhost", "redis://h:port/0", "redis://h:0", "redis://h/queue"),
            *("redis://[h", "redis://a b", "memory://"),  # the last would be read by nobody
        ),
    ),
    "VARIANT_WORKERS": (3, {"1": 1, "64": 64, " 4 ": 4}, ("0", "65", "3.0", "²", "--3", "1e1", "9" * 5000)),
    "VARIANT_WAIT_SECONDS": (
        3.0,
        {"0": 0.0, "0.5": 0.5, "60": 60.0},
        ("-0.1", "60.1", "nan", "inf", "soon", "1_0", "1e1", "٣"),
    ),
    "VARIANT_EXTRA_FORMATS": (
        (),
        {"avif": ("avif",), "WebP, avif": ("webp", "avif"), "avif,": ("avif",)},
        ("png", "avif avif", "webp,webp", ",", "avif,,webp"),
    ),
    "MAX_UPLOAD_MB": (200, {"1": 1, "5000": 5000}, ("0", "5001", "200 MB")),
    "MAX_IMAGE_MEGAPIXELS": (160, {"1": 1, "2000": 2000}, ("0", "2001", "many")),
    "TRASH_DAYS": (30, {"0": 0, "3650": 3650}, ("-1", "3651", "never")),
    "BODY_STALL_SECONDS": (60.0, {"0.1": 0.1, "3600": 3600.0}, ("0", "3601", "long")),
    "TRUSTED_PROXIES": (0, {"1": 1, "16": 16}, ("-1", "17", "10.0.0.1")),
    "FILES_SENT_BY": ("app", {"App": "app"}, ("nginx", "app, proxy")),  # `proxy` needs TRUSTED_PROXIES
    "TRUSTED_HOSTS": (
        None,
        {"photos.example.com": ["photos.example.com"], "a.example, .b.example": ["a.example", ".b.example"]},
        ("https://a.example", "a.example:80", "a b", ",", ", ,", "."),
    ),
    "RATE_LIMIT_URL": (
        "",
        {url: url for url in ("redis://127.0.0.1:6379/1", "rediss://u:p@h/0")},
        ("memory://", "localhost:6379", "amqp://h", "redis://", "redis://:6379/1", "redis://h/one", "redis://h:65536"),
    ),
}
