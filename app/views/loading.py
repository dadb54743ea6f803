"""Load the collection, file or picture of a URL and check access to it."""

from __future__ import annotations

from app.models import Collection, File
from app.services import lookup
from app.services.access.rules import Action
from app.services.delivery import pictures
from app.services.delivery.pictures import Picture
from app.views import gate, visitors


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


def picture_for(file_uuid: str, key: str, action: Action) -> Picture | None:
    """The file with its variant `key`, by one statement; None if it does not exist or the visitor may not do this.

    A view then calls `file_for`, which raises the error that says why.
    """
    account, browser = visitors.session_account(), visitors.browser_id()
    picture = pictures.find(file_uuid, key, account=account, browser=browser)
    return picture if picture is not None and gate.admits(picture, action) else None
