"""A photo that ends each process that prepares it, and good ones beside it: `python -m tests.faults.killer FOLDER`.

Prints, as JSON, how often the process died and what became of the photos, the killer's first.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.models import File
from app.services.queue import QUEUE
from app.services.uploads.folder import NullQueue
from tests.faults import child, traps
from tests.faults.client import Client, InProcess
from tests.faults.pictures import photograph
from tests.faults.processes import KILLED, outcome_of
from tests.faults.world import World

GOOD = 5
LIVES = 12
BEFORE_DEATH, AT_WORK = 0.3, 0.6  # seconds: whoever has begun beside the killer is taken down in the middle


def upload(world: World) -> None:
    """Upload photos without preparing them."""
    app = create_app(world.settings() | {"VARIANT_WAIT_SECONDS": 0.0})
    app.extensions[QUEUE] = NullQueue()
    client = Client(InProcess(app.test_client(), child.USER_ID), world.ledger)
    killer, good = photograph(width=400), (photograph() for _ in range(GOOD))  # told apart by their size
    client.upload(client.collection(), killer, *good)


def live(world: World, deadly_size: int) -> None:
    """Prepare what is due, as a server does, and die of the killer."""
    traps.wrap("app.imaging.render:render", partial(_deadly, deadly_size))
    child.recover(world)


def _deadly(size: int, render: Callable[..., Any]) -> Callable[..., Any]:
    def rendering(stream: Any, *more: Any) -> Any:
        if os.fstat(stream.fileno()).st_size == size:
            time.sleep(BEFORE_DEATH)
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(AT_WORK)
        return render(stream, *more)

    return rendering


def files(world: World) -> list[File]:
    """In the order of upload."""
    with Session(world.engine) as session:
        return list(session.scalars(select(File).order_by(File.id)))


def main(folder: Path) -> None:
    """Run processes until one survives and no work is left."""
    world = World(folder)
    assert outcome_of(partial(child.prepare, world), world.log) == 0
    assert outcome_of(partial(upload, world), world.log) == 0
    killer = files(world)[0]
    deaths = 0
    while deaths < LIVES and outcome_of(partial(live, world, killer.size), world.log) == KILLED:
        deaths += 1
        world.let_time_pass()
    found = [(file.processing_status, file.error_code) for file in files(world)]
    sys.stdout.write(json.dumps({"deaths": deaths, "files": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
