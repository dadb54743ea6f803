"""Security headers of every response; cookies are HttpOnly and, over https, Secure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from app import Proofsheet
from app.models import Privacy, Role
from app.services.accounts import one_time_links
from app.services.accounts.accounts import Role as AccountRole
from app.views import headers
from tests.security.apps import at, house
from tests.support.studio import JSON, PASSWORD, Studio, past

ADMIN = "boss@example.com"
PHOTO_WAYS = ("original", "preview", "thumbnail", "variants/large", "tile", "info")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofsheet]:
    with house(tmp_path_factory.mktemp("headers"), RATELIMIT_ENABLED=False) as app:
        Studio(app).photographer(ADMIN, role=Role.ADMIN)
        yield app


@pytest.fixture(scope="module")
def scene(app: Proofsheet) -> dict[str, str]:
    """What addresses are made of: collections of every kind, a photograph, an invitation."""
    studio = Studio(app)
    collections = {privacy.value: studio.collection(1, privacy) for privacy in Privacy}
    over = studio.collection(1, expires_at=past())
    with app.app_context():
        invitation = one_time_links.invite(AccountRole.PHOTOGRAPHER)
    return collections | {"photo": studio.photo(collections["public"]), "over": over, "invitation": invitation}


@pytest.fixture(scope="module")
def owner(app: Proofsheet) -> FlaskClient:
    return Studio(app).client(ADMIN)


PAGES = {
    "/": 302,
    "/auth/sign-in": 200,
    "/auth/invitation/{invitation}": 200,
    "/auth/invitation/x": 404,
    "/s/x": 404,
    "/collections/{public}": 200,
    "/collections/{public}/layout": 200,
    "/collections/{public}/status": 200,
    "/collections/{password}": 302,
    "/collections/{password}/password": 200,
    "/collections/{private}": 404,
    "/collections/{over}": 410,
    "/collections/{public}?page=9": 404,
    "/collections/{public}?sort=x": 422,
    "/collections/": 302,
    "/nothing": 404,
    "/static/css/gallery.css": 200,
    "/account/accent/17655b.css": 200,
    **{f"/collections/files/{{photo}}/{way}": 200 for way in PHOTO_WAYS},
}
OWN_PAGES = (
    "/collections/", "/collections/new", "/collections/bin", "/collections/{private}", "/collections/{private}/edit",
    "/collections/{private}/links", "/collections/{private}/cover", "/collections/{private}/delete", "/account/",
    "/account/password", "/account/people",
)  # fmt: skip


def policy(answer: Any) -> dict[str, str]:
    """The directives of an answer's policy."""
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def require_closed(answer: Any) -> None:
    """Check the security headers of a response."""
    sent = answer.headers
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["X-Frame-Options"] == "DENY"
    assert sent["Referrer-Policy"] == "same-origin"
    assert sent["Cross-Origin-Resource-Policy"] == "same-origin"
    assert policy(answer)["frame-ancestors"] == "'none'"
    picture_or_file = answer.mimetype.startswith("image/") or "attachment" in sent.get("Content-Disposition", "")
    if not picture_or_file:
        assert sent["Cross-Origin-Opener-Policy"] == "same-origin"
        assert {"camera=()", "geolocation=()", "fullscreen=(self)"} <= set(sent["Permissions-Policy"].split(", "))
    script = policy(answer).get("script-src", policy(answer)["default-src"])
    assert script == ("'none'" if picture_or_file else "'self'")
    assert "unsafe-eval" not in str(policy(answer))
    assert picture_or_file or "unsafe-inline" not in str(policy(answer))
    assert "Strict-Transport-Security" not in sent


@pytest.mark.parametrize(("path", "status"), PAGES.items())
def test_every_response_has_a_strict_policy(app: Proofsheet, scene: dict[str, str], path: str, status: int) -> None:
    answer = app.test_client().get(path.format_map(scene))
    assert answer.status_code == status
    require_closed(answer)


