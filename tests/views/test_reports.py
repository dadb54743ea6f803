"""Reports of pictures that a page could not show, with variants in other formats."""

from __future__ import annotations

from typing import Any

import pytest

from app.jobs import tasks
from app.models import Variant
from app.services.variants.single import SingleVariant
from tests.support.gallery import Gallery

DAMAGE = {
    "cut short": lambda gallery, name: gallery.replace(b"harmed", name),
    "changed": lambda gallery, name: gallery.replace(bytes(_row(gallery, name).size), name),
    "lost": Gallery.lose,
}


def _row(gallery: Gallery, name: str) -> Variant:
    return next(row for row in gallery.studio.file(gallery.photo).variants if row.name == name)


@pytest.fixture(params=["local", "r2"])
def settings(request: pytest.FixtureRequest, settings: dict[str, Any]) -> dict[str, Any]:
    """Either store, with siblings."""
    if request.param == "r2":
        request.getfixturevalue("on_r2")
    return settings | {"VARIANT_EXTRA_FORMATS": "avif,webp"}


@pytest.fixture
def siblings(gallery: Gallery) -> Gallery:
    """The gallery, whose photograph has two siblings."""
    with gallery.app.app_context():
        file_id = gallery.studio.file(gallery.photo).id
        assert all(SingleVariant().make(file_id, name) for name in ("medium_webp", "medium_avif"))
    return gallery


def reported(gallery: Gallery, name: str) -> tuple[int, Any]:
    """The response to a page's report about a variant."""
    answer = gallery.studio.client().post(f"/collections/files/{gallery.photo}/variants/{name}/report")
    return answer.status_code, answer.json


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("harmed", [["medium_webp"], ["medium", "medium_avif", "medium_webp"]], ids=len)
def test_report_about_a_variant_repairs_its_other_formats(siblings: Gallery, harmed: list[str], damage: str) -> None:
    for name in harmed:
        DAMAGE[damage](siblings, name)
    assert reported(siblings, "medium") == (202, {"whole": False})
    for job in siblings.queue.submitted:
        tasks.run(siblings.app, *job)
    assert reported(siblings, "medium") == (200, {"whole": True})
    assert {row.name for row in siblings.studio.file(siblings.photo).variants} >= set(harmed)
    assert siblings.findings() == []


def test_report_about_another_variant_leaves_other_formats_unchanged(siblings: Gallery) -> None:
    siblings.lose("medium_webp")
    assert reported(siblings, "thumb") == (200, {"whole": True})
    assert siblings.queue.submitted == []
