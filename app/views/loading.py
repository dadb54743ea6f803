"""Load the collection or file of a URL and check access to it."""

from __future__ import annotations

from app.models import Collection, File
from app.services import lookup
from app.services.access.rules import Action
from app.views import gate


def collection_for(collection_uuid: str, action: Action) -> Collection:
    """The collection, if the visitor may do this; raises NotFound and the errors of `gate.admit`."""
    collection = lookup.by_uuid(collection_uuid)
    gate.admit(collection, action)
    return collection


def file_for(file_uuid: str, action: Action) -> File:
    """The file, if the visitor may do this; raises NotFound and the errors of `gate.admit`."""
    file = lookup.file_by_uuid(file_uuid)
    gate.admit(file, action)
    return file
