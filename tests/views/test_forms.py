"""Every form: required fields are marked; a rejected form shows its errors and focuses the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from app.models import Privacy, Role
from app.services.accounts import one_time_links, setup_link
from app.views.account.account_routes import AccountForm, NewPasswordForm
from app.views.account.token_routes import TokenForm
from app.views.auth.forms import ForgottenForm, SetupForm, SignInForm
from app.views.clocks.forms import ShiftForm
from app.views.collections.forms import CollectionForm, PasswordForm
from app.views.incoming import Form
from app.views.links.forms import LinkForm
from tests.support.studio import Studio

NEW = {"name": "Ada", "email": "new@example.com", "password": "a long password"}


class Page(HTMLParser):
    """The elements of a page by their id, those that have the focus, and the links in the summary."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.by_id: dict[str, dict[str, str]] = {}
        self.required: set[str] = set()
        self.roles: list[str] = []
        self.focused: list[str] = []
        self.linked: list[str] = []
        self.feed(html)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = {name: value or "" for name, value in attrs}
        self.by_id[element.get("id", "")] = element
        if "hidden" not in element:
            self.roles.append(element.get("role", ""))
        if "required" in element:
            self.required.add(element["name"])
        if "autofocus" in element:
            self.focused.append(element["id"])
        if element.get("href", "").startswith("#") and "class" not in element:
            self.linked.append(element["href"][1:])


@dataclass(frozen=True)
class Case:
    """A form: where it is, what it requires, and what is wrong with some answers."""

    form: type[Form]
    path: str
    required: set[str]
    answers: list[tuple[dict[str, str], list[str]]]
    post: str = ""  # where it is sent to, if not to its own address
    status: int = 422


FORMS = {
    "sign in": Case(
        SignInForm,
        "/auth/sign-in",
        {"email", "password"},
        [({"email": "", "password": ""}, ["email", "password"]), ({"email": "a@b.c", "password": ""}, ["password"])],
        status=401,  # whatever is wrong, so that nobody learns which addresses have an account
    ),
    "setup": Case(
        SetupForm,
        "/auth/setup/{setup}",
        {"name", "email", "password"},
        [
            (NEW | {"name": " ", "password": ""}, ["name", "password"]),
            (NEW | {"email": "nobody"}, ["email"]),
            (NEW | {"password": "short"}, ["password"]),
        ],
    ),
    "invitation": Case(
        SetupForm,
        "/auth/invitation/{invitation}",
        {"name", "email", "password"},
        [(NEW | {"email": "ada@example.com"}, ["email"]), (NEW | {"name": ""}, ["name"])],
    ),
    "new password": Case(
        ForgottenForm, "/auth/new-password/{reset}", {"password"}, [({"password": "short"}, ["password"])]
    ),
    "account": Case(AccountForm, "/account/", {"name"}, [({"name": " ", "accent": "red"}, ["name", "accent"])]),
    "own password": Case(
        NewPasswordForm,
        "/account/password",
        {"present", "password"},
        [
            ({"present": "", "password": ""}, ["present", "password"]),
            ({"present": "not it", "password": "another password"}, ["present"]),
            ({"present": "a long password", "password": "short"}, ["password"]),
        ],
    ),
    "token": Case(
        TokenForm,
        "/account/tokens",
        {"name"},
        [
            ({"name": " ", "scope": "all", "expires_at": "soon"}, ["name", "scope", "expires_at"]),
            ({"name": "Backup", "scope": "read", "expires_at": "2020-01-01"}, ["expires_at"]),
        ],
    ),
    "link": Case(
        LinkForm,
        "/collections/{public}/links",
        set(),
        [
            ({"label": "x" * 121, "expires_at": "soon"}, ["label", "expires_at"]),
            ({"expires_at": "2020-01-01"}, ["expires_at"]),
        ],
    ),
    "new collection": Case(
        CollectionForm,
        "/collections/new",
        {"title"},
        [
            ({"title": "T", "privacy": "password", "password": ""}, ["password"]),
            ({"title": " ", "privacy": "secret", "expires_at": "soon"}, ["title", "privacy", "expires_at"]),
        ],
        post="/collections/",
    ),
    "collection": Case(
        CollectionForm,
        "/collections/{public}/edit",
        {"title"},
        [({"title": "T", "privacy": "password", "password": " "}, ["password"]), ({"title": ""}, ["title"])],
    ),
    "collection's password": Case(
        PasswordForm, "/collections/{locked}/password", {"password"}, [({"password": ""}, ["password"])]
    ),
}
CASES = [
    pytest.param(case, data, wrong, id=f"{name}: {', '.join(wrong)}")
    for name, case in FORMS.items()
    for data, wrong in case.answers
]


