"""Unknown addresses of the API are answered in JSON, whatever the client accepts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.models import Scope
from tests.views.api.asking import V1


@pytest.mark.parametrize("path", [V1, f"{V1}/", "/api/", "/api/v2/collections", f"{V1}/collections/x/nothing"])
def test_unknown_address_is_404_in_json(api: FlaskClient, path: str) -> None:
    answer = api.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


def test_disallowed_method_lists_the_allowed_ones(by: Callable[[Scope], FlaskClient]) -> None:
    answer = by(Scope.READ).put(f"{V1}/collections", json={})
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
