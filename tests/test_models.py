"""The names of the models that scripts rely on."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app import Proofsheet
from app.models import Collection, File, db, utc_now
from app.services.lookup import is_deleted
from tests.support.studio import Studio


def test_models_answer_queries_as_in_a_shell(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.collection(studio.photographer())
    with app.app_context():
        assert File.query.first() is None
        assert Collection.query.filter_by(uuid=uuid).one().files == []
        assert issubclass(File, db.Model)


def test_preview_path_is_the_medium_variant_or_the_deprecated_thumbnail() -> None:
    assert File().preview_path is None
    assert File(thumbnail_path="old.jpg").preview_path == "old.jpg"
    assert File(thumbnail_path="old.jpg", medium_path="medium.jpg").preview_path == "medium.jpg"


def test_storage_url_leads_to_the_original_inside_and_outside_a_request(app: Proofsheet) -> None:
    file = File(uuid="00000000-0000-4000-8000-000000000001")
    assert file.storage_url == f"/collections/files/{file.uuid}/original"
    with app.test_request_context():
        assert file.storage_url == f"/collections/files/{file.uuid}/original"


@pytest.mark.parametrize("path", ["thumb_path", "medium_path"])
def test_one_recorded_variant_is_enough_for_has_variants(path: str) -> None:
    assert not File().has_variants
    assert File(**{path: "variants/photo.jpg"}).has_variants


def test_preview_url_falls_back_to_the_original_inside_and_outside_a_request(app: Proofsheet) -> None:
    file = File(uuid="00000000-0000-4000-8000-000000000001")
    assert file.preview_url == file.storage_url
    file.medium_path = "variants/medium.jpg"
    assert file.preview_url == f"/collections/files/{file.uuid}/preview"
    with app.test_request_context():
        assert file.preview_url == f"/collections/files/{file.uuid}/preview"


def test_is_deleted_is_the_same_for_a_row_and_as_a_condition(app: Proofsheet, studio: Studio) -> None:
    uuid = studio.collection(studio.photographer())
    with app.app_context():
        collection = Collection.query.filter_by(uuid=uuid).one()
        assert collection.is_deleted is db.session.scalar(select(is_deleted(Collection))) is False
        collection.deleted_at = collection.purge_after = utc_now()
        assert collection.is_deleted is db.session.scalar(select(is_deleted(Collection))) is True
