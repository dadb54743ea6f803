"""Presigned URLs for a chosen moment, so that every process gives out the same one for as long as it lives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

from app.errors import StorageError
from app.integrations.base import UrlOptions
from app.integrations.s3.settings import R2Settings

MAX_SECONDS = 7 * 24 * 3600  # more is refused by S3 and R2


class _SignedAt(S3SigV4QueryAuth):
    """The library's signer, whose add_auth always takes the present time, with the time given instead."""

    def __init__(self, settings: R2Settings, signed_at: datetime, seconds: int) -> None:
        credentials = Credentials(settings.access_key_id, settings.secret_access_key)
        super().__init__(credentials, "s3", settings.region, expires=seconds)
        self._timestamp = signed_at.astimezone(UTC).strftime(SIGV4_TIMESTAMP)

    def add_auth(self, request: Any) -> None:
        request.context["timestamp"] = self._timestamp
        self._modify_request_before_signing(request)  # type: ignore[attr-defined]
        to_sign = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(to_sign, request))  # type: ignore[attr-defined]


def presigned_get(
    settings: R2Settings, key: str, signed_at: datetime, expires_at: datetime, options: UrlOptions
) -> str:
    """A URL to GET the object from `signed_at` to `expires_at` (both to the second, at most 7 days apart)."""
    seconds = int(expires_at.timestamp()) - int(signed_at.timestamp())
    if not 0 < seconds <= MAX_SECONDS:
        raise StorageError(f"A URL lives for 1 to {MAX_SECONDS} seconds, not {seconds}.", key)
    path = percent_encode(f"{settings.bucket}/{key}", safe="/~")
    request = AWSRequest(method="GET", url=f"{settings.endpoint_url}/{path}", params=_answer_headers(options))
    _SignedAt(settings, signed_at, seconds).add_auth(request)
    return str(request.url)


def _answer_headers(options: UrlOptions) -> dict[str, str]:
    wanted = {
        "response-content-disposition": options.content_disposition,
        "response-content-type": options.content_type,
    }
    return {name: value for name, value in wanted.items() if value is not None}
