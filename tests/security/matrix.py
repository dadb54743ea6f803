"""Who gets what: the table that test_matrix.py holds every route to.

A new route needs one row in ROUTES, which says to which group it belongs; a new kind of visitor needs one row in each
group of ANSWERS, and its headers in house.py.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.factories import PASSWORD
from tests.security.house import Place

# What an answer may be: its status, and the code of the error in JSON. "ok" is what the row of the route says.
WORDS: dict[str, tuple[int, str]] = {
    "ask": (401, "password_required"),
    "sign in": (401, "sign_in_required"),
    "no": (403, "forbidden"),
    "none": (404, "not_found"),
    "over": (410, "expired"),
    "token": (401, "token_required"),
    "ended": (401, "invalid_token"),
    "scope": (403, "insufficient_scope"),
    "on": (302, ""),  # there is nothing to ask: on to the collection
}

# Rows that are the same for several visitors: those whom a cookie tells apart, and programs.
TOGETHER = {
    "cookies": (
        "anonymous", "wrong password", "right password", "former password", "expired", "expired, unopened",
        "revoked link", "ended link", "link", "download link", "forged session", "ended session", "photographer",
        "owner", "owner, expired", "admin",
    ),
    "tokens": (
        "read token", "upload token", "manage token", "revoked token", "ended token", "other token", "admin token",
    ),
}  # fmt: skip

# For each group of routes, by visitor: public, public without downloads, with a password, private.
# The collections of the rows "expired" are over; whoever comes there had opened them all before.
ANSWERS = {
    "browse": """
                           public    previews  password  private
        anonymous          ok        ok        ask       none
        wrong password     ok        ok        ask       none
        right password     ok        ok        ok        none
        former password    ok        ok        ask       none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       ok        ok        ask       none
        ended link         ok        ok        ask       none
        link               ok        ok        ok        ok
        download link      ok        ok        ok        ok
        forged session     ok        ok        ask       none
        ended session      ok        ok        ask       none
        photographer       ok        ok        ask       none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             ok        ok        ask       none
        token, expired     over      over      over      none
    """,
    "download": """
                           public    previews  password  private
        anonymous          ok        no        ask       none
        wrong password     ok        no        ask       none
        right password     ok        no        ok        none
        former password    ok        no        ask       none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       ok        no        ask       none
        ended link         ok        no        ask       none
        link               ok        no        no        no
        download link      ok        no        ok        ok
        forged session     ok        no        ask       none
        ended session      ok        no        ask       none
        photographer       ok        no        ask       none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             ok        no        ask       none
        token, expired     over      over      over      none
    """,
    "manage": """
                           public    previews  password  private
        anonymous          sign in   sign in   ask       none
        wrong password     sign in   sign in   ask       none
        right password     sign in   sign in   sign in   none
        former password    sign in   sign in   ask       none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       sign in   sign in   ask       none
        ended link         sign in   sign in   ask       none
        link               sign in   sign in   sign in   sign in
        download link      sign in   sign in   sign in   sign in
        forged session     sign in   sign in   ask       none
        ended session      sign in   sign in   ask       none
        photographer       no        no        ask       none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             sign in   sign in   ask       none
        token, expired     over      over      over      none
    """,
    # What lies in the bin is for those alone who may put it back: nobody else learns that it is there.
    "bin": """
                           public    previews  password  private
        anonymous          sign in   sign in   sign in   sign in
        wrong password     sign in   sign in   sign in   sign in
        right password     sign in   sign in   sign in   sign in
        former password    sign in   sign in   sign in   sign in
        expired            sign in   sign in   sign in   sign in
        expired, unopened  sign in   sign in   sign in   sign in
        revoked link       sign in   sign in   sign in   sign in
        ended link         sign in   sign in   sign in   sign in
        link               sign in   sign in   sign in   sign in
        download link      sign in   sign in   sign in   sign in
        forged session     sign in   sign in   sign in   sign in
        ended session      sign in   sign in   sign in   sign in
        photographer       none      none      none      none
        owner              ok        ok        ok        ok
        owner, expired     ok        ok        ok        ok
        admin              ok        ok        ok        ok
        tokens             sign in   sign in   sign in   sign in
        token, expired     sign in   sign in   sign in   sign in
    """,
    # The page that asks for a password.
    "password": """
                           public    previews  password  private
        anonymous          on        on        ok        none
        wrong password     on        on        ok        none
        right password     on        on        on        none
        former password    on        on        ok        none
        expired            over      over      over      over
        expired, unopened  over      over      over      none
        revoked link       on        on        ok        none
        ended link         on        on        ok        none
        link               on        on        on        on
        download link      on        on        on        on
        forged session     on        on        ok        none
        ended session      on        on        ok        none
        photographer       on        on        ok        none
        owner              on        on        on        on
        owner, expired     on        on        on        on
        admin              on        on        on        on
        tokens             on        on        ok        none
        token, expired     over      over      over      none
    """,
    # The rest concerns no collection.
    "account": """
                           any
        anonymous          sign in
        wrong password     sign in
        right password     sign in
        former password    sign in
        expired            sign in
        expired, unopened  sign in
        revoked link       sign in
        ended link         sign in
        link               sign in
        download link      sign in
        forged session     sign in
        ended session      sign in
        photographer       ok
        owner              ok
        owner, expired     ok
        admin              ok
        tokens             sign in
        token, expired     sign in
    """,
    "admin": """
                           any
        anonymous          sign in
        wrong password     sign in
        right password     sign in
        former password    sign in
        expired            sign in
        expired, unopened  sign in
        revoked link       sign in
        ended link         sign in
        link               sign in
        download link      sign in
        forged session     sign in
        ended session      sign in
        photographer       none
        owner              none
        owner, expired     none
        admin              ok
        tokens             sign in
        token, expired     sign in
    """,
    "open": """
                           any
        anonymous          ok
        wrong password     ok
        right password     ok
        former password    ok
        expired            ok
        expired, unopened  ok
        revoked link       ok
        ended link         ok
        link               ok
        download link      ok
        forged session     ok
        ended session      ok
        photographer       ok
        owner              ok
        owner, expired     ok
        admin              ok
        tokens             ok
        token, expired     ok
    """,
    # Programs: whoever comes without a token is told nothing, and a token opens what its account owns, closed or not.
    "api read": """
                           public    previews  password  private
        cookies            token     token     token     token
        read token         ok        ok        ok        ok
        upload token       ok        ok        ok        ok
        manage token       ok        ok        ok        ok
        token, expired     ok        ok        ok        ok
        revoked token      ended     ended     ended     ended
        ended token        ended     ended     ended     ended
        other token        none      none      none      none
        admin token        none      none      none      none
    """,
    "api upload": """
                           public    previews  password  private
        cookies            token     token     token     token
        read token         scope     scope     scope     scope
        upload token       ok        ok        ok        ok
        manage token       ok        ok        ok        ok
        token, expired     ok        ok        ok        ok
        revoked token      ended     ended     ended     ended
        ended token        ended     ended     ended     ended
        other token        none      none      none      none
        admin token        none      none      none      none
    """,
    "api manage": """
                           public    previews  password  private
        cookies            token     token     token     token
        read token         scope     scope     scope     scope
        upload token       scope     scope     scope     scope
        manage token       ok        ok        ok        ok
        token, expired     ok        ok        ok        ok
        revoked token      ended     ended     ended     ended
        ended token        ended     ended     ended     ended
        other token        none      none      none      none
        admin token        none      none      none      none
    """,
    "api account read": """
                           any
        cookies            token
        read token         ok
        upload token       ok
        manage token       ok
        token, expired     ok
        revoked token      ended
        ended token        ended
        other token        ok
        admin token        ok
    """,
    "api account manage": """
                           any
        cookies            token
        read token         scope
        upload token       scope
        manage token       ok
        token, expired     ok
        revoked token      ended
        ended token        ended
        other token        ok
        admin token        ok
    """,
}

Body = Callable[[Place], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """A rule of the app with some of its methods: its group, the status where the answer is "ok", and what is sent.

    What stands in <> is the name of a value in house.py, not of the view's argument. `writes` says that a GET changes
    something, which nothing else may.
    """

    group: str
    methods: str
    rule: str
    ok: int = 200
    body: Body = lambda _place: {}
    writes: bool = False


def form(**fields: str) -> Body:
    """The same form for every place."""
    return lambda _place: {"data": dict(fields)}


def sent(body: Any) -> Body:
    """The same JSON for every place."""
    return lambda _place: {"json": body}


def digest_of(place: Place) -> dict[str, Any]:
    """What a program says of the photograph that it would send."""
    return {"name": "a.jpg", "size": len(place.original), "sha256": place.sha256}


def some_notes(_place: Place) -> dict[str, Any]:
    """A form with a file."""
    return {"data": {"files": (io.BytesIO(b"some notes"), "a.txt")}}


NEW_ACCOUNT = form(name="Zoe", email="zoe@example.com", password=PASSWORD)
PIECE = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
AC, AF = "/api/v1/collections/<collection_uuid>", "/api/v1/files/<file_uuid>"
C, F, U, B = (
    "/collections/<collection_uuid>",
    "/collections/files/<file_uuid>",
    "/collections/uploads/<upload_uuid>",
    "/collections/bin/<kind>/<uuid>",
)

ROUTES = [
    Route("browse", "GET HEAD", C),
    Route("browse", "GET HEAD", f"{C}/events"),
    Route("browse", "GET HEAD", f"{C}/layout"),
    Route("browse", "GET HEAD", f"{C}/position", body=lambda place: {"query_string": {"file": place.file_uuid}}),
    Route("browse", "GET HEAD", f"{C}/status"),
    Route("browse", "GET HEAD", f"{C}/tiles"),
    Route("browse", "GET HEAD", f"{F}/info"),
    Route("browse", "GET HEAD", f"{F}/preview"),
    Route("browse", "GET HEAD", f"{F}/thumbnail"),
    Route("browse", "GET HEAD", f"{F}/tile"),
    Route("browse", "GET HEAD", f"{F}/variants/<name>"),
    Route("browse", "POST", f"{F}/variants/<name>/report"),
    Route("download", "GET HEAD", f"{F}/original"),
    Route("manage", "GET HEAD", f"{C}/cover"),
    Route("manage", "GET HEAD", f"{C}/delete"),
    Route("manage", "POST", f"{C}/delete"),
    Route("manage", "GET HEAD", f"{C}/edit"),
    Route("manage", "POST", f"{C}/edit", 302, form(title="Another", privacy="public")),
    Route("manage", "GET HEAD", f"{C}/links"),
    Route("manage", "POST", f"{C}/links", 201, form(label="Aunt")),
    Route("manage", "POST", f"{C}/links/<link_uuid>/revoke"),
    Route("manage", "POST", f"{C}/order", body=lambda place: {"json": {"moved": [place.file_uuid], "before": None}}),
    Route("manage", "POST", f"{C}/upload", 201, some_notes),
    Route("manage", "POST", f"{C}/uploads", 201, sent({"name": "b.tif", "size": 9, "sha256": "b" * 64})),
    Route("manage", "POST", f"{C}/uploads/check", body=lambda place: {"json": {"files": [{"sha256": place.sha256}]}}),
    Route("manage", "GET HEAD", U),
    Route("manage", "PATCH", U, 204, lambda _: {"headers": PIECE, "data": b""}),
    Route("manage", "DELETE", U, 204),
    Route("manage", "POST", f"{U}/complete", 409),  # nothing of it has arrived
    Route("manage", "POST", f"{U}/parts", 503, sent({"parts": []})),  # the store here takes none
    Route("manage", "POST", f"{F}/cover"),
    Route("manage", "GET HEAD", f"{F}/delete"),
    Route("manage", "POST", f"{F}/delete"),
    Route("manage", "POST", f"{F}/retry", 422),  # it has not failed
    Route("bin", "GET HEAD", f"{B}/purge"),
    Route("bin", "POST", f"{B}/purge", 202),
    Route("bin", "POST", f"{B}/restore"),
    Route("password", "GET HEAD", f"{C}/password"),
    Route("password", "POST", f"{C}/password", 401, form(password="wrong")),
    Route("account", "GET HEAD", "/account/"),
    Route("account", "POST", "/account/", 302, form(name="Another", accent="#112233")),
    Route("account", "GET HEAD", "/account/password"),
    Route("account", "POST", "/account/password", 302, form(present=PASSWORD, password="x" * 20)),
    Route("account", "GET HEAD", "/collections/"),
    Route("account", "POST", "/collections/", 201, form(title="New", privacy="public")),
    Route("account", "GET HEAD", "/collections/bin"),
    Route("account", "GET HEAD", "/collections/new"),
    Route("admin", "GET HEAD", "/account/people"),
    Route("admin", "POST", "/account/people/<user_id>/password", 201),
    Route("admin", "POST", "/account/people/<user_id>/role", 302, form(role="admin")),
    Route("admin", "POST", "/account/people/invitation", 201, form(role="photographer")),
    Route("account", "GET HEAD", "/account/tokens"),
    Route("account", "POST", "/account/tokens", 201, form(name="a program", scope="manage")),
    Route("account", "POST", "/account/tokens/revoke", 302),
    Route("account", "POST", "/account/tokens/<nobodys_uuid>/revoke", 404),
    Route("admin", "POST", "/account/people/<user_id>/tokens/revoke", 302),
    Route("api account read", "GET HEAD", "/api/v1/collections"),
    Route("api account manage", "POST", "/api/v1/collections", 201, sent({"title": "New", "privacy": "public"})),
    Route("api read", "GET HEAD", AC),
    Route("api manage", "PATCH", AC, 200, sent({"title": "Another"})),
    Route("api manage", "DELETE", AC),
    Route("api read", "GET HEAD", f"{AC}/files"),
    Route(
        "api upload", "POST", f"{AC}/files", 201, lambda _: {"data": {"files": (io.BytesIO(b"some notes"), "a.txt")}}
    ),
    Route("api upload", "POST", f"{AC}/check", body=lambda place: {"json": {"files": [digest_of(place)]}}),
    Route("api read", "GET HEAD", f"{AC}/status"),
    Route("api manage", "GET HEAD", f"{AC}/links"),
    Route("api manage", "POST", f"{AC}/links", 201, sent({"label": "Aunt"})),
    Route("api manage", "DELETE", f"{AC}/links/<link_uuid>"),
    Route("api read", "GET HEAD", AF),
    Route("api manage", "DELETE", AF),
    Route("api read", "GET HEAD", f"{AF}/original"),
    Route("api read", "GET HEAD", f"{AF}/variants/<name>"),
    Route("open", "GET HEAD", "/api/openapi.json"),
    Route("open", "GET HEAD", "/", 302),
    Route("open", "GET HEAD", "/account/accent/<colour>.css"),
    Route("open", "GET HEAD", "/auth/invitation/<invitation>"),
    Route("open", "POST", "/auth/invitation/<invitation>", 302, NEW_ACCOUNT),
    Route("open", "GET HEAD", "/auth/new-password/<forgotten>"),
    Route("open", "POST", "/auth/new-password/<forgotten>", 302, form(password="y" * 20)),
    Route("open", "GET HEAD", "/auth/setup/<token>", 404),  # there are accounts already
    Route("open", "POST", "/auth/setup/<token>", 404, NEW_ACCOUNT),
    Route("open", "GET HEAD", "/auth/sign-in"),
    Route("open", "POST", "/auth/sign-in", 401, form(email="ada@example.com", password="wrong")),
    Route("open", "POST", "/auth/sign-out", 302),
    Route("open", "GET", "/s/<link>", 303, writes=True),
    Route("open", "HEAD", "/s/<link>", 303),
    Route("open", "GET HEAD", "/static/<sheet>"),
    Route("open", "GET HEAD", "/collections/static/<script>"),
]


@dataclass(frozen=True)
class Cell:
    """What one kind of visitor gets at one kind of place."""

    visitor: str
    kind: str
    word: str


def cells(group: str) -> Iterator[Cell]:
    """The table of a group, cell by cell."""
    head, *rows = [line.strip() for line in ANSWERS[group].strip().splitlines()]
    for row in rows:
        visitors, *words = re.split(r"\s{2,}", row)
        for visitor in TOGETHER.get(visitors, (visitors,)):
            yield from (Cell(visitor, kind, word) for kind, word in zip(head.split(), words, strict=True))


def may_have_original(cell: Cell, group: str) -> bool:
    """Whether a visitor may have originals of this kind of collection; a program, where it may have anything."""
    if group.startswith("api"):
        return cell.word == "ok"
    return Cell(cell.visitor, cell.kind, "ok") in set(cells("download"))
