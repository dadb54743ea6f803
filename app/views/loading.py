"""The collection or file that an address names, past the gate."""

from __future__ import annotations

from app.models import Collection, File
from app.services import lookup
from app.services.access.rules import Action
from app.views import gate


def collection_for(collection_uuid: str, action: Action) -> Collection:
    """The collection, if this visitor may do that with it."""
    collection = lookup.by_uuid(collection_uuid)
    gate.admit(collection, action)
    return collection


def file_for(file_uuid: str, action: Action) -> File:
    """The file, if this visitor may do that with it."""
    file = lookup.file_by_uuid(file_uuid)
    gate.admit(file, action)
    return file
