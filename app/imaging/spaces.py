"""Build ICC profiles for colour spaces that an image names without embedding a profile."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable
from dataclasses import dataclass

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]
# Red, green and blue in XYZ, adapted to D50. Adobe RGB (1998) Color Image Encoding, version 2005-05, annex A.
Primaries = Matrix
ADOBE_RGB: Primaries = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
# x and y of white, red, green and blue, in the order of PNG's cHRM.
Chromaticities = tuple[float, float, float, float, float, float, float, float]
D65 = (0.3127, 0.3290)
BT709: Chromaticities = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_D50 = (0.9642, 1.0, 0.8249)
# Bradford: XYZ to the responses of the eye's cones (ICC.1:2022, annex E.3).
_CONES: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_HEADER_BYTES, _TAG_BYTES = 128, 12
_LARGEST = 32767  # the largest integer part of an ICC s15Fixed16Number


@dataclass(frozen=True)
class Curve:
    """A transfer function to linear light: (a * value + b) ** gamma from `d` up, c * value below (ICC type 3)."""

    gamma: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0

    @property
    def is_writable(self) -> bool:
        """Whether an ICC profile can store it; an image may name any gamma."""
        return 1 / 256 <= self.gamma <= 256


SRGB = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def to_xyz(space: Chromaticities) -> Matrix | None:
    """The matrix from linear RGB to XYZ, with white at luminance 1; None if the chromaticities are degenerate."""
    white, *colours = ((x, y, 1 - x - y) for x, y in zip(space[::2], space[1::2], strict=True))
    if white[1] <= 0:
        return None
    columns = _transposed((colours[0], colours[1], colours[2]))
    back = inverse(columns)
    if back is None:
        return None
    amounts = apply(back, (white[0] / white[1], 1.0, white[2] / white[1]))
    return _transposed(_scaled(_transposed(columns), amounts))


def adapted(space: Chromaticities) -> Primaries | None:
    """The primaries in XYZ, adapted to D50 as ICC requires; None if they form no valid colour space."""
    matrix = to_xyz(space)
    to_cones = inverse(_CONES)
    if matrix is None or to_cones is None:
        return None
    white, wanted = apply(_CONES, apply(matrix, (1.0, 1.0, 1.0))), apply(_CONES, _D50)
    if min(white) <= 0:
        return None
    ratios = (wanted[0] / white[0], wanted[1] / white[1], wanted[2] / white[2])
    found = _transposed(product(to_cones, product(_scaled(_IDENTITY, ratios), product(_CONES, matrix))))
    return found if max(abs(value) for row in found for value in row) < _LARGEST else None


def matrix_profile(name: str, primaries: Primaries, curve: Curve) -> bytes:
    """The bytes of an ICC version 4 display profile of three primaries and one curve (ICC.1:2022, 8.3 and 10.18)."""
    numbers = (curve.gamma, curve.a, curve.b, curve.c, curve.d)
    para = b"para" + struct.pack(">4xHxx", 3) + b"".join(_fixed(number) for number in numbers)
    tags = {key: _xyz(value) for key, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)}
    return _profile(name, tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), para))


def table_profile(name: str, steps: int, xyz: Callable[[Row], Row]) -> bytes:
    """The bytes of an ICC display profile with a lookup table of `steps` levels per channel.

    `xyz` maps RGB (0 to 1) to XYZ (D50, up to 1).
    """
    levels = [number / (steps - 1) for number in range(steps)]
    colours = (xyz((red, green, blue)) for red in levels for green in levels for blue in levels)
    grid = array("H", (min(max(round(value * 32768), 0), 65535) for colour in colours for value in colour))
    ends = array("H", (0, 65535) * 3)
    for numbers in (grid, ends):
        if sys.byteorder == "little":
            numbers.byteswap()
    head = (
        b"mft2" + struct.pack(">4x4B", 3, 3, steps, 0) + b"".join(_fixed(value) for row in _IDENTITY for value in row)
    )
    return _profile(name, {b"A2B0": head + struct.pack(">HH", 2, 2) + ends.tobytes() + grid.tobytes() + ends.tobytes()})


def _profile(name: str, own: dict[bytes, bytes]) -> bytes:
    tags = {b"desc": _text(name), b"cprt": _text("none"), b"wtpt": _xyz(_D50)} | own
    offset = _HEADER_BYTES + 4 + _TAG_BYTES * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for key, data in tags.items():
        table += key + struct.pack(">II", offset + len(body), len(data))
        body += data
    return _header(len(table) + len(body)) + table + body


def apply(matrix: Matrix, vector: Row) -> Row:
    """The matrix times a column vector."""
    first, second, third = (row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2] for row in matrix)
    return first, second, third


def product(left: Matrix, right: Matrix) -> Matrix:
    """The matrix product: `right` is applied first."""
    first, second, third = (apply(left, column) for column in _transposed(right))
    return _transposed((first, second, third))


def inverse(matrix: Matrix) -> Matrix | None:
    """The inverse matrix; None if it is singular."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (e * i - f * h, f * g - d * i, d * h - e * g)
    determinant = a * cofactors[0] + b * cofactors[1] + c * cofactors[2]
    if abs(determinant) < 1e-9:
        return None
    rows = (
        (cofactors[0], c * h - b * i, b * f - c * e),
        (cofactors[1], a * i - c * g, c * d - a * f),
        (cofactors[2], b * g - a * h, a * e - b * d),
    )
    return _scaled(rows, (1 / determinant,) * 3)


def _transposed(matrix: Matrix) -> Matrix:
    first, second, third = zip(*matrix, strict=True)
    return first, second, third


def _scaled(matrix: Matrix, amounts: Row) -> Matrix:
    """The rows, each multiplied by its entry in `amounts`."""
    first, second, third = (
        (row[0] * amount, row[1] * amount, row[2] * amount) for row, amount in zip(matrix, amounts, strict=True)
    )
    return first, second, third


def _header(length: int) -> bytes:
    kinds = struct.pack(">I4sI4s4s4s", _HEADER_BYTES + length, b"none", 0x04400000, b"mntr", b"RGB ", b"XYZ ")
    dates = struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp")
    return (kinds + dates + bytes(28) + _xyz(_D50)[8:]).ljust(_HEADER_BYTES, b"\0")


def _fixed(number: float) -> bytes:
    return struct.pack(">i", round(number * 65536))


def _xyz(values: Row) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def _text(words: str) -> bytes:
    data = words.encode("utf-16-be")
    head = b"mluc" + struct.pack(">4xII2s2sII", 1, 12, b"en", b"US", len(data), 28)
    return (head + data).ljust(-(-len(head + data) // 4) * 4, b"\0")
