"""Output of commands: progress on standard error; results on standard output, as text or as one JSON document."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import click

from app.errors import NOT_FOUND, AppError
from app.services.progress import Advance

Item = TypeVar("Item")
NO_SUCH = "There is no collection or file with this UUID."  # in place of NOT_FOUND, which addresses visitors
INTERRUPTED = 130  # exit code of shells for Ctrl-C
CLEAR_LINE = "\r\x1b[K"

as_json = click.option("--json", "wants_json", is_flag=True, help="Print one JSON document to standard output.")
dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
collection = click.option("--collection", "collection_uuid", metavar="UUID", help="Only this collection.")


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Show a progress bar on standard error; yields the function that advances it."""
    with click.progressbar(length=total, label=label, show_pos=True, file=sys.stderr) as bar:
        yield bar.update


class Report:
    """Context manager that prints items, then a summary, and ends the command with 1 if `wrong` was set.

    Each item is printed at once, so a million items need no memory. The JSON document is complete even if the command
    is interrupted or fails; the summary then says so.
    """

    def __init__(self, wants_json: bool, heading: str = "") -> None:
        self._json, self._heading, self._items = wants_json, heading, 0
        self._closing = ExitStack()
        self.wrong = False
        self.summary: dict[str, Any] = {}
        self.lines: list[str] = []

    def through(self, items: Generator[Item, None, None]) -> Iterator[Item]:
        """Return the generator; it is closed at the end of the report, so that it can save its position."""
        self._closing.enter_context(closing(items))
        return items

    def item(self, values: dict[str, Any], line: str) -> None:
        """Print one item: `values` with JSON, else `line`."""
        if sys.stderr.isatty():
            click.echo(CLEAR_LINE, err=True, nl=False)
        if self._json:
            click.echo(("," if self._items else f'{{"{self._heading}": [') + "\n" + json.dumps(values), nl=False)
        else:
            click.echo(line)
        self._items += 1

    def conclude(self, values: dict[str, Any], *lines: str) -> None:
        """Set the summary: `values` with JSON, else `lines`."""
        self.summary, self.lines = values, list(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        if isinstance(error, KeyboardInterrupt):
            self._end({"interrupted": True}, [])
            click.echo("Interrupted. Run the same command again to continue.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None
        if isinstance(error, AppError):
            words = NO_SUCH if error.message == NOT_FOUND else error.message
            self._end({"error": error.code, "message": words}, [])
            raise click.ClickException(words) from None
        if error is None:
            self._end(self.summary, self.lines)
            if self.wrong:
                raise click.exceptions.Exit(1)

    def _end(self, summary: dict[str, Any], lines: list[str]) -> None:
        for line in [self._document(summary)] if self._json else lines:
            click.echo(line)

    def _document(self, summary: dict[str, Any]) -> str:
        """Return the JSON document from after the last item; all of it for a command without items."""
        words = json.dumps(summary, ensure_ascii=False)
        opening = "" if self._items else f'{{"{self._heading}": ['
        return f'{opening}\n], "summary": {words}}}' if self._heading else words


def counted(number: int, thing: str) -> str:
    """Return a number with its noun: '1 file', '2 files', '1,234 files'."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def human_seconds(number: float | None) -> str:
    """Return a duration as text: '3 h 20 min', '45 s', or a dash for None."""
    if number is None:
        return "–"
    if number < 120:
        return f"{number:.0f} s"
    minutes = int(number // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
