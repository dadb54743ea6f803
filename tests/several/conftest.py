"""Two servers that share everything, and their photographer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.celery_workers import redis_broker
from tests.support.photographer import Photographer
from tests.support.postgres import Cluster
from tests.support.several import Processes, processes

BUCKET = {
    "R2_ENDPOINT_URL": "http://127.0.0.1:9",
    "R2_BUCKET": "photos",
    "R2_ACCESS_KEY_ID": "id",
    "R2_SECRET_ACCESS_KEY": "secret",
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres_server: Cluster) -> Iterator[Processes]:
    """Two servers; they know a bucket, too, to which no request is sent."""
    folder = tmp_path_factory.mktemp("pair")
    with (
        postgres_server.database() as database,
        redis_broker() as broker,
        processes(folder, database, broker, **BUCKET) as pair,
    ):
        yield pair


@pytest.fixture(scope="module")
def ada(pair: Processes) -> Iterator[Photographer]:
    """The photographer, who signed in at the first server."""
    with pair.servers[0].sign_in() as ada:
        yield ada
