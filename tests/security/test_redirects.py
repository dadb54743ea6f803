"""`next` leads to pages of this site and to nothing else, whatever a browser makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.views.auth.auth_routes import own_path
from tests.support.app import running, settings_in
from tests.support.studio import JSON, PASSWORD, Studio

EMAIL = "ada@example.com"
HOME = "/collections/"
OURS = [
    "/collections/new",
    "/collections/?page=2",
    "/collections/x?sort=name&page=1#file-1",
    "/account/",
    "/%2F%2Fevil",
]
THEIRS = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/x\\..\\..\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "https:///evil.example/",
    "HTTPS://evil.example",
    "http:/\\evil.example",
    "ftp://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,evil",
    "vbscript:evil",
    "evil.example",
    "@evil.example",
    "?//evil.example",
    "#//evil.example",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "/\x00/evil.example",
    "/\x0b/evil.example",
    "/x\r\nLocation: https://evil.example",
    "/x\r\nSet-Cookie: session=evil",
    "/\u2028/evil.example",
    "/\u00a0/evil.example",
    "//[",
    "/\t/[evil",
    "http://[::1",
    "",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofsheet]:
    with running(settings_in(tmp_path_factory.mktemp("redirects"))) as app:
        Studio(app).photographer(EMAIL)
        yield app


def sign_in(client: FlaskClient, target: str, **headers: str):
    form = {"email": EMAIL, "password": PASSWORD}
    return client.post(f"/auth/sign-in?next={quote(target, safe='')}", data=form, headers=headers)


@pytest.mark.parametrize("target", THEIRS)
def test_sign_in_redirects_to_no_other_host(app: Proofsheet, target: str) -> None:
    answer = sign_in(app.test_client(), target)
    assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
    assert answer.headers.getlist("Set-Cookie")[0].startswith("session=.")
    assert sign_in(app.test_client(), target, **JSON).json["url"] == HOME


@pytest.mark.parametrize("target", OURS)
def test_sign_in_leads_to_own_pages(app: Proofsheet, target: str) -> None:
    with app.test_request_context():
        assert own_path(target) == target
    assert sign_in(app.test_client(), target).headers["Location"] == target


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/collections/", "/\\evil.example/", "/%2fevil.example"]
)
def test_paths_that_look_like_hosts_do_not_redirect(app: Proofsheet, path: str) -> None:
    answer = app.test_client().get("/", environ_overrides={"PATH_INFO": path, "REQUEST_URI": path})
    assert answer.status_code == 404 or answer.headers["Location"].startswith(("http://localhost/", "/auth/"))


def test_sign_in_returns_to_the_requested_page(app: Proofsheet) -> None:
    client = app.test_client()
    form = client.get("/collections/new?from=//evil.example")
    assert form.headers["Location"] == "/auth/sign-in?next=/collections/new?from%3D//evil.example"
    assert client.post("/collections/").headers["Location"] == "/auth/sign-in"
