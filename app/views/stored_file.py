"""The response that sends a local file, from the app or from a proxy in front of it."""

from __future__ import annotations

import os

from flask import Response, current_app, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from app.errors import ObjectMissing
from app.services.delivery.addresses import attachment
from app.services.delivery.files import LocalFile
from app.views.sent_by_proxy import sent_by_proxy


def stored_file(delivery: LocalFile) -> Response:
    """The bytes of a local file, or the range that the request asks for; raises ObjectMissing if it was removed."""
    try:
        file = delivery.path.open("rb")
    except FileNotFoundError:
        raise ObjectMissing("It was removed while it was being sent.", delivery.path.name) from None
    body = wrap_file(request.environ, file)
    response = current_app.response_class(body, mimetype=delivery.mime_type, direct_passthrough=True)
    try:
        _describe(response, delivery, os.fstat(file.fileno()))
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    return sent_by_proxy(response, delivery.path)


def _describe(response: Response, delivery: LocalFile, facts: os.stat_result) -> None:
    """Set length, time, entity tag and name; makes it a 304 or a 206 if the request asks for that."""
    if delivery.download_name is not None:
        response.headers["Content-Disposition"] = attachment(delivery.download_name)
    response.headers["Content-Length"] = str(facts.st_size)
    response.headers["Last-Modified"] = http_date(facts.st_mtime)
    response.set_etag(delivery.etag)
    response.make_conditional(request, accept_ranges=True, complete_length=facts.st_size)
