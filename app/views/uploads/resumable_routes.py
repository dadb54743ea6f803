"""Resumable uploads: started and completed by JSON, sent by tus 1.0.0 (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

from flask import Blueprint, Request, Response, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, ClientDisconnected, PreconditionFailed, UnsupportedMediaType

from app.errors import Conflict, Invalid, UploadCutShort, UploadRefused
from app.extensions import csrf
from app.models import Upload
from app.services.access.rules import Action
from app.services.uploads import check, rows
from app.services.uploads.receipt import Refused, UploadReport
from app.services.uploads.resumable import ResumableService
from app.services.uploads.rows import Announced, Begun, UploadProgress
from app.views import gate, limits
from app.views.loading import collection_for
from app.views.uploads.check_routes import NO_JSON, json_body, objects_of
from app.views.uploads.multipart import FormToken
from app.views.uploads.receiving import receipt, status_of
from app.views.visitors import account_id

bp = Blueprint("resumable", __name__, url_prefix="/collections")
limits.limit_uploads(bp)

TUS = "1.0.0"
READ_BYTES = 64 * 1024  # a broken connection or a killed server loses at most so many received bytes
READ_ON = 256  # reads: 16 MiB, twice what one request should carry
CUT_SHORT = "Only part of this file arrived. That part is kept. Resume the upload."
PIECE = "application/offset+octet-stream"


@bp.after_request
def speak_tus(response: Response) -> Response:
    """Add the tus headers and `no-store` to every response, including OPTIONS."""
    response.headers["Tus-Resumable"] = response.headers["Tus-Version"] = TUS
    response.headers["Tus-Extension"] = "termination"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<collection_uuid>/uploads")
@gate.needs(Action.UPLOAD)
def begin(collection_uuid: str) -> ResponseReturnValue:
    """Start an upload of a large file, or return the unfinished upload of the same file to resume it."""
    collection = collection_for(collection_uuid, Action.UPLOAD)
    announced = announced_file()
    try:
        begun = ResumableService().begin(collection.id, account_id(), announced)
    except UploadRefused as error:
        return refused(announced.name, error)
    return begun_response(begun)


@bp.get("/uploads/<upload_uuid>")
@gate.needs(Action.UPLOAD)
def state(upload_uuid: str) -> ResponseReturnValue:
    """The progress of an upload, in the body and, for HEAD, in the headers."""
    standing = ResumableService().progress(upload_for(upload_uuid).id)
    response = jsonify(progress_json(standing))
    response.headers["Upload-Offset"] = str(standing.received)
    response.headers["Upload-Length"] = str(standing.size)
    return response


@bp.patch("/uploads/<upload_uuid>")
@csrf.exempt  # type: ignore[untyped-decorator]  # FormToken checks: the usual check reads the body first
@gate.needs(Action.UPLOAD)
def receive(upload_uuid: str) -> ResponseReturnValue:
    """Append bytes to an upload, at the offset where it ends."""
    FormToken(request).check()
    upload, offset = upload_for(upload_uuid), piece_offset()
    request.max_content_length = sys.maxsize  # the announced size is the limit; None would mean 1 MB
    body = pieces(request)
    try:
        received = ResumableService().receive(upload.id, offset, body)
    except (Conflict, UploadRefused):
        for _ in islice(body, READ_ON):  # a response before the end of the body can be lost
            pass
        raise
    return "", 204, {"Upload-Offset": str(received)}


@bp.post("/uploads/<upload_uuid>/parts")
@gate.needs(Action.UPLOAD)
def part_urls(upload_uuid: str) -> ResponseReturnValue:
    """Presigned URLs to PUT parts into the store directly, by part number."""
    upload = upload_for(upload_uuid)
    urls = ResumableService().part_urls(upload.id, md5s_of(json_body()))
    return jsonify(urls={str(number): url for number, url in urls.items()})


@bp.post("/uploads/<upload_uuid>/complete")
@gate.needs(Action.UPLOAD)
def complete(upload_uuid: str) -> ResponseReturnValue:
    """Complete an upload and return its receipt."""
    upload = upload_for(upload_uuid)
    name, md5s = upload.name, md5s_of(request.get_json(silent=True) or {"parts": []})
    try:
        report = ResumableService().complete(upload.id, md5s)
    except UploadRefused as error:
        return refused(name, error)
    return receipt(report), 201


@bp.delete("/uploads/<upload_uuid>")
@gate.needs(Action.UPLOAD)
def cancel(upload_uuid: str) -> ResponseReturnValue:
    """Cancel an upload and delete the received bytes."""
    ResumableService().cancel(upload_for(upload_uuid).id)
    return "", 204


def upload_for(upload_uuid: str) -> Upload:
    """The upload, if the visitor may add to its collection; raises PreconditionFailed for another version of tus."""
    if request.headers.get("Tus-Resumable", TUS) != TUS:
        raise PreconditionFailed(f"This server supports tus {TUS} only.")
    upload = rows.by_uuid(upload_uuid)
    gate.admit(upload.collection, Action.UPLOAD)
    return upload


def announced_file() -> Announced:
    """The name, size and digest in the JSON body; raises Invalid."""
    body = json_body()
    name, size = body.get("name"), body.get("size")
    if not isinstance(name, str) or type(size) is not int:
        raise Invalid("Send the “name”, the “size” in bytes and the “sha256” of the file.")
    return Announced(name, size, check.checked_digest(body.get("sha256")))


def md5s_of(body: Any) -> dict[int, str]:
    """The MD5s of parts in base64, by part number; raises Invalid."""
    if not isinstance(body, dict):
        raise Invalid(NO_JSON)
    parts = objects_of(body, "parts")
    if not all(type(part.get("number")) is int and isinstance(part.get("md5"), str) for part in parts):
        raise Invalid("Each part needs a “number” and an “md5” in base64.")
    return {part["number"]: part["md5"] for part in parts}


def piece_offset() -> int:
    """The offset of this request's bytes in the file; raises UnsupportedMediaType or BadRequest."""
    if request.mimetype != PIECE:
        raise UnsupportedMediaType(f"Send the bytes as {PIECE}.")
    raw = request.headers.get("Upload-Offset", "")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 18):
        raise BadRequest("Upload-Offset must be the number of bytes sent so far.")
    return int(raw)


