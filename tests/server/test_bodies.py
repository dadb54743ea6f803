"""Upload bodies as networks deliver them, sent to the real server: cut, endless, chunked, too large."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.server.conftest import LIMIT_MB
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.processes import eventually
from tests.support.server import LiveServer

BOUNDARY = "a-boundary"
PATIENCE = 20.0


def part(name: str, data: bytes) -> bytes:
    """One file of a form."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def request_head(ada: Photographer, collection: str, length: int) -> bytes:
    """The head of an upload that announces so many bytes."""
    headers = ada.headers() | {
        "Host": "127.0.0.1",
        "Connection": "close",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(length),
    }
    lines = [f"POST /collections/{collection}/upload HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def connected(server: LiveServer) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def answer_of(connection: socket.socket) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """Status and JSON of the answer, read to the end of the connection."""
    received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), json.loads(body)


def stored(server: LiveServer, collection: str) -> set[tuple[str, str]]:
    """Name and actual SHA-256 of every original of the collection, after asserting that no other object is there."""
    query = "SELECT original_filename, storage_path FROM files f JOIN collections c ON c.id = collection_id"
    rows = server.rows(f"{query} WHERE c.uuid = ?", collection)
    folder = server.storage / "collections" / collection
    originals = {path.name for path in folder.iterdir() if path.is_file()} if folder.is_dir() else set()
    assert originals == {path.rsplit("/", 1)[-1] for _, path in rows}
    return {(name, hashlib.sha256((server.storage / path).read_bytes()).hexdigest()) for name, path in rows}


def sha256(data: bytes) -> str:
    """The digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("missing", [1, 200, 60_000], ids=["a byte of the form", "the file's end", "most of it"])
def test_body_shorter_than_announced_names_the_cut_file(
    server: LiveServer, ada: Photographer, collection: str, missing: int
) -> None:
    whole, cut = jpeg(300, 200), jpeg(1200, 900, quality=98) + os.urandom(60_000)
    body = part("whole.jpg", whole) + part("cut.jpg", cut) + END
    lost = missing + len(END)
    with closing(connected(server)) as connection:
        connection.sendall(request_head(ada, collection, len(body)) + body[:-lost])
        connection.shutdown(socket.SHUT_WR)
        status, told = answer_of(connection)

    assert status == 201
    assert [(file["name"], file["sha256"]) for file in told["files"]] == [("whole.jpg", sha256(whole))]
    assert [(error["name"], error["code"]) for error in told["errors"]] == [("cut.jpg", "cut_short")]
    assert stored(server, collection) == {("whole.jpg", sha256(whole))}
    uuid = told["files"][0]["uuid"]
    assert ada.get(f"/collections/files/{uuid}/original").content == whole


def test_disconnected_client_keeps_its_complete_files(server: LiveServer, ada: Photographer, collection: str) -> None:
    whole = jpeg(300, 200)
    body = part("whole.jpg", whole) + part("cut.jpg", os.urandom(300_000))
    with closing(connected(server)) as connection:
        connection.sendall(request_head(ada, collection, len(body) * 2) + body)
        eventually(lambda: bool(stored_names(server, collection)), PATIENCE, "the first file is committed")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset

    eventually(lambda: server.unfinished() == 0, PATIENCE, "its variants are made")
    assert stored(server, collection) == {("whole.jpg", sha256(whole))}


def stored_names(server: LiveServer, collection: str) -> list[tuple[str]]:
    """The names of the collection's files in the database."""
    query = "SELECT original_filename FROM files f JOIN collections c ON c.id = collection_id WHERE c.uuid = ?"
    return server.rows(query, collection)


def test_chunked_upload_needs_no_content_length(server: LiveServer, ada: Photographer, collection: str) -> None:
    photos = {"one.jpg": jpeg(800, 600), "two.jpg": jpeg(600, 800)}

    def chunks() -> Iterator[bytes]:
        body = b"".join(part(name, data) for name, data in photos.items()) + END
        yield from (body[at : at + 777] for at in range(0, len(body), 777))

    answer = ada.post(
        f"/collections/{collection}/upload",
        data=chunks(),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )

    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert answer.status_code == 201
    assert answer.json()["errors"] == []
    assert stored(server, collection) == {(name, sha256(data)) for name, data in photos.items()}


def test_chunked_upload_without_its_last_chunk_is_cut(server: LiveServer, ada: Photographer, collection: str) -> None:
    # Of a read that ends badly gunicorn gives nothing, and the view reads 256 KB at a time: both files are longer.
    whole = jpeg(300, 200) + os.urandom(300_000)
    body = part("whole.jpg", whole) + part("cut.jpg", os.urandom(500_000))
    head = request_head(ada, collection, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    with closing(connected(server)) as connection:
        connection.sendall(head + b"%x\r\n" % len(body) + body + b"\r\n")
        connection.shutdown(socket.SHUT_WR)
        status, told = answer_of(connection)

    assert status == 201
    assert [file["name"] for file in told["files"]] == ["whole.jpg"]
    assert [(error["name"], error["code"]) for error in told["errors"]] == [("cut.jpg", "cut_short")]
    assert stored(server, collection) == {("whole.jpg", sha256(whole))}


@pytest.mark.parametrize("order", [1, -1], ids=["small first", "large first"])
def test_file_over_the_limit_is_refused_by_name(
    server: LiveServer, ada: Photographer, collection: str, order: int
) -> None:
    small, large = jpeg(300, 200), jpeg() + os.urandom(LIMIT_MB * 1_000_000)
    answer = ada.send(collection, *[("small.jpg", small), ("large.jpg", large)][::order])

    assert answer.status_code == 201
    assert [(error["name"], error["code"]) for error in answer.json()["errors"]] == [("large.jpg", "too_large")]
    assert stored(server, collection) == {("small.jpg", sha256(small))}


def test_stalled_upload_times_out_and_keeps_complete_files(
    server: LiveServer, ada: Photographer, collection: str
) -> None:
    whole = jpeg(300, 200)
    body = part("whole.jpg", whole) + part("stalled.jpg", os.urandom(300_000))
    with closing(connected(server)) as connection:
        connection.sendall(request_head(ada, collection, len(body) * 2) + body)
        status, told = answer_of(connection)

    assert status == 201
    assert [(error["name"], error["code"]) for error in told["errors"]] == [("stalled.jpg", "cut_short")]
    assert stored(server, collection) == {("whole.jpg", sha256(whole))}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json"])
def test_stalled_form_times_out_with_a_message(
    server: LiveServer, ada: Photographer, collection: str, kind: str
) -> None:
    address = "/collections/" if "form" in kind else f"/collections/{collection}/uploads/check"
    head = request_head(ada, collection, 100).replace(f"/collections/{collection}/upload".encode(), address.encode(), 1)
    head = head.replace(f"multipart/form-data; boundary={BOUNDARY}".encode(), kind.encode())
    with closing(connected(server)) as connection:
        connection.sendall(head + b'{"files": [')
        status, told = answer_of(connection)
    assert status == 408
    assert "too slow or broke off" in told["error"]["message"]  # type: ignore[call-overload]


def test_slow_body_that_progresses_does_not_time_out(server: LiveServer, ada: Photographer, collection: str) -> None:
    whole = jpeg(300, 200)
    body = part("slow.jpg", whole) + END
    with closing(connected(server)) as connection:
        connection.sendall(request_head(ada, collection, len(body)))
        for start in range(0, len(body), len(body) // 4 + 1):
            time.sleep(0.7)  # four pauses, together longer than one may be
            connection.sendall(body[start : start + len(body) // 4 + 1])
        status, _told = answer_of(connection)
    assert status == 201
