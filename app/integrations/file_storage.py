"""Storage in a bucket of Cloudflare R2 or of another S3-compatible store."""

from __future__ import annotations

import builtins
import io
import logging
import mimetypes
import time
from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from flask import current_app

from app.errors import ObjectExists, ObjectMissing, StorageCorrupt, StorageUnavailable
from app.integrations.base import (
    LEFTOVER_AGE,
    PartUploads,
    StoredObject,
    UrlOptions,
    checked_key,
    checked_prefix,
    is_key,
)
from app.integrations.prices import PriceList, load
from app.integrations.s3.errors import is_transient, translated
from app.integrations.s3.parts import S3Parts
from app.integrations.s3.presign import presigned_get
from app.integrations.s3.reader import READ_BYTES, BodyReader
from app.integrations.s3.settings import R2Settings, client_for
from app.integrations.s3.upload import PUT_ID, Payload, Upload, measure, send

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

log = logging.getLogger(__name__)

# Objects are never overwritten, so browsers may cache them for the longest lifetime of a URL (7 days)
CACHE_CONTROL = "private, max-age=604800, immutable"

STANDARD = "STANDARD"
PRICES = Path(__file__).parent / "s3" / "prices.json"


class CloudflareR2Storage:
    """Objects in one bucket, verified by size and ETag after every upload and never overwritten."""

    name = "r2"

    def __init__(self, settings: R2Settings | None = None) -> None:
        """Use the settings of the current Flask application if none are given; raises ConfigError."""
        self.settings = settings or R2Settings.from_mapping(current_app.config)
        self._client = client_for(self.settings)
        self.parts: PartUploads = S3Parts(self._client, self.settings, self._headers)

    def put(
        self,
        key: str,
        stream: BinaryIO,
        content_type: str = "application/octet-stream",
        *,
        sha256: str | None = None,
    ) -> StoredObject:
        """Upload and verify; retry once from the start after the retries of boto3 have failed."""
        upload = self._prepare(checked_key(key), stream, content_type, sha256)
        try:
            return self._store(upload)
        except StorageUnavailable as error:
            if not is_transient(error.__cause__):
                raise
            log.warning("storing %s failed, retrying once: %s", key, error)
        time.sleep(self.settings.retry_pause_seconds)
        return self._store(upload)

    def open(self, key: str) -> BinaryIO:
        """Return a buffered, non-seekable stream; raises ObjectMissing."""
        with translated(key):
            found = self._client.get_object(Bucket=self.settings.bucket, Key=checked_key(key))
        return io.BufferedReader(BodyReader(key, found["Body"], found["ContentLength"]), READ_BYTES)

    def stat(self, key: str) -> StoredObject:
        """Return size and time of one object; raises ObjectMissing."""
        try:
            return _stored(key, self._head(key))
        except ObjectMissing:
            self._require_bucket(key)
            raise

    def delete(self, key: str) -> None:
        """Delete the object; no error if it does not exist."""
        with translated(key):
            self._client.delete_object(Bucket=self.settings.bucket, Key=checked_key(key))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield every object whose key starts with the prefix, in key order."""
        return self._pages(checked_prefix(prefix))

    def url(self, key: str, *, signed_at: datetime, expires_at: datetime, options: UrlOptions) -> str | None:
        """Return a presigned URL, valid for at most 7 days; equal arguments give equal URLs in every process."""
        return presigned_get(self.settings, checked_key(key), signed_at, expires_at, options)

    def local_path(self, key: str) -> Path | None:
        """Return None: objects are not on this machine."""
        checked_key(key)
        return None

    def sweep_leftovers(self, older_than: timedelta = LEFTOVER_AGE, keep: Container[str] = ()) -> int:
        """Abort multipart uploads older than `older_than` whose key is not in `keep`; return how many."""
        before, stale = datetime.now(UTC) - older_than, 0
        with translated(""):
            for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.settings.bucket):
                for upload in page.get("Uploads", []):
                    if upload["Initiated"] < before and upload["Key"] not in keep:
                        self._abort(upload["Key"], upload["UploadId"])
                        stale += 1
        return stale

    def origins(self) -> tuple[str, ...]:
        """Return the origin of the endpoint and of its subdomains, which some stores use for buckets."""
        endpoint = urlsplit(self.settings.endpoint_url)
        return f"{endpoint.scheme}://{endpoint.netloc}", f"{endpoint.scheme}://*.{endpoint.netloc}"

    def prices(self) -> PriceList:
        """Return the price list of Cloudflare R2."""
        return load(PRICES)

    def upload_single_file(self, file_obj: BinaryIO, key: str, filename: str) -> str:
        """Store a file with the content type guessed from its name; return the key."""
        content_type, _ = mimetypes.guess_type(filename)
        return self.put(key, file_obj, content_type or "application/octet-stream").key

    def generate_presigned_url(self, key: str, expiry_seconds: int | None = None) -> str:
        """Return a URL valid for `expiry_seconds` (default PRESIGNED_URL_SECONDS); raises StorageError below 1."""
        now = datetime.now(UTC)
        seconds = self.settings.presigned_seconds if expiry_seconds is None else expiry_seconds
        expires_at = now + timedelta(seconds=seconds)
        return presigned_get(self.settings, checked_key(key), now, expires_at, UrlOptions())

    def list_files(self, prefix: str = "") -> builtins.list[dict[str, Any]]:
        """Return the objects below a prefix as dicts with `key`, `size` and `last_modified`."""
        return [{"key": item.key, "size": item.size, "last_modified": item.modified_at} for item in self.list(prefix)]

    def _prepare(self, key: str, stream: BinaryIO, content_type: str, sha256: str | None) -> Upload:
        payload = measure(stream, self.settings.part_bytes)
        if sha256 and payload.sha256 != sha256.lower():
            raise StorageCorrupt("The SHA-256 of the bytes is not the expected one.", key)
        return Upload(self.settings.bucket, key, stream, stream.tell(), payload, self._headers(key, content_type))

    def _headers(self, key: str, content_type: str) -> dict[str, Any]:
        return {"ContentType": content_type, "CacheControl": CACHE_CONTROL, **self._storage_class(key)}

    def _storage_class(self, key: str) -> dict[str, str]:
        # Variants are read often, and the cheaper class charges for reading; STANDARD is the default of S3
        wanted = self.settings.originals_storage_class
        return {} if wanted == STANDARD or "/variants/" in key else {"StorageClass": wanted}

    def _store(self, upload: Upload) -> StoredObject:
        if self._stored_by(upload) is None:
            self._send(upload)
        return self._verified(upload)

    def _send(self, upload: Upload) -> None:
        try:
            with translated(upload.key):
                send(self._client, upload)
        except ObjectExists:
            # The object may be from this put: boto3 repeats a request whose response was lost
            if self._stored_by(upload) is None:
                raise

    def _stored_by(self, upload: Upload) -> HeadObjectOutputTypeDef | None:
        """Return the HEAD of the object if this put stored it, None if the key is free; else raises ObjectExists."""
        try:
            found = self._head(upload.key)
        except ObjectMissing:
            return None
        if found["Metadata"].get(PUT_ID) != upload.put_id:
            raise ObjectExists(f"{upload.key!r} is stored already.", upload.key)
        return found

    def _verified(self, upload: Upload) -> StoredObject:
        found = self._stored_by(upload)
        if found is None:
            raise StorageCorrupt("The store accepted the file but does not have it.", upload.key)
        if not _matches(found, upload.payload):
            self.delete(upload.key)
            raise StorageCorrupt("The stored bytes differ from those sent; the object was deleted.", upload.key)
        # S3 omits StorageClass if it is STANDARD, some stores always
        asked = upload.headers.get("StorageClass", STANDARD)
        return replace(_stored(upload.key, found), storage_class=found.get("StorageClass", asked))

    def _head(self, key: str) -> HeadObjectOutputTypeDef:
        with translated(key):
            return self._client.head_object(Bucket=self.settings.bucket, Key=checked_key(key))

    def _require_bucket(self, key: str) -> None:
        """Raise StorageUnavailable if the bucket is missing, for which HEAD of an object answers 404 as well."""
        with translated(key):
            self._client.list_objects_v2(Bucket=self.settings.bucket, MaxKeys=1)

    def _pages(self, prefix: str) -> Iterator[StoredObject]:
        listed = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.settings.bucket, Prefix=prefix, PaginationConfig={"PageSize": self.settings.page_size}
        )
        with translated(prefix):
            for page in listed:
                for item in page.get("Contents", []):
                    if is_key(item["Key"]):  # skip objects of other programs, such as folder markers
                        yield StoredObject(item["Key"], item["Size"], item["LastModified"].astimezone(UTC))

    def _abort(self, key: str, upload_id: str) -> None:
        self._client.abort_multipart_upload(Bucket=self.settings.bucket, Key=key, UploadId=upload_id)


def _matches(found: HeadObjectOutputTypeDef, payload: Payload) -> bool:
    return found["ContentLength"] == payload.size and found["ETag"].strip('"') == payload.etag


def _stored(key: str, found: HeadObjectOutputTypeDef) -> StoredObject:
    return StoredObject(key, found["ContentLength"], found["LastModified"].astimezone(UTC))
