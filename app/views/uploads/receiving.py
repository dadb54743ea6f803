"""Taking a form with files, and telling what became of each."""

from __future__ import annotations

import sys
from dataclasses import asdict

from flask import Response, jsonify, request

from app.services.uploads.form import UploadService
from app.services.uploads.receipt import UploadReport
from app.views.uploads.multipart import incoming_files


def receive_form(collection_id: int, collection_uuid: str, *, by_program: bool = False) -> UploadReport:
    """Take every file of the form that was sent into a collection; whoever calls it has asked the gate."""
    request.max_content_length = sys.maxsize  # each file has its own limit, and is streamed; None means 1 MB here
    return UploadService().receive(collection_id, collection_uuid, incoming_files(request, by_program=by_program))


def status_of(report: UploadReport) -> int:
    """201 if anything was taken; else 507 for a full disk, which no change of the request helps, or 422."""
    if report.files:
        return 201
    return 507 if report.met_full_disk else 422


def receipt(report: UploadReport) -> Response:
    """What became of the files, in the same words for every way that they came."""
    return jsonify(files=[*map(asdict, report.files)], errors=[*map(asdict, report.errors)])
