"""Local files that a proxy sends: the header that names them, and when the app sends them itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import Proofsheet
from app.models import File, db
from app.views.sent_by_proxy import HEADER, PREFIX
from tests.support.pictures import jpeg
from tests.support.studio import Studio

PHOTO = jpeg(1600, 1000)
ADDRESSES = ("original", "thumbnail", "preview")


@pytest.fixture
def settings(settings: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    """An app behind a proxy that sends files, with a link to its storage folder."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    return settings | {"FILES_SENT_BY": "proxy", "TRUSTED_PROXIES": "1", "STORAGE_PATH": str(tmp_path / "link")}


@pytest.fixture
def photo(studio: Studio) -> str:
    """The uuid of a photograph in a public collection."""
    return studio.photo(studio.collection(studio.photographer()), "a.jpg", PHOTO)


def address(photo: str, what: str = "original") -> str:
    return f"/collections/files/{photo}/{what}"


def stored(app: Proofsheet, name: str) -> bytes:
    """The bytes of the file that a header names."""
    assert name.startswith(PREFIX)
    return (Path(app.config["STORAGE_PATH"]) / name.removeprefix(PREFIX)).read_bytes()


def kept_headers(answer: TestResponse) -> dict[str, str]:
    """The headers that the proxy has to keep."""
    of_the_body = {HEADER, "Content-Length", "Accept-Ranges", "Date"}
    return {name: value for name, value in answer.headers.items() if name not in of_the_body}


@pytest.mark.parametrize("what", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_header_names_the_file_in_place_of_the_body(
    app: Proofsheet, client: FlaskClient, photo: str, what: str, method: str
) -> None:
    named = client.open(address(photo, what), method=method)
    assert (named.status_code, named.data) == (200, b"")
    app.config["FILES_SENT_BY"] = "app"
    sent = client.open(address(photo, what), method=method)
    assert HEADER not in sent.headers
    assert stored(app, named.headers[HEADER]) == client.get(address(photo, what)).data
    assert kept_headers(named) == kept_headers(sent)


def test_accepted_range_is_told_by_the_status(client: FlaskClient, photo: str) -> None:
    answer = client.get(address(photo), headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.data, HEADER in answer.headers) == (206, b"", True)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"If-None-Match": "*"}, 304),
        ({"Range": "bytes=99999999-"}, 416),
        ({"If-Match": '"another"'}, 412),
    ],
    ids=str,
)
def test_response_without_the_file_names_none(
    client: FlaskClient, photo: str, asked: dict[str, str], status: int
) -> None:
    answer = client.get(address(photo), headers=asked)
    assert (answer.status_code, HEADER in answer.headers) == (status, False)


@pytest.mark.parametrize("name", ["If-Match", "If-Unmodified-Since"])
def test_app_sends_what_proxies_would_refuse(client: FlaskClient, photo: str, name: str) -> None:
    known = client.get(address(photo)).headers
    asked = {name: known["ETag" if name == "If-Match" else "Last-Modified"]}
    answer = client.get(address(photo), headers=asked)
    assert (answer.status_code, answer.data, HEADER in answer.headers) == (200, PHOTO, False)


@pytest.mark.parametrize("name", ["a b.jpg", "50%25.jpg", "ü.jpg", "q?x.jpg", "a#b.jpg", "a;b.jpg"])
def test_app_sends_a_file_whose_path_would_have_to_be_encoded(
    app: Proofsheet, client: FlaskClient, photo: str, name: str
) -> None:
    with app.app_context():
        file = db.session.query(File).filter_by(uuid=photo).one()
        old, new = file.storage_path, f"{file.storage_path.rpartition('/')[0]}/{name}"
        file.storage_path = new
        db.session.commit()
    root = Path(app.config["STORAGE_PATH"])
    (root / old).rename(root / new)
    answer = client.get(address(photo))
    assert (answer.status_code, answer.data, HEADER in answer.headers) == (200, PHOTO, False)


def test_refused_visitor_is_told_no_name(studio: Studio, client: FlaskClient) -> None:
    hidden = studio.photo(studio.collection(studio.photographer(), privacy="private"))
    for what in ADDRESSES:
        answer = client.get(address(hidden, what))
        assert (answer.status_code, HEADER in answer.headers) == (404, False)


def test_placeholder_and_page_are_sent_by_the_app(studio: Studio, client: FlaskClient) -> None:
    collection = studio.collection(studio.photographer())
    pdf = studio.photo(collection, "contract.pdf", b"%PDF-1.7\n")
    for path in (address(pdf, "preview"), f"/collections/{collection}", "/static/favicon.svg"):
        assert HEADER not in client.get(path).headers
