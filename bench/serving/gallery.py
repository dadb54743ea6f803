"""The collection that the serving bench loads, and the paths of its page, pictures and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.browser.album import Album
from bench.photos import WEDDING, drawn
from bench.serving.http import request
from bench.serving.sites import Benched
from bench.serving.slow import Kind
from tests.support.photographer import Photographer

SHOTS = WEDDING[:4]
PHOTOGRAPHS = 60  # the tiles of a page
BIG_BYTES = 32_000_000  # more than the kernel buffers
STYLE = "/static/css/gallery.css"
BOUNDARY = "a-boundary"
READ_OF_PAGE, READ_OF_ORIGINAL = 4096, 65536


@dataclass(frozen=True)
class Gallery:
    """A public collection of 60 photographs, one of them with an original of 32 MB, and its photographer."""

    page: str
    status: str
    thumbnail: str
    preview: str
    original: str
    signed_in: Mapping[str, str]

    @property
    def paths(self) -> dict[str, str]:
        """What `--rates` requests."""
        return {
            "static file": STYLE,
            "thumbnail": self.thumbnail,
            "preview": self.preview,
            f"page of {PHOTOGRAPHS} tiles": self.page,
            "status": self.status,
        }

    @property
    def slow_clients(self) -> list[Kind]:
        """The clients of `--slow`."""
        form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "1000"}
        upload = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": "50000000"}
        part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        identity = {"Accept-Encoding": "identity"}
        return [
            Kind("half heads", request(self.page, {"X-Half": "a head"}).removesuffix(b"\r\n\r\n")),
            Kind("half forms", request("/auth/sign-in", form, "POST") + b"email=ada"),
            Kind(
                "half uploads",
                request(f"{self.page}/upload", {**upload, **self.signed_in}, "POST") + part.encode() + b"x" * 65536,
            ),
            Kind("stopped readers of an original", request(self.original, {}), READ_OF_ORIGINAL),
            Kind("stopped readers of a page", request(self.page, identity), READ_OF_PAGE),
        ]


def made(server: Benched, ada: Photographer) -> Gallery:
    """Upload photographs and copy them into a collection; with a big original that is not in it."""
    album = Album(server, ada, drawn(SHOTS))
    page = f"/collections/{album.collection('Wedding', PHOTOGRAPHS)}"
    first = ada.get(f"{page}/status").json()["files"][0]
    (big,) = ada.upload(ada.collection("Big"), ("big.jpg", SHOTS[0].path.read_bytes() + bytes(BIG_BYTES)))
    ada.wait_for_large(big)  # the last work of the server before it is measured
    return Gallery(
        page, f"{page}/status", first["thumb"], first["preview"], f"/collections/files/{big}/original", ada.headers()
    )
