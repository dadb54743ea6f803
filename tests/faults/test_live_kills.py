"""The same kills of the whole server, gunicorn's master and worker, with a client at the other end of a connection."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.faults.client import Client, OverHttp
from tests.faults.invariants import Inspection
from tests.faults.pictures import photograph
from tests.faults.world import World
from tests.support.processes import eventually
from tests.support.server import LiveServer

PATIENCE = 60.0
POINTS = [("upload.object_linked", 2), ("upload.committed", 3), ("variant.put", 4), ("delete.objects_half", 2)]


@pytest.mark.parametrize(("point", "nth"), POINTS)
def test_killed_server_loses_no_acknowledged_file(tmp_path: Path, point: str, nth: int) -> None:
    world = World(tmp_path, f"sqlite:///{tmp_path / 'live.db'}")
    settings = {"FAULTS_LEDGER": str(world.ledger.path), "TRASH_DAYS": "0", "VARIANT_WAIT_SECONDS": "0"}
    armed = {"FAULTS_POINT": point, "FAULTS_NTH": str(nth)}
    with LiveServer(tmp_path, config="tests.faults.live", **settings, **armed) as server:
        server.create_user()
        killed_while_working(server, world)
        assert world.ledger.facts().killed == [point]
        world.let_time_pass()
        server.environment.pop("FAULTS_POINT")
        server.start()
        eventually(world.is_settled, PATIENCE, "everything is finished without a request")
    assert Inspection(world).run().breaches == []


def killed_while_working(server: LiveServer, world: World) -> None:
    """Upload and delete until the connection breaks."""
    with server.sign_in() as ada:
        client = Client(OverHttp(ada), world.ledger)
        collection = client.collection()
        with suppress(requests.ConnectionError):
            while True:
                uuids = [client.upload(collection, photograph())[0] for _ in range(2)]
                client.delete_file(uuids[0])
    server.kill()
