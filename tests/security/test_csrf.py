"""Every request that changes data needs a CSRF token; GET requests change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import csrf
from tests.security.house import Furnished, Snapshot, built
from tests.security.matrix import Cell
from tests.security.routes import ROUTES, Route
from tests.security.test_matrix import addresses, plain
from tests.support.house import OWNER
from tests.support.studio import JSON, PASSWORD

CHANGES = [route for route in ROUTES if not {"GET", "HEAD"} & set(route.methods.split())]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    with built(tmp_path_factory.mktemp("csrf")) as house:
        house.app.config["WTF_CSRF_ENABLED"] = True
        yield house


@pytest.fixture(scope="module")
def client(house: Furnished) -> FlaskClient:
    return house.app.test_client(use_cookies=False)


def ask(client: FlaskClient, house: Furnished, route: Route, **more: str) -> TestResponse:
    """What the owner, or for the pages of administrators one of them, gets for a change of something private."""
    cell = Cell("admin" if route.group in ("admin", "open") else "owner", "private", "ok")
    place = house.place(cell.visitor, cell.kind)
    body = route.body(place)
    headers = JSON | house.visitors[cell.visitor] | body.pop("headers", {}) | more
    [address, *_] = addresses(house, route, place)
    return client.open(address, method=route.methods, headers=headers, **body)


def test_every_changing_route_is_tried(house: Furnished) -> None:
    changing = {
        (plain(rule.rule), method)
        for rule in house.app.url_map.iter_rules()
        for method in {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
    }
    assert changing == {(plain(route.rule), route.methods) for route in CHANGES}


@pytest.mark.parametrize("token", ["none", "empty", "made up", "of another session"])
@pytest.mark.parametrize("route", CHANGES, ids=lambda route: f"{route.methods} {route.rule}")
def test_change_without_a_right_token_is_refused(
    house: Furnished, client: FlaskClient, snapshot: Snapshot, route: Route, token: str
) -> None:
    sent = {"empty": "", "made up": "x", "of another session": token_of(client.get("/auth/sign-in"))}
    answer = ask(client, house, route, **({} if token == "none" else {"X-CSRFToken": sent[token]}))
    to_programs = route.group.startswith("api")  # these know nobody by a cookie, with whatever comes beside it
    want = (401, "token_required") if to_programs else (400, "csrf")
    assert (answer.status_code, answer.json["error"]["code"]) == want
    assert not snapshot.is_changed()


def token_of(answer: TestResponse) -> str:
    """The token that a page carries."""
    return answer.text.split('<meta name="csrf-token" content="')[1].split('"')[0]


@pytest.mark.parametrize("where", ["header", "form"])
def test_token_of_a_page_lets_a_change_through(house: Furnished, where: str) -> None:
    browser = house.app.test_client()
    token = token_of(browser.get("/auth/sign-in"))
    form = {"email": OWNER, "password": PASSWORD}
    headers = {"X-CSRFToken": token} if where == "header" else {}
    answer = browser.post(
        "/auth/sign-in", data=form | ({"csrf_token": token} if where == "form" else {}), headers=headers
    )
    assert answer.status_code == 302
    assert browser.get("/collections/").status_code == 200


def test_csrf_token_from_before_sign_in_is_invalid_after(house: Furnished) -> None:
    browser = house.app.test_client()
    token = token_of(browser.get("/auth/sign-in"))
    browser.post("/auth/sign-in", data={"email": OWNER, "password": PASSWORD, "csrf_token": token})
    answer = browser.post("/collections/", data={"title": "T", "csrf_token": token}, headers=JSON)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "csrf")


@pytest.mark.parametrize(("order", "status"), [("token file", 201), ("file token", 400), ("file", 400)])
def test_upload_wants_the_token_before_the_first_file(house: Furnished, order: str, status: int) -> None:
    browser, place = house.app.test_client(), house.place("owner", "private")
    token = token_of(browser.get("/auth/sign-in"))
    browser.post("/auth/sign-in", data={"email": OWNER, "password": PASSWORD, "csrf_token": token})
    token = token_of(browser.get("/collections/new"))
    fields = {"token": f'name="csrf_token"\r\n\r\n{token}', "file": 'name="files"; filename="a.txt"\r\n\r\nsome notes'}
    body = "".join(f"--b\r\nContent-Disposition: form-data; {fields[name]}\r\n" for name in order.split()) + "--b--\r\n"
    headers = JSON | {"Content-Type": "multipart/form-data; boundary=b"}
    answer = browser.post(f"/collections/{place.collection_uuid}/upload", data=body, headers=headers)
    assert answer.status_code == status


def test_only_streamed_uploads_check_the_token_themselves(house: Furnished) -> None:
    """Flask-WTF's own check would read the whole body first; anything else it has to guard."""
    exempt = {name.rpartition(".")[2] for name in csrf._exempt_views}
    assert exempt == {"upload_files", "receive"}
