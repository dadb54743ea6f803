"""The OpenAPI document, built from the routes, their access rules, and their `operation`.

apispec converts the marshmallow schemas that validate requests. flask-smorest, APIFlask and SpecTree would add a second
set of blueprints, parsing and errors beside `gate` and `errors`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema
from werkzeug.routing import Rule

from app.models import Scope
from app.views import gate
from app.views.api import schemas
from app.views.api.fields import Cursor, Moment
from app.views.api.operations import JSON, Content, Operation

PARAMETER = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
METHODS = ("GET", "POST", "PATCH", "DELETE")
BLUEPRINT = "api."
TOO_LONG = 414  # sent by the web server before the app runs, so not as JSON
WORDS = {
    400: "The request is malformed.",
    401: "The token is missing or invalid.",
    403: "The token's scope does not allow this.",
    404: "It does not exist, or belongs to another account.",
    409: "The request conflicts with the current state.",
    413: "The body is too large.",
    TOO_LONG: "The URL is too long; the web server sends this response, not as JSON.",
    415: "The type of the body is not supported.",
    422: "Some values are invalid; `fields` says which.",
    429: "Too many requests; retry after the seconds in `Retry-After`.",
    503: "The database or the store is unavailable; retry later.",
}
ABOUT = """Collections, files and share links for scripts and plug-ins. Create a token on the page “API tokens” of your
account and send it as `Authorization: Bearer ps_…`. A token works with the collections of its own account only, even if
that is an administrator's. Its scope is `read`, `upload` (includes `read`) or `manage` (includes both). Cookies are
ignored."""
SCOPES = {
    Scope.READ: "View and download.",
    Scope.UPLOAD: "Also upload files.",
    Scope.MANAGE: "Also create, change, share and delete.",
}


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of all routes below /api/v1."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec("Proofsheet", "1", "3.1.0", info={"description": ABOUT}, servers=[{"url": "/"}], plugins=[plugin])
    for kind in (Moment, Cursor):
        plugin.map_to_openapi_type(kind, "string", None)  # type: ignore[no-untyped-call]
    needed = "; ".join(f"`{scope}`: {words}" for scope, words in SCOPES.items())
    spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "bearerFormat": "ps_…", "description": f"Scopes: {needed}"}
    )
    for status, words in WORDS.items():
        content = {} if status == TOO_LONG else {"content": _content(schemas.ErrorAnswer)}
        spec.components.response(_error(status), {"description": words, **content})
    for rule in sorted(_rules(app), key=lambda each: each.rule):
        spec.path(_path(rule), operations=dict(_operations(app, rule)), parameters=_in_path(rule))
    return spec.to_dict()


def _rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(BLUEPRINT))


def _operations(app: Flask, rule: Rule) -> Iterator[tuple[str, dict[str, Any]]]:
    view = app.view_functions[rule.endpoint]
    described: Operation = getattr(view, "api_operation")  # noqa: B009
    for method in METHODS:
        if method in (rule.methods or ()):
            name = rule.endpoint.removeprefix(BLUEPRINT)
            yield method.lower(), _operation(rule, name, (view.__doc__ or "").strip(), described)


def _operation(rule: Rule, name: str, words: str, described: Operation) -> dict[str, Any]:
    scope = gate.scope_of(rule.endpoint)
    found: dict[str, Any] = {
        "operationId": name,
        "summary": words.rstrip("."),
        "description": f"Needs a token of the scope `{scope}` or more.",
        "tags": [rule.rule.split("/")[3]],
        "security": [{"token": [str(scope)]}],
        "responses": {str(status): _error(status) for status in _refusals(rule, described)},
    }
    for status, (meaning, content) in described.responses.items():
        found["responses"][str(status)] = _response(meaning, content, described.headers.get(status, {}))
    if described.query:
        found["parameters"] = [{"in": "query", "schema": described.query}]
    if described.body:
        found["requestBody"] = {"required": True, "content": _content(described.body, described.example)}
    return found


def _refusals(rule: Rule, described: Operation) -> list[int]:
    by_address = (404,) if rule.arguments else ()
    by_body = (400, 409, 413, 415, 422) if isinstance(described.body, type) else (413,) if described.body else ()
    by_query = (TOO_LONG, 422) if described.query else ()
    return sorted({401, 403, 429, 503, *described.errors, *by_address, *by_body, *by_query} - set(described.responses))


def _response(meaning: str, content: Content, headers: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"description": meaning}
    if content:
        found["content"] = _content(content)
    if headers:
        found["headers"] = {
            name: {"description": words, "schema": {"type": "string"}} for name, words in headers.items()
        }
    return found


def _content(content: Content, example: Any = None) -> dict[str, Any]:
    if not isinstance(content, type):
        return dict(content or {})
    return {JSON: {"schema": content} | ({"example": example} if example else {})}


def _in_path(rule: Rule) -> list[dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = {"name": {"type": "string", "enum": schemas.LADDER}}
    uuid = {"type": "string", "format": "uuid"}
    return [
        {"in": "path", "name": name, "required": True, "schema": kinds.get(name, uuid)}
        for name in PARAMETER.findall(rule.rule)
    ]


def _path(rule: Rule) -> str:
    return PARAMETER.sub(r"{\1}", rule.rule)


def _error(status: int) -> str:
    return f"Error{status}"


def _name(schema: type[Schema] | Schema) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__
