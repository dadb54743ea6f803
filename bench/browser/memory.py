"""What a page holds in memory, after everything that nobody needs has been thrown away."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psutil
from playwright.sync_api import Browser, CDPSession

from bench.browser.visit import Visit

# memory-infra, as chrome://tracing shows it: images as they were fetched, and as they are decoded.
CATEGORIES = {"includedCategories": ["disabled-by-default-memory-infra"], "memoryDumpConfig": {"triggers": []}}
FETCHED, DECODED = "web_cache/Image_resources", "cc/image_memory"
DUMP_SECONDS = 30


@dataclass(frozen=True)
class Held:
    """Bytes of JavaScript, nodes of all documents, bytes of images and of the process that draws the page."""

    heap: int
    nodes: int
    images: int
    process: int


def held(browser: Browser, visitor: Visit) -> Held:
    """What is held now; collects garbage twice, for the second time what only finalizers held."""
    for _ in range(2):
        visitor.devtools.send("HeapProfiler.collectGarbage")
    heap = visitor.devtools.send("Runtime.getHeapUsage")["usedSize"]
    nodes = visitor.devtools.send("Memory.getDOMCounters")["nodes"]
    devtools = browser.new_browser_cdp_session()
    try:
        return Held(int(heap), int(nodes), _images(devtools, visitor), _processes(devtools))
    finally:
        devtools.detach()


def _processes(devtools: CDPSession) -> int:
    """Bytes that the renderers have for themselves; there is but one with a page."""
    found = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
    return max(psutil.Process(each["id"]).memory_full_info().uss for each in found if each["type"] == "renderer")


def _images(devtools: CDPSession, visitor: Visit) -> int:
    """Bytes of images, fetched and decoded, in all processes, as Chromium's own memory dump has them."""
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
    """One number for each folder of images in each process's dump."""
    sizes = []
    for event in trace["traceEvents"]:
        allocators = event.get("args", {}).get("dumps", {}).get("allocators", {})
        for name, dump in allocators.items():
            if name == FETCHED or name.startswith(f"{DECODED}/"):
                sizes.append(int(dump["attrs"].get("size", {}).get("value", "0"), 16))
    return sizes
