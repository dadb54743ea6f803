"""Ranges that are honoured, ignored and refused, for pictures, originals and static files."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.pictures import jpeg
from tests.support.studio import Studio

IGNORED = {
    "several parts": "bytes=0-0,-1",
    "a thousand parts": "bytes=" + ",".join(f"{2 * number}-{2 * number}" for number in range(1_000)),
    "unknown unit": "lines=1-2",
    "backwards": "bytes=5-2",
    "no numbers": "bytes=a-b",
    "no unit": "0-9",
    "no range": "bytes=",
    "too many digits": f"bytes={'9' * 5_000}-",
}


@pytest.fixture(params=["thumbnail", "preview", "original", "static file"])
def url(request: pytest.FixtureRequest, studio: Studio) -> str:
    """The URL of a response that supports ranges."""
    if request.param == "static file":
        return "/static/css/gallery.css"
    photo = studio.photo(studio.collection(studio.photographer()), "photo.jpg", jpeg(400, 300))
    return f"/collections/files/{photo}/{request.param}"


def test_unsupported_range_is_ignored(client: FlaskClient, url: str) -> None:
    whole = client.get(url)
    for name, value in IGNORED.items():
        response = client.get(url, headers={"Range": value})
        assert (response.status_code, response.data) == (200, whole.data), name
        assert "Content-Range" not in response.headers, name


def test_range_of_another_method_is_ignored(client: FlaskClient, url: str) -> None:
    response = client.head(url, headers={"Range": "bytes=0-3"})
    assert (response.status_code, response.content_length) == (200, len(client.get(url).data))


@pytest.mark.parametrize(("value", "part"), [("bytes=2-5", slice(2, 6)), ("Bytes=-4", slice(-4, None))])
def test_single_range_is_honoured(client: FlaskClient, url: str, value: str, part: slice) -> None:
    response = client.get(url, headers={"Range": value})
    assert (response.status_code, response.data) == (206, client.get(url).data[part])


def test_range_after_the_end_answers_416(client: FlaskClient, url: str) -> None:
    response = client.get(url, headers={"Range": "bytes=99999999-"})
    assert response.status_code == 416
