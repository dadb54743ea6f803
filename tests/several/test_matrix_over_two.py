"""The matrix of routes and visitors, asked of two servers in turn: the rows that only read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import pytest
import requests

from tests.security import matrix
from tests.security.house import Furnished, built
from tests.security.matrix import Cell
from tests.security.routes import ROUTES, Route
from tests.security.test_matrix import addresses, wanted
from tests.support.postgres import Cluster
from tests.support.server import LiveServer, migrate
from tests.support.studio import JSON

SECONDS = 60.0
READING = [route for route in ROUTES if "GET" in route.methods.split() and not route.writes]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, postgres_server: Cluster) -> Iterator[Furnished]:
    """A house with its rows in PostgreSQL."""
    folder = tmp_path_factory.mktemp("house")
    with postgres_server.database() as database:
        migrate(os.environ | {"SECRET_KEY": "only for tests", "DATABASE_URL": database})
        with built(folder, DATABASE_URL=database) as house:
            yield house


@pytest.fixture(scope="module")
def urls(house: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The addresses of two servers of this house."""
    settings = {name: house.app.config[name] for name in ("DATABASE_URL", "STORAGE_PATH", "SECRET_KEY")}
    folder = tmp_path_factory.mktemp("servers")
    servers = [LiveServer(folder / str(number), VARIANT_WAIT_SECONDS="0", **settings) for number in range(2)]
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.kill)
        yield [server.url for server in servers]


def problem(house: Furnished, url: str, cell: Cell, route: Route, path: str) -> str:
    """What is wrong with the answer to one visitor; "" if it is that of the table."""
    headers = JSON | house.visitors[cell.visitor]
    query = route.body(house.place(cell.visitor, cell.kind)).get("query_string")
    answer = requests.get(url + path, headers=headers, params=query, timeout=SECONDS, allow_redirects=False)
    status, code = wanted(cell, route)
    told = answer.json()["error"]["code"] if code else code
    return "" if (answer.status_code, told) == (status, code) else f"{answer.status_code} {told}, not {status} {code}"


def test_every_visitor_gets_the_answer_of_the_table_at_both(house: Furnished, urls: list[str]) -> None:
    turn, wrong = count(), []
    for route in READING:
        for cell in matrix.cells(route.group):
            for path in addresses(house, route, house.place(cell.visitor, cell.kind)):
                url = urls[next(turn) % len(urls)]
                if found := problem(house, url, cell, route, path):
                    wrong.append(f"{url}{path} for {cell}: {found}")
    assert wrong == []
    assert next(turn) > 1000
