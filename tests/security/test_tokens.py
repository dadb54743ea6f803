"""Tokens give access within their scope only; cookies do not work for the API, nor tokens for pages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import Proofsheet
from app.models import ApiToken, Privacy, Scope, db
from tests.support.app import running, settings_in
from tests.support.house import ADMIN, OWNER, House
from tests.support.pictures import jpeg
from tests.support.studio import past

V1 = "/api/v1"
UNKNOWN_UUID = "00000000-0000-4000-8000-000000000000"


class Api(House):
    """One app for all of these: the owner's collection with a photograph, and a token of each scope."""

    def __init__(self, app: Proofsheet) -> None:
        super().__init__(app)
        self.collection = self.studio.collection(self.owner_id)
        self.file = self.studio.photo(self.collection)
        self.secrets = {scope: self.studio.token(self.owner_id, scope) for scope in Scope}

    def ask(self, method: str, path: str, secret: str | None, **more: Any) -> Any:
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {secret}"} if secret else {})
        filled = path.format(collection=self.collection, file=self.file)
        return self.app.test_client().open(V1 + filled, method=method, headers=headers, **more)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running(settings_in(tmp_path_factory.mktemp("house"))) as app:
        yield Api(app)


# Every route with the scope that it needs. What would change something is sent so that it is refused after the gate.
TABLE: dict[tuple[str, str], tuple[Scope, int]] = {
    ("GET", "/collections"): (Scope.READ, 200),
    ("POST", "/collections"): (Scope.MANAGE, 415),
    ("GET", "/collections/{collection}"): (Scope.READ, 200),
    ("PATCH", "/collections/{collection}"): (Scope.MANAGE, 415),
    ("DELETE", "/collections/{collection}"): (Scope.MANAGE, 200),
    ("GET", "/collections/{collection}/files"): (Scope.READ, 200),
    ("POST", "/collections/{collection}/files"): (Scope.UPLOAD, 415),
    ("POST", "/collections/{collection}/check"): (Scope.UPLOAD, 415),
    ("GET", "/collections/{collection}/status"): (Scope.READ, 200),
    ("GET", "/collections/{collection}/links"): (Scope.MANAGE, 200),
    ("POST", "/collections/{collection}/links"): (Scope.MANAGE, 415),
    ("DELETE", "/collections/{collection}/links/" + UNKNOWN_UUID): (Scope.MANAGE, 404),
    ("GET", "/files/{file}"): (Scope.READ, 200),
    ("DELETE", "/files/{file}"): (Scope.MANAGE, 200),
    ("GET", "/files/{file}/original"): (Scope.READ, 200),
    ("GET", "/files/{file}/variants/thumb"): (Scope.READ, 200),
    ("HEAD", "/files/{file}/original"): (Scope.READ, 200),
}
# Without those that would delete what the others need; tests/views/api has them.
CASES = [
    (*key, scope) for key in TABLE for scope in Scope if (key[0], TABLE[key][1], scope) != ("DELETE", 200, "manage")
]


def test_table_has_every_route(house: Api) -> None:
    def shape(path: str) -> str:
        return re.sub(r"<[^>]+>|\{[^}]+\}|thumb|" + UNKNOWN_UUID, "*", path)

    routed = {
        (method, shape(rule.rule.removeprefix(V1)))
        for rule in house.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method, shape(path)) for method, path in TABLE if method != "HEAD"} == routed


@pytest.mark.parametrize(("method", "path", "scope"), CASES)
def test_token_allows_only_what_its_scope_covers(house: Api, method: str, path: str, scope: Scope) -> None:
    needed, right = TABLE[method, path]
    answer = house.ask(method, path, house.secrets[scope])
    if scope.covers(needed):
        assert answer.status_code == right
        return
    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "insufficient_scope"
    challenge = f'Bearer realm="Proofsheet", error="insufficient_scope", scope="{needed}"'
    assert answer.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_request_without_a_token_does_not_learn_what_exists(house: Api, method: str, path: str) -> None:
    nothing_there = path.replace("{collection}", UNKNOWN_UUID).replace("{file}", UNKNOWN_UUID)
    answers = [house.ask(method, each, None) for each in (path, nothing_there)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].data == answers[1].data
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer realm="Proofsheet"'


@pytest.mark.parametrize("who", ["other_id", "admin_id"])
@pytest.mark.parametrize(("method", "path"), [key for key in TABLE if "{" in key[1]])
def test_token_finds_nothing_of_other_accounts(house: Api, method: str, path: str, who: str) -> None:
    """Not even a public collection, and not for an administrator's token either."""
    secret = house.studio.token(getattr(house, who), Scope.MANAGE)
    theirs = house.ask(method, path, secret)
    nobodys = house.ask(method, path.replace("{collection}", UNKNOWN_UUID).replace("{file}", UNKNOWN_UUID), secret)
    assert (theirs.status_code, theirs.data) == (404, nobodys.data)


def test_administrators_token_lists_own_collections_only(house: Api) -> None:
    answer = house.ask("GET", "/collections", house.studio.token(house.admin_id, Scope.MANAGE))
    assert answer.json == {"collections": [], "next": None}


# --- doors ---------------------------------------------------------------------------------


def test_cookie_alone_never_opens_the_api(house: Api) -> None:
    browser, opened = house.studio.client(OWNER), {}
    for method, path in TABLE:
        answer = browser.open(V1 + path.format(collection=house.collection, file=house.file), method=method)
        opened[method, path] = answer.status_code, "Set-Cookie" in answer.headers
    assert opened == dict.fromkeys(TABLE, (401, False))


