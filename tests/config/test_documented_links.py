"""Links within the documents lead to a heading, and paths in them to a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import config
from tests.config import documents

# Made while running, or of another project.
NOT_OURS = ("bench/out/photos", "docs/throttling.md")
CODE = ("app", "bench", "demo", "tests")
FOLDERS = "alembic|app|bench|demo|deploy|docs|tests"


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives to the headings."""
    headings = re.findall(r"^#+ (.+)$", documents.text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", documents.PAGES)
def test_links_point_to_existing_targets(document: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]*)#?([^)]*)\)", documents.text(document))
    for path, anchor in links:
        target = (Path(document).parent / path).as_posix() if path else document
        assert (config.ROOT / target).exists()
        assert not anchor or anchor in anchors(target)


@pytest.mark.parametrize("document", documents.PAGES)
def test_named_files_exist(document: str) -> None:
    text = documents.text(document)
    paths = [path for path in re.findall(rf"`((?:{FOLDERS})/[\w/.]+)`", text) if path not in NOT_OURS]
    assert [path for path in paths if not (config.ROOT / path).exists()] == []
    names = re.findall(r"`(\w+\.(?:py|js))`", text)
    there = {path.name for path in config.ROOT.glob("*.py")}
    there |= {path.name for folder in CODE for path in (config.ROOT / folder).rglob("*.[jp][sy]")}
    assert set(names) - there == set()
