"""Two servers over one database and one store do not interfere; `make races RACES=200` runs longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import races
from tests.faults.contests import KINDS
from tests.faults.world import World

RACES = 9


@pytest.mark.slow
@pytest.mark.parametrize("database", races.DATABASES)
def test_two_servers_do_not_interfere(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgres" else ""
    tally = races.run(World(tmp_path, url), RACES, seed=1)
    print(tally, tally.answers)
    assert tally.breaches == []
    assert tally.is_well, tally
    assert tally.races == dict.fromkeys((kind.kind for kind in KINDS), RACES // len(KINDS))
