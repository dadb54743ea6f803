"""The response that sends a local file, from the app or from a proxy in front of it."""

from __future__ import annotations

import os
from typing import BinaryIO

from flask import Response, current_app, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from app.errors import ObjectMissing
from app.services.delivery.addresses import attachment
from app.services.delivery.files import LocalFile
from app.views.sent_by_proxy import sent_by_proxy

READ_BYTES = 64 * 1024
CONDITIONS = frozenset(
    f"HTTP_{name}"
    for name in ("RANGE", "IF_RANGE", "IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE")
)


def stored_file(delivery: LocalFile) -> Response:
    """The bytes of a local file, or the range that the request asks for; raises ObjectMissing if it was removed."""
    try:
        file = delivery.path.open("rb")
    except FileNotFoundError:
        raise ObjectMissing("It was removed while it was being sent.", delivery.path.name) from None
    facts = os.fstat(file.fileno())
    response = _response(file, facts.st_size, delivery.mime_type)
    try:
        _describe(response, delivery, facts)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    return sent_by_proxy(response, delivery.path)


def _response(file: BinaryIO, size: int, mime_type: str) -> Response:
    """The response with a file as its body; a small one is read, which costs less than sending it from the disk."""
    if size > READ_BYTES:
        body = wrap_file(request.environ, file)
        return current_app.response_class(body, mimetype=mime_type, direct_passthrough=True)
    with file:
        return current_app.response_class(file.read(), mimetype=mime_type)


def _describe(response: Response, delivery: LocalFile, facts: os.stat_result) -> None:
    """Set length, time, entity tag and name; makes it a 304 or a 206 if the request asks for that."""
    if delivery.download_name is not None:
        response.headers["Content-Disposition"] = attachment(delivery.download_name)
    response.headers["Content-Length"] = str(facts.st_size)
    response.headers["Last-Modified"] = http_date(facts.st_mtime)
    response.set_etag(delivery.etag)
    if CONDITIONS.isdisjoint(request.environ):
        response.headers["Accept-Ranges"] = "bytes"
    else:
        response.make_conditional(request, accept_ranges=True, complete_length=facts.st_size)
