"""Stores and databases that fail while a photographer uses the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import Proofsheet
from app.integrations.s3.settings import R2Settings
from app.jobs import tasks
from app.jobs.pool import InProcessQueue
from app.services.queue import QUEUE
from tests.faults.client import Client, InProcess
from tests.faults.invariants import Inspection
from tests.faults.world import World
from tests.support.faulty_proxy import Proxy
from tests.support.house import House

ROUNDS = 4  # of the sweep, each after all waits: more than any fault needs once it is over


@pytest.fixture
def proxy(bucket: R2Settings, idle_proxy: Proxy) -> Proxy:
    """The proxy in front of the store."""
    idle_proxy.aim(bucket.endpoint_url)
    return idle_proxy


class Watched(House):
    """An app with a signed-in owner, a ledger of what she was acknowledged, and the stored data."""

    def __init__(self, app: Proofsheet, world: World) -> None:
        super().__init__(app)
        self.world, self.http = world, InProcess(self.studio.client(), self.owner_id)
        self.client = Client(self.http, world.ledger)

    def breaches_after_recovery(self) -> list[str]:
        """Stop the pool, recover as after a restart without requests, and inspect; returns the breaches."""
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
def house(app: Proofsheet, pool: InProcessQueue, world: World) -> Watched:
    """The watched app with its real pool running."""
    house = Watched(app, world)  # before the sweeper writes as well: the database is not waited for long here
    pool.start()
    return house


def upload_result(house: Watched, collection: str, data: bytes) -> tuple[int, str]:
    """Upload one file; the HTTP status, and the status or the error code that came with it."""
    status, answer = house.http.post(f"/collections/{collection}/upload", {}, [("photo.jpg", data)])
    files, errors = answer.get("files", []), answer.get("errors") or filter(None, [answer.get("error")])
    for file in files:
        house.client.acknowledged(collection, file)
    words = [(file["status"], "") for file in files] + [(error["code"], error["message"]) for error in errors]
    print(status, words)
    return status, words[0][0]
