"""One gunicorn with two worker processes, as docs/operate.md has it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.support.celery_workers import redis_broker
from tests.support.pictures import jpeg
from tests.support.postgres import Cluster
from tests.support.several import Processes, processes

SECONDS = 60.0


@pytest.fixture
def site(tmp_path: Path, postgres_server: Cluster) -> Iterator[Processes]:
    with (
        postgres_server.database() as database,
        redis_broker() as broker,
        processes(tmp_path, database, broker, 1, GUNICORN_CMD_ARGS="--workers 2") as site,
    ):
        yield site


def test_two_workers_of_one_gunicorn_agree(site: Processes) -> None:
    (server,) = site.servers
    assert len(server.workers()) == 2
    with server.sign_in() as ada:
        collection = ada.collection()
        (uuid,) = ada.upload(collection, ("a.jpg", jpeg()))
        address = f"{server.url}/collections/files/{uuid}/original"

        def asked(_: int) -> tuple[int, bool]:
            answer = requests.get(address, timeout=SECONDS)  # a connection of its own, for either worker
            return answer.status_code, answer.content == jpeg()

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(asked, range(40))) == {(200, True)}
            ada.delete(uuid)
            assert {status for status, _ in threads.map(asked, range(40))} == {404}
