"""Everything that can go wrong on purpose. Errors carry a code, a sentence for people, and data; never HTTP."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime


class AppError(Exception):
    """Something a person should be told: `code` for programs, `message` for people, `transient` if it may pass."""

    code = "error"
    transient = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigError(AppError):
    """A setting that makes no sense; the message names the setting and what it takes."""

    code = "config"


# --- what a visitor asks for ---------------------------------------------------------------


class NotFound(AppError):
    """It does not exist, or its existence is not this visitor's to know."""

    code = "not_found"

    def __init__(self, message: str = "There is nothing at this address.") -> None:
        super().__init__(message)


class Forbidden(AppError):
    """The visitor is known and may not do this."""

    code = "forbidden"


class SignInRequired(AppError):
    """Only a signed-in account may do this."""

    code = "sign_in_required"

    def __init__(self, message: str = "Please sign in first.") -> None:
        super().__init__(message)


class TokenRequired(SignInRequired):
    """A program came without an API token."""

    code = "token_required"

    def __init__(self) -> None:
        super().__init__("Send an API token: “Authorization: Bearer ps_…”. Your account page makes them.")


class TokenInvalid(SignInRequired):
    """No API token says this, or it was revoked or ran out; which of them is not told."""

    code = "invalid_token"

    def __init__(self) -> None:
        super().__init__("This API token is not valid: it is misspelt, was revoked, or has run out.")


class ScopeMissing(Forbidden):
    """The API token is good, but for less than this."""

    code = "insufficient_scope"

    def __init__(self, needed: str) -> None:
        super().__init__(f"This API token does not allow that: it needs the scope “{needed}”.")
        self.needed = needed


class PasswordRequired(AppError):
    """The collection opens with a password that this visitor has not given yet."""

    code = "password_required"

    def __init__(self, collection_uuid: str) -> None:
        super().__init__("This collection is protected by a password.")
        self.collection_uuid = collection_uuid


@dataclass(frozen=True)
class Contact:
    """The photographer behind what is over: whom to ask to open it again, and the colour of her pages."""

    owner_name: str = ""
    owner_email: str = ""
    accent: str | None = None


class CollectionExpired(AppError):
    """The collection's expiry has passed."""

    code = "expired"

    def __init__(self, title: str, expired_at: datetime, contact: Contact = Contact()) -> None:
        day = f"{expired_at.day} {expired_at:%B %Y}"
        who = contact.owner_name or "Whoever sent you the link"
        super().__init__(f"This collection was open until {day}. Nothing is deleted: {who} can open it again.")
        self.title, self.contact, self.expired_at = title, contact, expired_at


class LinkEnded(AppError):
    """A share link that was revoked or ran out."""

    code = "link_ended"

    def __init__(self, contact: Contact = Contact()) -> None:
        who = contact.owner_name or "Whoever sent it to you"
        super().__init__(f"This link has ended. Nothing is deleted: {who} can send a new one.")
        self.contact = contact


class OriginalPreparing(AppError):
    """The original is not ready to be given out without its place; asking again in some seconds helps."""

    code = "preparing"
    transient = True

    def __init__(self) -> None:
        super().__init__("This original is being prepared for download. Please try again in a few seconds.")


class Invalid(AppError):
    """Input that cannot be used; `fields` maps a form field to what is wrong with it."""

    code = "invalid"

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class WrongPassword(Invalid):
    """The present password, asked for once more before something grave, is another one."""

    def __init__(self, field: str) -> None:
        super().__init__("That is not your present password.", {field: "This is not your present password."})


class Conflict(AppError):
    """It cannot be done in the state that things are in now."""

    code = "conflict"


class TwinExists(Conflict):
    """The collection has another file of the same bytes."""

    code = "twin_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"The same file was uploaded again since and is in the collection, as “{name}”.")


class BeingRemoved(Conflict):
    """What was deleted is being removed for good, and cannot come back."""

    code = "being_removed"

    def __init__(self, message: str = "This is being removed for good and cannot come back.") -> None:
        super().__init__(message)


