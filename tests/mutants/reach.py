"""A plugin of pytest that notes which lines of the changed modules each test executes, and its processor time.

The folder `MUTANTS_REACH` gets one JSON file from each process: {test: {"seconds": s, "lines": {module: [line]}}}.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

_modules = {str(Path(name).resolve()): name for name in os.environ["MUTANTS_MODULES"].split()}
_lines: dict[str, set[int]] = defaultdict(set)
_tests: dict[str, dict[str, Any]] = {}


def _trace(frame: FrameType, _event: str, _argument: object) -> Any:
    module = _modules.get(frame.f_code.co_filename)
    if module is None:
        return None
    lines = _lines[module]

    def note(frame: FrameType, _event: str, _argument: object) -> Any:
        lines.add(frame.f_lineno)
        return note

    return note(frame, "", None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Trace one test with its fixtures, in all threads."""
    _lines.clear()
    start = time.process_time()  # beside other programs a test takes many times longer
    threading.settrace(_trace)
    sys.settrace(_trace)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        lines = {module: sorted(found) for module, found in list(_lines.items())}
        _tests[item.nodeid] = {"seconds": time.process_time() - start, "lines": lines}


def pytest_sessionfinish() -> None:
    """Write what this process has noted."""
    path = Path(os.environ["MUTANTS_REACH"]) / f"{os.getpid()}.json"
    path.write_text(json.dumps(_tests), encoding="utf-8")
