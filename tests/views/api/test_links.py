"""API: share links."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.studio import Studio
from tests.views.api.asking import V1, made


def test_links_are_made_listed_and_revoked(api: FlaskClient, studio: Studio) -> None:
    uuid = made(api)["uuid"]
    path = f"{V1}/collections/{uuid}/links"
    new = api.post(path, json={"label": "Grandmother", "downloads_allowed": True})
    assert new.status_code == 201
    visitor = studio.client()
    assert visitor.get(new.json["url"]).status_code == 303
    assert visitor.get(f"/collections/{uuid}").status_code == 200
    (link,) = api.get(path).json["links"]
    assert (link["label"], link["visits"], link["revoked_at"]) == ("Grandmother", 1, None)
    assert "secret" not in " ".join(link)
    assert api.delete(f"{path}/{link['uuid']}").json == {"revoked": link["uuid"]}
    assert visitor.get(f"/collections/{uuid}").status_code == 404
    assert api.delete(f"{path}/{link['uuid']}").status_code == 404


@pytest.mark.parametrize("body", [{"expires_at": "2020-01-01"}, {"label": "x" * 121}, {"visits": 1}])
def test_invalid_links_are_refused(api: FlaskClient, body: dict[str, Any]) -> None:
    answer = api.post(f"{V1}/collections/{made(api)['uuid']}/links", json=body)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, list(body))
