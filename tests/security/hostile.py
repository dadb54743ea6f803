"""Hostile input: bodies, queries, names and headers that no form of the app sends."""

from __future__ import annotations

import json

BOUNDARY = "a-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FORM = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"

UUID = "00000000-0000-4000-8000-00000000000f"
# By what it is: what stands in the place of an id or a name in an address.
SEGMENTS = {
    "nul": "%00",
    "line break": "a%0D%0ASet-Cookie:%20a=b",
    "dots": "..",
    "encoded dots": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "not utf-8": "%ff%fe",
    "very long": "a" * 4000,
    "negative": "-1",
    "beyond 64 bits": "9" * 40,
    "sql": "'%20OR%20'1'='1",
    "template": "%7B%7B7*7%7D%7D",
    "brackets": "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "wide digits": "%EF%BC%91%EF%BC%92",
    "right to left": "%E2%80%AEgpj.exe",
    "unknown": UUID,
}
QUERIES = {
    "absurd numbers": "page=99999999999999999999&start=-1&count=1e999&limit=99999999999999999999&offset=-5&cursor=-1",
    "no numbers": "page=NaN&start=%00&count=0x10&limit=%EF%BC%91&offset=%20&cursor=%F0%9F%93%B7",
    "empty": "page=&start=&count=&sort=&since=&file=&v=&next=&limit=&cursor=",
    "lists": "page[]=1&start[a]=2&sort=taken&sort=name&file=a&file=b",
    "nul": "sort=%00&since=%00&file=%00&next=%00&v=%00&cursor=%00&limit=%00",
    "not utf-8": "sort=%ff&since=%ff&file=%ff&next=%ff&cursor=%ff&limit=%ff",
    "surrogate": "sort=%ed%a0%80&since=%ed%a0%80&file=%ed%a0%80&next=%ed%a0%80&cursor=%ed%a0%80",
    "words": "sort=drop%20table&since=yesterday&file=../../etc/passwd&cursor=..%2f..&limit=all",
    "long": "since=" + "9" * 20_000,
    "ten thousand": "&".join(f"a{n}={n}" for n in range(10_000)),
}
FIELDS = ("title", "email", "password", "label", "expires_at", "event_date", "privacy", "sort_order", "role", "name",
          "downloads_allowed", "accent", "present", "confirm", "secret", "new_password", "current", "scope", "next",
          "files", "description", "hides_location")  # fmt: skip


def filled(text: str) -> bytes:
    """A form with the same text, encoded, in every field there is."""
    return "&".join(f"{name}={text}" for name in FIELDS).encode()


