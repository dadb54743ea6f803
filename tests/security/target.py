"""A collection with a photograph on a server of its own, and its owner, who sends whatever she is told to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import Proofsheet
from app.services.queue import QUEUE
from tests.support.app import running, settings_in
from tests.support.studio import JSON, Studio

EMAIL = "ada@example.com"
# A sign-out would make a stranger of Ada.
LEFT_OUT = ("auth.sign_out", "static", "collections.static")
PARAMETER = re.compile(r"<(?:[^:>]+:)?(\w+)>")


class Target:
    """The owner of a collection with a photo, and every route that could change them."""

    def __init__(self, app: Proofsheet) -> None:
        self._app, studio = app, Studio(app)
        collection = studio.collection(studio.photographer(EMAIL, role="admin"))
        self.client = studio.client(EMAIL)
        file = studio.photo(collection)
        self._known = {"collection_uuid": collection, "file_uuid": file, "name": "medium", "colour": "1a6b5c"}

    def addresses(self, *methods: str, segment: str | None = None) -> Iterator[tuple[str, str]]:
        """Each method and address of the routes; with a segment, of those that take one, in its place."""
        for rule in self._app.url_map.iter_rules():
            if rule.endpoint in LEFT_OUT or (segment is not None and "<" not in rule.rule):
                continue
            address = PARAMETER.sub(lambda found: segment or self._known.get(found[1], "1"), rule.rule)
            for method in sorted((rule.methods or set()) & set(methods)):
                yield method, address

    def wordless(self, *methods: str, segment: str | None = None, **sent: Any) -> list[tuple[str, str, int]]:
        """The requests with a server error, or with a refusal without a message."""
        found = []
        for method, address in self.addresses(*methods, segment=segment):
            headers = JSON | sent.get("headers", {})
            answer = self.client.open(address, method=method, **(sent | {"headers": headers}))
            if answer.status_code >= 500 or (answer.status_code >= 400 and not answer.text.strip()):
                found.append((method, address[:80], answer.status_code))
        return found


@contextmanager
def target_on(database: str, folder: Path) -> Iterator[Target]:
    """The target, with its rows in this database and its objects in the folder."""
    settings = settings_in(folder) | {"DATABASE_URL": database, "VARIANT_WAIT_SECONDS": 0.0}
    with running(settings, by_hand=False) as app:
        yield Target(app)
        app.extensions[QUEUE].close()
