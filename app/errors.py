"""The errors of the app: each has a code, a message for people, and data; `views/errors.py` maps them to HTTP."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

NOT_FOUND = "The link may be wrong, or the gallery isn’t shared any more. Ask your photographer for a new link."


class AppError(Exception):
    """Base of all errors: `code` for programs, `message` for people, `transient` if a retry may succeed."""

    code = "error"
    transient = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigError(AppError):
    """A setting has an invalid value; the message names the setting and the values it accepts."""

    code = "config"


# --- requests ------------------------------------------------------------------------------


class NotFound(AppError):
    """The resource does not exist, or this visitor may not know that it exists."""

    code = "not_found"

    def __init__(self, message: str = NOT_FOUND) -> None:
        super().__init__(message)


class Forbidden(AppError):
    """The visitor may see the resource, but may not do this with it."""

    code = "forbidden"


class SignInRequired(AppError):
    """The request needs a signed-in account."""

    code = "sign_in_required"

    def __init__(self, message: str = "Please sign in first.") -> None:
        super().__init__(message)


class TokenRequired(SignInRequired):
    """A request to the API has no token."""

    code = "token_required"

    def __init__(self) -> None:
        super().__init__("Send an API token: “Authorization: Bearer ps_…”. Create one on your account page.")


class TokenInvalid(SignInRequired):
    """The API token is unknown, revoked or expired; the message does not say which."""

    code = "invalid_token"

    def __init__(self) -> None:
        super().__init__("This API token is not valid. It may be misspelt, revoked or expired.")


class ScopeMissing(Forbidden):
    """The API token is valid, but its scope does not allow this; `needed` is the scope that does."""

    code = "insufficient_scope"

    def __init__(self, needed: str) -> None:
        super().__init__(f"This API token doesn’t allow that. It needs the scope “{needed}”.")
        self.needed = needed


class PasswordRequired(AppError):
    """The collection has a password, which this visitor has not entered yet."""

    code = "password_required"

    def __init__(self, collection_uuid: str) -> None:
        super().__init__("This collection is protected by a password.")
        self.collection_uuid = collection_uuid


@dataclass(frozen=True)
class Contact:
    """Name, email and accent colour (#rrggbb) of the photographer, for the page of an expired collection or link."""

    owner_name: str = ""
    owner_email: str = ""
    accent: str | None = None


class CollectionExpired(AppError):
    """The collection has expired."""

    code = "expired"

    def __init__(self, title: str, expired_at: datetime, contact: Contact = Contact()) -> None:
        day = f"{expired_at.day} {expired_at:%B %Y}"
        who = contact.owner_name or "The photographer"
        super().__init__(f"This collection was open until {day}. Nothing is deleted. {who} can open it again.")
        self.title, self.contact, self.expired_at = title, contact, expired_at


class LinkEnded(AppError):
    """The share link was turned off or has expired."""

    code = "link_ended"

    def __init__(self, contact: Contact = Contact()) -> None:
        who = contact.owner_name or "The photographer"
        super().__init__(f"This link no longer works. Nothing is deleted. {who} can send you a new one.")
        self.contact = contact


class OriginalPreparing(AppError):
    """The copy of the original without its location is still being made; retry after a few seconds."""

    code = "preparing"
    transient = True

    def __init__(self) -> None:
        super().__init__("This photo is being prepared for download. Please try again in a few seconds.")


class Invalid(AppError):
    """Invalid input; `fields` maps the names of invalid fields to messages."""

    code = "invalid"

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class WrongPassword(Invalid):
    """The current password, which a change of the password requires, is wrong."""

    def __init__(self, field: str) -> None:
        super().__init__("That isn’t your current password.", {field: "This isn’t your current password."})


class Conflict(AppError):
    """The request conflicts with the current state of the resource."""

    code = "conflict"


class TwinExists(Conflict):
    """The collection already has a file with the same bytes, uploaded since this one was deleted."""

    code = "twin_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"The same file was uploaded again and is in the collection as “{name}”.")


class BeingRemoved(Conflict):
    """The file or collection is being deleted permanently and cannot be restored."""

    code = "being_removed"

    def __init__(self, message: str = "This is being deleted permanently and can’t be restored.") -> None:
        super().__init__(message)


class DatabaseBusy(AppError):
    """The database did not answer in time; no change was saved."""

    code = "database_busy"
    transient = True

    def __init__(self, message: str = "The database is busy. Nothing was saved. Please try again.") -> None:
        super().__init__(message)


class DatabaseFull(DatabaseBusy):
    """The disk of the database is full; no change was saved, and a retry fails until there is space."""

    code = "disk_full"

    def __init__(self) -> None:
        super().__init__("The server’s disk is full. Nothing was saved. Please tell the administrator.")


class TooOften(AppError):
    """Too many requests or wrong passwords; allowed again after `retry_after` seconds (at least 1)."""

    code = "too_often"
    transient = True

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = max(1, math.ceil(retry_after))
        minutes = math.ceil(self.retry_after / 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"{message} Try again in {wait}.")


# --- uploads -------------------------------------------------------------------------------


class UploadRefused(AppError):
    """One file of an upload was refused; the other files are not affected."""

    code = "refused"


class FileTooLarge(UploadRefused):
    """The file is over MAX_UPLOAD_MB."""

    code = "too_large"


class FileEmpty(UploadRefused):
    """The file has no bytes."""

    code = "empty"


class UploadCutShort(UploadRefused):
    """The body ended before all announced bytes arrived."""

    code = "cut_short"


class DigestMismatch(UploadRefused):
    """The received bytes do not have the SHA-256 that the sender announced."""

    code = "digest_mismatch"
    transient = True

    def __init__(self) -> None:
        super().__init__("The file was damaged on the way, so we didn’t keep it. Try again.")


class WrongOffset(Conflict):
    """The request does not continue at the end of the received bytes; `received` is their number."""

    code = "wrong_offset"

    def __init__(self, received: int) -> None:
        super().__init__(f"This upload has {received} bytes. Resume from there.")
        self.received = received


class UploadIncomplete(Conflict):
    """An upload was completed before all its bytes arrived."""

    code = "incomplete"

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} bytes of this file are missing. Send them, then complete the upload.")


