"""Big files in pieces: announced and completed as JSON, sent as tus 1.0.0 (https://tus.io/protocols/resumable-upload)."""

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
limits.uploads(bp)

TUS = "1.0.0"
READ_BYTES = 64 * 1024  # what a broken connection or a killed server can lose of what had arrived
READ_ON = 256  # times that many bytes: twice what one request should carry
CUT_SHORT = "Only part of this arrived. It is kept; go on from there."
PIECE = "application/offset+octet-stream"


@bp.after_request
def speak_tus(response: Response) -> Response:
    """Every answer, that to OPTIONS as well, tells what is spoken here, and none may be kept."""
    response.headers["Tus-Resumable"] = response.headers["Tus-Version"] = TUS
    response.headers["Tus-Extension"] = "termination"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<collection_uuid>/uploads")
@gate.needs(Action.UPLOAD)
def begin(collection_uuid: str) -> ResponseReturnValue:
    """Announce a big file: begin to send it, or go on where somebody stopped."""
    collection = collection_for(collection_uuid, Action.UPLOAD)
    announced = announced_file()
    try:
        begun = ResumableService().begin(collection.id, account_id(), announced)
    except UploadRefused as error:
        return refused(announced.name, error)
    return begun_as(begun)


@bp.get("/uploads/<upload_uuid>")
@gate.needs(Action.UPLOAD)
def state(upload_uuid: str) -> ResponseReturnValue:
    """Where an upload stands, in the body and, for HEAD, in the headers."""
    standing = ResumableService().progress(upload_for(upload_uuid).id)
    response = jsonify(standing_as(standing))
    response.headers["Upload-Offset"] = str(standing.received)
    response.headers["Upload-Length"] = str(standing.size)
    return response


@bp.patch("/uploads/<upload_uuid>")
@csrf.exempt  # type: ignore[untyped-decorator]  # FormToken checks: the usual check looks at the body first
@gate.needs(Action.UPLOAD)
def receive(upload_uuid: str) -> ResponseReturnValue:
    """Take the bytes that follow those that are here."""
    FormToken(request).check()
    upload, offset = upload_for(upload_uuid), piece_offset()
    request.max_content_length = sys.maxsize  # what was announced is the limit; None means 1 MB here
    body = pieces(request)
    try:
        received = ResumableService().receive(upload.id, offset, body)
    except (Conflict, UploadRefused):
        for _ in islice(body, READ_ON):  # an answer before the end of the body is lost with the connection
            pass
        raise
    return "", 204, {"Upload-Offset": str(received)}


@bp.post("/uploads/<upload_uuid>/parts")
@gate.needs(Action.UPLOAD)
def part_urls(upload_uuid: str) -> ResponseReturnValue:
    """Where to PUT parts that go to the store directly."""
    upload = upload_for(upload_uuid)
    urls = ResumableService().part_urls(upload.id, md5s_of(json_body()))
    return jsonify(urls={str(number): url for number, url in urls.items()})


@bp.post("/uploads/<upload_uuid>/complete")
@gate.needs(Action.UPLOAD)
def complete(upload_uuid: str) -> ResponseReturnValue:
    """Say that all of it was sent; the answer is the receipt of an upload."""
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
    """Throw away what has arrived."""
    ResumableService().cancel(upload_for(upload_uuid).id)
    return "", 204


def upload_for(upload_uuid: str) -> Upload:
    """The upload, if this visitor may add to its collection and speaks a version that is known here."""
    if request.headers.get("Tus-Resumable", TUS) != TUS:
        raise PreconditionFailed(f"This server speaks tus {TUS}.")
    upload = rows.by_uuid(upload_uuid)
    gate.admit(upload.collection, Action.UPLOAD)
    return upload


def announced_file() -> Announced:
    """The file that the body tells of; raises Invalid."""
    body = json_body()
    name, size = body.get("name"), body.get("size")
    if not isinstance(name, str) or type(size) is not int:
        raise Invalid("Say “name”, “size” in bytes and “sha256” of the file.")
    return Announced(name, size, check.checked_digest(body.get("sha256")))


def md5s_of(body: Any) -> dict[int, str]:
    """The MD5s of parts, in base64 and by number; raises Invalid."""
    if not isinstance(body, dict):
        raise Invalid(NO_JSON)
    parts = objects_of(body, "parts")
    if not all(type(part.get("number")) is int and isinstance(part.get("md5"), str) for part in parts):
        raise Invalid("Each part has a “number” and an “md5” in base64.")
    return {part["number"]: part["md5"] for part in parts}


def piece_offset() -> int:
    """Where the bytes of this request belong; raises what HTTP has for one that is no piece of an upload."""
    if request.mimetype != PIECE:
        raise UnsupportedMediaType(f"Send the bytes as {PIECE}.")
    raw = request.headers.get("Upload-Offset", "")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 18):
        raise BadRequest("Upload-Offset says how many bytes were sent before.")
    return int(raw)


def pieces(request: Request) -> Iterator[bytes]:
    """The body as it arrives; raises UploadCutShort where it ends too early, after everything that came."""
    left = request.content_length
    try:
        while data := request.stream.read(READ_BYTES):
            yield data
            left = left and left - len(data)
    except (ClientDisconnected, OSError):
        raise UploadCutShort(CUT_SHORT) from None
    if left:
        raise UploadCutShort(CUT_SHORT)


def begun_as(begun: Begun) -> ResponseReturnValue:
    """What was begun, or the file that need not be sent."""
    if begun.duplicate is not None:
        return jsonify(file=asdict(begun.duplicate))
    assert begun.progress is not None
    response = make_response(jsonify(standing_as(begun.progress)), 201 if begun.fresh else 200)
    response.headers["Location"] = url_for("resumable.state", upload_uuid=begun.progress.uuid)
    return response


def standing_as(standing: UploadProgress) -> dict[str, object]:
    """Where an upload stands, and where to send the rest."""
    parts = [{"number": part.number, "size": part.size, "md5": in_base64(part.md5)} for part in standing.parts]
    return asdict(standing) | {"url": url_for("resumable.state", upload_uuid=standing.uuid), "parts": parts}


def in_base64(md5: str) -> str:
    """An MD5 as the header Content-MD5 has it."""
    return base64.b64encode(bytes.fromhex(md5)).decode("ascii")


def refused(name: str, error: UploadRefused) -> ResponseReturnValue:
    """The receipt of a file that was not taken."""
    report = UploadReport((), (Refused(name, error.code, error.message),))
    return receipt(report), status_of(report)
