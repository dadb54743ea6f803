"""Store the files of an upload form, and report the result of each."""

from __future__ import annotations

import sys
from dataclasses import asdict

from flask import Response, jsonify, request

from app.services.uploads.form import UploadService
from app.services.uploads.receipt import UploadReport
from app.views.uploads.multipart import incoming_files


def receive_form(collection_id: int, collection_uuid: str, *, by_program: bool = False) -> UploadReport:
    """Store every file of the form in a collection; the caller must have checked access."""
    request.max_content_length = sys.maxsize  # files are streamed and have their own limit; None would mean 1 MB
    return UploadService().receive(collection_id, collection_uuid, incoming_files(request, by_program=by_program))


def status_of(report: UploadReport) -> int:
    """The HTTP status: 201 if any file was stored, else 507 for a full disk or 422."""
    if report.files:
        return 201
    return 507 if report.met_full_disk else 422


def receipt(report: UploadReport) -> Response:
    """The JSON receipt of an upload; every kind of upload has the same."""
    return jsonify(files=[*map(asdict, report.files)], errors=[*map(asdict, report.errors)])