class SpoolFull(UploadRefused):
    """The server has no disk space left to receive the file."""

    code = "disk_full"
    transient = True


# --- storage -------------------------------------------------------------------------------


class StorageError(AppError):
    """An operation of a store failed; `key` names the object."""

    code = "storage"

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class ObjectMissing(StorageError):
    """No object has this key."""

    code = "object_missing"


class ObjectExists(StorageError):
    """An object already has this key, and objects are written once."""

    code = "object_exists"


class InvalidKey(StorageError):
    """The key could point outside its folder, or a store would reject it."""

    code = "invalid_key"


class StorageUnavailable(StorageError):
    """The store could not be reached or failed; a retry may succeed."""

    code = "storage_unavailable"
    transient = True


class StorageFull(StorageUnavailable):
    """The disk of the store or of its temporary files is full; a retry succeeds once there is space."""

    code = "disk_full"


class OriginalDiffers(StorageError):
    """A stored original does not have the SHA-256 of the uploaded file."""

    code = "original_differs"

    def __init__(self, key: str) -> None:
        super().__init__("The stored original differs from the uploaded file. Delete it and upload it again.", key)


class StorageCorrupt(StorageError):
    """A stored object differs from the bytes that were written to it."""

    code = "storage_corrupt"
    transient = True


# --- imaging -------------------------------------------------------------------------------


class ImageError(AppError):
    """An image could not be rendered."""

    code = "image"


class ImageUnsupported(ImageError):
    """The file is not an image in a supported format."""

    code = "unsupported"


class ImageNoPreview(ImageUnsupported):
    """A camera RAW file without an embedded preview; the file is not damaged."""

    code = "no_preview"


class ImageCorrupt(ImageError):
    """The image is damaged or truncated."""

    code = "corrupt"


class CannotBeCleaned(ImageError):
    """An original whose location and serial numbers cannot be removed safely; `str()` is the detail, for the log."""

    code = "cannot_be_cleaned"
    words = "We can't safely remove location data from this file."

    def __init__(self, detail: str) -> None:
        super().__init__(self.words)
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class ImageTooLarge(ImageError):
    """The image exceeds a limit of megapixels, dimensions, frames or memory."""

    code = "image_too_large"


class ImageTimeout(ImageError):
    """Decoding exceeded its time limit."""

    code = "timeout"
    transient = True


class ImageOutOfMemory(ImageError):
    """There was not enough memory to decode the image; a retry may succeed."""

    code = "memory"
    transient = True
