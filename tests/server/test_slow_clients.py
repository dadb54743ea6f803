"""Clients that stop in the middle, more than the database has connections: a page is answered all the same."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from app import CONNECTIONS
from tests.server.raw import PATIENCE, connected, request, stopped
from tests.server.short_waits import HEAD_SECONDS
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg
from tests.support.processes import eventually
from tests.support.server import LiveServer

MANY = 2 * CONNECTIONS + 16  # more than the pool of connections and its overflow
STALL_SECONDS = 60.0  # far beyond PATIENCE
STYLE = "/static/css/base.css"
FORM = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 100")
NOT_CLOSING = 32


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Photographer, str, str]]:
    """A server with the timeouts of every day, its photographer, a page, and an original of 16 MB."""
    with LiveServer(tmp_path_factory.mktemp("slow"), BODY_STALL_SECONDS=f"{STALL_SECONDS:g}") as server:
        server.create_user()
        with server.sign_in() as ada:
            collection = ada.collection()
            (uuid,) = ada.upload(collection, ("large.jpg", jpeg() + os.urandom(16_000_000)))
            yield server, ada, f"/collections/{collection}", f"/collections/files/{uuid}/original"


Gallery = tuple[LiveServer, Photographer, str, str]


def assert_answers(server: LiveServer, page: str) -> None:
    """A new visitor gets the page, which needs the database, while the slow clients still wait."""
    assert requests.get(server.url + page, timeout=PATIENCE).status_code == 200


def test_half_heads_shut_nobody_out(gallery: Gallery) -> None:
    server, _, page, _ = gallery
    with stopped(server, MANY, request("GET", page).removesuffix(b"\r\n\r\n")):
        assert_answers(server, page)


def test_half_forms_shut_nobody_out(gallery: Gallery) -> None:
    server, _, page, _ = gallery
    with stopped(server, MANY, request("POST", "/auth/sign-in", *FORM) + b"email=ada"):
        assert_answers(server, page)


def test_half_uploads_shut_nobody_out(gallery: Gallery) -> None:
    server, ada, page, _ = gallery
    sent = {**ada.headers(), "Content-Type": "multipart/form-data; boundary=b", "Content-Length": "1000000"}
    head = request("POST", f"{page}/upload", *(f"{name}: {value}" for name, value in sent.items()))
    with stopped(server, MANY, head + b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nx'):
        assert_answers(server, page)


def test_stopped_readers_shut_nobody_out(gallery: Gallery) -> None:
    server, _, page, original = gallery
    with stopped(server, MANY, request("GET", original), read=1000):
        assert_answers(server, page)


def test_clients_that_do_not_close_their_side_shut_nobody_out(gallery: Gallery) -> None:
    """gunicorn's own worker waits two seconds for each, one after the other, and serves no request."""
    server, _, page, _ = gallery
    with stopped(server, NOT_CLOSING, request("GET", STYLE, "Connection: close"), read=1000):
        assert_answers(server, page)


def test_half_head_is_cut_off(tmp_path: Path) -> None:
    with LiveServer(tmp_path, config="tests.server.short_waits") as server, connected(server) as dripping:
        with connected(server) as silent:
            silent.sendall(b"GET / HT")
            assert silent.recv(100) == b""
        eventually(lambda: _is_cut_off(dripping), PATIENCE, "one byte after the other does not help")


def _is_cut_off(connection: socket.socket) -> bool:
    """Send one more byte, and wait; true if the server has closed the connection."""
    try:
        connection.sendall(b"G")
    except (ConnectionResetError, BrokenPipeError):
        return True
    time.sleep(HEAD_SECONDS / 10)
    return False


def test_half_heads_do_not_take_all_connections(tmp_path: Path) -> None:
    half = request("GET", STYLE).removesuffix(b"\r\n\r\n")
    few = LiveServer(tmp_path, GUNICORN_CMD_ARGS="--worker-connections=20 --threads=4")
    with few as server, stopped(server, 40, half), requests.Session() as visitor:
        for _ in range(3):
            assert visitor.get(server.url + STYLE, timeout=PATIENCE).status_code == 200
            assert_answers(server, "/auth/sign-in")


def open_files(server: LiveServer) -> list[str]:
    """What the server's open files are."""
    found = []
    for file in Path(f"/proc/{server.worker.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since then
            found.append(str(file.readlink()))
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed in Linux's /proc")
@pytest.mark.parametrize("leaves", [True, False], ids=["goes away", "stops"])
def test_interrupted_download_frees_its_thread_and_its_file(tmp_path: Path, leaves: bool) -> None:
    few = {"GUNICORN_CMD_ARGS": "--threads=2", "BODY_STALL_SECONDS": f"{STALL_SECONDS if leaves else 1:g}"}
    with LiveServer(tmp_path, **few) as server:
        server.create_user()
        with server.sign_in() as ada:
            (uuid,) = ada.upload(ada.collection(), ("large.jpg", jpeg() + os.urandom(16_000_000)))
        original = request("GET", f"/collections/files/{uuid}/original")
        (path,) = (str(server.storage / path) for (path,) in server.rows("SELECT storage_path FROM files"))
        with connected(server) as one, connected(server) as other:
            for client in (one, other):
                client.sendall(original)
                client.recv(1000)
            eventually(lambda: open_files(server).count(path) == 2, PATIENCE, "both threads send the file")
            if leaves:
                one.close()
                other.close()
            eventually(lambda: path not in open_files(server), PATIENCE, "the file is closed")
            assert_answers(server, "/auth/sign-in")
        assert "Traceback" not in server.log.read_text()
