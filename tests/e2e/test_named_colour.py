"""The recorded colours for the renderer tests match those of the installed browser."""

from __future__ import annotations

import base64
import re

import numpy as np
from playwright.sync_api import Browser

from tests.support.named_colours import MIDDLES, NAMED, distance, drawn

DRAW = """async ([address, places]) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d", { colorSpace: "srgb" });
    context.drawImage(image, 0, 0);
    return places.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3));
}"""


def test_recorded_colours_match_chromium(browser: Browser) -> None:
    page = browser.new_page()
    for name, data in NAMED.items():
        kind = re.split("[ ,]", name)[0].lower()
        address = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
        found = np.array(page.evaluate(DRAW, [address, MIDDLES]), float)
        assert distance(found, drawn(name)) < 1, name
    page.close()
