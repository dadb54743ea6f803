"""Uploaded files never run as active content in our origin, whatever their name and declared type."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from app import Proofsheet
from tests.security.apps import house
from tests.support.pictures import jpeg
from tests.support.studio import JSON, Studio

EMAIL = "ada@example.com"
R2 = {
    "R2_ENDPOINT_URL": "https://r2.example.com",
    "R2_BUCKET": "photos",
    "R2_ACCESS_KEY_ID": "id",
    "R2_SECRET_ACCESS_KEY": "secret",
}
NEUTRAL = "application/octet-stream"
DRAWN = frozenset(f"image/{name}" for name in ("jpeg", "png", "gif", "webp", "avif"))  # in none of these runs anything
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>' + SCRIPT + b"</body></html>"
XSLT = (
    b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?>'
    b"<!DOCTYPE d [<!ATTLIST xsl:stylesheet id ID #IMPLIED>]>"
    b'<d><xsl:stylesheet id="s" version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">'
    b'<html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html></xsl:template></xsl:stylesheet></d>"
)
MHTML = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    + SCRIPT
)
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>"
GIF_JS = b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(document.domain)//;"


def _zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


FILES = {
    "page.html": SCRIPT,
    "page.htm": b"<!doctype html>" + SCRIPT,
    "photo.jpg": SCRIPT,  # by its name a picture
    "photo.png": SVG,
    "photo.gif": GIF_JS,  # a picture and a script at once
    "photo.svg": SVG,
    "photo.svgz": SVG,
    "page.xhtml": XHTML,
    "page.xht": XHTML,
    "data.xml": XSLT,
    "style.xsl": XSLT,
    "page.mht": MHTML,
    "page.mhtml": MHTML,
    "page.shtml": b'<!--#exec cmd="id" -->' + SCRIPT,
    "paper.pdf": PDF,
    "code.js": b"alert(1)",
    "code.mjs": b"alert(1)",
    "app.swf": b"FWS\x09" + SCRIPT,
    "photo.jpg.html": jpeg(colour=(1, 2, 3)) + SCRIPT,
    "photo.html.jpg": jpeg(colour=(3, 2, 1)) + SCRIPT,
    "no_name_at_all": b"<html>" + SCRIPT,
    "archive.htmlz": _zipped("page.html", SCRIPT),
    "manifest.webmanifest": b'{"start_url": "/"}',
    "notes.txt": SCRIPT,
    'a".html': SCRIPT + b"1",
    "a%0D%0AContent-Type: text-html%0D%0A%0D%0A.html": SCRIPT + b"2",
    "‮gpj.html": SCRIPT + b"3",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofsheet]:
    with house(tmp_path_factory.mktemp("active"), RATELIMIT_ENABLED=False, **R2) as app:
        Studio(app).photographer(EMAIL)
        yield app


@pytest.fixture(scope="module")
def owner(app: Proofsheet) -> FlaskClient:
    return Studio(app).client(EMAIL)


@pytest.fixture
def collection(app: Proofsheet) -> str:
    return Studio(app).collection(1)


def uploaded(owner: FlaskClient, collection: str, name: str, declared: str) -> str:
    """The uuid of a file sent as a browser sends it, under a type that its sender chose."""
    form = {"files": (io.BytesIO(FILES[name]), name, declared)}
    answer = owner.post(f"/collections/{collection}/upload", data=form, headers=JSON)
    assert answer.status_code == 201, answer.text
    return str(answer.json["files"][0]["uuid"])


@pytest.mark.parametrize("name", FILES)
def test_uploads_are_downloads_of_a_neutral_type(
    app: Proofsheet, owner: FlaskClient, collection: str, name: str
) -> None:
    photo = uploaded(owner, collection, name, "text/html")
    visitor = app.test_client()
    for asked in ({}, {"Range": "bytes=0-200"}, {"Accept": "text/html"}):
        answer = visitor.get(f"/collections/files/{photo}/original", headers=asked)
        assert answer.status_code in (200, 206)
        assert answer.mimetype == NEUTRAL or answer.mimetype in DRAWN
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"].split("; ")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers.get_all("Content-Type") == [answer.headers["Content-Type"]]
    assert visitor.get(f"/collections/files/{photo}/original").data == FILES[name]


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.gif", "photo.svg", "photo.html.jpg", "page.html"])
@pytest.mark.parametrize("way", ["thumbnail", "preview", "variants/large"])
def test_uploaded_pictures_are_served_as_variants_or_downloads(
    app: Proofsheet, owner: FlaskClient, collection: str, name: str, way: str
) -> None:
    """A variant is made anew, so nothing of a script is left in it; what falls back to the original is a download."""
    photo = uploaded(owner, collection, name, "image/svg+xml")
    answer = app.test_client().get(f"/collections/files/{photo}/{way}")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code in (200, 202, 404)
    assert "default-src 'none'" in policy or answer.mimetype == "text/html"
    if answer.mimetype == "text/html":  # a page of ours that says there is nothing
        assert answer.status_code == 404
    assert SCRIPT not in answer.data or answer.headers["Content-Disposition"].startswith("attachment")


def test_pages_load_pictures_from_the_store_and_send_parts_to_it(app: Proofsheet) -> None:
    directives = app.test_client().get("/auth/sign-in").headers["Content-Security-Policy"].split("; ")
    assert "img-src 'self' data: blob: https://r2.example.com https://*.r2.example.com" in directives
    assert "connect-src 'self' https://r2.example.com https://*.r2.example.com" in directives
    assert [each for each in directives if "r2.example.com" in each] == directives[3:5]


@pytest.mark.parametrize("name", FILES)
def test_names_are_text_on_the_page(owner: FlaskClient, app: Proofsheet, collection: str, name: str) -> None:
    uploaded(owner, collection, name, "text/html")
    page = app.test_client().get(f"/collections/{collection}").text
    assert "alert(" not in page
    assert 'a".html"' not in page


@pytest.mark.parametrize("name", ["page.html", "photo.svg", "photo.jpg", "data.xml", 'a".html', "‮gpj.html"])
def test_addresses_of_the_store_make_it_answer_with_a_download_of_a_neutral_type(
    app: Proofsheet, owner: FlaskClient, collection: str, name: str
) -> None:
    photo = uploaded(owner, collection, name, "text/html")
    Studio(app).change(photo, storage_backend="r2")
    answer = app.test_client().get(f"/collections/files/{photo}/original")
    query = parse_qs(urlsplit(answer.location).query)
    assert answer.status_code == 302
    assert query["response-content-type"][0] in {NEUTRAL, *DRAWN}
    assert query["response-content-disposition"][0].startswith("attachment; filename=")
    assert query["response-content-disposition"][0].isprintable()
    assert {"X-Amz-Signature", "X-Amz-Expires"} <= set(query)
    assert re.fullmatch(r"private, max-age=\d+", answer.headers["Cache-Control"])
    assert int(answer.headers["Cache-Control"].rpartition("=")[2]) < int(query["X-Amz-Expires"][0])
