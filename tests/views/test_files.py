"""Bytes over HTTP: originals, variants, ranges, caching, and who gets them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app import Proofsheet
from app.errors import ImageError
from app.imaging import render
from app.imaging.variants import LADDER
from app.jobs import tasks
from app.models import Privacy, ProcessingStatus
from app.services.variants.on_demand import OnDemand
from app.views.collections import collections_routes
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import JSON, PASSWORD, Studio, past

BYTES = ("thumbnail", "preview", "original", "variants/thumb")


@pytest.fixture
def photo(studio: Studio) -> str:
    """The uuid of a photograph in a public collection."""
    return studio.photo(studio.collection(studio.photographer()), "Löwe 花.jpg", jpeg(1600, 1000))


def address(photo: str, what: str) -> str:
    return f"/collections/files/{photo}/{what}"


def test_download_equals_upload_under_the_photographers_name(client: FlaskClient, photo: str) -> None:
    answer = client.get(address(photo, "original"))
    assert answer.data == jpeg(1600, 1000)
    assert "filename*=UTF-8''L%C3%B6we%20%E8%8A%B1.jpg" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("what", "size"), [("thumbnail", (200, 200)), ("preview", (1200, 750))])
def test_variants_are_jpegs_of_their_size(client: FlaskClient, photo: str, what: str, size: tuple[int, int]) -> None:
    answer = client.get(address(photo, what))
    assert answer.mimetype == "image/jpeg"
    assert Image.open(io.BytesIO(answer.data)).size == size


@pytest.mark.parametrize("what", BYTES)
def test_range_head_and_not_modified(client: FlaskClient, photo: str, what: str) -> None:
    whole = client.get(address(photo, what))
    part = client.get(address(photo, what), headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    head = client.head(address(photo, what))
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(whole.data))
    again = client.get(address(photo, what), headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(address(photo, what), headers={"Range": "bytes=99999999-"}).status_code == 416


@pytest.mark.parametrize(
    ("query", "caching"),
    [("", "private, max-age=3600"), ("?v=1", "private, max-age=31536000, immutable")],
)
def test_versioned_url_is_cached_permanently(client: FlaskClient, photo: str, query: str, caching: str) -> None:
    answer = client.get(address(photo, "thumbnail") + query)
    assert answer.headers["Cache-Control"] == caching
    assert "Cookie" in answer.headers["Vary"]


def test_fallback_is_not_cached(studio: Studio, queue: ManualQueue, client: FlaskClient) -> None:
    queue.paused = True
    uuid = studio.photo(studio.collection(studio.photographer()))
    answer = client.get(address(uuid, "preview?v=1"))
    assert answer.data == jpeg()
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("status", "answered"), [("pending", 202), ("failed", 404)])
def test_visitor_without_download_right_gets_a_placeholder(
    studio: Studio, queue: ManualQueue, client: FlaskClient, status: str, answered: int
) -> None:
    queue.paused = True
    uuid = studio.photo(studio.collection(studio.photographer(), downloads_allowed=False))
    studio.change(uuid, processing_status=ProcessingStatus(status))
    answer = client.get(address(uuid, "preview"))
    assert (answer.status_code, answer.mimetype) == (answered, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(address(uuid, "original")).status_code == 403


@pytest.mark.parametrize("what", ["thumbnail", "preview", *(f"variants/{spec.name}" for spec in LADDER)])
@pytest.mark.parametrize("downloads_allowed", [True, False])
def test_variants_of_other_files_are_never_preparing(
    studio: Studio, client: FlaskClient, what: str, downloads_allowed: bool
) -> None:
    collection = studio.collection(studio.photographer(), downloads_allowed=downloads_allowed)
    uuid = studio.photo(collection, "contract.pdf", b"%PDF-1.7\n")
    answer = client.get(address(uuid, what))
    assert (answer.status_code, answer.mimetype) == (404, "image/svg+xml")
    assert answer.data == (Path(client.application.static_folder or "") / "pictures" / "no-preview.svg").read_bytes()


def test_report_about_a_variant_of_another_file_is_404(studio: Studio, client: FlaskClient) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), "contract.pdf", b"%PDF-1.7\n")
    assert client.post(address(uuid, "variants/medium/report")).status_code == 404


@pytest.mark.parametrize("what", BYTES)
def test_bytes_follow_the_collections_privacy(studio: Studio, what: str) -> None:
    owner_id = studio.photographer()
    private = studio.photo(studio.collection(owner_id, Privacy.PRIVATE))
    closed = studio.collection(owner_id, Privacy.PASSWORD)
    locked = studio.photo(closed)
    expired = studio.photo(studio.collection(owner_id, expires_at=past()))
    visitor, owner = studio.client(), studio.client("ada@example.com")
    assert visitor.get(address(private, what)).status_code == 404
    assert visitor.get(address(expired, what)).status_code == 410
    assert visitor.get(address(locked, what)).headers["Location"] == f"/collections/{closed}/password"
    visitor.post(f"/collections/{closed}/password", data={"password": PASSWORD})
    assert visitor.get(address(locked, what)).status_code == 200
    assert {owner.get(address(photo, what)).status_code for photo in (private, locked, expired)} == {200}


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "feed.xml", "script.js"])
def test_uploaded_script_never_runs_here(studio: Studio, client: FlaskClient, name: str) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), name, b"<script>alert(1)</script>")
    answer = client.get(address(uuid, "original"))
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["upload_files", "serve_file", "serve_thumbnail", "serve_preview"])
def test_view_is_found_where_other_code_looks_for_it(app: Proofsheet, name: str) -> None:
    assert getattr(collections_routes, name) is app.view_functions[f"collections.{name}"]


def test_unknown_variant_is_404(client: FlaskClient, photo: str) -> None:
    assert client.get(address(photo, "variants/huge")).status_code == 404


@pytest.mark.parametrize("email", [None, "ada@example.com"], ids=["visitor", "owner"])
@pytest.mark.parametrize(("name", "data", "way"), [("a.jpg", jpeg(), "/tiles"), ("contract.pdf", b"%PDF-1.7\n", "")])
def test_tile_of_one_file_is_the_tile_of_the_page(
    studio: Studio, email: str | None, name: str, data: bytes, way: str
) -> None:
    collection = studio.collection(studio.photographer())
    uuid, client = studio.photo(collection, name, data), studio.client(email)
    tile, page = (client.get(path).text for path in (address(uuid, "tile"), f"/collections/{collection}{way}"))
    assert f'data-file-uuid="{uuid}"' in tile
    assert "".join(tile.split()) in "".join(page.split())


@pytest.mark.parametrize("name", ["thumb", "medium"])
def test_damaged_variant_reported_by_a_page_is_recreated(
    app: Proofsheet, studio: Studio, queue: ManualQueue, client: FlaskClient, photo: str, name: str
) -> None:
    report = address(photo, f"variants/{name}/report")
    assert client.post(report).json == {"whole": True}
    (row,) = [row for row in studio.file(photo).variants if row.name == name]
    (Path(app.config["STORAGE_PATH"]) / row.path).write_bytes(b"harmed")
    answer = client.post(report)
    assert (answer.status_code, answer.json) == (202, {"whole": False})
    queue.run_due()
    assert client.post(report).json == {"whole": True}


def test_report_needs_the_right_to_look(studio: Studio) -> None:
    owner_id = studio.photographer()
    private = studio.photo(studio.collection(owner_id, Privacy.PRIVATE))
    assert studio.client().post(address(private, "variants/thumb/report")).status_code == 404
    assert studio.client("ada@example.com").post(address(private, "variants/huge/report")).status_code == 404


def test_owner_retries_a_failed_file(studio: Studio, queue: ManualQueue, owner: FlaskClient) -> None:
    uuid = studio.photo(studio.collection(1))
    studio.change(uuid, processing_status=ProcessingStatus.FAILED, error="broken", thumb_path=None)
    assert studio.client().post(f"/collections/files/{uuid}/retry", headers=JSON).status_code == 401
    answer = owner.post(f"/collections/files/{uuid}/retry", headers=JSON)
    assert (answer.status_code, answer.json) == (202, {"status": "pending"})
    assert owner.post(f"/collections/files/{uuid}/retry", headers=JSON).status_code == 422
    queue.run_due()
    assert studio.file(uuid).processing_status == "completed"


def test_owner_who_retries_without_script_returns_to_the_collection(studio: Studio, owner: FlaskClient) -> None:
    collection = studio.collection(1)
    uuid = studio.photo(collection)
    studio.change(uuid, processing_status=ProcessingStatus.FAILED)
    answer = owner.post(f"/collections/files/{uuid}/retry")
    assert (answer.status_code, answer.location) == (302, f"/collections/{collection}")


class TestExtraFormats:
    """Siblings in formats that cost more CPU and fewer bytes, for browsers that name them."""

    @pytest.fixture
    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings | {"VARIANT_EXTRA_FORMATS": "avif,webp"}

    @pytest.mark.parametrize(
        ("accept", "mime"),
        [
            ("image/avif,image/webp,*/*;q=0.8", "image/avif"),
            ("image/webp,*/*", "image/webp"),
            ("image/avif;q=0,image/webp", "image/webp"),
            ("*/*", "image/jpeg"),
            ("", "image/jpeg"),
        ],
    )
    def test_extra_format_is_made_for_the_next_visitor_whose_browser_accepts_it(
        self, app: Proofsheet, queue: ManualQueue, client: FlaskClient, photo: str, accept: str, mime: str
    ) -> None:
        first = client.get(address(photo, "preview"), headers={"Accept": accept})
        assert first.mimetype == "image/jpeg"
        for job in queue.background:
            tasks.run(app, *job)
        second = client.get(address(photo, "preview"), headers={"Accept": accept})
        assert second.mimetype == mime
        assert {"Accept", "Cookie"} <= set(second.headers["Vary"].replace(",", " ").split())

    def test_lost_extra_format_is_recreated(
        self, app: Proofsheet, studio: Studio, queue: ManualQueue, client: FlaskClient, photo: str
    ) -> None:
        def given() -> str:
            """Return the response to a visitor, then run all background jobs."""
            mime = client.get(address(photo, "preview"), headers={"Accept": "image/webp"}).mimetype
            while queue.background:
                tasks.run(app, *queue.background.pop(0))
            return str(mime)

        assert [given(), given()] == ["image/jpeg", "image/webp"]
        sibling = next(row for row in studio.file(photo).variants if row.name == "medium_webp")
        (Path(app.config["STORAGE_PATH"]) / sibling.path).unlink()
        assert [given(), given()] == ["image/jpeg", "image/webp"]


def test_large_never_falls_back_to_the_original(
    studio: Studio, client: FlaskClient, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OnDemand, "make_now", lambda *_args, **_kwargs: False)
    assert client.get(address(photo, "original")).status_code == 200  # which this visitor may have
    answer = client.get(address(photo, "variants/large"))
    assert answer.status_code == 202
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"


def test_variant_on_demand_that_just_failed_is_not_preparing(
    client: FlaskClient, photo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ImageError("This photograph cannot be read.")

    monkeypatch.setattr(render, "render", broken)
    answer = client.get(address(photo, "variants/large"))
    assert (answer.status_code, answer.mimetype) == (404, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "no-store"
