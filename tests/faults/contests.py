"""Races of two servers: variants of one file, a file being deleted, and uploads of the same bytes."""

from __future__ import annotations

import hashlib
import random
import secrets
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from tests.faults.pair import Pair
from tests.faults.pictures import photograph
from tests.support.processes import eventually

Shot = Callable[[], None]

PATIENCE = 30.0  # less than any lease (40, 60 s): nothing may have to wait for one to run out, since nobody was killed
LARGE = (2400, 1600)  # long enough in the making for somebody else to come between
LONG = 2_000_000  # bytes, so that an upload takes a while
AT_ONCE = 2  # of each request, at each server
DELAY_SECONDS = 0.25  # at most, of a deletion: from before the claim to after the end
VIEWS = ("thumbnail", "preview", "variants/large")


class Contest(ABC):
    """Requests that both servers receive at once; `breaches` describes what went wrong."""

    kind: str

    def __init__(self, pair: Pair, chance: random.Random) -> None:
        self.pair, self.chance = pair, chance
        self.doubled: list[str] = []
        self.lost: list[str] = []
        self.close = False  # whether the servers truly met: otherwise nothing was proved

    @property
    def breaches(self) -> list[str]:
        """All breaches found."""
        return [f"{self.kind}: {said}" for said in self.doubled + self.lost]

    @abstractmethod
    def shots(self) -> list[Shot]:
        """Prepare, and return the calls to be made simultaneously."""

    @abstractmethod
    def look(self) -> None:
        """Wait for the end, and inspect."""

    def _views(self, uuid: str, allowed: tuple[int, ...]) -> Iterator[Shot]:
        for person in self.pair.people:
            for view in VIEWS * AT_ONCE:
                yield partial(self._view, person.get, f"/collections/files/{uuid}/{view}", allowed)

    def _view(self, get: Callable[[str], int], path: str, allowed: tuple[int, ...]) -> None:
        if (status := get(path)) not in allowed:
            self.lost.append(f"{path} was answered {status}")

    def _uploaded(self, collection: str, count: int = 1) -> list[str]:
        """Files that have every variant, taken by one of the servers; nobody is at work on them any more."""
        uuids = self.chance.choice(self.pair.clients).upload(collection, *(photograph(*LARGE) for _ in range(count)))
        for uuid in uuids:
            self._completed(uuid)
        return uuids

    def _completed(self, uuid: str) -> None:
        """Visit until every variant exists."""

        def is_whole() -> bool:
            self.pair.clients[0].view(uuid, "large")
            return self.pair.is_whole(uuid)

        eventually(is_whole, PATIENCE, f"{uuid} has its variants")


class Claimed(Contest):
    """Missing variants of one file are requested by all; each must be made once."""

    kind = "claimed"

    def shots(self) -> list[Shot]:
        """Visitors of both servers, while both sweeps run."""
        (self._uuid,) = self._uploaded(self.pair.clients[0].collection())
        self._before, self._tried = self._rendered(), self.pair.tries(self._uuid)
        self.pair.unmake(self._uuid, pending=self.chance.random() < 0.5)
        return list(self._views(self._uuid, (200, 202)))

    def _rendered(self) -> Counter[str]:
        rendered = self.pair.world.ledger.facts().rendered
        return Counter({name: times for (uuid, name), times in rendered.items() if uuid == self._uuid})

    def look(self) -> None:
        """Each variant was rendered once."""
        try:
            self._completed(self._uuid)
        except AssertionError as error:
            self.lost.append(str(error))
        again, tries = self._rendered() - self._before, self.pair.tries(self._uuid) - self._tried
        self.close = len({process for _, process, _ in tries}) > 1 and any(not got for _, _, got in tries)
        self.doubled += [f"{name} of {self._uuid} was made {times} times" for name, times in again.items() if times > 1]


class Deleted(Contest):
    """A file, or its collection, is deleted at one server while both are asked for its variants."""

    kind = "deleted"

    def shots(self) -> list[Shot]:
        """A few visitors, so that whoever deletes in the midst of it finds a thread free."""
        client = self.chance.choice(self.pair.clients)
        collection = client.collection()
        whole = self.chance.random() < 0.5
        self._uuids = self._uploaded(collection, 2 if whole else 1)
        for uuid in self._uuids:
            self.pair.unmake(uuid, pending=self.chance.random() < 0.5)
        delete, what = (client.delete_collection, collection) if whole else (client.delete_file, self._uuids[0])
        views = [self.chance.choice(list(self._views(uuid, (200, 202, 404)))) for uuid in self._uuids * 2]
        return [*views, partial(self._late, partial(delete, what), self.chance.random() * DELAY_SECONDS)]

    @staticmethod
    def _late(deletion: Shot, seconds: float) -> None:
        time.sleep(seconds)
        deletion()

    def look(self) -> None:
        """Check that nothing remains."""
        try:
            eventually(lambda: self.pair.is_gone(*self._uuids), PATIENCE, f"{self._uuids} are gone")
        except AssertionError as error:
            self.lost.append(str(error))
        left = [stored.key for stored in self.pair.world.storage.list() if any(u in stored.key for u in self._uuids)]
        self.lost += [f"{key} is left of a deleted file" for key in left]
        self.close = bool(self.pair.world.ledger.facts().rendered_late & set(self._uuids))


class Twins(Contest):
    """The same bytes come to the same collection through both servers; one file is kept."""

    kind = "twins"

    def shots(self) -> list[Shot]:
        """The same upload by many clients."""
        self._collection, self._data = self.pair.clients[0].collection(), photograph() + secrets.token_bytes(LONG)
        self._told: list[tuple[str, str]] = []
        return [partial(self._upload, number) for number in range(len(self.pair.people))] * AT_ONCE

    def _upload(self, number: int) -> None:
        address, files = f"/collections/{self._collection}/upload", [("photo.jpg", self._data)]
        status, answer = self.pair.people[number].post(address, {}, files)
        if status != 201 or answer["errors"]:
            self.lost.append(f"an upload was answered {status}: {answer}")
            return
        (file,) = answer["files"]
        self.pair.clients[number].acknowledged(self._collection, file)
        self._told.append((file["uuid"], file["status"]))

    def look(self) -> None:
        """Check that all got the same file, and exactly one as new."""
        sha256 = hashlib.sha256(self._data).hexdigest()
        live = self.pair.live_twins(sha256)
        if len(live) != 1:
            self.doubled.append(f"{len(live)} live files have the same bytes: {live}")
        if {uuid for uuid, _ in self._told} - set(live):
            self.lost.append(f"{self._told} were told, {live} live")
        if sum(status != "duplicate" for _, status in self._told) != 1:
            self.lost.append(f"not one upload was the first: {self._told}")
        self.close = sum(sha256 in digests for digests in self.pair.world.ledger.facts().puts.values()) > 1
        try:
            for uuid in live:
                self._completed(uuid)
        except AssertionError as error:
            self.lost.append(str(error))


KINDS: tuple[type[Contest], ...] = (Twins, Claimed, Deleted)
