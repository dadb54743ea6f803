"""Clients of a proxy: sockets that send and read what a test wants, and curl."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.proxies import HOST, PATIENCE, Proxy
from tests.support.services_available import program

SMALL_BUFFER = 4096


def connected(proxy: Proxy, *, small_buffer: bool = False) -> ssl.SSLSocket:
    """A TLS connection that speaks HTTP/1.1; with a small buffer it takes little that is not read."""
    plain = socket.socket()
    if small_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    plain.settimeout(PATIENCE)
    plain.connect(("127.0.0.1", proxy.port))
    context = ssl.create_default_context(cafile=str(proxy.certificate))
    return context.wrap_socket(plain, server_hostname=HOST)


def head(method: str, path: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The head of a request."""
    named = {"Host": HOST} | dict(headers or {})
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def status(connection: ssl.SSLSocket) -> int:
    """The status of the response."""
    return int(connection.recv(65536).split(b" ", 2)[1])


@dataclass(frozen=True)
class Answer:
    """What curl received."""

    status: int
    version: str
    headers: dict[str, list[str]]


def curl(proxy: Proxy, path: str, *options: str, site: str = "") -> Answer:
    """The response to curl with these options; over TLS unless another site is given."""
    template = '{"code": %{http_code}, "version": "%{http_version}", "headers": %{header_json}}'
    command = [program("curl", "curl"), "--silent", "--noproxy", "*", "--cacert", str(proxy.certificate)]
    asked = [*command, "--output", "/dev/null", "--write-out", template, *options, (site or proxy.url) + path]
    done = subprocess.run(asked, check=True, capture_output=True, timeout=PATIENCE)
    told: dict[str, Any] = json.loads(done.stdout)
    return Answer(told["code"], told["version"], told["headers"])
