"""The documentation of the settings matches the settings."""

from __future__ import annotations

import io
import re

import pytest
from dotenv import dotenv_values
from flask_limiter import RouteLimit

from app import Proofsheet, config
from app.imaging import packets, source, taken
from app.services.access import guesses
from app.services.access.guesses import Bound
from app.services.variants import budget, claims
from app.views import limits
from tests.config.table import PARSERS, ROOT, TABLE


def documented() -> dict[str, tuple[str, str, str]]:
    """Default, accepted values and meaning of each setting in docs/configure.md, by name."""
    lines = (ROOT / "docs" / "configure.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {name.strip("`"): (default.strip("`"), takes, meaning) for name, default, takes, meaning in cells}


def example() -> dict[str, str | None]:
    """The settings of .env.example, without the # before each."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") or not line for line in lines)
    text = "\n".join(line.removeprefix("#") for line in lines if not line.startswith("# "))
    return dict(dotenv_values(stream=io.StringIO(text)))


def test_documentation_example_and_settings_have_the_same_names() -> None:
    assert list(documented()) == list(example()) == [setting.name for setting in config.SETTINGS]


@pytest.mark.parametrize("name", list(TABLE))
def test_documented_default_is_the_default(name: str) -> None:
    default = PARSERS[name].parse(PARSERS[name].default) if PARSERS[name].default else ""
    for written in (documented()[name][0], example()[name]):
        assert (PARSERS[name].parse(written) if written else "") == default


@pytest.mark.parametrize("name", list(TABLE))
def test_documentation_quotes_the_refusal(name: str) -> None:
    _, takes, meaning = documented()[name]
    assert meaning.endswith(".")
    refused = TABLE[name][2]
    with pytest.raises(ValueError, match=rf"^must [a-z ]*?{re.escape(takes)}$"):
        PARSERS[name].parse(refused[0])


@pytest.mark.parametrize(("page", "last"), [("README.md", "{} and {} s"), ("docs/operate.md", "{} and {} seconds")])
def test_documented_retries_are_those_of_the_code(page: str, last: str) -> None:
    longest = [claims.FIRST_DELAY_SECONDS * 4**number for number in range(claims.MAX_ATTEMPTS - 1)]
    first, *others = [f"{seconds / 2:g}-{seconds:g}" for seconds in longest]
    assert f"{first}, {last.format(*others)}" in (ROOT / page).read_text(encoding="utf-8")


def test_documented_share_of_variants_is_that_of_the_code() -> None:
    assert f"{budget.TARGET:g} times its originals" in (ROOT / "docs/operate.md").read_text(encoding="utf-8")


def test_commands_beside_the_service_find_their_settings() -> None:
    lines = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8").splitlines()
    absolute = [line for line in lines if "sudo -u proofsheet" in line or line.startswith("15 3 * * *")]
    assert len(absolute) == 2
    assert all("cd /srv/proofsheet && set -a && . /etc/proofsheet.env && .venv/bin/flask " in line for line in absolute)


@pytest.mark.parametrize("page", ["README.md", "docs/configure.md"])
def test_documented_allowance_for_baseline_jpegs_is_that_of_the_code(page: str) -> None:
    assert f"{source.SCALED_ALLOWANCE:g} times that for a baseline JPEG" in (ROOT / page).read_text(encoding="utf-8")


def test_documented_sources_of_the_date_are_those_of_the_code() -> None:
    page = (ROOT / "docs" / "imaging.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \d \| .* \| `(\w+)` \| .* \|$", page, re.MULTILINE) == list(taken.DateSource)
    assert f"A date before {taken.FIRST_YEAR} or beyond next year" in page
    assert f"at most {packets.MAX_PACKET_BYTES / 1_000_000:g} MB of it" in page


def section(page: str, heading: str) -> str:
    """The text of a document from one heading of the second level to the next."""
    parts = (ROOT / page).read_text(encoding="utf-8").split("\n## ")
    (found,) = [part for part in parts if part.startswith(f"{heading}\n")]
    return found


def per_minutes(bound: Bound) -> str:
    return f"{bound.most:,} in any {guesses.MINUTES} minutes"


def documented_rate(limit: RouteLimit) -> str:
    amount, _, window = str(limit.limit_provider).partition(" per ")
    return f"{int(amount):,} {'a minute' if window == 'minute' else f'in {window}'}"


def test_documented_limits_are_all_limits_of_the_code(app: Proofsheet) -> None:
    text = section("docs/operate.md", "What is limited")
    written = [row.split(" | ")[2].split(";")[0].strip(" |") for row in text.splitlines() if row.startswith("| ")][2:]
    with app.test_request_context():
        here, anywhere, everywhere = limits.of_collection("uuid")
        address, account = limits.of_sign_in("ada@example.com")
        (present,) = limits.of_present_password(1)
    routes = (limits.links, limits.visits, limits.originals, limits.repairs, limits.uploads)
    bounds = (here, everywhere, anywhere, address, account, present)
    assert written == [*map(per_minutes, bounds), *map(documented_rate, routes)]
    assert {id(each) for each in vars(limits).values() if isinstance(each, RouteLimit)} == {id(each) for each in routes}
    assert f"a collection's {anywhere.most}, from at least ten addresses" in " ".join(text.split())
    assert (anywhere.most // here.most, account.most // address.most) == (10, 5)
    assert "from five addresses, an account" in text
