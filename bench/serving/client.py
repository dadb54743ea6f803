"""The client's process: it loads the server, and its CPU time is counted apart."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

Result = TypeVar("Result")


class Client:
    """A process that runs coroutine functions; `cpu_seconds` of all of them. To be used as a context manager."""

    def __init__(self) -> None:
        self.cpu_seconds = 0.0

    def __enter__(self) -> Client:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=raise_file_limit)
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown()

    def run(self, function: Callable[..., Coroutine[Any, Any, Result]], *arguments: Any) -> Result:
        """What the coroutine function of a module returns in that process."""
        result, seconds = self._pool.submit(_run, function, arguments).result()
        self.cpu_seconds += seconds
        return result  # type: ignore[no-any-return]


def raise_file_limit() -> None:
    """Allow as many open files as the system permits."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _run(function: Callable[..., Coroutine[Any, Any, Any]], arguments: tuple[Any, ...]) -> tuple[Any, float]:
    start = time.process_time()
    result = asyncio.run(function(*arguments))
    return result, time.process_time() - start
