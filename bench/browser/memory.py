"""Measure a page's memory after garbage collection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psutil
from playwright.sync_api import Browser, CDPSession

from bench.browser.visit import Visit

# Categories of memory-infra (chrome://tracing) for fetched and decoded images.
CATEGORIES = {"includedCategories": ["disabled-by-default-memory-infra"], "memoryDumpConfig": {"triggers": []}}
FETCHED, DECODED = "web_cache/Image_resources", "cc/image_memory"
DUMP_SECONDS = 30


@dataclass(frozen=True)
class MemoryUse:
    """Bytes of the JavaScript heap, DOM nodes, bytes of images, and bytes of the renderer process."""

    heap: int
    nodes: int
    images: int
    process: int


def memory_use(browser: Browser, visitor: Visit) -> MemoryUse:
    """Collect garbage, twice because of finalizers, and measure the page's memory."""
    for _ in range(2):
        visitor.devtools.send("HeapProfiler.collectGarbage")
    heap = visitor.devtools.send("Runtime.getHeapUsage")["usedSize"]
    nodes = visitor.devtools.send("Memory.getDOMCounters")["nodes"]
    devtools = browser.new_browser_cdp_session()
    try:
        return MemoryUse(int(heap), int(nodes), _images(devtools, visitor), _processes(devtools))
    finally:
        devtools.detach()


def _processes(devtools: CDPSession) -> int:
    """The private bytes of the largest renderer process, which is the page's."""
    found = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
    return max(psutil.Process(each["id"]).memory_full_info().uss for each in found if each["type"] == "renderer")


def _images(devtools: CDPSession, visitor: Visit) -> int:
    """Bytes of fetched and decoded images in all processes, from Chromium's memory dump."""
    done: list[dict[str, Any]] = []
    devtools.on("Tracing.tracingComplete", lambda event: done.append(event))
    devtools.send("Tracing.start", {"transferMode": "ReturnAsStream", "traceConfig": CATEGORIES})
    devtools.send("Tracing.requestMemoryDump", {"levelOfDetail": "detailed"})
    devtools.send("Tracing.end")
    for _ in range(DUMP_SECONDS * 10):
        if done:
            break
        visitor.page.wait_for_timeout(100)
    return sum(_sizes(json.loads(_read(devtools, done[0]["stream"]))))


def _read(devtools: CDPSession, stream: str) -> str:
    parts = []
    while True:
        part = devtools.send("IO.read", {"handle": stream})
        parts.append(part["data"])
        if part["eof"]:
            devtools.send("IO.close", {"handle": stream})
            return "".join(parts)


def _sizes(trace: dict[str, Any]) -> list[int]:
    """The size of each image allocator in each process's dump."""
    sizes = []
    for event in trace["traceEvents"]:
        allocators = event.get("args", {}).get("dumps", {}).get("allocators", {})
        for name, dump in allocators.items():
            if name == FETCHED or name.startswith(f"{DECODED}/"):
                sizes.append(int(dump["attrs"].get("size", {}).get("value", "0"), 16))
    return sizes
