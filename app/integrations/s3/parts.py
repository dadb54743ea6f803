"""Parts that a browser sends straight to the bucket: created, signed, listed, completed and aborted from here."""

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
from app.integrations.s3.upload import etag_of_parts, unless_taken

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class S3Parts:
    """Multipart uploads to one bucket, whose parts somebody else sends."""

    def __init__(self, client: S3Client, settings: R2Settings, headers: Callable[[str, str], dict[str, Any]]) -> None:
        self._client, self._bucket, self._headers = client, settings.bucket, headers
        self.part_bytes = settings.part_bytes

    def begin(self, key: str, content_type: str) -> str:
        """The store's name for a new upload of this key."""
        with translated(key):
            made = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=checked_key(key), **self._headers(key, content_type)
            )
        return made["UploadId"]

    def url(self, key: str, upload_id: str, number: int, md5: str, seconds: int) -> str:
        """A URL to PUT one part; its length and place are what the signature of Content-MD5 makes of them."""
        target = {"Bucket": self._bucket, "Key": checked_key(key), "UploadId": upload_id}
        with translated(key):
            return self._client.generate_presigned_url(
                "upload_part", Params=target | {"PartNumber": number, "ContentMD5": md5}, ExpiresIn=seconds
            )

    def listed(self, key: str, upload_id: str) -> list[StoredPart]:
        """The parts that are there, by number; raises ObjectMissing for an upload that is not."""
        pages = self._client.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=checked_key(key), UploadId=upload_id
        )
        with _known(key):
            return [
                StoredPart(part["PartNumber"], part["Size"], part["ETag"].strip('"'))
                for page in pages
                for part in page.get("Parts", [])
            ]

    def complete(self, key: str, upload_id: str, parts: Sequence[StoredPart]) -> StoredObject:
        """Make the object, and hold the store to the length and the ETag that these parts give it."""
        named: list[CompletedPartTypeDef] = [{"PartNumber": part.number, "ETag": part.md5} for part in parts]
        target: dict[str, Any] = {"Bucket": self._bucket, "Key": checked_key(key)}
        with _known(key):
            unless_taken(
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
            raise StorageCorrupt("What the store made of the parts is not what was sent; it has been removed.", key)
        asked = self._headers(key, "").get("StorageClass", "STANDARD")
        storage_class = found.get("StorageClass", asked)
        return StoredObject(key, found["ContentLength"], found["LastModified"].astimezone(UTC), storage_class)

    def abort(self, key: str, upload_id: str) -> None:
        """Throw away the parts; an upload that is not there is fine."""
        try:
            with _known(key):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=checked_key(key), UploadId=upload_id)
        except ObjectMissing:
            return

    def browser_problem(self, url: str, origin: str, body: bytes, md5: str) -> str | None:
        """Why a page of this origin could not send a part: the preflight is asked, then the part is sent."""
        return cors.preflight_problem(url, origin) or cors.put_problem(url, origin, body, md5)

    def get_problem(self, url: str, body: bytes) -> str | None:
        """Why the URL of an object does not give these bytes; None if it does."""
        return cors.get_problem(url, body)

    def cors_rules(self, origin: str) -> list[dict[str, Any]]:
        """What the bucket must be told for pages of this origin to send parts."""
        return cors.wanted_rules(origin)


@contextmanager
def _known(key: str) -> Iterator[None]:
    """Around calls that name an upload: one that the store does not know is missing, not a fault that may pass."""
    with translated(key):
        try:
            yield
        except ClientError as error:
            if code_of(error) != "NoSuchUpload":
                raise
            raise ObjectMissing("The store does not know this upload any more.", key) from error