def pieces(request: Request) -> Iterator[bytes]:
    """Yield the body as it arrives; raises UploadCutShort at its end if bytes are missing."""
    left = request.content_length
    try:
        while data := request.stream.read(READ_BYTES):
            yield data
            left = left and left - len(data)
    except (ClientDisconnected, OSError):
        raise UploadCutShort(CUT_SHORT) from None
    if left:
        raise UploadCutShort(CUT_SHORT)


def begun_response(begun: Begun) -> ResponseReturnValue:
    """The response to a start: 201 or 200 with the progress, or 200 with the file if the collection has it."""
    if begun.duplicate is not None:
        return jsonify(file=asdict(begun.duplicate))
    assert begun.progress is not None
    response = make_response(jsonify(progress_json(begun.progress)), 201 if begun.fresh else 200)
    response.headers["Location"] = url_for("resumable.state", upload_uuid=begun.progress.uuid)
    return response


def progress_json(standing: UploadProgress) -> dict[str, object]:
    """The progress of an upload and the URL for the rest, as JSON."""
    parts = [{"number": part.number, "size": part.size, "md5": in_base64(part.md5)} for part in standing.parts]
    return asdict(standing) | {"url": url_for("resumable.state", upload_uuid=standing.uuid), "parts": parts}


def in_base64(md5: str) -> str:
    """A hexadecimal MD5 in base64, as in the header Content-MD5."""
    return base64.b64encode(bytes.fromhex(md5)).decode("ascii")


def refused(name: str, error: UploadRefused) -> ResponseReturnValue:
    """The receipt of a refused file."""
    report = UploadReport((), (Refused(name, error.code, error.message),))
    return receipt(report), status_of(report)
