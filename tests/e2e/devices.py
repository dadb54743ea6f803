"""Devices: the browser options of phones and laptops."""

from __future__ import annotations

from typing import Any

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DENSE_PHONE = PHONE | {"device_scale_factor": 3}
LAPTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
