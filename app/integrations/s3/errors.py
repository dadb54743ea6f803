"""A vendor's exceptions in, ours out: nothing of boto3's leaves the adapter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, IncompleteReadError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from app.errors import (
    InvalidKey,
    ObjectExists,
    ObjectMissing,
    StorageCorrupt,
    StorageError,
    StorageFull,
    StorageUnavailable,
)

VENDOR_ERRORS = (ClientError, BotoCoreError, Boto3Error, ResponseParserError, HTTPError)
NETWORK_ERRORS = (ConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError, HTTPError)

# A HEAD has no body to carry a code, so there it is the status that stands for one
NAMED: dict[str, tuple[type[StorageError], str]] = {
    "NoSuchKey": (ObjectMissing, "There is no stored file {key!r}."),
    "404": (ObjectMissing, "There is no stored file {key!r}."),
    "PreconditionFailed": (ObjectExists, "{key!r} is stored already."),
    "412": (ObjectExists, "{key!r} is stored already."),
    "BadDigest": (StorageCorrupt, "The bytes changed on their way to the store."),
    "KeyTooLongError": (InvalidKey, "The store finds the key {key!r} too long."),
    "NoSuchBucket": (StorageUnavailable, "The store has no such bucket; see R2_BUCKET."),
    "AccessDenied": (StorageUnavailable, "The store refused access; see the R2 token's permissions."),
    "403": (StorageUnavailable, "The store refused access; see the R2 token's permissions."),
    "InvalidAccessKeyId": (StorageUnavailable, "The store does not know R2_ACCESS_KEY_ID."),
    "SignatureDoesNotMatch": (StorageUnavailable, "The store refused the signature; see R2_SECRET_ACCESS_KEY."),
    "XMinioStorageFull": (StorageFull, "The store is full."),
    "QuotaExceeded": (StorageFull, "The store's quota is used up."),
    "RequestTimeTooSkewed": (StorageUnavailable, "This machine's clock differs too much from the store's."),
}
# 409 and NoSuchUpload: another write of the same key got in between, or our own whose answer was lost
TRANSIENT_CODES = ("SlowDown", "RequestTimeout", "NoSuchUpload", "ConditionalRequestConflict", "OperationAborted")


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Around every call of the vendor's: whatever it raises comes out as a StorageError with that as its cause."""
    try:
        yield
    except VENDOR_ERRORS as error:
        raise _named(error, key) from error


def is_transient(error: BaseException | None) -> bool:
    """Whether the same request may succeed a moment later: connections, time-outs, 5xx, 429."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status in (429, 500, 502, 503, 504) or code_of(error) in TRANSIENT_CODES
    return isinstance(error, NETWORK_ERRORS)


def code_of(error: ClientError) -> str:
    """The store's own word for what went wrong, or the HTTP status where there is none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _named(error: Exception, key: str) -> StorageError:
    code = code_of(error) if isinstance(error, ClientError) else type(error).__name__
    kind, sentence = NAMED.get(code, (StorageUnavailable, "The store could not do it ({code})."))
    return kind(sentence.format(key=key, code=code), key)
