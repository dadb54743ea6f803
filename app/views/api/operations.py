"""Descriptions of API views for the OpenAPI document, and validation of queries and bodies by the same schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import current_app, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.errors import Invalid

JSON = "application/json"
BODY_BYTES = 100_000
View = TypeVar("View", bound=Callable[..., Any])
Content = type[Schema] | Mapping[str, Any] | None  # a schema of JSON, or OpenAPI media type objects by type


@dataclass(frozen=True)
class Operation:
    """One view in the OpenAPI document; its summary is the view's docstring."""

    responses: Mapping[int, tuple[str, Content]]
    body: Content = None
    query: type[Schema] | None = None
    errors: tuple[int, ...] = ()
    example: Any = None
    headers: Mapping[int, Mapping[str, str]] = field(default_factory=dict)  # by status: header names and descriptions


def operation(described: Operation) -> Callable[[View], View]:
    """Describe a view; place it below `gate.needs`."""

    def mark(view: View) -> View:
        view.api_operation = described  # type: ignore[attr-defined]
        return view

    return mark


def query(schema: type[Schema]) -> dict[str, Any]:
    """The validated query; raises Invalid, also for a repeated parameter."""
    given = request.args.to_dict(flat=False)
    if repeated := [name for name, values in given.items() if len(values) > 1]:
        raise Invalid("A query parameter is repeated.", dict.fromkeys(repeated, "Send it once."))
    return validated(schema, {name: values[0] for name, values in given.items()})


def json_body(schema: type[Schema], most_bytes: int = BODY_BYTES) -> dict[str, Any]:
    """The validated JSON body; raises Invalid, UnsupportedMediaType, BadRequest or RequestEntityTooLarge."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send {JSON}.")
    request.max_content_length = most_bytes
    try:
        body = current_app.json.loads(request.get_data(cache=False))
    except ValueError:
        raise BadRequest("The body is not JSON.") from None
    return validated(schema, body)


def validated(schema: type[Schema], given: Any) -> dict[str, Any]:
    """Values validated by a schema; raises Invalid with the invalid fields."""
    try:
        found: dict[str, Any] = schema().load(given)
    except ValidationError as error:
        raise Invalid("Some fields are invalid.", dict(problems(error.messages))) from None
    return found


def problems(found: Any, path: str = "") -> list[tuple[str, str]]:
    """marshmallow's nested messages as pairs of path and message: ('files.3.sha256', 'Not a valid string.')."""
    if not isinstance(found, dict):
        return [(path, " ".join(map(str, found)))]
    inner = ((f"{path}.{name}" if path else str(name), each) for name, each in found.items())
    return [problem for name, each in inner for problem in problems(each, name)]
