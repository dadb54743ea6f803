"""Request bodies: limits of forms, strict JSON, timeouts of slow bodies, and the base class of all forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any, NoReturn

from flask import Flask, current_app, request
from flask import Request as FlaskRequest
from flask.json.provider import DefaultJSONProvider
from flask_wtf import FlaskForm
from gunicorn.http.errors import ParseException
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge, RequestTimeout
from wtforms import Field

from app.errors import Invalid

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # except tabs and line breaks
MOST_BYTES = 128 * 1024  # a description of 5,000 characters takes up to 45,000 bytes, percent-encoded


class Request(FlaskRequest):
    """A request that keeps its form in memory, without temporary files: at most 1 MB.

    Uploads are read by `app.views.uploads.multipart` instead.
    """

    def _load_form_data(self) -> None:
        if self.mimetype == "application/x-www-form-urlencoded" and (self.content_length or 0) > MOST_BYTES:
            raise RequestEntityTooLarge("The form is too long. The limit is 128 KiB.")
        with _errors_translated():
            super()._load_form_data()

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        """The body; raises RequestTimeout if the client stops sending, BadRequest for malformed chunks."""
        with _errors_translated():
            return super().get_data(*args, **kwargs)

    def _get_file_stream(self, *_facts: Any, **_more: Any) -> IO[bytes]:
        return BytesIO()


@contextmanager
def _errors_translated() -> Iterator[None]:
    """Translate what gunicorn raises for a chunked body, and a timeout of any other."""
    try:
        yield
    except (ClientDisconnected, TimeoutError) as error:
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            raise RequestTimeout("The connection was too slow or broke off. Please try again.") from None
        raise
    except ParseException:
        raise BadRequest("The body of the request is malformed.") from None


def register(app: Flask) -> None:
    """Time out clients that stop sending a body or reading a response: each occupies a thread of gunicorn."""
    app.before_request(_limit_stalls)


def _limit_stalls() -> None:
    """Limit each read from the connection, each piece of a file and each other write; gunicorn provides the socket."""
    if connection := request.environ.get("gunicorn.socket"):
        connection.settimeout(current_app.config["BODY_STALL_SECONDS"])


class Json(DefaultJSONProvider):
    """JSON as in RFC 8259, without values that a database cannot store."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The parsed value; raises ValueError for NaN, infinities, lone surrogates and too deep nesting."""
        try:
            value = super().loads(s, parse_constant=_refuse, **kwargs)
        except RecursionError:
            raise ValueError("The JSON is nested too deeply.") from None
        if (b"\\ud" if isinstance(s, bytes) else "\\ud") in s.lower():  # type: ignore[operator]
            self.dumps(value, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError
        return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON.")


class Form(FlaskForm):  # type: ignore[misc]
    """Base class of all forms; reads form bodies only, since JSON values do not fit the fields."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all fields are valid; adds an error to fields with control characters, which PostgreSQL rejects."""
        valid = bool(super().validate(extra_validators))
        unprintable = [field for field in self if isinstance(field.data, str) and CONTROL.search(field.data)]
        for field in unprintable:
            field.errors = [*field.errors, "This contains control characters. Remove them and try again."]
        return valid and not unprintable

    def require(self) -> None:
        """Raise Invalid with the invalid fields, if there are any."""
        if not self.validate():
            problems = {field.name: " ".join(map(str, field.errors)) for field in self.wrong}
            raise Invalid("Please check what you entered.", problems)

    def refuse(self, error: Invalid) -> None:
        """Show an error at the fields that it names, or above the form if it names none."""
        for name, problem in error.fields.items():
            if not self[name].errors:
                self[name].errors = [problem]
        if not error.fields:
            self.form_errors.append(error.message)

    @property
    def wrong(self) -> list[Field]:
        """The invalid fields, in the order of the page."""
        return [field for field in self if field.errors]

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Options for Flask-WTF."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> MultiDict[str, str] | None:
            """The fields of the body; None if the method has no body."""
            if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
                return None
            return request.form
