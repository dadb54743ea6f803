"""What commands say: progress to standard error, results to standard output as sentences or as one JSON document."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import click

from app.errors import AppError
from app.services.progress import Advance

Item = TypeVar("Item")
INTERRUPTED = 130  # as shells count an end by Ctrl-C
CLEAR_LINE = "\r\x1b[K"

as_json = click.option("--json", "wants_json", is_flag=True, help="One JSON document on standard output.")
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
collection = click.option("--collection", "collection_uuid", metavar="UUID", help="Only this collection.")


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """A bar on standard error."""
    with click.progressbar(length=total, label=label, show_pos=True, file=sys.stderr) as bar:
        yield bar.update


class Report:
    """Items as they are found, then a summary; ends the command with 1 if `wrong` was set.

    Items are written at once, so that a million of them need no memory. With JSON the document is whole even when
    the command is interrupted or fails: its summary says so.
    """

    def __init__(self, wants_json: bool, heading: str = "") -> None:
        self._json, self._heading, self._items = wants_json, heading, 0
        self._closing = ExitStack()
        self.wrong = False
        self.summary: dict[str, Any] = {}
        self.lines: list[str] = []

    def through(self, items: Generator[Item, None, None]) -> Iterator[Item]:
        """The items, whose generator is closed with this report: what it keeps for the next run is then written."""
        self._closing.enter_context(closing(items))
        return items

    def item(self, values: dict[str, Any], line: str) -> None:
        """One thing that was found or done."""
        if sys.stderr.isatty():
            click.echo(CLEAR_LINE, err=True, nl=False)
        if self._json:
            click.echo(("," if self._items else f'{{"{self._heading}": [') + "\n" + json.dumps(values), nl=False)
        else:
            click.echo(line)
        self._items += 1

    def conclude(self, values: dict[str, Any], *lines: str) -> None:
        """What the command ends with."""
        self.summary, self.lines = values, list(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        if isinstance(error, KeyboardInterrupt):
            self._end({"interrupted": True}, [])
            click.echo("Interrupted. Nothing is half done; the same command again goes on.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None
        if isinstance(error, AppError):
            self._end({"error": error.code, "message": error.message}, [])
            raise click.ClickException(error.message) from None
        if error is None:
            self._end(self.summary, self.lines)
            if self.wrong:
                raise click.exceptions.Exit(1)

    def _end(self, summary: dict[str, Any], lines: list[str]) -> None:
        for line in [self._document(summary)] if self._json else lines:
            click.echo(line)

    def _document(self, summary: dict[str, Any]) -> str:
        """The rest of the JSON document; for a command that has no items, all of it."""
        words = json.dumps(summary, ensure_ascii=False)
        opening = "" if self._items else f'{{"{self._heading}": ['
        return f'{opening}\n], "summary": {words}}}' if self._heading else words


def counted(number: int, thing: str) -> str:
    """'1 file', '2 files', '1,234 files'."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def human_bytes(number: float) -> str:
    """Decimal units: '24.3 MB'."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def human_seconds(number: float | None) -> str:
    """'3 h 20 min', '45 s', or a dash where nothing tells."""
    if number is None:
        return "–"
    if number < 120:
        return f"{number:.0f} s"
    minutes = int(number // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
