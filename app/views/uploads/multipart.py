"""Reads an upload part by part, so that a file is dealt with before the next one has arrived."""

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
BUFFER_BYTES = 1024 * 1024  # what the decoder may hold while it looks for a boundary
FIELD_BYTES = 64 * 1024
FILES = "files"
SHA256 = "sha256"
CUT_SHORT = "Only part of this file arrived. Nothing of it was kept; please send it again."


class FormToken:
    """The CSRF token of an upload: from the header, else from the form, where it must come before the files."""

    def __init__(self, request: Request) -> None:
        self._token = request.headers.get("X-CSRFToken")

    def offer(self, name: str, value: str) -> None:
        """Take the token from a form field."""
        if name == "csrf_token" and not self._token:
            self._token = value

    def check(self) -> None:
        """Return if the token is right; raises CSRFError."""
        if not current_app.config["WTF_CSRF_ENABLED"]:
            return
        try:
            validate_csrf(self._token)
        except ValidationError as error:
            raise CSRFError(str(error)) from None


def incoming_files(request: Request, *, by_program: bool = False) -> Iterator[IncomingFile]:
    """Every file of the form, to be read to its end before the next; raises CSRFError before the first is read.

    A program, which no other site can make send a form in somebody's name, needs no CSRF token.
    A field 'sha256' tells the digest of the file after it.
    The chunks of a file raise UploadCutShort where the body ends before the file does.
    """
    boundary = request.mimetype_params.get("boundary", "").encode()
    if request.mimetype != "multipart/form-data" or not boundary:
        raise BadRequest("Files are sent as multipart/form-data, in the field 'files'.")
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
    """The decoder's events until the closing boundary; raises UploadCutShort if the body ends before it."""
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
    except (ClientDisconnected, OSError):
        raise UploadCutShort(CUT_SHORT) from None
    except ValueError:  # the decoder's word for a body that is no form
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
