"""Requests of programs to the JSON API."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient

V1 = "/api/v1"


def made(api: FlaskClient, **body: Any) -> dict[str, Any]:
    answer = api.post(f"{V1}/collections", json={"title": "Wedding"} | body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def sent(api: FlaskClient, collection: str, *files: tuple[str, bytes], **fields: str) -> Any:
    data = fields | {"files": [(io.BytesIO(content), name) for name, content in files]}
    return api.post(f"{V1}/collections/{collection}/files", data=data, content_type="multipart/form-data")


def walked(api: FlaskClient, path: str, key: str, limit: int) -> list[list[str]]:
    """The uuids of every slice of a list."""
    slices, cursor = [], ""
    while True:
        answer = api.get(f"{V1}/{path}?limit={limit}{cursor}")
        assert answer.status_code == 200, answer.text
        slices.append([each["uuid"] for each in answer.json[key]])
        if answer.json["next"] is None:
            return slices
        cursor = f"&cursor={answer.json['next']}"
