"""Wraps functions of the running program from outside: to be killed at a point, to list what is made and stored."""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.jobs import sweeper, tasks
from tests.faults.ledger import Ledger
from tests.faults.points import BY_NAME, Point

Around = Callable[[Callable[..., Any]], Callable[..., Any]]
Replace = Callable[[Any, str, Any], object]


@dataclass(frozen=True)
class Armed:
    """The nth time that a point is crossed is the end; of the whole group of processes, if it is to be."""

    point: str
    nth: int = 1
    group: bool = False


def wrap(target: str, around: Around, replace: Replace = setattr) -> None:
    """Replace a function, named as `module:attribute.path`, by what is around it; for good, or as monkeypatch does."""
    module, path = target.split(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    kept = inspect.getattr_static(owner, name)
    replaced = functools.wraps(getattr(owner, name))(around(getattr(owner, name)))
    replace(owner, name, staticmethod(replaced) if isinstance(kept, staticmethod) else replaced)


class Trap:
    """Kills this process, with SIGKILL, at the nth crossing of one point; `ledger` tells that it did."""

    def __init__(self, armed: Armed, ledger: Ledger) -> None:
        self._armed, self._ledger = armed, ledger
        self._left, self._lock = armed.nth, threading.Lock()
        self._thread = threading.local()

    def set(self) -> None:
        """Wrap what the point is about."""
        point = BY_NAME[self._armed.point]
        wrap(point.target, functools.partial(self._around, point))
        if point.since:
            wrap(point.since, functools.partial(self._noticed, point))

    def _around(self, point: Point, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            meant = self._is_meant(point)
            if meant and point.when == "before" and (point.since or point.which(arguments, None)):
                self._cross()
            result = function(*arguments, **named)
            if meant and point.when == "after" and (point.since or point.which(arguments, result)):
                self._cross()
            return result

        return watched

    def _noticed(self, point: Point, function: Callable[..., Any]) -> Callable[..., Any]:
        def noticing(*arguments: Any, **named: Any) -> Any:
            self._thread.noticed = point.which(arguments, None)
            return function(*arguments, **named)

        return noticing

    def _is_meant(self, point: Point) -> bool:
        if not point.since:
            return True
        noticed, self._thread.noticed = getattr(self._thread, "noticed", False), False
        return bool(noticed)

    def _cross(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._ledger.note("killed", point=self._armed.point)
                os.killpg(0, signal.SIGKILL) if self._armed.group else os.kill(os.getpid(), signal.SIGKILL)


def list_puts(ledger: Ledger, replace: Replace = setattr) -> None:
    """Note the key and the digest of everything that is about to be given its name in the store."""

    def around_link(function: Callable[..., Any]) -> Callable[..., Any]:
        def listed(storage: Any, key: str, temporary: Path, target: Path) -> Any:
            ledger.note("put", key=key, sha256=hashlib.sha256(temporary.read_bytes()).hexdigest())
            return function(storage, key, temporary, target)

        return listed

    def around_send(function: Callable[..., Any]) -> Callable[..., Any]:
        def listed(client: Any, upload: Any) -> Any:
            ledger.note("put", key=upload.key, sha256=upload.payload.sha256)
            return function(client, upload)

        return listed

    wrap("app.integrations.local_storage:LocalStorage._link", around_link, replace)
    wrap("app.integrations.file_storage:send", around_send, replace)


def list_renditions(ledger: Ledger, replace: Replace = setattr) -> None:
    """Note everything that was rendered, just before it is stored."""

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def listed(store: Any, original: Any, picture: Any, progress: Any) -> Any:
            ledger.note("rendered", uuid=original.uuid, names=[made.spec.name for made in picture.renditions])
            return function(store, original, picture, progress)

        return listed

    wrap("app.services.variants.store:VariantStore.keep", around, replace)


def list_tries(ledger: Ledger, replace: Replace = setattr) -> None:
    """Note who tried to have a file, or the lease of a variant on demand, and whether they got it."""

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def listed(what: Any, *arguments: Any) -> Any:
            got = function(what, *arguments)
            name = str(what)
            if name != "sweep" and not name.endswith("/failed"):
                ledger.note("tried", name=name, process=os.getpid(), got=got is not None)
            return got

        return listed

    wrap("app.services.variants.claims:acquire", around, replace)
    wrap("app.services.leases:acquire", around, replace)


def hurry_sweeps(seconds: float) -> None:
    """Have the same rounds of the sweep, sooner."""
    tasks.SWEEP_LEASE = tasks.SWEEP_LEASE * (seconds / sweeper.SWEEP_SECONDS)
    sweeper.SWEEP_SECONDS = seconds
