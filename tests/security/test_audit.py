"""The audit log records actor, action and subject; no log contains secrets."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from app import Proofsheet, logs, server
from app.extensions import limiter
from app.models import Privacy, Role, db
from app.services import audit
from app.services.accounts import accounts, setup_link
from tests.security.apps import at, house
from tests.support.studio import JSON, PASSWORD, Studio

ADA, BOSS = "ada@example.com", "boss@example.com"
HERE = "203.0.113.9"
ANOTHER, GUESS = "another long password", "a guess nobody may read"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofsheet]:
    with house(tmp_path_factory.mktemp("audit"), RATELIMIT_ENABLED=False) as app:
        Studio(app).photographer(ADA)
        Studio(app).photographer(BOSS, role=Role.ADMIN)
        yield app


@pytest.fixture
def studio(app: Proofsheet) -> Studio:
    return Studio(app)


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All log records from DEBUG on."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "audit")
    return caplog


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "audit"]


def last(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The last event, without its moment."""
    return {name: value for name, value in events(caplog)[-1].items() if name != "at"}


def signed_in(app: Proofsheet, email: str = ADA, password: str = PASSWORD) -> Any:
    client = at(app, HERE)
    client.post("/auth/sign-in", data={"email": email, "password": password}, headers=JSON)
    return client


# --- who did what to what ---------------------------------------------------------------------


def test_sign_ins_are_logged(app: Proofsheet, heard: pytest.LogCaptureFixture) -> None:
    ada = signed_in(app)
    assert last(heard) == {"event": "sign_in.ok", "account": 1, "address": HERE}
    ada.post("/auth/sign-out")
    assert last(heard) == {"event": "sign_out", "account": 1, "address": HERE}
    for email, told in ((ADA, {"email": ADA}), ("x@y", {"email": "x@y"}), (GUESS, {})):
        signed_in(app, email, "wrong")
        assert last(heard) == {"event": "sign_in.refused", "address": HERE, **told}


def test_collection_password_attempts_are_logged(
    app: Proofsheet, studio: Studio, heard: pytest.LogCaptureFixture
) -> None:
    uuid, visitor = studio.collection(1, Privacy.PASSWORD), at(app, HERE)
    for password, event in ((GUESS, "password.refused"), (PASSWORD, "password.given")):
        visitor.post(f"/collections/{uuid}/password", data={"password": password})
        assert last(heard) == {"event": event, "address": HERE, "collection": uuid}


def test_limits_are_logged(heard: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "check_password_hash", lambda *_: False)
    with house(tmp_path) as limited:
        try:
            client = at(limited, HERE)
            for _ in range(21):
                client.post("/auth/sign-in", data={"email": ADA, "password": GUESS})
        finally:
            limiter.enabled = False
    assert last(heard) == {"event": "limited", "view": "auth.sign_in", "address": HERE}


# In this order: one collection and one file in it are made, changed, deleted, restored and removed.
CHANGES = (
    ("/collections/", {"title": "T", "privacy": "private"}, "collection.made"),
    ("/collections/{collection}/edit", {"title": "T", "privacy": "public"}, "collection.changed"),
    ("/collections/{collection}/links", {"label": "x"}, "link.made"),
    ("/collections/files/{file}/delete", {}, "file.deleted"),
    ("/collections/bin/files/{file}/restore", {}, "file.restored"),
    ("/collections/files/{file}/delete", {}, "file.deleted"),
    ("/collections/bin/files/{file}/purge", {}, "file.purged"),
    ("/collections/{collection}/delete", {}, "collection.deleted"),
    ("/collections/bin/collections/{collection}/restore", {}, "collection.restored"),
    ("/collections/{collection}/delete", {}, "collection.deleted"),
    ("/collections/bin/collections/{collection}/purge", {}, "collection.purged"),
    ("/account/password", {"present": GUESS, "password": ANOTHER}, "account.password_refused"),
)


def test_too_short_new_password_is_not_counted_as_guess(
    app: Proofsheet, studio: Studio, heard: pytest.LogCaptureFixture
) -> None:
    ada = signed_in(app)
    heard.clear()
    assert ada.post("/account/password", data={"present": PASSWORD, "password": "short"}).status_code == 422
    assert events(heard) == []


