"""What arrives, before any view sees it: forms that are forms, JSON that is JSON, and bodies that go on arriving."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any, NoReturn

from flask import Flask, Response, current_app, request
from flask import Request as FlaskRequest
from flask.json.provider import DefaultJSONProvider
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout
from wtforms import Field

from app.errors import Invalid

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # all but tabs and line breaks
MOST_BYTES = 128 * 1024  # a description of 5,000 letters has 45,000 at most, each byte of it escaped as three


class Request(FlaskRequest):
    """A request whose form lies in memory: it has 1 MB at most, and a broken one leaves no file behind.

    What is uploaded does not come this way (app.views.collections.multipart).
    """

    def _load_form_data(self) -> None:
        if self.mimetype == "application/x-www-form-urlencoded" and (self.content_length or 0) > MOST_BYTES:
            raise RequestEntityTooLarge("No form of these pages is that long.")
        with _going_on():
            super()._load_form_data()

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        """The body; raises RequestTimeout where it stopped coming."""
        with _going_on():
            return super().get_data(*args, **kwargs)

    def _get_file_stream(self, *_facts: Any, **_more: Any) -> IO[bytes]:
        return BytesIO()


@contextmanager
def _going_on() -> Iterator[None]:
    try:
        yield
    except ClientDisconnected as gone:
        if isinstance(gone.__context__, TimeoutError):
            raise RequestTimeout("The rest of it did not come. Please send it again.") from None
        raise


def register(app: Flask) -> None:
    """Give up bodies of which nothing more comes: each holds one of gunicorn's threads, of which there are 32."""
    app.before_request(_hurry)
    app.after_request(_take_time)


def _hurry() -> None:
    _wait_at_most(current_app.config["BODY_STALL_SECONDS"])


def _take_time(response: Response) -> Response:
    """What goes out may wait for a slow browser."""
    _wait_at_most(None)
    return response


def _wait_at_most(seconds: float | None) -> None:
    """Bound one wait for the connection of this request; only gunicorn tells which it is."""
    if connection := request.environ.get("gunicorn.socket"):
        connection.settimeout(seconds)


class Json(DefaultJSONProvider):
    """Reads what RFC 8259 calls JSON and a database can keep."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value; raises ValueError for NaN, for half a surrogate pair, and for what is nested without end."""
        try:
            value = super().loads(s, parse_constant=_refuse, **kwargs)
        except RecursionError:
            raise ValueError("It is nested too deeply.") from None
        if (b"\\ud" if isinstance(s, bytes) else "\\ud") in s.lower():  # type: ignore[operator]
            self.dumps(value, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError
        return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON.")


class Form(FlaskForm):  # type: ignore[misc]
    """A form of our pages. It is filled in by forms only: JSON has values that its fields do not know."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be used; what cannot be shown, nor kept by PostgreSQL, is refused by the field's name."""
        valid = bool(super().validate(extra_validators))
        unseen = [field for field in self if isinstance(field.data, str) and CONTROL.search(field.data)]
        for field in unseen:
            field.errors = [*field.errors, "It has characters that cannot be shown, such as control codes."]
        return valid and not unseen

    def require(self) -> None:
        """Raise Invalid, naming the fields, if it cannot be used."""
        if not self.validate():
            problems = {field.name: " ".join(map(str, field.errors)) for field in self.wrong}
            raise Invalid("Please check what you entered.", problems)

    def refuse(self, error: Invalid) -> None:
        """Take over what is wrong: at the fields that the error names, or above all of them if it names none."""
        for name, problem in error.fields.items():
            if not self[name].errors:
                self[name].errors = [problem]
        if not error.fields:
            self.form_errors.append(error.message)

    @property
    def wrong(self) -> list[Field]:
        """The fields that cannot be used as they are, in their order on the page."""
        return [field for field in self if field.errors]

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """What Flask-WTF asks."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> MultiDict[str, str] | None:
            """The fields that were sent, or None if the request sends nothing."""
            if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
                return None
            return request.form