@pytest.mark.parametrize("path", OWN_PAGES)
def test_pages_of_photographers_have_a_strict_policy(owner: FlaskClient, scene: dict[str, str], path: str) -> None:
    answer = owner.get(path.format_map(scene))
    assert answer.status_code == 200
    require_closed(answer)
    assert "<script>" not in answer.text
    assert " style=" not in answer.text.replace("<meta", "")
    assert " onclick=" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/collections/"), ("POST", "/auth/sign-in"), ("PUT", "/nothing")]
)
def test_refusals_have_a_strict_policy(app: Proofsheet, method: str, path: str) -> None:
    for headers_ in ({}, JSON):
        answer = app.test_client().open(path, method=method, headers=headers_)
        assert answer.status_code >= 400
        require_closed(answer)


def test_server_errors_have_a_strict_policy(app: Proofsheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "home", lambda: 1 / 0)
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    require_closed(answer)


@pytest.mark.parametrize(
    ("proxies", "environ", "secure"),
    [
        (0, {}, False),
        (0, {"HTTP_X_FORWARDED_PROTO": "https"}, False),  # anybody may say so
        (1, {"HTTP_X_FORWARDED_PROTO": "https"}, True),
        (1, {"HTTP_X_FORWARDED_PROTO": "http"}, False),
        (0, {"base_url": "https://localhost"}, True),
    ],
)
def test_https_response_sets_hsts_and_secure_cookie(
    app: Proofsheet, monkeypatch: pytest.MonkeyPatch, proxies: int, environ: dict[str, str], secure: bool
) -> None:
    if proxies:
        monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_proto=proxies))
    form = {"email": ADMIN, "password": PASSWORD}
    base_url = environ.get("base_url", "http://localhost")
    answer = at(app, **environ).post("/auth/sign-in", data=form, headers=JSON, base_url=base_url)
    assert answer.status_code == 200
    assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000" if secure else None)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == secure
    assert cookie.startswith("__Host-session=" if secure else "session=")
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie  # it ends with the browser; nobody is remembered longer


def test_no_cookie_is_set_without_session_data(app: Proofsheet, scene: dict[str, str]) -> None:
    for path in ("/collections/{public}/layout", "/collections/files/{photo}/preview", "/static/css/gallery.css"):
        assert "Set-Cookie" not in app.test_client().get(path.format_map(scene)).headers


def test_pages_may_load_only_images_from_the_store() -> None:
    found = headers._policy(["https://r2.example.com", "https://*.r2.example.com"])
    assert "img-src 'self' data: blob: https://r2.example.com https://*.r2.example.com;" in found
    assert "script-src 'self';" in found
    assert "style-src 'self';" in found


@pytest.mark.parametrize("kind", ["collection", "link"])
def test_expired_page_names_the_photographer_to_ask(
    app: Proofsheet, scene: dict[str, str], owner: FlaskClient, kind: str
) -> None:
    path = f"/collections/{scene['over']}"
    if kind == "link":
        made = owner.post(f"/collections/{scene['private']}/links", headers=JSON).json["url"]
        path = made.removeprefix("http://localhost")
        page = owner.get(f"/collections/{scene['private']}/links").text
        revoke = page.split('action="')[-1] if "/revoke" in page else ""
        uuid = page.partition("/revoke")[0].rpartition("/")[2]
        assert revoke
        owner.post(f"/collections/{scene['private']}/links/{uuid}/revoke")
    page, told = app.test_client().get(path), app.test_client().get(path, headers=JSON)
    assert (page.status_code, told.status_code) == (410, 410)
    assert 'href="mailto:boss%40example.com"' in page.text
    assert "Ada" in page.text
    assert "Nothing is deleted" in page.text
    error = told.json["error"]
    assert (error["owner_name"], error["owner_email"]) == ("Ada", ADMIN)
    assert page.headers["Cache-Control"] == "no-store"
