"""Requests as RFC 9112 has them, and malformed ones, over a connection to the real server."""

from __future__ import annotations

import pytest

from app.patient_worker import HEAD_BYTES
from tests.server.raw import request, statuses
from tests.support.server import LiveServer

PAGE, STYLE = "/auth/sign-in", "/static/css/base.css"
LAST = request("GET", STYLE, "Connection: close")
FORM = "Content-Type: application/x-www-form-urlencoded"
FILLER = [f"X-{number}: {'x' * 2000}" for number in range(10)]


@pytest.mark.parametrize("pieces", [1, 2], ids=["at once", "in two pieces"])
def test_head_over_the_limit_is_refused(server: LiveServer, pieces: int) -> None:
    head = request("GET", STYLE, *FILLER)
    assert len(head) > HEAD_BYTES
    half = len(head) // pieces

    assert statuses(server, head[:half], head[half:])[:1] == [431]
    assert statuses(server, LAST) == [200]


def test_endless_head_is_refused(server: LiveServer) -> None:
    endless = request("GET", STYLE, *FILLER).removesuffix(b"\r\n\r\n")
    assert statuses(server, endless) == [431]


def test_head_below_the_limit_is_answered(server: LiveServer) -> None:
    head = request("GET", STYLE, *FILLER[:7], "Connection: close")
    assert statuses(server, head) == [200]


@pytest.mark.parametrize(
    "request_bytes",
    [
        request("POST", PAGE, FORM, "Content-Length: 5", "Content-Length: 6") + b"a=b&c=",
        request("POST", PAGE, FORM, "Content-Length: 5", "Content-Length: 5") + b"a=b&c",
        request("POST", PAGE, FORM, "Content-Length: 5, 5") + b"a=b&c",
        request("POST", PAGE, FORM, "Content-Length: +5") + b"a=b&c",
        request("POST", PAGE, FORM, "Content-Length: 5", "Transfer-Encoding: chunked") + b"5\r\na=b&c\r\n0\r\n\r\n",
        request("POST", PAGE, FORM, "Transfer-Encoding: chunked, chunked") + b"0\r\n\r\n",
        request("POST", PAGE, FORM, "Transfer-Encoding: chunked") + b"-5\r\na=b&c\r\n0\r\n\r\n",
        request("POST", PAGE, FORM, "Transfer-Encoding: chunked") + b"0x5\r\na=b&c\r\n0\r\n\r\n",
        request("POST", PAGE, FORM, "Transfer-Encoding: chunked") + b"5\r\na=b&cXX0\r\n\r\n",
        request("GET", STYLE).replace(b"\r\n", b"\n") + b"\r\n\r\n",
        request("GET", STYLE, "Host: another"),
        request("GET", STYLE, "X-Folded: a\r\n b"),
        request("GET", STYLE, "Space : a"),
        b"\r\n\r\n" + LAST,
    ],
    ids=[
        "two lengths",
        "a length twice",
        "a list of lengths",
        "a length with a sign",
        "length and chunks",
        "chunked twice",
        "a negative chunk",
        "a chunk with a prefix",
        "a chunk that is too long",
        "line feeds alone",
        "two hosts",
        "a folded line",
        "a space before the colon",
        "empty lines before",
    ],
)
def test_ambiguous_request_is_refused_and_what_follows_ignored(server: LiveServer, request_bytes: bytes) -> None:
    assert statuses(server, request_bytes + LAST) == [400]


def test_body_without_a_length_is_the_next_request(server: LiveServer) -> None:
    assert statuses(server, request("POST", PAGE, FORM) + b"a=b\r\n\r\n" + LAST) == [400, 400]


def test_pipelined_requests_are_answered_in_order(server: LiveServer) -> None:
    requests = [request("GET", STYLE), request("GET", "/missing"), request("GET", PAGE), LAST]
    assert statuses(server, b"".join(requests)) == [200, 404, 200, 200]


def test_rest_of_a_pipelined_head_may_come_later(server: LiveServer) -> None:
    whole = request("GET", STYLE) + LAST
    assert statuses(server, whole[:-20], whole[-20:]) == [200, 200]


def test_request_follows_a_chunked_body(server: LiveServer) -> None:
    head = request("POST", PAGE, FORM, "Transfer-Encoding: chunked")
    assert statuses(server, head + b"3;a=b\r\na=b\r\n0\r\nX-Trailer: c\r\n\r\n" + LAST) == [400, 200]


def test_request_follows_a_body_that_nobody_read(server: LiveServer) -> None:
    assert statuses(server, request("POST", "/missing", FORM, "Content-Length: 5") + b"a=b&c" + LAST) == [404, 200]


def test_client_is_told_to_continue(server: LiveServer) -> None:
    head = request("POST", PAGE, FORM, "Content-Length: 3", "Expect: 100-continue", "Connection: close")
    assert statuses(server, head, b"a=b") == [100, 400]


def test_head_in_single_bytes_is_answered(server: LiveServer) -> None:
    assert statuses(server, *(bytes([byte]) for byte in LAST)) == [200]
