"""The photographs of the demo gallery, the most beautiful first."""

from __future__ import annotations

from demo.daylight import DAYLIGHT
from demo.evening import EVENING
from demo.photo import DemoPhoto, draw, upright
from demo.shots import COAST, NIGHT

__all__ = ["ALBUM", "COAST", "NIGHT", "DemoPhoto", "draw", "upright"]

ALBUM: tuple[DemoPhoto, ...] = DAYLIGHT + EVENING
