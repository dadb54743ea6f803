"""The photographs for benchmarks: scenes of the demo album, drawn at three camera resolutions."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random

from demo.album import ALBUM
from demo.brushes import Sheet
from demo.exif import exif_for
from demo.finish import developed

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out"
DRAWN = OUT / "photos"
DRAWING_PROCESSES = 2
PAINTED = 2000  # pixels on the longer side
MP12, MP24, MP45 = (4000, 3000), (6000, 4000), (8192, 5464)


@dataclass(frozen=True)
class Shot:
    """One photograph to draw: index of its scene in the album, size in pixels, grain (album: 1) and JPEG quality."""

    name: str
    scene: int
    size: tuple[int, int]
    grain: float
    quality: int = 92

    @property
    def megapixels(self) -> int:
        """Millions of pixels, rounded."""
        return round(self.size[0] * self.size[1] / 1e6)

    @property
    def path(self) -> Path:
        """The file to draw it to; the name has a digest of the drawing code, so that any change redraws it."""
        return DRAWN / f"{self.name}-{_version(self)}.jpg"


# JPEGs of 9 to 22 megapixels from 25 cameras had 0.23 bytes a pixel on average, from 0.10 to 0.42 (the test data of
# metadata-extractor, libavif and image-rs). These have 0.28, from 0.18 to 0.44; FIFTY needs more grain than any camera
# produces, for 50 MB.
GRAINS = (0.4, 0.6, 0.4, 0.6, 0.8, 0.6, 0.4, 1.5, 0.6, 1.0)
UPRIGHT = (2, 5, 8)
WEDDING = tuple(
    Shot(f"wedding-{number}", number * 2, MP12[::-1] if number in UPRIGHT else MP12, grain)
    for number, grain in enumerate(GRAINS)
)
LARGER = (Shot("larger-0", 1, MP24, 0.6), Shot("larger-1", 4, MP24, 0.8))
LARGEST = (Shot("largest-0", 3, MP45, 0.6), Shot("largest-1", 7, MP45, 0.8))
FIFTY = Shot("fifty", 7, MP45, 4, quality=98)
ALL = (FIFTY, *LARGEST, *LARGER, *WEDDING)


def drawn(shots: Sequence[Shot]) -> list[Path]:
    """The files of these photographs; draws missing ones, always with the same bytes."""
    missing = [shot for shot in shots if not shot.path.exists()]
    if missing:
        DRAWN.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(DRAWING_PROCESSES, mp_context=get_context("spawn")) as pool:
            list(pool.map(_draw, missing))
    return [shot.path for shot in shots]


def numbered(path: Path, number: int) -> bytes:
    """The bytes of the photograph with a number after its end marker: another file with the same picture."""
    return path.read_bytes() + number.to_bytes(4, "big")


def _draw(shot: Shot) -> None:
    """Paint at 3 megapixels for every size and add grain after enlarging; variants do not show finer detail."""
    photo = ALBUM[shot.scene % len(ALBUM)]
    rng = Random(shot.scene)
    share = PAINTED / max(shot.size)
    sheet = Sheet(round(shot.size[0] * share), round(shot.size[1] * share), rng)
    image = developed(photo.scene(sheet), shot.size, rng, shot.grain)
    unfinished = shot.path.with_suffix(".part")
    image.save(
        unfinished, "JPEG", quality=shot.quality, subsampling="4:2:0", exif=exif_for(replace(photo, orientation=1))
    )
    unfinished.rename(shot.path)


def _version(shot: Shot) -> str:
    sources = sorted((ROOT / "demo").rglob("*.py"))
    digest = hashlib.sha256(f"{shot} {inspect.getsource(_draw)}".encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:10]
