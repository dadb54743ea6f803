"""Misspelt names of settings stop the start; unrelated names do not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app import config
from app.config import names
from app.errors import ConfigError

MISSPELT = {
    "STORAGE_BACKND": "STORAGE_BACKEND",
    "STORAGE_BAKCEND": "STORAGE_BACKEND",
    "STORAGEBACKEND": "STORAGE_BACKEND",
    "STORAGE_PATHS": "STORAGE_PATH",
    "SECRETKEY": "SECRET_KEY",
    "SECRET_KEYS": "SECRET_KEY",
    "SECRT_KEY": "SECRET_KEY",
    "secret_key": "SECRET_KEY",
    "SECRETKEY_FILE": "SECRET_KEY_FILE",
    "DATABASE_URI": "DATABASE_URL",
    "DATABASEURL": "DATABASE_URL",
    "DATABASE_URL_FLIE": "DATABASE_URL_FILE",
    "ATABASE_URL": "DATABASE_URL",
    "QUEUE_URI": "QUEUE_URL",
    "R2BUCKET": "R2_BUCKET",
    "R2_BUKET": "R2_BUCKET",
    "R2_ENDPOINT": "R2_ENDPOINT_URL",
    "RATELIMIT_URL": "RATE_LIMIT_URL",
    "TRUSTED_HOST": "TRUSTED_HOSTS",
    "BODY_STALL_SECOND": "BODY_STALL_SECONDS",
    "MAX_UPLOAD_MIB": "MAX_UPLOAD_MB",
    "TRASHDAYS": "TRASH_DAYS",
    "VARIANT_WORKER": "VARIANT_WORKERS",
    "PRESIGNED_URL_SECOND": "PRESIGNED_URL_SECONDS",
}
# They begin with words of ours, and resemble no setting.
PREFIXED = (
    "STORAGE_DRIVER",
    "DATABASE_HOST",
    "QUEUE_BACKEND",
    "R2_KEY_FILE",
    "VARIANT_SIZES",
    "SECRET_KEY_IN_1999",
)
FOREIGN = (
    # of the system, shells and the programs beside us
    *("PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "PWD", "_", "PORT", "HOST", "HOSTNAME", "PYTHON", "BIN"),
    *("GUNICORN_CMD_ARGS", "WEB_CONCURRENCY", "FLASK_APP", "FLASK_DEBUG", "FLASK_RUN_PORT", "FLASK_SKIP_DOTENV"),
    *("PYTHONUNBUFFERED", "VIRTUAL_ENV", "SSL_CERT_FILE", "http_proxy", "NO_PROXY", "FORWARDED_ALLOW_IPS", "MAKEFLAGS"),
    # of other programs
    *("REDIS_URL", "BROKER_URL", "CELERY_BROKER_URL", "POSTGRES_PASSWORD", "PGHOST", "PGPASSWORD", "AWS_ACCESS_KEY_ID"),
    *("AWS_REGION", "S3_BUCKET", "SECRET", "SECRET_KEY_BASE", "DATABASE", "STORAGE", "MAX_CONTENT_LENGTH", "DEBUG"),
    # of systemd and of platforms
    *("INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET", "LISTEN_FDS", "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY"),
    *("DATABASE_CONNECTION_POOL_URL", "DATABASE_PRIVATE_URL", "DATABASE_PUBLIC_URL", "DYNO", "RENDER_EXTERNAL_URL"),
    # of Kubernetes and Docker, for services named storage, database, queue and r2
    *("KUBERNETES_SERVICE_HOST", "KUBERNETES_PORT_443_TCP_ADDR", "STORAGE_SERVICE_HOST", "STORAGE_SERVICE_PORT"),
    *("STORAGE_SERVICE_PORT_HTTP", "STORAGE_PORT", "STORAGE_PORT_9000_TCP", "STORAGE_PORT_9000_TCP_PROTO"),
    *("STORAGE_PORT_9000_TCP_PORT", "STORAGE_PORT_9000_TCP_ADDR", "DATABASE_SERVICE_HOST", "DATABASE_PORT_5432_TCP"),
    *("DATABASE_ENV_POSTGRES_PASSWORD", "QUEUE_SERVICE_HOST", "QUEUE_PORT_6379_UDP_ADDR", "R2_PORT", "R2_SERVICE_HOST"),
    *("STORAGE_MAIN_SERVICE_HOST", "DATABASE_RW_PORT_5432_TCP_ADDR"),
)


@pytest.mark.parametrize(("given", "meant"), MISSPELT.items())
def test_misspelt_name_is_refused_with_the_right_one(environment: Callable[..., None], given: str, meant: str) -> None:
    environment(**{given: ""})
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert caught.value.message == (
        f"{given} is not a setting of Proofsheet; did you mean {meant}? See docs/configure.md for those that are."
    )


@pytest.mark.parametrize("given", PREFIXED)
def test_name_that_begins_with_our_words_is_refused(environment: Callable[..., None], given: str) -> None:
    environment(**{given: "1"})
    with pytest.raises(ConfigError, match=f"^{given} is not a setting of Proofsheet; see docs/configure.md for those"):
        config.load()


def test_unrelated_environment_names_are_ignored() -> None:
    names.refuse_misspelt(dict.fromkeys(FOREIGN, "tcp://10.0.0.1:9000"))
    names.refuse_misspelt({"DATABASE_NAME": "/web/database"})  # Docker's --link
    with pytest.raises(ConfigError):
        names.refuse_misspelt({"DATABASE_NAME": "photos"})


def test_every_setting_but_the_secret_key_starts_with_a_known_prefix() -> None:
    assert [name for name in sorted(config.NAMES) if not name.startswith(names.PREFIXES)] == ["SECRET_KEY"]


def test_no_setting_is_a_misspelling_of_another() -> None:
    for name in config.NAMES:
        slips = [other for other in names.KNOWN if names._is_one_typo(names._letters(name), names._letters(other))]
        assert slips == [name]


def test_misspelt_override_is_refused(environment: Callable[..., None]) -> None:
    with pytest.raises(ConfigError, match=r"^VARIANT_WORKER is not a setting"):
        config.load({"VARIANT_WORKER": 1})