def part(disposition: str, body: bytes = b"x", more: str = "") -> bytes:
    """A multipart body of one part."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{more}\r\n"
    return head.encode("utf-8", "surrogateescape") + body + f"\r\n--{BOUNDARY}--\r\n".encode()


NESTED = part('form-data; name="files"', part('form-data; name="files"; filename="a.jpg"'),
              f"Content-Type: {MULTIPART}\r\n")  # fmt: skip
BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": ("", b""),
    "nothing as form": (FORM, b""),
    "nothing as json": (JSON_TYPE, b""),
    "hundred thousand fields": (FORM, b"&".join(b"f%d=1" % n for n in range(100_000))),
    "one field of a megabyte": (FORM, b"title=" + b"a" * 1_000_000),
    "nul": (FORM, filled("%00")),
    "not utf-8": (FORM, filled("%ff%fe")),
    "surrogate": (FORM, filled("%ed%a0%80")),
    "line breaks": (FORM, filled("a%0D%0ALocation:%20//evil.example")),
    "absurd moment": (FORM, filled("99999-99-99T99:99")),
    "earliest moment": (FORM, filled("0001-01-01T00:00%2B14:00")),
    "latest moment": (FORM, filled("9999-12-31T23:59-14:00")),
    "number": (FORM, filled("9" * 400)),
    "template": (FORM, filled("%7B%7Bconfig%7D%7D")),
    "not json": (JSON_TYPE, b"{"),
    "json of another kind": (JSON_TYPE, b"[1, 2, 3]"),
    "json null": (JSON_TYPE, b"null"),
    "json number": (JSON_TYPE, b"1e999"),
    "json nan": (JSON_TYPE, b'{"moved": NaN, "before": Infinity, "parts": NaN, "files": -Infinity, "size": NaN}'),
    "json too deep": (JSON_TYPE, b"[" * 100_000 + b"]" * 100_000),
    "json digits": (JSON_TYPE, b'{"size": ' + b"9" * 10_000 + b"}"),
    "json not utf-8": (JSON_TYPE, b'{"name": "\xff\xfe"}'),
    "json surrogate": (JSON_TYPE, b'{"name": "\\ud800", "title": "\\ud800", "moved": ["\\ud800"], "size": 1}'),
    "json nul": (JSON_TYPE, json.dumps({"name": "\0", "title": "\0", "moved": ["\0"], "before": "\0"}).encode()),
    "json wrong types": (
        JSON_TYPE,
        json.dumps(
            {
                "files": [{"name": 1, "sha256": [], "size": "x"}, None, 7],
                "moved": [[]],
                "before": 5,
                "parts": [{}, 1],
                "title": {},
                "name": [],
                "size": -1,
                "sha256": 0,
                "privacy": 3,
                "expires_at": [],
                "downloads_allowed": "?",
            }
        ).encode(),
    ),
    "json duplicate keys": (JSON_TYPE, b'{"title": "a", "title": ["b"], "size": 1, "size": {}}'),
    "multipart without boundary": ("multipart/form-data", b"x"),
    "multipart with an odd boundary": ('multipart/form-data; boundary="\xff\xfe"', b"x"),
    "multipart with a long boundary": (f"multipart/form-data; boundary={'b' * 10_000}", b"x"),
    "multipart that never begins": (MULTIPART, b"x" * 100_000),
    "multipart that never ends": (MULTIPART, part('form-data; name="files"; filename="a.jpg"')[:-10]),
    "multipart in a multipart": (MULTIPART, NESTED),
    "multipart of ten thousand parts": (MULTIPART, part('form-data; name="a"')[: -len(BOUNDARY) - 8] * 10_000),
    "multipart without a name": (MULTIPART, part("form-data")),
    "multipart with a long header": (MULTIPART, part('form-data; name="files"', b"x", f"X-Long: {'a' * 100_000}\r\n")),
    "multipart with a broken header": (MULTIPART, part('form-data; name="files"; filename="\x00\x01\n.jpg"')),
    "multipart name of a path": (MULTIPART, part('form-data; name="files"; filename="../../../etc/passwd"')),
    "multipart name of nothing": (MULTIPART, part('form-data; name="files"; filename=""')),
    "multipart name in another charset": (MULTIPART, part("form-data; name=files; filename*=utf-7''%2B-")),
    "xml": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "unknown type": ("application/x-unknown; charset=klingon", b"\x00\x01\x02"),
    "type that is no type": ("/;;=,", b"x"),
    "form in another charset": (f"{FORM}; charset=utf-16", "title=a".encode("utf-16")),
}
HEADERS: dict[str, dict[str, str]] = {
    "accept": {"Accept": "*/*;q=NaN,;;,text/html;level=" + "9" * 500},
    "range backwards": {"Range": "bytes=10-1"},
    "range of many": {"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(2_000))},
    "range absurd": {"Range": f"bytes={'9' * 400}-"},
    "if-range": {"Range": "bytes=0-10", "If-Range": '"' + "a" * 5_000 + '"'},
    "if-none-match": {"If-None-Match": ",".join(f'W/"{n}"' for n in range(2_000))},
    "if-modified-since": {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"},
    "cookie": {"Cookie": "session=" + "a" * 4_000 + "; session=.; =; \xff=\xff"},
    "authorization": {"Authorization": "Basic " + "!" * 1_000},
    "digest": {"Authorization": 'Digest username="a", realm'},
    "language": {"Accept-Language": "x" * 3_000},
    "upload offset": {"Upload-Offset": "-9" * 200, "Tus-Resumable": "9.9.9", "Upload-Length": "NaN"},
    "upload metadata": {"Upload-Metadata": "a b,c \xff", "Upload-Length": "9" * 60, "Tus-Resumable": "1.0.0"},
    "method override": {"X-HTTP-Method-Override": "DELETE"},
    "forwarded": {
        "X-Forwarded-For": "127.0.0.1, ::1, <script>",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=",
    },
    "csrf": {"X-CSRFToken": "\xff" * 500},
    "referer": {"Referer": "javascript:alert(1)"},
}
