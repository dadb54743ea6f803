"""Translation of boto3 exceptions into subclasses of StorageError."""

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

# The response to HEAD has no body with a code; botocore then uses the HTTP status as the code
NAMED: dict[str, tuple[type[StorageError], str]] = {
    "NoSuchKey": (ObjectMissing, "There is no stored file {key!r}."),
    "404": (ObjectMissing, "There is no stored file {key!r}."),
    "PreconditionFailed": (ObjectExists, "{key!r} is stored already."),
    "412": (ObjectExists, "{key!r} is stored already."),
    "BadDigest": (StorageCorrupt, "The bytes changed on their way to the store."),
    "KeyTooLongError": (InvalidKey, "The key {key!r} is too long for the store."),
    "NoSuchBucket": (StorageUnavailable, "The store has no such bucket; see R2_BUCKET."),
    "AccessDenied": (StorageUnavailable, "The store refused access; see the R2 token's permissions."),
    "403": (StorageUnavailable, "The store refused access; see the R2 token's permissions."),
    "InvalidAccessKeyId": (StorageUnavailable, "The store does not know R2_ACCESS_KEY_ID."),
    "SignatureDoesNotMatch": (StorageUnavailable, "The store refused the signature; see R2_SECRET_ACCESS_KEY."),
    "XMinioStorageFull": (StorageFull, "The store is full."),
    "QuotaExceeded": (StorageFull, "The store's quota is used up."),
    "RequestTimeTooSkewed": (StorageUnavailable, "This machine's clock differs too much from the store's."),
}
# 409 and NoSuchUpload: another put to the same key interfered, or a repeat of a request whose response was lost
TRANSIENT_CODES = ("SlowDown", "RequestTimeout", "NoSuchUpload", "ConditionalRequestConflict", "OperationAborted")


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Translate exceptions of boto3 into StorageError, with the original exception as cause."""
    try:
        yield
    except VENDOR_ERRORS as error:
        raise _named(error, key) from error


def is_transient(error: BaseException | None) -> bool:
    """Whether a retry may succeed: connection errors, timeouts, 5xx, 429 and TRANSIENT_CODES."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status in (429, 500, 502, 503, 504) or code_of(error) in TRANSIENT_CODES
    return isinstance(error, NETWORK_ERRORS)


def code_of(error: ClientError) -> str:
    """Return the error code of the response, or its HTTP status if it has no body; both as text."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _named(error: Exception, key: str) -> StorageError:
    code = code_of(error) if isinstance(error, ClientError) else type(error).__name__
    kind, sentence = NAMED.get(code, (StorageUnavailable, "The store could not do it ({code})."))
    return kind(sentence.format(key=key, code=code), key)
