"""Problematic texts as names, titles, labels and passwords are stored and shown as text.

`NAUGHTY_STRINGS=list.json` adds a list of more (JSON, an array of strings), such as the Big List of Naughty Strings.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from app.models import Collection, File, db
from app.views.incoming import CONTROL
from tests.security.hostile import MULTIPART, part
from tests.security.target import Target, target_on
from tests.support.studio import JSON

OURS = (
    "", "\\", "\\\\", "a\\",
    "undefined", "null", "NaN", "None", "true", "0", "-1", "1e309", "0x7fffffff", "00", "1/0", ".", "..", "...",
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "C:\\fakepath\\a.jpg", "/dev/null", "CON", "con.jpg", "nul",
    "a.jpg.exe", ".htaccess", "-rf", "--help", "a;b", "a&b=c", "a?b#c", "a%00b.jpg", "%2e%2e%2f", "a b.jpg", " a ",
    "'; DROP TABLE files; --", "' OR '1'='1", '" OR ""="', "1; SELECT pg_sleep(9)", "{{ 7 * 7 }}", "{% raw %}",
    "${7*7}", "#{7*7}", "<%= 7 * 7 %>", "%s%s%n%d", "{0}{1}", "$(reboot)", "`reboot`", "|| reboot", "a\tb",
    "a\nb", "a\r\nb",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "'><b>", "</title><b>",
    "javascript:alert(1)", "&lt;b&gt;", "&amp;amp;", "<!--", "]]>", "<?php echo 1 ?>", "Ω≈ç√∫˜µ≤≥÷", "ÅÍÎÏ", "田中さん",
    "사회과학원", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "ด้้้้้็็็็็้้้้้", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗", "👨‍👩‍👧‍👦.jpg",
    "🏳️‍🌈", "e\u0301", "\u00e9", "\u202egpj.exe", "\u2066a\u2069", "\ufeffa", "\u200b", "\u00a0", "\u2028", "\ufffe",
    "\x7f", "\x1b[31mred", "＜script＞", "ＳＥＬＥＣＴ", "ﷺ", "𝕿𝖍𝖊", "\U0001f1e6\U0001f1e6",
    "\U0001f468\u200d\U0001f469.jpg", "a" * 255 + ".jpg", "ä" * 300,
)  # fmt: skip
MORE = json.loads(Path(os.environ["NAUGHTY_STRINGS"]).read_text()) if "NAUGHTY_STRINGS" in os.environ else []
TEXTS = [*OURS, *MORE]
KEY = re.compile(r"collections/[0-9a-f-]{36}/[0-9a-f-]{36}(\.[a-z0-9]{1,12})?")


class Page(HTMLParser):
    """What a page is made of, without its texts and addresses, and the texts of its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.made_of: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.values: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made_of.append((tag, tuple(name for name, _value in attrs)))
        self.values.extend(value or "" for _name, value in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


@pytest.fixture(scope="module")
def plain(target: Target) -> Page:
    """The page of a collection whose title and description nobody trips over."""
    return Page(target.client.get(f"/collections/{made(target, 'Wedding')}").text)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One for all texts."""
    folder = tmp_path_factory.mktemp("texts")
    with target_on(f"sqlite:///{folder / 'texts.db'}", folder) as target:
        yield target


def made(target: Target, text: str) -> str | None:
    """The uuid of a collection that has this for a title, a description and a password; None where it is refused."""
    form = {"title": text, "description": text, "password": text, "privacy": "password"}
    answer = target.client.post("/collections/", data=form, headers=JSON)
    if answer.status_code == 422:
        assert {*answer.json["error"]["fields"]} <= {"title", "description", "password"}
        return None
    assert answer.status_code == 201, answer.text
    return str(answer.json["uuid"])


def uploaded(target: Target, collection: str, name: str) -> dict[str, str] | None:
    """What is said of a file that a browser sends under this name (HTML, “multipart form data”: three escapes).

    None where it is no file: without a name none was chosen, and a backslash before the closing quote leaves it open.
    """
    sent = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    body = part(f'form-data; name="files"; filename="{sent}"', f"A text called {name!r}".encode())
    answer = target.client.post(f"/collections/{collection}/upload", data=body, content_type=MULTIPART, headers=JSON)
    if not name or (len(name) - len(name.rstrip("\\"))) % 2:
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "no_files")
        return None
    assert answer.status_code == 201, answer.text
    return dict(answer.json["files"][0])


def is_blank(text: str) -> bool:
    """Whether there is nothing to see."""
    return not text.strip()


@pytest.mark.parametrize("text", TEXTS, ids=[str(number) for number in range(len(TEXTS))])
def test_title_and_description_are_shown_as_they_were_written(target: Target, plain: Page, text: str) -> None:
    uuid = made(target, text)
    if uuid is None:
        assert is_blank(text) or len(text) > 200 or CONTROL.search(text)
        return
    page = Page(target.client.get(f"/collections/{uuid}").text)
    assert page.made_of == plain.made_of
    assert " ".join(text.split()) in [" ".join(shown.split()) for shown in page.texts]
    with target.client.application.app_context():
        row = db.session.query(Collection).filter_by(uuid=uuid).one()
        assert row.title == text.strip()


@pytest.mark.parametrize("text", TEXTS, ids=[str(number) for number in range(len(TEXTS))])
def test_password_opens_only_as_it_was_entered(target: Target, text: str) -> None:
    uuid = made(target, text)
    if uuid is None:
        return
    visitor = target.client.application.test_client()
    form = f"/collections/{uuid}/password"
    assert visitor.post(form, data={"password": f"{text}x"}, headers=JSON).status_code == 401
    assert visitor.get(f"/collections/{uuid}", headers=JSON).status_code == 401
    assert visitor.post(form, data={"password": text}, headers=JSON).status_code < 400
    assert visitor.get(f"/collections/{uuid}", headers=JSON).status_code == 200


@pytest.mark.parametrize("text", TEXTS, ids=[str(number) for number in range(len(TEXTS))])
def test_file_name_is_text_to_show_and_no_part_of_a_key(target: Target, text: str) -> None:
    collection = made(target, "Files")
    assert collection is not None
    file = uploaded(target, collection, text)
    if file is None:
        return
    assert file["name"]
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in file["name"])
    assert "/" not in file["name"]
    with target.client.application.app_context():
        row = db.session.query(File).filter_by(uuid=file["uuid"]).one()
        assert KEY.fullmatch(row.storage_path)
        assert row.original_filename == file["name"]
    download = target.client.get(f"/collections/files/{file['uuid']}/original")
    assert download.status_code == 200
    assert unquote(download.headers["Content-Disposition"].partition("filename*=UTF-8''")[2]) in (file["name"], "")
    page = Page(target.client.get(f"/collections/{collection}").text)
    assert any(file["name"] in shown for shown in (*page.texts, *page.values))
