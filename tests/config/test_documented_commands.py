"""The commands that `flask` offers are those of the documents, and end as the documents say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from flask.cli import FlaskGroup, ScriptInfo

from app import Proofsheet, config

TEXT = "\n".join(
    page.read_text(encoding="utf-8") for page in (config.ROOT / "README.md", *sorted(config.ROOT.glob("docs/*.md")))
)
ROWS = {
    name: (what, wrong)
    for name, what, wrong in re.findall(r"^\| `flask ([a-z]+ [a-z-]+)[^`]*` \| (.*) \| ?(.*) ?\|$", TEXT, re.MULTILINE)
}
OF_FLASK = ("routes", "run", "shell")


def offered(app: Proofsheet) -> dict[str, click.Command]:
    """Every command with its help text, from `flask --help` and the help of its groups."""
    group = FlaskGroup(create_app=lambda: app)
    with click.Context(group, obj=ScriptInfo(create_app=lambda: app)) as context:
        return dict(_shown(group, context, ""))


def _shown(group: click.Group, context: click.Context, before: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group) and not command.hidden:
            yield from _shown(command, context, f"{before}{name} ")
        elif not command.hidden:
            yield f"{before}{name}", command


def test_every_command_that_is_offered_is_documented(app: Proofsheet) -> None:
    missing = [name for name in offered(app) if f"flask {name}" not in TEXT]
    assert missing == []


def test_every_documented_command_and_option_is_offered(app: Proofsheet) -> None:
    commands = offered(app)
    wrong = []
    for written in re.findall(r"(?<![a-z])flask ((?:[a-z-]+ )+[^`|#\n]*|[a-z]+)", TEXT):
        name = max((each for each in commands if f"{written} ".startswith(f"{each} ")), key=len, default="")
        options = {option for parameter in commands[name].params for option in parameter.opts} if name else set()
        wrong += [written] if not name else [each for each in re.findall(r"--[a-z-]+", written) if each not in options]
    assert wrong == []


@pytest.mark.parametrize("name", list(ROWS))
def test_options_in_the_table_are_those_of_the_command(app: Proofsheet, name: str) -> None:
    options = {option for parameter in offered(app)[name].params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", ROWS[name][0])) <= options


@pytest.mark.parametrize("name", [name for name in ROWS if not name.startswith("users")])
def test_help_explains_exit_code_1_where_the_table_does(app: Proofsheet, name: str) -> None:
    command = offered(app)[name]
    assert ("nds with 1 if" in (command.help or "")) == bool(ROWS[name][1])
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options
    assert ("--dry-run" in options) == (name.split()[1] in ("backfill", "import", "retry", "repair", "orphans"))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("users list", 0),
        ("users password nobody@example.com --password-stdin", 1),
        ("users reset-link nobody@example.com", 1),
        ("photos import /nowhere --collection 00000000-0000-4000-8000-000000000000", 1),
        ("photos retry --collection 00000000-0000-4000-8000-000000000000", 1),
        ("photos analyze", 0),
        ("photos backfill --workers 0", 2),
        ("maintenance stats --bottom", 2),
        ("storage check --origin nonsense", 2),
    ],
)
def test_commands_end_with_the_documented_codes(app: Proofsheet, words: str, code: int) -> None:
    result = app.test_cli_runner().invoke(args=words.split(), input="a long password\n")
    assert result.exit_code == code, result.output


def test_commands_of_other_packages_are_not_documented(app: Proofsheet) -> None:
    group = FlaskGroup(create_app=lambda: app)
    result = app.test_cli_runner().invoke(group, ["--help"])
    assert result.exit_code == 0
    assert "limiter" not in result.output
    assert all(f"\n  {name} " in result.output for name in (*OF_FLASK, "photos", "users"))
