"""Settings of an S3-compatible store, and the shared boto3 client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from app.errors import ConfigError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MIB = 1024 * 1024


@dataclass(frozen=True)
class R2Settings:
    """Bucket, credentials, retries and timeouts; sizes in bytes, times in seconds."""

    endpoint_url: str
    bucket: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    region: str = "auto"
    originals_storage_class: str = "STANDARD"
    presigned_seconds: int = 7200
    part_bytes: int = 8 * MIB  # at least 5 MiB for S3 and R2; an upload keeps two parts in memory
    page_size: int = 1000  # limit of S3
    max_attempts: int = 3  # of boto3 for one request
    retry_pause_seconds: float = 1.0
    read_timeout_seconds: float = 60

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> R2Settings:
        """Return the settings R2_* and PRESIGNED_URL_SECONDS; raises ConfigError if a required one is missing."""
        return cls(
            endpoint_url=_endpoint(config),
            bucket=_required(config, "R2_BUCKET"),
            access_key_id=_required(config, "R2_ACCESS_KEY_ID"),
            secret_access_key=_required(config, "R2_SECRET_ACCESS_KEY"),
            region=config.get("R2_REGION") or "auto",
            originals_storage_class=config.get("R2_ORIGINALS_STORAGE_CLASS") or "STANDARD",
            presigned_seconds=int(config.get("PRESIGNED_URL_SECONDS") or 7200),
        )


def client_for(settings: R2Settings) -> S3Client:
    """Return the client for these settings; it is cached and thread-safe, since creation takes about 0.2 s."""
    return _client_for(replace(settings, bucket=""))


@lru_cache(maxsize=16)
def _client_for(settings: R2Settings) -> S3Client:
    session = boto3.session.Session(settings.access_key_id, settings.secret_access_key, region_name=settings.region)
    try:
        return session.client("s3", endpoint_url=settings.endpoint_url, config=_client_config(settings))
    except ValueError as error:
        raise ConfigError(f"R2_ENDPOINT_URL must be a URL such as https://host: {error}") from error


def _client_config(settings: R2Settings) -> Config:
    return Config(
        signature_version="s3v4",
        # boto3 1.36 and later adds checksums by default that R2 and others refuse over HTTPS
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=settings.read_timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": settings.max_attempts},
        # 3 workers and some request threads send up to 2 parts each; the default pool of 10 would drop connections
        max_pool_connections=32,
        # Bucket in the path: in the host name it would need DNS that self-hosted stores seldom have
        s3={"addressing_style": "path"},
    )


def _endpoint(config: Mapping[str, Any]) -> str:
    url = config.get("R2_ENDPOINT_URL")
    if url:
        return str(url).rstrip("/")
    if account := config.get("R2_ACCOUNT_ID"):
        return f"https://{account}.r2.cloudflarestorage.com"
    raise ConfigError("R2 storage needs R2_ENDPOINT_URL or R2_ACCOUNT_ID.")


def _required(config: Mapping[str, Any], name: str) -> str:
    value = config.get(name)
    if not value:
        raise ConfigError(f"R2 storage needs {name}.")
    return str(value)