class DatabaseBusy(AppError):
    """The database did not answer in time; nothing was changed."""

    code = "database_busy"
    transient = True

    def __init__(self, message: str = "The database is busy. Nothing was saved; please try again.") -> None:
        super().__init__(message)


class DatabaseFull(DatabaseBusy):
    """The disk of the database is full; nothing was changed, and trying again does not help before there is space."""

    code = "disk_full"

    def __init__(self) -> None:
        super().__init__("The server's disk is full, so nothing was saved. Tell the administrator.")


class TooOften(AppError):
    """It was asked for, or guessed at, too often; after `retry_after` seconds it may be again."""

    code = "too_often"
    transient = True

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = max(1, math.ceil(retry_after))
        minutes = math.ceil(self.retry_after / 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"{message} Wait {wait}, then try again.")


# --- uploads -------------------------------------------------------------------------------


class UploadRefused(AppError):
    """One file of an upload was not taken; the others are unaffected."""

    code = "refused"


class FileTooLarge(UploadRefused):
    """The file is over MAX_UPLOAD_MB."""

    code = "too_large"


class FileEmpty(UploadRefused):
    """The file has no bytes."""

    code = "empty"


class UploadCutShort(UploadRefused):
    """Fewer bytes arrived than were announced."""

    code = "cut_short"


class DigestMismatch(UploadRefused):
    """Other bytes arrived than those whose SHA-256 the sender announced."""

    code = "digest_mismatch"
    transient = True

    def __init__(self) -> None:
        super().__init__(
            "What arrived is not what was read on your device, so nothing of it was kept. Send it again; if that does "
            "not help, the file was changed meanwhile, or something on the way damages it."
        )


class WrongOffset(Conflict):
    """The bytes that were sent do not begin where those end that are here; `received` says where that is."""

    code = "wrong_offset"

    def __init__(self, received: int) -> None:
        super().__init__(f"This upload stands at {received} bytes; go on from there.")
        self.received = received


class UploadIncomplete(Conflict):
    """An upload was said to be complete before all of it was here."""

    code = "incomplete"

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} bytes of this file are still missing. Send them, and complete it then.")


class SpoolFull(UploadRefused):
    """The server has no disk space left to receive the file."""

    code = "disk_full"
    transient = True


# --- storage -------------------------------------------------------------------------------


class StorageError(AppError):
    """A store did not do what it was asked; `key` is the object in question."""

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
    """The key could leave its folder, or no store would take it."""

    code = "invalid_key"


class StorageUnavailable(StorageError):
    """The store could not be reached or answered with a fault; trying again may help."""

    code = "storage_unavailable"
    transient = True


class StorageFull(StorageUnavailable):
    """There is no space left where the store or its temporary files lie; trying again helps once there is."""

    code = "disk_full"


class OriginalDiffers(StorageError):
    """The store has, in place of an original, other bytes than its sender announced."""

    code = "original_differs"

    def __init__(self, key: str) -> None:
        super().__init__("The stored original differs from what was sent. Delete it here, and send it again.", key)


class StorageCorrupt(StorageError):
    """What the store holds is not what was sent to it."""

    code = "storage_corrupt"
    transient = True


# --- imaging -------------------------------------------------------------------------------


class ImageError(AppError):
    """A picture could not be rendered."""

    code = "image"


class ImageUnsupported(ImageError):
    """The bytes are not a picture in a format that is decoded here."""

    code = "unsupported"


class ImageNoPreview(ImageUnsupported):
    """A camera RAW without a preview inside; nothing is wrong with it."""

    code = "no_preview"


class ImageCorrupt(ImageError):
    """The picture is damaged or cut short."""

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
    """The picture is over a limit: megapixels, dimensions, frames or memory."""

    code = "image_too_large"


class ImageTimeout(ImageError):
    """Decoding took longer than it may."""

    code = "timeout"
    transient = True


class ImageOutOfMemory(ImageError):
    """There was not enough memory to decode the picture just now."""

    code = "memory"
    transient = True
