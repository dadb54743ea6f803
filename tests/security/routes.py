"""Every route, by the group of those that are answered alike (matrix.py). A new one needs one row here."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.security.house import Place
from tests.support.studio import PASSWORD

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
    Route("browse", "GET HEAD", f"{C}/head"),
    Route("browse", "GET HEAD", f"{C}/layout"),
    Route("browse", "GET HEAD", f"{C}/link"),
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
    Route("manage", "GET HEAD", f"{C}/clocks"),
    Route("manage", "POST", f"{C}/clocks", 200, lambda place: {"data": {"camera": place.camera_key, "hours": "1"}}),
    Route("manage", "POST", f"{C}/clocks/order", 200, form(by="wall")),
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
    Route("api upload", "POST", f"{AC}/files", 201, some_notes),
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
