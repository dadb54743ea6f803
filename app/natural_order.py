"""Sort keys for names: numbers by value, letters without regard to case or width."""

from __future__ import annotations

import re
import unicodedata

KEY_LENGTH = 512  # characters; at 4 bytes each within the 2,704 that PostgreSQL allows in an index entry
_DIGITS = re.compile(r"\d+")


def natural_key(name: str) -> str:
    """Key of a name, to be compared code point by code point: 'DSC_2.jpg' comes before 'DSC_10.jpg'.

    Each run of digits becomes the count of its digits (three places) followed by the digits without leading zeros.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _DIGITS.sub(_counted, folded)[:KEY_LENGTH]


def _counted(run: re.Match[str]) -> str:
    digits = str(int(run[0]))  # int() also reads the digits of other scripts
    return f"{len(digits):03}{digits}"
