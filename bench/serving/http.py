"""A small HTTP/1.1 client for asyncio that costs little CPU beside the server under load."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

HOST = "127.0.0.1"
MOST_HEAD = 1 << 20  # bytes that a stream buffers
BODILESS = (204, 304)


@dataclass(frozen=True)
class Answer:
    """A complete response; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """A kept-alive connection to a server of this machine; open it with `Connection.open`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int, source: str = HOST) -> Self:
        """Connect from this address, such as 127.0.1.7: the server limits requests by address."""
        return cls(*await asyncio.open_connection(HOST, port, local_addr=(source, 0), limit=MOST_HEAD))

    async def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Send a GET and return its response; raises OSError or EOFError if the connection breaks."""
        self._writer.write(request(path, headers))
        status, given = _parsed(await self._reader.readuntil(b"\r\n\r\n"))
        return Answer(status, given, b"" if status in BODILESS else await self._body(given))

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        if "content-length" in headers:
            return await self._reader.readexactly(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            return await self._reader.read()
        pieces = []
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            pieces.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return b"".join(pieces)

    def close(self) -> None:
        """Close the connection at once."""
        self._writer.transport.abort()


def request(path: str, headers: Mapping[str, str], method: str = "GET") -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def source_address(number: int) -> str:
    """One of 65,024 loopback addresses (Linux answers on all of 127/8)."""
    return f"127.1.{number // 254 % 256}.{number % 254 + 1}"


def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in lines if line)
    return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in fields}
