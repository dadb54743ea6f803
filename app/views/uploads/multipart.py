"""Read an upload form as a stream, so that each file is stored before the next one arrives."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Request, current_app
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Event, Field, File, MultipartDecoder, NeedData, State
from wtforms.validators import ValidationError

from app.errors import UploadCutShort
from app.services.uploads.receipt import IncomingFile

READ_BYTES = 256 * 1024
BUFFER_BYTES = 1024 * 1024  # limit of the decoder's buffer while it looks for a boundary
FIELD_BYTES = 64 * 1024
FILES = "files"
SHA256 = "sha256"
CUT_SHORT = "Only part of this file arrived, so we didn’t keep it. Please try again."


class FormToken:
    """The CSRF token of an upload: from the header, else from a form field before the files."""

    def __init__(self, request: Request) -> None:
        self._token = request.headers.get("X-CSRFToken")

    def offer(self, name: str, value: str) -> None:
        """Use a form field as the token if it is named csrf_token and the header has none."""
        if name == "csrf_token" and not self._token:
            self._token = value

    def check(self) -> None:
        """Return if the token is valid or CSRF checks are off; raises CSRFError."""
        if not current_app.config["WTF_CSRF_ENABLED"]:
            return
        try:
            validate_csrf(self._token)
        except ValidationError as error:
            raise CSRFError(str(error)) from None


def incoming_files(request: Request, *, by_program: bool = False) -> Iterator[IncomingFile]:
    """Yield each file of the form; the rest of a file that was not read is skipped. Raises CSRFError before the first.

    `by_program`: requests with an API token need no CSRF token, since other sites cannot send them.
    A field `sha256` is the digest of the file after it.
    The chunks of a file raise UploadCutShort if the body ends too early.
    """
    boundary = request.mimetype_params.get("boundary", "").encode()
    if request.mimetype != "multipart/form-data" or not boundary:
        raise BadRequest("Send files as multipart/form-data in the field “files”.")
    token, sha256 = FormToken(request), ""
    events = _events(request, MultipartDecoder(boundary, max_form_memory_size=BUFFER_BYTES))
    for event in events:
        if isinstance(event, Field):
            value = _field_text(events)
            token.offer(event.name, value)
            sha256 = value.strip().lower() if event.name == SHA256 else sha256
        elif isinstance(event, File) and event.name == FILES and event.filename:
            if not by_program:
                token.check()
            chunks = _chunks(events)
            yield IncomingFile(event.filename, chunks, sha256)
            _drain(chunks)
            sha256 = ""


def _field_text(events: Iterator[Event]) -> str:
    value = b""
    for chunk in _chunks(events):
        value += chunk
        if len(value) > FIELD_BYTES:
            raise RequestEntityTooLarge
    return value.decode(errors="replace")


def _events(request: Request, decoder: MultipartDecoder) -> Iterator[Event]:
    """Yield the decoder's events up to the closing boundary; raises UploadCutShort if the body ends before it."""
    try:
        while True:
            event = decoder.next_event()
            if decoder.state is State.EPILOGUE and isinstance(event, NeedData):
                return
            if isinstance(event, NeedData):
                data = request.stream.read(READ_BYTES)
                if not data:
                    raise UploadCutShort(CUT_SHORT)
                decoder.receive_data(data)
            else:
                yield event
    except (ClientDisconnected, OSError, ValueError):  # ValueError: the body is not a form
        raise UploadCutShort(CUT_SHORT) from None


def _chunks(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return
    raise UploadCutShort(CUT_SHORT)


def _drain(chunks: Iterator[bytes]) -> None:
    for _ in chunks:
        pass