def test_changes_are_logged(app: Proofsheet, studio: Studio, heard: pytest.LogCaptureFixture) -> None:
    collection = studio.collection(1)
    names, ada = {"collection": collection, "file": studio.photo(collection)}, signed_in(app)
    for path, form, event in CHANGES:
        assert ada.post(path.format_map(names), data=form).status_code in (200, 201, 202, 302, 303, 422), path
        told = last(heard)
        assert (told["event"], told["account"], told["address"]) == (event, 1, HERE), path
        assert [name for name in names if f"{{{name}}}" in path and told[name] != names[name]] == []


@pytest.mark.parametrize(
    ("path", "form", "told"),
    [
        ("/account/people/invitation", {"role": "admin"}, {"event": "invitation.made", "role": "admin"}),
        ("/account/people/1/password", {}, {"event": "reset_link.made", "user": 1}),
        ("/account/people/1/role", {"role": "photographer"}, {"event": "account.role_changed", "user": 1}),
    ],
)
def test_actions_of_administrators_are_logged(
    app: Proofsheet, heard: pytest.LogCaptureFixture, path: str, form: dict[str, str], told: dict[str, Any]
) -> None:
    signed_in(app, BOSS).post(path, data=form)
    assert (told | {"account": 2, "address": HERE}).items() <= last(heard).items()


@pytest.mark.parametrize(
    ("asked", "told"), [({}, True), ({"Range": "bytes=0-9"}, True), ({"If-None-Match": "*"}, False)]
)
def test_downloads_of_originals_are_logged(
    app: Proofsheet, studio: Studio, heard: pytest.LogCaptureFixture, asked: dict[str, str], told: bool
) -> None:
    uuid = studio.collection(1)
    photo = studio.photo(uuid)
    at(app, HERE).get(f"/collections/files/{photo}/original", headers=asked)
    lines = [event for event in events(heard) if event["event"] == "original.downloaded"]
    assert [(line["file"], line["collection"]) for line in lines] == [(photo, uuid)] * told
    at(app, HERE).get(f"/collections/files/{photo}/preview")
    assert len([event for event in events(heard) if "download" in event["event"]]) == told


@pytest.mark.parametrize(
    "fact", ['"', "\n", "\r\n2026 audit forged", "\x1b[2J", "\u2028", "‮", '","event":"forged', "\0", "é" * 1000]
)
def test_log_lines_cannot_be_forged(heard: pytest.LogCaptureFixture, fact: str) -> None:
    audit.event("try", fact=fact)
    line = heard.records[-1].getMessage()
    assert line.isascii()
    assert line.isprintable()
    assert (json.loads(line)["event"], json.loads(line)["fact"]) == ("try", fact[: audit.MAX_LENGTH])


# --- no secret in any line --------------------------------------------------------------------


