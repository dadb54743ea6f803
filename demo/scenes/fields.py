"""Rows of lavender that lead to the horizon."""

from __future__ import annotations

from PIL import Image, ImageDraw

from demo.brushes import (
    Sheet,
    Stops,
    colour,
    ease,
    glow,
    gradient,
    lay,
    light,
    mix,
    ramp,
    silhouette,
    soften,
    under,
)
from demo.noise import profile
from demo.scenes.sea import Evening, clouds

PROVENCE = Evening(
    sky=((0, "#3f5f9e"), (0.2, "#8f8fb8"), (0.36, "#f0b08e"), (0.46, "#ffdca0"), (1, "#ffdca0")),
    sea=((0, "#000000"), (1, "#000000")),
    sun="#fff0c4",
    at=(0.66, 0.4),
    disc=0.0,
    level=0.46,
    clouds="#ffb48a",
)


def lavender(
    sheet: Sheet, evening: Evening = PROVENCE, hues: tuple[str, str, str] = ("#2c1a4a", "#6a4aa8", "#c9a2e8")
) -> Image.Image:
    """Paint rows of lavender in the last sun."""
    picture = clouds(sheet, gradient(sheet.size, evening.sky), evening)
    centre = (sheet.width * evening.at[0], sheet.height * evening.at[1])
    for radius, strength in ((1.0, 0.5), (0.3, 0.6), (0.08, 0.8)):
        picture = light(picture, evening.sun, glow(sheet.size, centre, (sheet.unit * radius,) * 2), strength)
    _hills(sheet, picture, evening)
    soil: Stops = ((0, "#c98f6a"), (evening.level, "#b07a5c"), (0.7, "#5a3a30"), (1, "#2a1a18"))
    floor = sheet.height * evening.level
    ground = [
        (-2.0, floor),
        (sheet.width + 2.0, floor),
        (sheet.width + 2.0, sheet.height + 2.0),
        (-2.0, sheet.height + 2.0),
    ]
    lay(picture, gradient(sheet.size, soil), silhouette(sheet.size, [ground]))
    _rows(sheet, picture, evening, hues)
    near = ramp(sheet.size, lambda y: ease((y - 0.66) * 3.4))
    picture.paste(soften(picture, sheet.unit * 0.006), (0, 0), near)
    return light(picture, evening.sun, glow(sheet.size, (centre[0], floor), (sheet.unit * 0.8, sheet.unit * 0.35)), 0.5)


def _hills(sheet: Sheet, picture: Image.Image, evening: Evening) -> None:
    for share, paint in ((0.05, "#c08a94"), (0.025, "#8a6480")):
        line = [sheet.height * (evening.level + 0.005 - share * h) for h in profile(sheet.rng, 400, 4, 0.4)]
        lay(picture, paint, silhouette(sheet.size, [under(line, sheet.size)]))


def _rows(sheet: Sheet, picture: Image.Image, evening: Evening, hues: tuple[str, str, str]) -> None:
    pen, steps = ImageDraw.Draw(picture), min(150, sheet.height)
    for step in range(steps):
        near = 0.02 * (54 ** (step / (steps - 1)))
        y = sheet.height * (evening.level + (1.08 - evening.level) * near)
        for row in range(-34, 35):
            x = sheet.width * (0.56 + (row + 0.5) * 0.3 * near - 0.06 * (1 - near))
            if -0.2 * sheet.width < x < 1.2 * sheet.width:
                _tuft(sheet, pen, (x, y), near, hues)


def _tuft(
    sheet: Sheet, pen: ImageDraw.ImageDraw, place: tuple[float, float], near: float, hues: tuple[str, str, str]
) -> None:
    rng, x, y = sheet.rng, *place
    dark, body, tip = (colour(hue) for hue in hues)
    air = colour("#e0a59a")
    size = sheet.unit * 0.13 * near
    pen.ellipse(
        (x - size * 0.5, y - size * 0.62, x + size * 0.5, y),
        fill=mix(mix(dark, body, 0.25), air, 0.45 * (1 - near) ** 3),
    )
    for _ in range(3 + round(300 * near)):
        across = rng.triangular(-0.62, 0.62, 0) + rng.triangular(-0.3, 0.3, 0)
        tall = size * (1.1 - 0.5 * abs(across)) * rng.uniform(0.5, 1.1)
        px, py = x + across * size, y - tall
        lightness = ease(tall / size * 0.75 + rng.uniform(-0.25, 0.2))
        paint = mix(mix(dark, body, min(1.0, lightness * 1.6)), tip, max(0.0, lightness - 0.55) * 1.6)
        paint = mix(paint, air, 0.45 * (1 - near) ** 3)
        grain = max(0.7, size * 0.013)
        pen.ellipse((px - grain, py - grain * 1.8, px + grain, py + grain * 1.8), fill=paint)
