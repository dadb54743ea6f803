"""Devices and connections to emulate.

Slow 4G is Lighthouse's mobile preset, about the slowest quarter of 4G connections (GoogleChrome/lighthouse,
docs/throttling.md, `mobileSlow4G` in core/config/constants.js). Fast 4G is the preset of that name in Chrome's DevTools
(front_end/core/sdk/NetworkManager.ts). Both use the target round trip and rates, without the factors by which those
tools add the cost of a new connection to every request.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """A connection: round trip in milliseconds, megabits a second down and up."""

    name: str
    round_trip_ms: float
    down_mbit: float
    up_mbit: float

    @property
    def conditions(self) -> dict[str, object]:
        """Parameters for DevTools' Network.emulateNetworkConditions, in bytes a second."""
        return {
            "offline": False,
            "latency": self.round_trip_ms,
            "downloadThroughput": self.down_mbit * 1e6 / 8,
            "uploadThroughput": self.up_mbit * 1e6 / 8,
        }


SLOW_4G = Network("Slow 4G", 150, 1.6, 0.75)
FAST_4G = Network("Fast 4G", 60, 9, 1.5)


@dataclass(frozen=True)
class Device:
    """A screen in CSS pixels, its device pixel ratio, and the factor by which the processor is slowed down."""

    name: str
    width: int
    height: int
    density: int
    slowdown: int = 1
    mobile: bool = False

    @property
    def options(self) -> dict[str, object]:
        """Options for Playwright's new_context."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "device_scale_factor": self.density,
            "is_mobile": self.mobile,
            "has_touch": self.mobile,
        }


PHONE = Device("phone", 390, 844, 3, slowdown=4, mobile=True)
DESKTOP = Device("desktop", 1440, 900, 1)
DENSE = Device("dense desktop", 1440, 900, 3)


@dataclass(frozen=True)
class Scene:
    """A device and its connection; None means an unthrottled connection on the same machine."""

    device: Device
    network: Network | None = None

    @property
    def name(self) -> str:
        """The name in tables."""
        return f"{self.device.name}, {self.network.name if self.network else 'local'}"
