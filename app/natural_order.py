"""Sort keys for file names: numbers by value, letters regardless of case and width."""

from __future__ import annotations

import re
import unicodedata

KEY_LENGTH = 512  # characters; at 4 bytes each below the 2,704 bytes that PostgreSQL allows in an index entry
_DIGITS = re.compile(r"\d+")


def natural_key(name: str) -> str:
    """Return the sort key of a name, compared by code point: 'DSC_2.jpg' comes before 'DSC_10.jpg'.

    Each number becomes its count of digits in three places and the digits without leading zeros: 10 is '00210'.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _DIGITS.sub(_counted, folded)[:KEY_LENGTH]


def _counted(run: re.Match[str]) -> str:
    digits = str(int(run[0]))  # int() accepts the digits of all scripts
    return f"{len(digits):03}{digits}"
