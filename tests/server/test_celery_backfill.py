"""Backfill and deletion by a Celery worker over real Redis, with uploads in between and without a web process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis

from app.jobs.celery_queue import BACKFILL, UPLOADS, celery_app
from tests.support import backlog
from tests.support.celery_workers import PATIENCE, Worker, redis_broker, worker
from tests.support.pictures import grainy, numbered
from tests.support.processes import ROOT, eventually
from tests.support.server import LiveServer

PROCESSES = 2
BACKLOG = 20
MADE = "SELECT count(*) FROM variants v JOIN files f ON f.id = v.file_id JOIN collections c ON c.id = f.collection_id"
KILLED_BEFORE_IT_HANDS_OVER = """
import os, signal, sys
from app import create_app
from app.services import lookup
from app.services.trash.deletion import DeletionService

class Killed:
    def submit(self, *_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

with create_app().app_context():
    DeletionService(Killed()).delete_file(lookup.file_by_uuid(sys.argv[1]).id, None)
"""


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    """The address of a Redis that the tests of this module share."""
    with redis_broker() as url:
        yield url


@pytest.fixture(scope="module")
def server(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that leaves the work to the workers behind the broker, and deletes at once."""
    settings = {"QUEUE_URL": broker, "VARIANT_WAIT_SECONDS": "30", "TRASH_DAYS": "0"}
    with LiveServer(tmp_path_factory.mktemp("live"), **settings) as server:
        server.create_user()
        yield server


@pytest.fixture(scope="module")
def one(server: LiveServer) -> Iterator[Worker]:
    """The worker of this module, with PROCESSES processes."""
    with worker(server, "one", PROCESSES) as running:
        yield running


@pytest.fixture(scope="module")
def small_photo() -> bytes:
    """A JPEG of a third of a megapixel."""
    return grainy((640, 480), 20, quality=75)


def hand_over(server: LiveServer, *options: str) -> int:
    """What `flask photos backfill --hand-over` says it handed over."""
    said = json.loads(server.run("flask", "photos", "backfill", "--hand-over", "--json", *options))
    return int(said["summary"]["handed_over"])


def made(server: LiveServer, collection: str, *names: str) -> int:
    """How many variants of these names a collection has."""
    wanted = ",".join(f"'{name}'" for name in names)
    return int(server.rows(f"{MADE} WHERE c.uuid = ? AND v.name IN ({wanted})", collection)[0][0])


def objects(server: LiveServer, stem: str) -> list[str]:
    """The names of the objects of one file."""
    return [path.name for path in server.storage.rglob(f"*{stem}*")]


def test_worker_prefetches_only_what_its_processes_work_on(broker: str, one: Worker) -> None:
    asked = celery_app(broker, lambda _id, _variant: None).control.inspect(timeout=10, limit=1)
    (stats,), (conf,) = (asked.stats() or {}).values(), (asked.conf() or {}).values()
    assert stats["prefetch_count"] == stats["pool"]["max-concurrency"] == PROCESSES
    assert (conf["task_acks_late"], conf["worker_prefetch_multiplier"]) == (True, 1)


def test_submitted_job_is_done_by_the_worker_once(server: LiveServer, one: Worker, small_photo: bytes) -> None:
    before = backlog.fill(server, [numbered(small_photo, number) for number in range(20)])
    assert hand_over(server, "--collection", before) == 20
    eventually(lambda: made(server, before, "thumb", "small", "medium") == 60, PATIENCE, "what is made at upload")
    query = "SELECT f.uuid FROM files f JOIN collections c ON c.id = f.collection_id WHERE c.uuid = ? AND attempts = 1"
    uuids = [uuid for (uuid,) in server.rows(query, before)]
    assert len(uuids) == 20
    eventually(lambda: all(one.times_made(uuid) for uuid in uuids), PATIENCE, "the log says so")
    assert {one.times_made(uuid) for uuid in uuids} == {1}
    assert hand_over(server, "--collection", before) == 0


def test_a_variant_on_demand_is_handed_over_by_name(server: LiveServer, one: Worker, small_photo: bytes) -> None:
    before = backlog.fill(server, [numbered(small_photo, number) for number in range(60, 63)])
    # As if they were the 4 MB of a camera: beside these small files `large` would be too much to make unasked.
    server.write(
        "UPDATE files SET size = 4000000 WHERE collection_id = (SELECT id FROM collections WHERE uuid = ?)", before
    )
    hand_over(server, "--collection", before)
    eventually(lambda: made(server, before, "large") == 3, PATIENCE, "large follows by itself")
    server.write("DELETE FROM variants WHERE name = 'large'")
    assert hand_over(server, "--collection", before, "--variant", "large") == 3
    eventually(lambda: made(server, before, "large") == 3, PATIENCE, "large is made again")


def test_file_deleted_immediately_is_removed_from_the_store(
    server: LiveServer, one: Worker, small_photo: bytes
) -> None:
    with server.sign_in() as ada:
        (photo,) = ada.send(ada.collection(), ("a.jpg", numbered(small_photo, 50))).json()["files"]
        ((stem,),) = server.rows("SELECT replace(filename, '.jpg', '') FROM files WHERE uuid = ?", photo["uuid"])
        assert len(objects(server, stem)) >= 4
        ada.post(f"/collections/files/{photo['uuid']}/delete").raise_for_status()
    eventually(lambda: not objects(server, stem), PATIENCE, "its objects are gone")
    eventually(lambda: not server.rows("SELECT 1 FROM files WHERE uuid = ?", photo["uuid"]), PATIENCE, "its row is")


def test_deleted_file_is_removed_though_the_web_process_died_before_queueing(
    server: LiveServer, one: Worker, small_photo: bytes
) -> None:
    with server.sign_in() as ada:
        (photo,) = ada.send(ada.collection(), ("b.jpg", numbered(small_photo, 51))).json()["files"]
    ((stem,),) = server.rows("SELECT replace(filename, '.jpg', '') FROM files WHERE uuid = ?", photo["uuid"])
    server.kill()
    try:
        command = [sys.executable, "-c", KILLED_BEFORE_IT_HANDS_OVER, photo["uuid"]]
        killed = subprocess.run(command, cwd=ROOT, env=server.environment, check=False, timeout=60)
        assert killed.returncode == -signal.SIGKILL
        assert objects(server, stem)
        eventually(lambda: not objects(server, stem), PATIENCE, "the sweep of the worker removes its objects")
        eventually(lambda: not server.rows("SELECT 1 FROM files WHERE uuid = ?", photo["uuid"]), PATIENCE, "its row is")
    finally:
        server.start()


def test_an_upload_does_not_wait_for_a_backfill(
    server: LiveServer, one: Worker, broker: str, slow_photo: bytes
) -> None:
    before = backlog.fill(server, [numbered(slow_photo, number) for number in range(BACKLOG)])
    assert hand_over(server, "--collection", before) == BACKLOG
    with redis.Redis.from_url(broker) as client, server.sign_in() as ada:
        (uploaded,) = ada.send(ada.collection(), ("new.jpg", numbered(slow_photo, 99))).json()["files"]
        assert uploaded["status"] == "completed"
        assert server.unfinished() > BACKLOG / 3
        assert client.hlen("unacked") <= PROCESSES
        assert client.llen(BACKFILL) > 0
        assert client.llen(UPLOADS) == 0
    eventually(
        lambda: server.unfinished() == 0, PATIENCE, "the backfill is done"
    )  # of `large` nobody waits: it is last
    assert made(server, before, "thumb", "small", "medium") == 3 * BACKLOG
