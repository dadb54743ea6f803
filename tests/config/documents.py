"""Code blocks of the documents, and commands within their sentences and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app import config

PAGES = ("README.md", *sorted(path.relative_to(config.ROOT).as_posix() for path in config.ROOT.glob("docs/*.md")))
PROGRAMS = (
    *("flask", "make", "alembic", "celery", "gunicorn", "python", "pip", "docker", "apt-get", "git", "sudo", "curl"),
    *("sqlite3", "psql", "cp", "mkdir", "kill", "restic", "rsync", "systemctl", "journalctl", "radosgw-admin"),
)
COMMAND = re.compile(rf"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(?:{'|'.join(PROGRAMS)}) \S")


@dataclass(frozen=True)
class Block:
    """A block of code: where it stands, the language it names, and its lines."""

    page: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines for the shell, without the comments behind them."""
        lines = [re.sub(r"\s+# .*", "", line) for line in self.text.splitlines()]
        return [line for line in lines if line and not line.startswith("#")]

    def __str__(self) -> str:
        return f"{self.page}: {self.text.splitlines()[0][:40]}"


def text(page: str) -> str:
    """The text of a document."""
    return (config.ROOT / page).read_text(encoding="utf-8")


def blocks(language: str) -> list[Block]:
    """Every block of code in this language."""
    found = [(page, token) for page in PAGES for token in _tokens(page) if token.type == "fence"]
    return [Block(page, token.info, token.content) for page, token in found if token.info == language]


def languages() -> set[str]:
    """The languages of all code blocks."""
    return {token.info for page in PAGES for token in _tokens(page) if token.type == "fence"}


def commands() -> list[str]:
    """Every command with an argument that stands within a sentence or a table, once."""
    spans = [token.content for page in PAGES for token in _tokens(page) if token.type == "code_inline"]
    return list(dict.fromkeys(span for span in spans if COMMAND.match(span)))


def _tokens(page: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(text(page)):
        yield token
        yield from token.children or ()
