"""Variants requested by several processes at once, or lost, are made once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text, update

from app import Proofsheet
from app.errors import Invalid
from app.models import Lease, ProcessingStatus, db, utc_now
from app.services import leases, lookup
from app.services.access.rules import Visitor
from app.services.delivery.files import DeliveryService, LocalFile
from app.services.variants import processing, store
from app.services.variants.on_demand import OnDemand
from app.services.variants.single import SingleVariant
from app.services.variants.store import VariantStore
from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.processes import eventually
from tests.support.studio import Studio

PATIENCE = 10.0


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the variants that are made from here on."""
    names: list[str] = []
    keep = VariantStore.keep

    def listed(self: VariantStore, original: Any, picture: Any, progress: Any) -> Any:
        names.extend(rendition.spec.name for rendition in picture.renditions)
        return keep(self, original, picture, progress)

    monkeypatch.setattr(VariantStore, "keep", listed)
    return names


def overtaken(patch: pytest.MonkeyPatch, owner: Any, name: str, by: Callable[[], object]) -> None:
    """Let another process come between, just before the next call of this function."""
    function = getattr(owner, name)

    def late(*arguments: Any, **named: Any) -> Any:
        patch.setattr(owner, name, function)
        by()
        return function(*arguments, **named)

    patch.setattr(owner, name, late)


def shown(app: Proofsheet, uuid: str, name: str) -> Path:
    """Where the variant lies that a visitor is given."""
    with app.app_context():
        file = lookup.file_by_uuid(uuid)
        delivery, exact = DeliveryService(Visitor()).variant(file, name, or_original=True)
        assert exact
        assert isinstance(delivery, LocalFile)
        return delivery.path


def test_variant_made_by_another_process_before_the_lease_is_not_made_again(
    app: Proofsheet, studio: Studio, rendered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(600, 400))
    rendered.clear()
    overtaken(monkeypatch, leases, "acquire", lambda: shown(app, uuid, "large"))
    with app.app_context():
        assert not SingleVariant().make(studio.file(uuid).id, "large")
    assert rendered == ["large"]


def test_variant_that_killed_its_process_is_not_retried_for_a_while(
    app: Proofsheet, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = studio.file(studio.photo(studio.collection(studio.photographer()), data=jpeg(600, 400))).id

    def die(*_arguments: object) -> None:
        raise SystemExit

    def expire(name: str) -> None:
        db.session.execute(update(Lease).where(Lease.name.like(name)).values(expires_at=utc_now()))
        db.session.commit()

    with app.app_context():
        with monkeypatch.context() as dying:
            dying.setattr(leases, "release", lambda *_: None)  # whoever is killed releases nothing
            dying.setattr(SingleVariant, "_make", die)
            with pytest.raises(SystemExit):
                SingleVariant().make(file_id, "large")
        expire("variant/%/large")
        assert not SingleVariant().make(file_id, "large")
        expire("variant/%/large/failed")
        assert SingleVariant().make(file_id, "large")


@pytest.mark.parametrize("name", ["thumb", "medium", "small", "large"])
@pytest.mark.parametrize("step", [(OnDemand, "make_now"), (store, "forget")], ids=["asked", "forgotten"])
def test_variant_recreated_for_another_visitor_is_not_deleted(
    app: Proofsheet, studio: Studio, rendered: list[str], monkeypatch: pytest.MonkeyPatch, step: Any, name: str
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(600, 400))
    shown(app, uuid, name).unlink()
    rendered.clear()
    overtaken(monkeypatch, *step, by=lambda: shown(app, uuid, name))
    shown(app, uuid, name)
    assert rendered.count(name) == 1


@pytest.mark.parametrize("name", ["thumb", "medium", "small"])
def test_variant_recreated_after_its_deletion_is_not_started_again(
    app: Proofsheet, studio: Studio, rendered: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    uuid = studio.photo(studio.collection(studio.photographer()), data=jpeg(600, 400))
    shown(app, uuid, name).unlink()
    rendered.clear()
    overtaken(monkeypatch, processing, "restart", by=lambda: shown(app, uuid, name))
    shown(app, uuid, name)
    assert rendered.count(name) == 1


# --- PostgreSQL: rows are locked one by one ------------------------------------------------


def test_forgetting_and_recording_wait_for_each_other_in_the_same_order(
    settings: dict[str, Any], postgres_url: str, request: pytest.FixtureRequest
) -> None:
    settings["DATABASE_URL"] = postgres_url
    app, studio = request.getfixturevalue("app"), request.getfixturevalue("studio")
    file = studio.file(studio.photo(studio.collection(studio.photographer())))

    def forget() -> None:
        with app.app_context():
            store.forget(file.id, "thumb")
            db.session.remove()

    engine = create_engine(postgres_url)
    with ThreadPoolExecutor(1) as other, engine.connect() as worker, engine.connect() as watcher:
        worker.execute(text("UPDATE files SET attempts = 1"))  # as `settle` does
        forgetting = other.submit(forget)
        eventually(lambda: is_waiting(watcher), PATIENCE, "the other waits")
        worker.execute(text("DELETE FROM variants WHERE name = 'thumb'"))  # as `record` does
        worker.commit()
        forgetting.result(PATIENCE)
    engine.dispose()


def is_waiting(watcher: Connection) -> bool:
    """Whether some connection waits for a lock."""
    found = watcher.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
    watcher.rollback()
    return bool(found)


@pytest.mark.parametrize("status", [ProcessingStatus.FAILED, ProcessingStatus.RETRYING])
def test_retry_restarts_and_submits_a_file(
    app: Proofsheet, studio: Studio, queue: ManualQueue, status: ProcessingStatus
) -> None:
    photo = studio.photo(studio.collection(studio.photographer()))
    studio.change(photo, processing_status=status, attempts=4, error_code="broken")
    with app.app_context():
        OnDemand().retry(studio.file(photo).id)
    assert studio.file(photo).processing_status == ProcessingStatus.PENDING
    assert queue.submitted == [(studio.file(photo).id, None)]


def test_retry_of_a_finished_file_submits_nothing(app: Proofsheet, studio: Studio, queue: ManualQueue) -> None:
    photo = studio.photo(studio.collection(studio.photographer()))
    with app.app_context(), pytest.raises(Invalid):
        OnDemand().retry(studio.file(photo).id)
    assert queue.submitted == []
