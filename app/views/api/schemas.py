"""marshmallow schemas of the requests and responses of the API; requests with unknown fields are rejected."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.errors import NOT_FOUND
from app.imaging import variants
from app.models import Privacy, ProcessingStatus, SortOrder
from app.services.collections.photo_info import TAKEN_PRECISIONS, TAKEN_SOURCES
from app.services.uploads.check import MAX_DIGESTS
from app.views.api.fields import Cursor, Moment, Whole, Words

LADDER = [spec.name for spec in variants.LADDER]
MOST = 500  # rows of one response
UUID = {"format": "uuid", "example": "5f0c7d5e-3f0a-4c1e-9d1b-0a8a6f1d2c3b"}
DAMAGE = "Which part of a truncated image is missing; empty if it is whole."
DIGEST = {"pattern": "^[0-9a-f]{64}$", "example": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}


def identity() -> fields.String:
    """A required UUID."""
    return fields.String(required=True, metadata=UUID)


class Strict(Schema):
    """Base class of requests: rejects unknown fields."""

    class Meta:
        """Options for marshmallow."""

        unknown = RAISE


def one_of(words: Any, **more: Any) -> fields.String:
    """A text that must be one of these words."""
    return fields.String(validate=validate.OneOf([str(word) for word in words]), **more)


# --- requests ------------------------------------------------------------------------------


class PageQuery(Strict):
    """The slice of a list to return."""

    limit = Whole(load_default=100, validate=validate.Range(1, MOST))
    cursor = Cursor(metadata={"type": "string", "description": "`next` of the previous response."})


class CollectionChanges(Strict):
    """Changes to a collection; omitted fields stay unchanged."""

    title = Words(most=200, least=1)
    description = Words(most=5000, lines=True)
    privacy = one_of(Privacy)
    password = Words(
        most=1000,
        as_is=True,
        load_only=True,
        metadata={"description": "The password if `privacy` is `password`; empty: unchanged."},
    )
    expires_at = Moment(
        allow_none=True,
        metadata={"type": "string", "format": "date-time", "description": "When it expires; null: never."},
    )
    downloads_allowed = fields.Boolean(truthy={True}, falsy={False})
    hides_location = fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={"description": "Whether clients get originals without location and serial numbers."},
    )
    event_date = fields.Date(allow_none=True)
    sort_order = one_of(SortOrder)


class NewCollection(CollectionChanges):
    """A new collection."""

    title = Words(most=200, least=1, required=True)


class AnnouncedFile(Strict):
    """A file that the client is about to send."""

    sha256 = fields.String(required=True, metadata=DIGEST, validate=validate.Length(equal=64))
    name = fields.String(validate=validate.Length(max=1000))
    size = Whole(strict=True, validate=validate.Range(0, 2**63 - 1))


class CheckQuestion(Strict):
    """Files to check before an upload."""

    files = fields.List(fields.Nested(AnnouncedFile), required=True, validate=validate.Length(max=MAX_DIGESTS))


class NewLink(Strict):
    """A new share link."""

    label = Words(most=120, load_default="")
    downloads_allowed = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    expires_at = Moment(allow_none=True, load_default=None, metadata={"type": "string", "format": "date-time"})


# --- responses -----------------------------------------------------------------------------


MOMENT: dict[str, Any] = {"type": "string", "format": "date-time", "example": "2027-01-31T18:00:00Z"}


class CountsAnswer(Schema):
    """How many files a collection has, by state."""

    total = fields.Integer(required=True)
    ready = fields.Integer(required=True)
    preparing = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class CollectionAnswer(Schema):
    """A collection."""

    uuid = identity()
    title = fields.String(required=True)
    description = fields.String(required=True)
    privacy = one_of(Privacy, required=True)
    expires_at = Moment(required=True, allow_none=True, metadata=MOMENT)
    downloads_allowed = fields.Boolean(required=True)
    hides_location = fields.Boolean(required=True)
    event_date = fields.Date(required=True, allow_none=True)
    sort_order = one_of(SortOrder, required=True)
    created_at = Moment(required=True, metadata=MOMENT)
    url = fields.String(required=True, metadata={"description": "The path of its page."})


class CollectionDetailsAnswer(CollectionAnswer):
    """A collection with the number of its files."""

    counts = fields.Nested(CountsAnswer, required=True)


class CollectionsAnswer(Schema):
    """Some of the account's collections."""

    collections = fields.List(fields.Nested(CollectionAnswer), required=True)
    next = Cursor(required=True, allow_none=True, metadata={"type": "string"})


