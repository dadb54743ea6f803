"""Connections to a server that tests write bytes to, and readers of what comes back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.support.server import LiveServer

PATIENCE = 20.0
SEGMENT_BYTES = 1400  # as on the internet; with the loopback's segments the kernel alone would buffer megabytes
RECEIVED_BYTES = 4096


@contextmanager
def connected(server: LiveServer) -> Iterator[socket.socket]:
    """A connection with the buffers of a slow client."""
    with socket.socket() as connection:
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_BYTES)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
        connection.connect(("127.0.0.1", server.port))
        yield connection


@contextmanager
def stopped(server: LiveServer, number: int, sent: bytes, read: int = 0) -> Iterator[None]:
    """So many clients that send these bytes, read so many of the response, and do nothing more."""
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(server)) for _ in range(number)]
        for client in clients:
            client.sendall(sent)
        for client in clients:
            assert not read or client.recv(read)
        yield


def request(method: str, path: str, *lines: str) -> bytes:
    """The head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


def statuses(server: LiveServer, *pieces: bytes) -> list[int]:
    """The statuses of all responses to these bytes; the last request, or the server, ends the connection."""
    with connected(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = connection.makefile("rb")
        found = []
        while line := received.readline():
            assert line.startswith(b"HTTP/1.1 "), line
            found.append(int(line.split(b" ")[1]))
            length = _length(iter(received.readline, b"\r\n"))
            received.read(length if found[-1] not in (100, 204, 304) else 0)
        return found


def _length(lines: Iterator[bytes]) -> int:
    headers = {name.lower(): value for name, _, value in (line.partition(b":") for line in lines)}
    return int(headers.get(b"content-length", 0))
