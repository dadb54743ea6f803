"""Every quantity that the documents state is that of the code, or is explained in tests/config/figures.py."""

from __future__ import annotations

import re

import pytest

from tests.config import documents
from tests.config.figures import ELSEWHERE, TIED
from tests.config.test_documentation import documented, section

AGES = (
    "ms",
    "s",
    "seconds?",
    "minutes?",
    "hours?",
    "h",
    "days?",
    "weeks?",
    "attempts",
    "tries",
    "times",
    "threads",
)
UNITS = (
    *("kB", "KB", "MB", "GB", "KiB", "MiB", "bytes", "bits", "pixels", "megapixels?", "%", "objects", "points", "rows"),
    *("photographs", "photos", "frames", "tiles", "connections", "senders", "a minute", "a second"),
)
SPELT = ("half an?", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twenty")
NUMBER = r"(?<![\w.§/-])\d[\d,.]*(?:(?:-| to | and | or )\d[\d,.]*)*"
QUANTITY = re.compile(
    rf"(?:{NUMBER}[ -]?(?:{'|'.join((*AGES, *UNITS))})|\b(?:{'|'.join(SPELT)}) (?:{'|'.join(AGES)}))(?!\w)"
)


def prose(page: str) -> str:
    """A document as one line, without its code blocks."""
    return " ".join(re.sub(r"```.*?```", "", documents.text(page), flags=re.DOTALL).split())


@pytest.mark.parametrize(
    ("document", "phrase"), [(document, phrase) for document, phrases in TIED.items() for phrase in phrases]
)
def test_documented_figure_is_that_of_the_code(document: str, phrase: str) -> None:
    assert phrase in " ".join(documents.text(document).split())


@pytest.mark.parametrize("document", documents.PAGES)
def test_every_quantity_is_tied_to_the_code_or_explained(document: str) -> None:
    text = prose(document)
    for phrase in sorted((*TIED.get(document, ()), *ELSEWHERE, *elsewhere_tied(document)), key=len, reverse=True):
        text = text.replace(phrase, "")
    # A new figure: add its sentence to tests/config/figures.py, made of the constant, or to ELSEWHERE there.
    assert QUANTITY.findall(text) == []


def elsewhere_tied(document: str) -> list[str]:
    """Figures that other tests of this module check: the table of limits, and the delays between attempts."""
    if document == "docs/operate.md":
        limited = " ".join(section(document, "What is limited").split())
        return [limited, "2.5-5, 10-20 and 40-80 seconds"]
    return ["2.5-5, 10-20 and 40-80 s"] if document == "README.md" else []


def test_defaults_in_the_readme_are_those_of_the_documentation() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|", documents.text("README.md"), re.MULTILINE)
    assert len(rows) == 8
    assert [row for row in rows if row[1] != documented()[row[0]][0]] == []
