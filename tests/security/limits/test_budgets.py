"""Visitors who do not guess never reach a limit."""

from __future__ import annotations

from app import Proofsheet
from tests.security.apps import at
from tests.security.limits.asking import EMAIL, spent, statuses
from tests.support.studio import Studio


def test_originals_are_limited_and_thumbnails_and_previews_are_not(app: Proofsheet, studio: Studio, here: str) -> None:
    photo, visitor = studio.photo(studio.collection(1)), at(app, here)
    spent("pictures", here, 20_000 - 10)
    original = lambda _: visitor.get(f"/collections/files/{photo}/original")  # noqa: E731
    assert statuses(original, 10) == [200] * 10
    refused = original(0)
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, "60")
    for way in ("thumbnail", "preview", "variants/small"):
        assert visitor.get(f"/collections/files/{photo}/{way}").status_code == 200
    assert visitor.get("/auth/sign-in").status_code == 200


def test_photographer_with_5000_files_does_not_meet_a_limit_and_a_flood_does(app: Proofsheet, studio: Studio) -> None:
    owner, collection = studio.client(EMAIL), studio.collection(1)
    spent("uploads", "account 1", 5_000)
    check = {"files": [{"sha256": "0" * 64}]}
    ask = lambda _: owner.post(f"/collections/{collection}/uploads/check", json=check)  # noqa: E731
    assert statuses(ask, 20) == [200] * 20
    spent("uploads", "account 1", 980)
    paths = {"check": "uploads/check", "upload": "upload", "begin": "uploads"}
    refused = {
        name: owner.post(f"/collections/{collection}/{path}", json={}).status_code for name, path in paths.items()
    }
    refused["parts"] = owner.post("/collections/uploads/x/parts", json={}).status_code
    refused["piece"] = owner.patch("/collections/uploads/x").status_code
    assert refused == dict.fromkeys(refused, 429)
    assert owner.get("/collections/").status_code == 200
