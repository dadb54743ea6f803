"""The demonstration album: which photographs there are, the most beautiful first."""

from __future__ import annotations

from app.demo.daylight import DAYLIGHT
from app.demo.evening import EVENING
from app.demo.photo import DemoPhoto, draw, upright
from app.demo.roll import COAST, NIGHT

__all__ = ["ALBUM", "COAST", "NIGHT", "DemoPhoto", "draw", "upright"]

ALBUM: tuple[DemoPhoto, ...] = DAYLIGHT + EVENING