def test_no_flow_logs_a_secret(
    app: Proofsheet, studio: Studio, heard: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid, ada, boss = studio.collection(1, Privacy.PASSWORD), signed_in(app), signed_in(app, BOSS)
    visitor, secrets = at(app, HERE), [PASSWORD, ANOTHER, GUESS]
    link = ada.post(f"/collections/{uuid}/links", headers=JSON).json["url"].rpartition("/")[2]
    pages = [boss.post(f"/account/people/{path}", follow_redirects=True).text for path in ("invitation", "1/password")]
    invitation, reset = (re.findall(r"/auth/[a-z-]+/([\w-]{32})", page)[0] for page in pages)
    with app.app_context():
        setup = setup_link.new_token()
    secrets += [link, invitation, reset, setup]
    visitor.get(f"/s/{link}")
    visitor.get(f"/auth/setup/{setup}")
    visitor.post(f"/collections/{uuid}/password", data={"password": GUESS})
    visitor.post(f"/collections/{uuid}/password", data={"password": PASSWORD})
    form = {"name": "N", "email": "new@example.com", "password": ANOTHER}
    assert visitor.post(f"/auth/invitation/{invitation}", data=form).status_code == 302
    assert visitor.post(f"/auth/new-password/{reset}", data={"password": ANOTHER}).status_code == 302
    signed_in(app, GUESS, GUESS)
    _meet_faults(app, monkeypatch, [f"/s/{link}", f"/auth/invitation/{invitation}", f"/auth/new-password/{reset}"])
    kept = db_secrets(app)
    assert len(kept) > 4
    ours = "\n".join(logs.MaskingFormatter().format(record) for record in heard.records)
    plain = "\n".join(record.getMessage() for record in heard.records)
    assert "failed" in plain
    assert [secret for secret in secrets + kept if secret in plain or secret in ours] == []
    with app.app_context():
        accounts.set_password(1, PASSWORD)


def _meet_faults(app: Proofsheet, monkeypatch: pytest.MonkeyPatch, paths: list[str]) -> None:
    """Ask for addresses with secrets while the database fails, which is logged with a traceback."""

    def broken(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
        patch.setattr(db.session, "scalar", broken)
        patch.setattr(db.session, "execute", broken)
        assert [at(app, HERE).get(path).status_code for path in paths] == [500] * len(paths)


def db_secrets(app: Proofsheet) -> list[str]:
    """The secrets and digests in the database."""
    with app.app_context():
        queries = ("SELECT password_hash FROM users", "SELECT secret_sha256 FROM share_links")
        found = [row[0] for query in queries for row in db.session.execute(db.text(query))]
        return found + [row[0] for row in db.session.execute(db.text("SELECT secret_sha256 FROM one_time_links"))]


def test_errors_of_the_database_come_without_values(app: Proofsheet) -> None:
    from app import ENGINE

    assert ENGINE["hide_parameters"] is True


SECRET = "Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4"


@pytest.mark.parametrize(
    "line",
    [
        f"GET /s/{SECRET} HTTP/1.1",
        f'"GET /auth/invitation/{SECRET}?x=1 HTTP/1.1" 200',
        f"http://host/auth/new-password/{SECRET}",
        f"/auth/setup/{SECRET}.aBc.d-_",
        f"/auth/sign-in?next=%2Fs%2F{SECRET}",
        f"https://r2/b/k?X-Amz-Algorithm=A&X-Amz-Signature={SECRET}&X-Amz-Date=1",
        f"https://r2/b/k?X-Amz-Credential={SECRET}%2F20260101",
        f"Authorization: Bearer {SECRET}",
        f"redis://:{SECRET}@host:6379/0",
        f"postgresql://user:{SECRET}@host/name",
    ],
)
def test_secrets_are_masked_in_every_line(line: str) -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "%s", (line,), None)
    formatter = server.logconfig_dict["formatters"]["line"]
    written = logs.MaskingFormatter(formatter["format"]).format(record)
    assert formatter["()"] == "app.logs.MaskingFormatter"
    assert SECRET not in written
    assert "…" in written


def test_masks_keep_text_without_secrets(app: Proofsheet) -> None:
    line = f"GET /collections/{'0' * 36}?page=2 /collections/files/x/original?v=1 /static/a.css user@host:80"
    assert logs.masked(line) == line


@pytest.mark.parametrize(
    "format_", ["%(r)s", "%(U)s", "%(f)s", "%({referer}i)s", "%({raw_uri}e)s", "%({cookie}i)s", "%({authorization}i)s",
                "%({http_cookie}e)s", "%({set-cookie}o)s", "%({location}o)s"],
)  # fmt: skip
def test_access_log_hides_secrets_whatever_its_format(format_: str) -> None:
    log, path = server.AccessLog(Config()), f"/s/{SECRET}"
    sent = [("REFERER", f"http://h{path}"), ("COOKIE", SECRET), ("AUTHORIZATION", SECRET)]
    answered = [("Set-Cookie", SECRET), ("Location", f"https://r2/k?X-Amz-Signature={SECRET}")]
    request = SimpleNamespace(headers=sent)
    response = SimpleNamespace(status="200 OK", sent=1, headers=answered)
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": path, "PATH_INFO": path, "SERVER_PROTOCOL": "HTTP/1.1",
               "QUERY_STRING": "", "HTTP_REFERER": f"http://h{path}", "HTTP_COOKIE": SECRET}  # fmt: skip
    atoms = log.atoms(response, request, environ, timedelta(0))
    shown = format_ % log.atoms_wrapper_class(atoms)
    assert SECRET not in shown
    assert "…" in shown


def test_access_log_that_nobody_reads_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """gunicorn would make each line, at a fifth of the cost of a thumbnail, and drop it."""
    monkeypatch.setattr(logging.getLogger("gunicorn.access"), "handlers", [])  # without those of pytest
    unread, read = Config(), Config()
    read.set("accesslog", "-")
    assert server.AccessLog(read).access_log_enabled
    assert not server.AccessLog(unread).access_log_enabled
