"""The ladder: the variants that are made of every original. To add a size, add a row to LADDER."""

from __future__ import annotations

from dataclasses import dataclass, replace

Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class VariantSpec:
    """One variant: `width` and `height` in pixels as displayed (None: by proportion), JPEG-like `quality`, format."""

    name: str
    width: int | None
    height: int | None
    crop: bool
    quality: int
    format: str = "jpeg"
    at_upload: bool = True


LADDER: tuple[VariantSpec, ...] = (
    VariantSpec("large", width=2048, height=2048, crop=False, quality=82, at_upload=False),
    VariantSpec("medium", width=1200, height=None, crop=False, quality=85),
    VariantSpec("small", width=480, height=480, crop=False, quality=80),
    VariantSpec("thumb", width=200, height=200, crop=True, quality=75),
)
AT_UPLOAD: tuple[VariantSpec, ...] = tuple(spec for spec in LADDER if spec.at_upload)
# Added to JPEG's quality setting for the same SSIMULACRA2, around 80; measured by `make bench-imaging`.
_SAME_LOOK = {"webp": 4, "avif": -9}


def by_name(name: str) -> VariantSpec:
    """The spec with this name in LADDER; raises KeyError."""
    for spec in LADDER:
        if spec.name == name:
            return spec
    raise KeyError(name)


def sibling(spec: VariantSpec, format_name: str) -> VariantSpec:
    """The spec for the same variant as "webp" or "avif", at equal visual quality; raises KeyError for other formats."""
    quality = spec.quality + _SAME_LOOK[format_name]
    return replace(spec, name=f"{spec.name}_{format_name}", format=format_name, quality=quality, at_upload=False)


def by_key(key: str) -> VariantSpec:
    """The spec of a recorded variant name, such as "thumb" or "thumb_webp"; raises KeyError."""
    name, _, format_name = key.partition("_")
    return sibling(by_name(name), format_name) if format_name else by_name(name)


def family(name: str) -> tuple[str, ...]:
    """The name of a variant and the names of its siblings in other formats."""
    return (name, *(f"{name}_{format_name}" for format_name in _SAME_LOOK))


def every() -> list[VariantSpec]:
    """All specs: the ladder and its siblings in other formats."""
    return [*LADDER, *(sibling(spec, format_name) for spec in LADDER for format_name in _SAME_LOOK)]


def fit(spec: VariantSpec, width: int, height: int) -> Size:
    """The size in pixels of the spec's variant of a picture of this size; never larger, at least 1 x 1.

    A cropping spec keeps its proportions: a picture smaller than 200 x 200 still has a square thumb.
    """
    if spec.crop:
        frame = (spec.width or width, spec.height or height)
        return _scaled(frame, min(1.0, width / frame[0], height / frame[1]))
    ratios = [limit / side for limit, side in ((spec.width, width), (spec.height, height)) if limit]
    return _scaled((width, height), min(1.0, *ratios) if ratios else 1.0)


def crop_box(source: tuple[float, float], target: Size) -> Box:
    """The largest centred box in the source with the target's proportions, in source pixels."""
    scale = min(source[0] / target[0], source[1] / target[1])
    width, height = target[0] * scale, target[1] * scale
    left, top = max(0.0, (source[0] - width) / 2), max(0.0, (source[1] - height) / 2)
    return (left, top, min(source[0], left + width), min(source[1], top + height))


def _scaled(size: Size, scale: float) -> Size:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
