"""Every route, with every method, for every kind of visitor: routes.py and matrix.py say what each gets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.security import matrix
from tests.security.house import GPS, SERIAL, Furnished, Place, Snapshot, built
from tests.security.matrix import ANSWERS, WORDS, Cell
from tests.security.routes import ROUTES, Route
from tests.support.studio import JSON

UNKNOWN_UUID = "00000000-0000-0000-0000-000000000000"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
VISITORS = {cell.visitor for cell in matrix.cells("browse")}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    with built(tmp_path_factory.mktemp("matrix")) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: Furnished) -> FlaskClient:
    """A client without a session of its own."""
    return house.app.test_client(use_cookies=False)


# --- the table is whole --------------------------------------------------------------------


def plain(rule: str) -> str:
    """A rule without the names of what stands in it."""
    return re.sub("<[^>]*>", "<>", rule)


def routed(house: Furnished) -> set[tuple[str, str]]:
    rules = house.app.url_map.iter_rules()
    return {(plain(rule.rule), method) for rule in rules for method in (rule.methods or set()) - {"OPTIONS"}}


def test_every_route_has_its_row_and_every_row_its_route(house: Furnished) -> None:
    rows = [(plain(route.rule), method) for route in ROUTES for method in route.methods.split()]
    assert sorted(rows) == sorted(routed(house))


def test_route_without_row_fails(house: Furnished) -> None:
    missing = routed(house) - {(plain(route.rule), method) for route in ROUTES[1:] for method in route.methods.split()}
    assert missing == {("/collections/<>", "GET"), ("/collections/<>", "HEAD")}


def test_every_group_covers_every_visitor(house: Furnished) -> None:
    for group in ANSWERS:
        assert {cell.visitor for cell in matrix.cells(group)} == VISITORS
    assert set(house.visitors) == VISITORS


# --- what everybody gets -------------------------------------------------------------------


def addresses(house: Furnished, route: Route, place: Place) -> Iterator[str]:
    """The addresses of a route at a place: two, where the route is for files and for collections."""
    others = {"name": "small", "colour": "17655b", "token": "x", "sheet": "css/base.css", "script": "js/grid.js"}
    named = {"link": place.links["download link"], "nobodys_uuid": UNKNOWN_UUID}
    values = vars(place) | house.values | others | named
    for kind, uuid in place.binned.items() if "<kind>" in route.rule else [("", "")]:
        every = values | {"kind": kind, "uuid": uuid}
        yield re.sub("<([^>]*)>", lambda name: str(every[name[1]]), route.rule)  # noqa: B023


def ask(
    client: FlaskClient, house: Furnished, cell: Cell, route: Route, method: str, address: str, **more: str
) -> TestResponse:
    body = route.body(house.place(cell.visitor, cell.kind))
    headers = house.visitors[cell.visitor] | more | body.pop("headers", {})
    return client.open(address, method=method, headers=headers, **body)


def wanted(cell: Cell, route: Route) -> tuple[int, str]:
    return (route.ok, "") if cell.word == "ok" else WORDS[cell.word]


def got(answer: TestResponse, want: tuple[int, str]) -> tuple[int, str]:
    """The status, and the code of an error where the table names one and there is a body to read it in."""
    told: Any = answer.json if want[1] and answer.data and answer.is_json else None
    return answer.status_code, told["error"]["code"] if told else want[1]


def leaks(house: Furnished, answer: TestResponse, cell: Cell, route: Route) -> list[str]:
    """The parts of the photo in the response that this visitor must not have."""
    place = house.place(cell.visitor, cell.kind)
    head, body, found = str(answer.headers), answer.data, []
    if cell.visitor not in ("owner", "owner, expired", "admin"):
        found += ["gps"] * (str(GPS).encode() in body) + ["serial number"] * (SERIAL.encode() in body)
    found += ["serial number in an address"] * (SERIAL in head)
    if cell.kind != "any" and not matrix.may_have_original(cell, route.group):
        size = re.compile(rb"(?<![\w-])%d(?![\w-])" % len(place.original))
        middle = place.original[len(place.original) // 2 :][:64]
        found += ["sha256"] * (place.sha256 in head or place.sha256.encode() in body)
        found += ["size"] * bool(size.search(body) or size.search(head.encode()))
        found += ["bytes"] * (middle in body)
    return found


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.methods.replace(' ', '+')} {route.rule}")
def test_every_visitor_gets_the_answer_of_the_table(
    house: Furnished, snapshot: Snapshot, client: FlaskClient, route: Route
) -> None:
    wrong, refused_as = [], set()
    for cell in matrix.cells(route.group):
        for address in addresses(house, route, house.place(cell.visitor, cell.kind)):
            for method in route.methods.split():
                problems = tried(house, snapshot, client, route, cell, method, address)
                if cell.word not in ("ok", "on") and (method, cell.word) not in refused_as:
                    refused_as.add((method, cell.word))  # once for each: it is the same table from errors to pages
                    problems += tried_as_page(house, client, route, cell, method, address)
                    snapshot.restore()
                wrong += [f"{method} {address} for {cell}: {problem}" for problem in problems]
    assert wrong == []


def tried(
    house: Furnished, snapshot: Snapshot, client: FlaskClient, route: Route, cell: Cell, method: str, address: str
) -> list[str]:
    """What is wrong with the answer in JSON."""
    want, problems = wanted(cell, route), []
    answer = ask(client, house, cell, route, method, address, **JSON)
    if got(answer, want) != want:
        problems.append(f"{got(answer, want)}, not {want}")
    problems += leaks(house, answer, cell, route)
    if snapshot.is_changed() and (cell.word != "ok" or (method in ("GET", "HEAD") and not route.writes)):
        problems.append("wrote something")
    snapshot.restore()
    return problems


def tried_as_page(
    house: Furnished, client: FlaskClient, route: Route, cell: Cell, method: str, address: str
) -> list[str]:
    """What is wrong with a refusal that is shown to people: instead of 401 they are led to where they can get in."""
    page = ask(client, house, cell, route, method, address, Accept="text/html")
    refused = WORDS[cell.word][0]
    expected = 302 if refused == 401 and not route.group.startswith("api") else refused
    wrong_status = [f"{page.status_code} as a page, not {expected}"] * (page.status_code != expected)
    return wrong_status + leaks(house, page, cell, route)


@pytest.mark.parametrize("visitor", ["anonymous", "owner", "admin"])
def test_disallowed_method_has_the_same_answer_whether_or_not_it_exists(
    house: Furnished, snapshot: Snapshot, client: FlaskClient, visitor: str
) -> None:
    taken: dict[str, set[str]] = {}
    for route in ROUTES:
        taken.setdefault(plain(route.rule), set()).update(route.methods.split())
    for route in ROUTES:
        cell = Cell(visitor, "any", "ok")
        for method in set(METHODS) - taken[plain(route.rule)]:
            [address, *_] = addresses(house, route, house.place(visitor, "private"))
            answer = ask(client, house, cell, route, method, address, **JSON)
            assert (answer.status_code, method in answer.headers["Allow"]) == (405, False), f"{method} {address}"
    assert not snapshot.is_changed()


@pytest.mark.parametrize("visitor", ["anonymous", "photographer", "owner"])
def test_options_list_methods_without_revealing_what_exists(
    house: Furnished, client: FlaskClient, visitor: str
) -> None:
    for route in ROUTES:
        real, nothing = house.place(visitor, "private"), UNKNOWN_UUID
        cell = Cell(visitor, "any", "ok")
        for address in addresses(house, route, real):
            missing = re.sub(r"[0-9a-f-]{36}", nothing, address)
            answers = [ask(client, house, cell, route, "OPTIONS", each, **JSON) for each in (address, missing)]
            assert answers[0].status_code in (200, 401, 404)
            assert [a.status_code for a in answers] == [answers[0].status_code] * 2
            assert answers[0].data == answers[1].data
