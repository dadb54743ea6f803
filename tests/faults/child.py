"""The process that is killed: the real app and pool, with a client that uses them."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from app import Proofsheet, create_app
from app.models import db
from app.services.accounts import accounts
from app.services.queue import QUEUE
from tests.faults import traps
from tests.faults.client import Client, InProcess
from tests.faults.pictures import photograph
from tests.faults.traps import Armed, Trap
from tests.faults.world import World

USER_ID = 1
POLL_SECONDS = 0.01
SWEEP_SECONDS = 0.2  # instead of 5: the same rounds, sooner
HURRIED = 0.25
WAITS = (0.0, 5.0)  # VARIANT_WAIT_SECONDS: an upload is answered before its variants are made, or after


def prepare(world: World) -> None:
    """Make the tables and an account."""
    app = create_app(world.settings())
    with app.app_context():
        db.create_all()
        assert accounts.create("ada@example.com", "a long password", name="Ada") == USER_ID
        db.engine.dispose()


def work(world: World, armed: Armed, seed: int) -> None:
    """Upload, view and delete until the trap kills the process or the work is done."""
    chance = random.Random(seed)
    with _running(world, armed, VARIANT_WAIT_SECONDS=chance.choice(WAITS)) as (app, client):
        older = world.ledger.facts().collections
        collection = client.collection()
        first, second = photograph(), photograph()
        uuids = client.upload(collection, first, second)
        client.upload(collection, first)
        _until(world.is_settled)
        for uuid in uuids:
            client.view(uuid, "large")
        _delete_while_it_is_made(app, client, collection, hurried=chance.random() < HURRIED)
        client.delete_file(uuids[0])
        if older:
            client.delete_collection(chance.choice(sorted(older)))
        _until(world.is_settled)


def recover(world: World, armed: Armed | None = None) -> None:
    """Start as a server does, and finish the work of a killed process."""
    with _running(world, armed):
        _until(world.is_settled)


def ask_for_everything(world: World) -> None:
    """Look at the variants made on demand of every file: what was stored and not recorded is recorded now."""
    with _running(world, None, VARIANT_WAIT_SECONDS=20) as (_, client):
        for uuid in world.uuids():
            client.view(uuid, "large")


@contextmanager
def _running(world: World, armed: Armed | None, **settings: Any) -> Iterator[tuple[Proofsheet, Client]]:
    """The app with its pool at work, and a client of it; the trap is set before the first thread starts."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(threadName)s %(message)s")
    traps.hurry_sweeps(SWEEP_SECONDS)
    traps.list_puts(world.ledger)
    if armed is not None:
        Trap(armed, world.ledger).set()
    app = create_app(world.settings() | settings)
    queue = app.extensions[QUEUE]
    queue.start()
    yield app, Client(InProcess(app.test_client(), USER_ID), world.ledger)
    queue.close()


def _delete_while_it_is_made(app: Proofsheet, client: Client, collection: str, *, hurried: bool) -> None:
    """Delete a file between its claim and its end; if hurried, perhaps before anybody has claimed it."""
    reached, deleted = threading.Event(), threading.Event()
    traps.wrap("app.services.variants.store:VariantStore.keep", partial(_held, reached, deleted))
    app.config["VARIANT_WAIT_SECONDS"] = 0.0
    (uuid,) = client.upload(collection, photograph())
    if not hurried:
        reached.wait()
    client.delete_file(uuid)
    deleted.set()


def _held(reached: threading.Event, until: threading.Event, function: Callable[..., Any]) -> Callable[..., Any]:
    def holding(*arguments: Any) -> Any:
        reached.set()
        until.wait()
        return function(*arguments)

    return holding


def _until(condition: Callable[[], bool]) -> None:
    """Wait without a timeout; the alarm ends a process that hangs."""
    while not condition():
        time.sleep(POLL_SECONDS)
