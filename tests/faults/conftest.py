"""Stores and databases that fail, and somebody who uses the app meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import Proofsheet
from app.integrations.s3.settings import R2Settings, client_for
from app.jobs import tasks
from app.jobs.pool import InProcessQueue
from app.models import File, db
from app.services.queue import QUEUE
from tests.factories import Studio
from tests.faults.client import Client, InProcess
from tests.faults.invariants import Inspection
from tests.faults.world import World
from tests.integrations.conftest import idle_proxy, moto_endpoint, remove_bucket
from tests.integrations.faulty_proxy import Proxy

__all__ = ["idle_proxy", "moto_endpoint"]

ROUNDS = 4  # of the sweep, each after all waits: more than any fault needs once it is over


@pytest.fixture
def bucket(moto_endpoint: str) -> Iterator[R2Settings]:
    """A new, empty bucket, as it is without the proxy."""
    settings = R2Settings(moto_endpoint, f"faults-{uuid.uuid4().hex[:12]}", "ak", "sk")
    client_for(replace(settings, region="us-east-1")).create_bucket(Bucket=settings.bucket)
    yield settings
    remove_bucket(settings)


@pytest.fixture
def proxy(bucket: R2Settings, idle_proxy: Proxy) -> Proxy:
    """What the app takes for the store."""
    idle_proxy.aim(bucket.endpoint_url)
    return idle_proxy


@dataclass
class House:
    """The app, somebody signed in, and what is on disk."""

    app: Proofsheet
    studio: Studio
    world: World

    def __post_init__(self) -> None:
        self.http = InProcess(self.studio.client(), self.studio.photographer())
        self.client = Client(self.http, self.world.ledger)

    def row(self, file_uuid: str) -> File:
        """A file as it is now, deleted or not."""
        with self.app.app_context():
            file = db.session.scalars(select(File).where(File.uuid == file_uuid)).one()
            db.session.expunge_all()
            return file

    def breaches_once_it_is_over(self) -> list[str]:
        """Stop the pool, let the app recover as after a new start, without any request, and look."""
        self.app.extensions[QUEUE].close()
        for _ in range(ROUNDS):
            self.world.let_time_pass()
            for file_id, _background in tasks.sweep(self.app, 100):
                tasks.run(self.app, file_id)
        return Inspection(self.world).run().breaches


@pytest.fixture
def world(tmp_path: Path, settings: dict[str, Any]) -> World:
    """The database and the store of the app."""
    return World(tmp_path, settings["DATABASE_URL"])


@pytest.fixture
def house(app: Proofsheet, pool: InProcessQueue, studio: Studio, world: World) -> House:
    """Everything together, with the real pool at work."""
    house = House(app, studio, world)  # before the sweeper writes as well: the database is not waited for long here
    pool.start()
    return house


def told(house: House, collection: str, data: bytes) -> tuple[int, str]:
    """Upload one file; the HTTP status, and the status or the error code that came with it."""
    status, answer = house.http.post(f"/collections/{collection}/upload", {}, [("photo.jpg", data)])
    files, errors = answer.get("files", []), answer.get("errors") or filter(None, [answer.get("error")])
    for file in files:
        house.client.acknowledged(collection, file)
    words = [(file["status"], "") for file in files] + [(error["code"], error["message"]) for error in errors]
    print(status, words)
    return status, words[0][0]
