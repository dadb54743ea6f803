"""The OpenAPI document is valid, matches the routes, and is public."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from app import Proofsheet
from app.views import gate
from app.views.api import schemas


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/api/openapi.json").json)


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    methods = ("get", "post", "patch", "put", "delete")
    paths = document["paths"].items()
    return {(path, method): each[method] for path, each in paths for method in methods if method in each}


def routes(app: Proofsheet) -> dict[tuple[str, str], str]:
    """The endpoint of every method and path below /api/v1."""
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower()): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1")
    }


def test_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_document_has_every_route_and_no_other(document: dict[str, Any], app: Proofsheet) -> None:
    assert set(operations(document)) == set(routes(app))
    assert len(operations(document)) == 16


def test_every_operation_documents_its_required_scope(document: dict[str, Any], app: Proofsheet) -> None:
    endpoints, found = routes(app), operations(document)
    with app.app_context():
        asked = {key: str(gate.scope_of(endpoint)) for key, endpoint in endpoints.items()}
    assert {key: each["security"][0]["token"][0] for key, each in found.items()} == asked
    for each in found.values():
        assert {"401", "403"} <= set(each["responses"])
        assert each["summary"]


def test_examples_match_their_schemas(document: dict[str, Any]) -> None:
    bodies = [each["requestBody"]["content"] for each in operations(document).values() if "requestBody" in each]
    given = [content["application/json"] for content in bodies if "application/json" in content]
    assert len(given) == 4
    for content in given:
        schema = getattr(schemas, content["schema"]["$ref"].rpartition("/")[2])
        assert schema().load(content["example"])


def test_document_is_public_and_cacheable(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json", headers={"Authorization": "Bearer nonsense"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=3600")
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]
    known = client.get("/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert known.status_code == 304


def test_table_for_people_has_every_operation_and_its_scope(document: dict[str, Any]) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([A-Z]+) (/\S+)` \| `(\w+)` \|", text, re.MULTILINE)
    found = operations(document).items()
    described = [(method.upper(), path.removeprefix("/api/v1"), each) for (path, method), each in found]
    assert set(told) == {(method, path, each["security"][0]["token"][0]) for method, path, each in described}
