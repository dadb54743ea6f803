"""Multipart uploads whose parts a browser sends directly to the bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from app.errors import ObjectMissing, StorageCorrupt
from app.integrations.base import StoredObject, StoredPart, checked_key
from app.integrations.s3 import cors
from app.integrations.s3.errors import code_of, translated
from app.integrations.s3.settings import R2Settings
from app.integrations.s3.upload import etag_of_parts, without_overwriting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class S3Parts:
    """Multipart uploads to one bucket, with presigned URLs for the parts; implements PartUploads."""

    def __init__(self, client: S3Client, settings: R2Settings, headers: Callable[[str, str], dict[str, Any]]) -> None:
        self._client, self._bucket, self._headers = client, settings.bucket, headers
        self.part_bytes = settings.part_bytes

    def begin(self, key: str, content_type: str) -> str:
        """Start an upload to the key; return its upload id."""
        with translated(key):
            made = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=checked_key(key), **self._headers(key, content_type)
            )
        return made["UploadId"]

    def url(self, key: str, upload_id: str, number: int, md5: str, seconds: int) -> str:
        """Return a URL to PUT one part; the signature includes Content-MD5, so no other bytes are accepted."""
        target = {"Bucket": self._bucket, "Key": checked_key(key), "UploadId": upload_id}
        with translated(key):
            return self._client.generate_presigned_url(
                "upload_part", Params=target | {"PartNumber": number, "ContentMD5": md5}, ExpiresIn=seconds
            )

    def listed(self, key: str, upload_id: str) -> list[StoredPart]:
        """Return the stored parts in the order of their numbers; raises ObjectMissing for an unknown upload."""
        pages = self._client.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=checked_key(key), UploadId=upload_id
        )
        with _missing_upload_translated(key):
            return [
                StoredPart(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
                for page in pages
                for part in page.get("Parts", [])
            ]

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> StoredObject:
        """Assemble the object and verify its size and ETag; raises ObjectExists, ObjectMissing or StorageCorrupt."""
        named: list[CompletedPartTypeDef] = [{"PartNumber": part.number, "ETag": part.md5} for part in parts]
        target: dict[str, Any] = {"Bucket": self._bucket, "Key": checked_key(key)}
        with _missing_upload_translated(key):
            without_overwriting(
                partial(
                    self._client.complete_multipart_upload,
                    **target,
                    UploadId=upload_id,
                    MultipartUpload={"Parts": named},
                )
            )
        with translated(key):
            found = self._client.head_object(**target)
        etag = etag_of_parts([bytes.fromhex(part.md5) for part in parts])
        if (found["ContentLength"], found["ETag"].strip('"')) != (sum(part.size for part in parts), etag):
            with translated(key):
                self._client.delete_object(**target)
            raise StorageCorrupt("The assembled object differs from the parts sent; it was deleted.", key)
        asked = self._headers(key, "").get("StorageClass", "STANDARD")
        storage_class = found.get("StorageClass", asked)
        return StoredObject(key, found["ContentLength"], found["LastModified"].astimezone(UTC), storage_class)

    def abort(self, key: str, upload_id: str) -> None:
        """Delete the upload and its parts; no error if it does not exist."""
        try:
            with _missing_upload_translated(key):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=checked_key(key), UploadId=upload_id)
        except ObjectMissing:
            return

    def browser_problem(self, url: str, origin: str, body: bytes, md5: str) -> str | None:
        """Send the preflight request and the part; return why a page of this origin cannot, None if it can."""
        return cors.preflight_problem(url, origin) or cors.put_problem(url, origin, body, md5)

    def get_problem(self, url: str, body: bytes) -> str | None:
        """Return why the URL of an object does not return these bytes, None if it does."""
        return cors.get_problem(url, body)

    def cors_rules(self, origin: str) -> list[dict[str, Any]]:
        """Return the CORS rules that the bucket needs for direct uploads from this origin."""
        return cors.wanted_rules(origin)


@contextmanager
def _missing_upload_translated(key: str) -> Iterator[None]:
    """Translate NoSuchUpload into ObjectMissing, which callers do not retry."""
    with translated(key):
        try:
            yield
        except ClientError as error:
            if code_of(error) != "NoSuchUpload":
                raise
            raise ObjectMissing("The store does not know this upload any more.", key) from error
