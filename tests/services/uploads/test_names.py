"""Display name and type of an incoming file."""

from __future__ import annotations

import pytest

from app.services.uploads.names import display_name, kind_of
from tests.support.pictures import jpeg


@pytest.mark.parametrize(
    ("name", "head", "mime", "extension"),
    [
        ("photo.jpg", jpeg(), "image/jpeg", ".jpg"),
        ("photo.txt", jpeg(), "image/jpeg", ".jpg"),
        ("photo", jpeg(), "image/jpeg", ".jpg"),
        ("fake.jpg", b"<html>not a picture", "image/jpeg", ".jpg"),
        ("DSC_1.NEF", b"II*\0" + bytes(200), "image/x-nikon-nef", ".nef"),
        ("scan.tif", b"II*\0" + bytes(200), "image/tiff", ".tif"),
        ("page.html", b"<html>", "text/html", ".html"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>", "application/octet-stream", ".svg"),
        ("notes.txt", b"hello", "text/plain", ".txt"),
        ("no extension", b"hello", "application/octet-stream", ""),
        ("odd.ex/../t", b"hello", "application/octet-stream", ""),
        ("odd.-ab", b"hello", "application/octet-stream", ""),
        ("odd.é", b"hello", "application/octet-stream", ""),
        ("odd.abcdefghijk", b"hello", "application/octet-stream", ".abcdefghijk"),
        ("odd.abcdefghijkl", b"hello", "application/octet-stream", ""),
        ("scan", b"II*\0" + bytes(200), "image/tiff", ".tif"),
        ("scan.jpg", b"II*\0" + bytes(200), "image/tiff", ".tif"),
        ("photo.nef", jpeg(), "image/jpeg", ".jpg"),
    ],
)
def test_pictures_are_known_by_content(name: str, head: bytes, mime: str, extension: str) -> None:
    assert kind_of(head[:4096], name) == (mime, extension)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("C:\\Users\\ada\\photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("line\r\nbreak.jpg", "linebreak.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("花嫁 👰.jpg", "花嫁 👰.jpg"),
        ("\u0645\u06cc\u200c\u062e.jpg", "\u0645\u06cc\u200c\u062e.jpg"),
        ("👨\u200d👩.jpg", "👨\u200d👩.jpg"),
        ("\u200d\u200c", "unnamed"),
        ("", "unnamed"),
        ("///", "unnamed"),
        (" photo.jpg ", "photo.jpg"),
        ("x" * 300 + ".jpeg", "x" * 250 + ".jpeg"),
        ("x" * 251 + ".jpg", "x" * 251 + ".jpg"),
        ("x" * 300 + "." + "y" * 30, "x" * 235 + "." + "y" * 19),
    ],
)
def test_display_name_is_text_to_show(raw: str, shown: str) -> None:
    assert display_name(raw) == shown
