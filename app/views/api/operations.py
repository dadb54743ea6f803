"""What a view of the API takes and gives: said once, and used for checking what comes and for the OpenAPI document."""

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
Content = type[Schema] | Mapping[str, Any] | None  # a schema of JSON, or a media type object by its type


@dataclass(frozen=True)
class Operation:
    """What the document says of one view; its summary is the first line of the view's docstring."""

    gives: Mapping[int, tuple[str, Content]]
    takes: Content = None
    query: type[Schema] | None = None
    refuses: tuple[int, ...] = ()
    example: Any = None
    headers: Mapping[int, Mapping[str, str]] = field(default_factory=dict)  # by status: names with what they say


def operation(described: Operation) -> Callable[[View], View]:
    """Describe a view; goes below `gate.needs`."""

    def mark(view: View) -> View:
        view.api_operation = described  # type: ignore[attr-defined]
        return view

    return mark


def asked(schema: type[Schema]) -> dict[str, Any]:
    """What the address asks for; raises Invalid, in words."""
    given = request.args.to_dict(flat=False)
    if repeated := [name for name, values in given.items() if len(values) > 1]:
        raise Invalid("The address says something twice.", dict.fromkeys(repeated, "Say it once."))
    return loaded(schema, {name: values[0] for name, values in given.items()})


def sent(schema: type[Schema], most_bytes: int = BODY_BYTES) -> dict[str, Any]:
    """The JSON object that was sent; raises Invalid, or what HTTP has for a body that is none."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send {JSON}.")
    request.max_content_length = most_bytes
    try:
        body = current_app.json.loads(request.get_data(cache=False))
    except ValueError:
        raise BadRequest("The body is not JSON.") from None
    return loaded(schema, body)


def loaded(schema: type[Schema], given: Any) -> dict[str, Any]:
    """What was given, checked against a schema; raises Invalid, naming the fields."""
    try:
        found: dict[str, Any] = schema().load(given)
    except ValidationError as error:
        raise Invalid("Some of this cannot be used.", dict(problems(error.messages))) from None
    return found


def problems(found: Any, path: str = "") -> list[tuple[str, str]]:
    """What is wrong, by the path of each field: ('files.3.sha256', 'Not a valid string.')."""
    if not isinstance(found, dict):
        return [(path, " ".join(map(str, found)))]
    inner = ((f"{path}.{name}" if path else str(name), each) for name, each in found.items())
    return [problem for name, each in inner for problem in problems(each, name)]
