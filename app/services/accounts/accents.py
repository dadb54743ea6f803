"""Adjust an account's accent colour to readable contrast (WCAG 2.2) on light and dark pages."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

Colour = tuple[float, float, float]  # red, green and blue, 0 to 1

# --paper, --surface and --sunken of css/tokens.css: the accent is text on them, and they are text on it.
LIGHT = ("#faf9f7", "#ffffff", "#efede9")
DARK = ("#141413", "#1d1d1b", "#242321")
MIN_CONTRAST = 4.5  # WCAG 2.2, level AA, for text
STEPS = 200


@dataclass(frozen=True)
class Accent:
    """The accent for one colour scheme, and the page background tinted with it for highlights; both #rrggbb."""

    accent: str
    soft: str


def light(colour: str) -> Accent:
    """Return the accent for light pages, darkened until it is readable."""
    return _readable(colour, LIGHT, darker=True)


def dark(colour: str) -> Accent:
    """Return the accent for dark pages, lightened until it is readable."""
    return _readable(colour, DARK, darker=False)


def is_colour(text: str) -> bool:
    """Return whether the text is a colour in the form #rrggbb."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    brighter, darker = sorted((_luminance(_parse(one)), _luminance(_parse(other))), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _readable(colour: str, pages: tuple[str, ...], *, darker: bool) -> Accent:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parse(colour))
    end = 0.0 if darker else 1.0
    for step in range(STEPS + 1):
        found = _hex(colorsys.hls_to_rgb(hue, lightness + (end - lightness) * step / STEPS, saturation))
        soft = _mixed(found, pages[0], 0.12 if darker else 0.18)
        if all(contrast(found, page) >= MIN_CONTRAST for page in (*pages, soft)):
            break
    return Accent(found, soft)


def _mixed(colour: str, page: str, part: float) -> str:
    red, green, blue = (a * part + b * (1 - part) for a, b in zip(_parse(colour), _parse(page), strict=True))
    return _hex((red, green, blue))


def _luminance(colour: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parse(colour: str) -> Colour:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return red, green, blue


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(c * 255):02x}" for c in colour)