class VariantAnswer(Schema):
    """A smaller image made from a file."""

    name = one_of(LADDER, required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size = fields.Integer(required=True, metadata={"description": "In bytes."})
    url = fields.String(required=True)


class FileAnswer(Schema):
    """A file and its variants."""

    uuid = identity()
    collection = identity()
    name = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Of the original, in bytes."})
    type = fields.String(required=True, metadata={"example": "image/jpeg"})
    sha256 = fields.String(required=True, allow_none=True, metadata=DIGEST)
    status = one_of(ProcessingStatus, required=True)
    reason = fields.String(required=True, metadata={"description": "Why it has no preview; empty if it has one."})
    damage = fields.String(required=True, metadata={"description": DAMAGE})
    width = fields.Integer(required=True, allow_none=True)
    height = fields.Integer(required=True, allow_none=True)
    taken_at = Moment(
        required=True,
        allow_none=True,
        metadata=MOMENT
        | {"description": "Capture time in UTC, with the correction of the camera’s clock if there is one."},
    )
    taken_precision = one_of(
        TAKEN_PRECISIONS, required=True, allow_none=True, metadata={"description": "How precise `taken_at` is."}
    )
    taken_from = one_of(
        TAKEN_SOURCES,
        required=True,
        allow_none=True,
        metadata={"description": "Which metadata field `taken_at` is from."},
    )
    created_at = Moment(required=True, metadata=MOMENT)
    original = fields.String(required=True, metadata={"description": "The path of the unchanged original."})
    variants = fields.List(fields.Nested(VariantAnswer), required=True)


class FilesAnswer(Schema):
    """Some of the files of a collection."""

    files = fields.List(fields.Nested(FileAnswer), required=True)
    next = Cursor(required=True, allow_none=True, metadata={"type": "string"})


class StatusAnswer(Schema):
    """The number of files of a collection by state, and the files that are not ready."""

    counts = fields.Nested(CountsAnswer, required=True)
    unfinished = fields.List(fields.Nested(FileAnswer), required=True)
    next = Cursor(required=True, allow_none=True, metadata={"type": "string"})


class AcceptedAnswer(Schema):
    """An uploaded file; its status is `duplicate` if the collection already had it."""

    uuid = identity()
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True, metadata=DIGEST)
    status = one_of([*ProcessingStatus, "duplicate"], required=True)


class RefusedAnswer(Schema):
    """A file that was refused, and why."""

    name = fields.String(required=True)
    code = fields.String(required=True, metadata={"example": "too_large"})
    message = fields.String(required=True)


class UploadAnswer(Schema):
    """The result of each file of an upload."""

    files = fields.List(fields.Nested(AcceptedAnswer), required=True)
    errors = fields.List(fields.Nested(RefusedAnswer), required=True)


class PresentAnswer(Schema):
    """A file that the collection already has, so it need not be sent."""

    uuid = identity()
    name = fields.String(required=True)
    sha256 = fields.String(required=True, metadata=DIGEST)
    status = fields.String(required=True)


class LimitsAnswer(Schema):
    """The upload limits of this server, in bytes."""

    max_bytes = fields.Integer(required=True)
    resumable_from_bytes = fields.Integer(required=True)


class CheckAnswer(Schema):
    """The files that the collection has, and the SHA-256 of those that are missing."""

    present = fields.List(fields.Nested(PresentAnswer), required=True)
    missing = fields.List(fields.String(metadata=DIGEST), required=True)
    limits = fields.Nested(LimitsAnswer, required=True)


class DeletedAnswer(Schema):
    """The UUID of the deleted item, and until when it can be restored, or null if it cannot."""

    deleted = fields.String(required=True, attribute="uuid", metadata=UUID)
    recoverable_until = Moment(required=True, allow_none=True, metadata=MOMENT)


class PendingAnswer(Schema):
    """A variant that is being made."""

    status = fields.Constant("pending", required=True, metadata={"type": "string"})


class LinkAnswer(Schema):
    """A share link without its URL, which is returned only on creation."""

    uuid = identity()
    label = fields.String(required=True)
    downloads_allowed = fields.Boolean(required=True)
    created_at = Moment(required=True, metadata=MOMENT)
    expires_at = Moment(required=True, allow_none=True, metadata=MOMENT)
    revoked_at = Moment(required=True, allow_none=True, metadata=MOMENT)
    visits = fields.Integer(required=True)
    last_used_at = Moment(required=True, allow_none=True, metadata=MOMENT)


class LinksAnswer(Schema):
    """The share links of a collection."""

    links = fields.List(fields.Nested(LinkAnswer), required=True)


class MadeLinkAnswer(Schema):
    """A new share link with its URL; store it, it cannot be shown again."""

    uuid = fields.UUID(required=True)
    url = fields.String(required=True, metadata={"example": "https://photos.example.com/s/…"})


class RevokedAnswer(Schema):
    """The UUID of the share link that was turned off."""

    revoked = identity()


class ErrorBody(Schema):
    """`code` for programs, `message` for people; `fields` maps invalid fields to messages."""

    code = fields.String(required=True, metadata={"example": "not_found"})
    message = fields.String(required=True, metadata={"example": NOT_FOUND})
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields", attribute="fields")


class ErrorAnswer(Schema):
    """The response of every error."""

    error = fields.Nested(ErrorBody, required=True)