def test_cookie_sent_with_a_token_is_ignored(house: Api) -> None:
    browser = house.studio.client(ADMIN)
    headers = {"Authorization": f"Bearer {house.secrets[Scope.READ]}"}
    assert browser.delete(f"{V1}/files/{house.file}", headers=headers).status_code == 403
    answer = browser.get(f"{V1}/collections", headers=headers)
    assert [each["uuid"] for each in answer.json["collections"]] == [house.collection]
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]


@pytest.mark.parametrize(
    "path", ["/collections/", "/account/", "/account/tokens", "/collections/bin", "/collections/{private}/edit"]
)
def test_token_never_opens_a_page(house: Api, path: str) -> None:
    private = house.studio.collection(house.owner_id, Privacy.PRIVATE)
    headers = {"Authorization": f"Bearer {house.secrets[Scope.MANAGE]}", "Accept": "application/json"}
    answer = house.app.test_client().get(path.format(private=private), headers=headers)
    assert answer.status_code in (401, 404)


@pytest.mark.parametrize("field", ["access_token", "token", "Authorization", "authorization"])
def test_token_counts_only_in_the_header(house: Api, field: str) -> None:
    secret = house.secrets[Scope.MANAGE]
    for more in ({"query_string": {field: secret}}, {"data": {field: secret}}, {"json": {field: secret}}):
        for method in ("GET", "POST"):
            assert house.ask(method, "/collections", None, **more).status_code == 401
    assert house.ask("GET", "/collections", None, headers={field.replace("_", "-"): secret}).status_code == 401


def test_program_needs_no_form_token_and_a_page_does(house: Api) -> None:
    house.app.config["WTF_CSRF_ENABLED"] = True
    try:
        collection = house.studio.collection(house.owner_id)
        form = {"files": [(io.BytesIO(jpeg()), "one.jpg")]}
        answer = house.ask("POST", f"/collections/{collection}/files", house.secrets[Scope.UPLOAD], data=form)
        assert answer.status_code == 201
        form = {"files": [(io.BytesIO(jpeg()), "one.jpg")]}
        page = house.app.test_client().post(f"/collections/{collection}/upload", data=form)
        assert page.status_code != 201
    finally:
        house.app.config["WTF_CSRF_ENABLED"] = False


# --- what a header may say -----------------------------------------------------------------

ODD: dict[str, Callable[[str], str]] = {
    "basic": lambda secret: f"Basic {secret}",
    "no scheme": lambda secret: secret,
    "two in one": lambda secret: f"Bearer {secret},Bearer {secret}",
    "two tokens": lambda secret: f"Bearer {secret} {secret}",
    "cut short": lambda secret: f"Bearer {secret[:-1]}",
    "other case": lambda secret: f"Bearer {secret.swapcase()}",
    "one more": lambda secret: f"Bearer {secret}x",
    "quoted": lambda secret: f'Bearer "{secret}"',
    "line end": lambda secret: f"Bearer {secret}\x0b",
    "NUL": lambda secret: f"Bearer {secret}\0",
    "not ASCII": lambda secret: f"Bearer ps_{'é' * 32}",
    "10 kB": lambda secret: f"Bearer ps_{'x' * 10_000}",
    "no prefix": lambda secret: f"Bearer {secret.removeprefix('ps_')}",
    "nothing": lambda secret: "Bearer",
    "a space": lambda secret: "Bearer ",
    "a digest": lambda secret: f"Bearer {'0' * 64}",
    "SQL": lambda secret: "Bearer ' OR 1=1 --",
    "a tab": lambda secret: f"Bearer\t{secret}",
}


@pytest.mark.parametrize("odd", ODD)
def test_malformed_headers_open_nothing(house: Api, odd: str) -> None:
    environ = {"HTTP_AUTHORIZATION": ODD[odd](house.secrets[Scope.READ])}
    answer = house.app.test_client().get(f"{V1}/collections", environ_overrides=environ)
    assert (answer.status_code, answer.json["error"]["code"][-5:]) in {(401, "token"), (401, "uired")}
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Proofsheet"')


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", " Bearer  "])
def test_scheme_is_read_as_http_has_it(house: Api, scheme: str) -> None:
    environ = {"HTTP_AUTHORIZATION": scheme + house.secrets[Scope.READ]}
    assert house.app.test_client().get(f"{V1}/collections", environ_overrides=environ).status_code == 200


@pytest.mark.parametrize("columns", [{"revoked_at": past()}, {"expires_at": past()}])
def test_expired_token_is_refused_at_the_next_request(house: Api, columns: dict[str, object]) -> None:
    client = house.studio.program(house.owner_id, Scope.READ)
    assert client.get(f"{V1}/files/{house.file}/original").status_code == 200
    with house.app.app_context():
        newest = db.session.scalar(db.select(db.func.max(ApiToken.id)))
        db.session.execute(db.update(ApiToken).where(ApiToken.id == newest).values(**columns))
        db.session.commit()
    answer = client.get(f"{V1}/files/{house.file}/original")
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Proofsheet", error="invalid_token"'


def test_answers_are_not_cached_by_shared_caches(house: Api) -> None:
    for path in ("/collections", "/files/{file}", "/files/{file}/original", "/files/{file}/variants/thumb"):
        answer = house.ask("GET", path, house.secrets[Scope.READ])
        assert re.match("no-store|private", answer.headers["Cache-Control"]), path
        assert "Authorization" in answer.headers["Vary"]