ClientFor = Callable[[Case], tuple[FlaskClient, dict[str, str]]]


@pytest.fixture
def client_for(studio: Studio, app: Proofsheet) -> ClientFor:
    """Return the client for a form, and the values in its URL."""

    def make(case: Case) -> tuple[FlaskClient, dict[str, str]]:
        with app.app_context():
            if "{setup}" in case.path:
                return studio.client(), {"setup": setup_link.new_token()}
            ada = studio.photographer(role=Role.ADMIN)
            secrets = {"reset": one_time_links.reset(ada, ada)}
            secrets["invitation"] = one_time_links.invite(Role.PHOTOGRAPHER, ada)
        collections = {"public": studio.collection(ada), "locked": studio.collection(ada, Privacy.PASSWORD)}
        is_open = case.path.startswith("/auth/") or "{locked}" in case.path
        return studio.client(None if is_open else "ada@example.com"), secrets | collections

    return make


def test_every_form_is_in_the_table() -> None:
    # The page of camera clocks has a form for each camera: tests/views/test_clocks.py.
    assert set(Form.__subclasses__()) == {case.form for case in FORMS.values()} | {ShiftForm}


@pytest.mark.parametrize("case", FORMS.values(), ids=FORMS.keys())
def test_required_field_is_marked_as_required(client_for: ClientFor, case: Case) -> None:
    client, names = client_for(case)
    page = Page(client.get(case.path.format(**names)).text)
    assert page.required == case.required
    assert "alert" not in page.roles


@pytest.mark.parametrize(("case", "data", "wrong"), CASES)
def test_rejected_form_points_at_the_invalid_field(
    client_for: ClientFor, case: Case, data: dict[str, str], wrong: list[str]
) -> None:
    client, names = client_for(case)
    answer = client.post((case.post or case.path).format(**names), data=data)
    assert answer.status_code == case.status
    page = Page(answer.text)
    assert page.roles.count("alert") == 1
    assert page.linked == wrong
    assert page.focused == wrong[:1]
    assert {name for name, element in page.by_id.items() if element.get("aria-invalid") == "true"} == set(wrong)
    for name in wrong:
        assert f"{name}-error" in page.by_id


def test_error_of_a_field_is_its_description(owner: FlaskClient) -> None:
    answer = owner.post("/collections/", data={"title": "T", "privacy": "password"})
    described = Page(answer.text).by_id["password"]["aria-describedby"]
    assert described == "password-hint password-error"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/auth/sign-in", {"email": "ada@example.com", "password": "not it"}),
        ("/collections/{locked}/password", {"password": "not it"}),
    ],
)
def test_wrong_password_is_answered_401_with_the_focus_in_the_form(
    studio: Studio, path: str, data: dict[str, str]
) -> None:
    locked = studio.collection(studio.photographer(), Privacy.PASSWORD)
    answer = studio.client().post(path.format(locked=locked), data=data)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert Page(answer.text).focused == [next(iter(data))]


@pytest.mark.parametrize(("privacy", "asked"), [("public", True), ("password", False)])
def test_password_is_required_with_its_choice_until_one_is_saved(studio: Studio, privacy: str, *, asked: bool) -> None:
    uuid = studio.collection(studio.photographer(), Privacy(privacy))
    page = Page(studio.client("ada@example.com").get(f"/collections/{uuid}/edit").text)
    assert page.by_id["password"].get("data-required-when") == ("privacy=password" if asked else None)
