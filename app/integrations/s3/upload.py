"""Upload of one object, in parts if it is large; at most two parts are in memory."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import ClientError

from app.integrations.s3.errors import VENDOR_ERRORS, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_THREADS = 2
READ_BYTES = 1024 * 1024
PUT_ID = "put-id"  # metadata that identifies the object of a put after its response was lost


@dataclass(frozen=True)
class Payload:
    """Size and digests of the bytes to send, computed before the upload to verify the stored object."""

    size: int
    sha256: str
    part_bytes: int
    part_md5s: tuple[bytes, ...]

    @property
    def in_parts(self) -> bool:
        """Whether the bytes take more than one part."""
        return len(self.part_md5s) > 1

    @property
    def etag(self) -> str:
        """ETag that S3 and R2 compute for these bytes sent in these parts."""
        if not self.in_parts:
            return self.part_md5s[0].hex()
        return etag_of_parts(self.part_md5s)


@dataclass(frozen=True)
class Upload:
    """One object to send: its bucket and key, the stream and start position, and the headers."""

    bucket: str
    key: str
    stream: BinaryIO
    start: int
    payload: Payload
    headers: dict[str, Any]
    put_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def target(self) -> dict[str, Any]:
        """Bucket and key as arguments of the client."""
        return {"Bucket": self.bucket, "Key": self.key}

    @property
    def described(self) -> dict[str, Any]:
        """Headers and put id as arguments of the client."""
        return {**self.headers, "Metadata": {PUT_ID: self.put_id}}


def etag_of_parts(md5s: Sequence[bytes]) -> str:
    """Return the ETag of an object from the MD5 digests of its parts."""
    return f"{_md5(b''.join(md5s)).hex()}-{len(md5s)}"


def measure(stream: BinaryIO, part_bytes: int) -> Payload:
    """Return size and digests of the rest of the stream; the position is restored."""
    start, size, sha256 = stream.tell(), 0, hashlib.sha256()
    part_md5s: list[bytes] = []
    while True:
        read, md5 = _digest_part(stream, part_bytes, sha256)
        if read or not part_md5s:
            part_md5s.append(md5)
        size += read
        if read < part_bytes:
            stream.seek(start)
            return Payload(size, sha256.hexdigest(), part_bytes, tuple(part_md5s))


def send(client: S3Client, upload: Upload) -> None:
    """Upload the object unless its key is taken; raises exceptions of boto3, after aborting an upload in parts."""
    if upload.payload.in_parts:
        _send_in_parts(client, upload)
    else:
        _send_whole(client, upload)


def _send_whole(client: S3Client, upload: Upload) -> None:
    # As bytes (at most one part), because boto3 rewinds a stream to 0 before a retry, not to its start position
    body = _PartReader(upload).part(1)
    md5 = _base64(upload.payload.part_md5s[0])
    without_overwriting(partial(client.put_object, **upload.target, **upload.described, Body=body, ContentMD5=md5))


def _send_in_parts(client: S3Client, upload: Upload) -> None:
    upload_id = client.create_multipart_upload(**upload.target, **upload.described)["UploadId"]
    target = {**upload.target, "UploadId": upload_id}
    try:
        parts = _send_parts(client, upload, target)
        without_overwriting(partial(client.complete_multipart_upload, **target, MultipartUpload={"Parts": parts}))
    except BaseException:
        with suppress(*VENDOR_ERRORS):  # sweep_leftovers deletes the parts later
            client.abort_multipart_upload(**target)
        raise


def _send_parts(client: S3Client, upload: Upload, target: dict[str, Any]) -> list[CompletedPartTypeDef]:
    source = _PartReader(upload)

    def send_part(number: int) -> CompletedPartTypeDef:
        md5 = _base64(upload.payload.part_md5s[number - 1])
        sent = client.upload_part(**target, PartNumber=number, Body=source.part(number), ContentMD5=md5)
        return {"PartNumber": number, "ETag": sent["ETag"]}

    # map() cancels the parts that are not started when one fails
    with ThreadPoolExecutor(PART_THREADS, thread_name_prefix="upload-part") as pool:
        return list(pool.map(send_part, range(1, len(upload.payload.part_md5s) + 1)))


class _PartReader:
    """Thread-safe reader of the parts of a stream, in any order."""

    def __init__(self, upload: Upload) -> None:
        self._upload, self._lock = upload, Lock()

    def part(self, number: int) -> bytes:
        """Return the bytes of a part, numbered from 1."""
        length = self._upload.payload.part_bytes
        with self._lock:
            self._upload.stream.seek(self._upload.start + (number - 1) * length)
            return self._upload.stream.read(length)


def without_overwriting(call: Callable[..., Any]) -> None:
    """Call with If-None-Match: *, so that the store refuses to overwrite; without it if the store answers 501."""
    try:
        call(IfNoneMatch="*")
    except ClientError as error:
        if code_of(error) != "NotImplemented":
            raise
        call()


def _digest_part(stream: BinaryIO, part_bytes: int, sha256: hashlib._Hash) -> tuple[int, bytes]:
    md5, read = hashlib.md5(usedforsecurity=False), 0
    while read < part_bytes and (chunk := stream.read(min(READ_BYTES, part_bytes - read))):
        md5.update(chunk)
        sha256.update(chunk)
        read += len(chunk)
    return read, md5.digest()


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
