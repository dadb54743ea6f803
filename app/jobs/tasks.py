"""What a worker runs: ids in, one service call out."""

from __future__ import annotations

from flask import Flask

from app.services import processing
from app.services.thumbnail_service import ThumbnailService


def process_file(app: Flask, file_id: int) -> None:
    """Make the variants of one file, if it is due."""
    with app.app_context():
        ThumbnailService().process(file_id)


def due_files(app: Flask, limit: int) -> list[int]:
    """Ids of files that wait for a worker, after ending those that have had their last try."""
    with app.app_context():
        processing.give_up_exhausted()
        return processing.due(limit)
