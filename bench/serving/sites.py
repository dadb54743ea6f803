"""The servers under load: Proofsheet, an empty Flask app under the same settings, and nginx with the same file."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from tests.support.processes import ROOT, eventually, free_port
from tests.support.server import BOOT_SECONDS, LiveServer

GUNICORN = f"{sys.executable} -m gunicorn --config python:{{config}} --bind 127.0.0.1:{{port}}"
NGINX = """
daemon off; master_process off; worker_rlimit_nofile 8192;
pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; etag on; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@dataclass(frozen=True)
class Site:
    """A server that runs: its port, and the process at the top of its tree."""

    port: int
    top: psutil.Process

    def processes(self) -> list[psutil.Process]:
        """All its processes."""
        return [self.top, *self.top.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """The CPU time of all its processes so far."""
        times = [process.cpu_times() for process in self.processes()]
        return float(sum(each.user + each.system for each in times))

    def memory_mb(self) -> float:
        """The memory of all its processes, shared pages counted once, in megabytes."""
        return float(sum(process.memory_full_info().pss for process in self.processes()) / 1e6)

    def threads(self) -> int:
        """The threads of all its processes."""
        return sum(process.num_threads() for process in self.processes())


class Benched(LiveServer):
    """Proofsheet under any server: `command` has the places {port}, {app} and {config}."""

    def __init__(self, folder: Path, command: str = GUNICORN, **settings: str) -> None:
        super().__init__(folder, **settings)
        self._command = command

    def start(self) -> float:
        """Start it; returns the seconds until it answered."""
        with self.log.open("ab") as log:
            self._process = _popen(command_of(self._command, self.port, "app.server", "wsgi"), self.environment, log)
        return eventually(self._answers, BOOT_SECONDS, "the server answers")

    @property
    def site(self) -> Site:
        """Its processes and port."""
        return Site(self.port, psutil.Process(self._running().pid))


def command_of(command: str, port: int, config: str, module: str) -> list[str]:
    """The words of the command that starts this app on this port."""
    return command.format(port=port, config=config, app=f"{module}:application").split()


@contextmanager
def empty(command: str, folder: Path) -> Iterator[Site]:
    """Serve the empty route with the same server software."""
    port = free_port()
    words = command_of(command, port, "bench.serving.empty", "bench.serving.empty")
    with (folder / "empty.log").open("wb") as log, _running(words, port, dict(os.environ), log) as site:
        yield site


@contextmanager
def nginx(root: Path, folder: Path) -> Iterator[Site | None]:
    """Serve the files below `root` with one process of nginx; None if it is not installed."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        yield None
        return
    port, settings = free_port(), folder / "nginx.conf"
    settings.write_text(NGINX.format(folder=folder, port=port, root=root))
    with (folder / "nginx.out").open("wb") as log:
        words = [program, "-p", str(folder), "-c", str(settings), "-e", str(folder / "nginx.log")]
        with _running(words, port, dict(os.environ), log) as site:
            yield site


@contextmanager
def _running(words: list[str], port: int, environment: dict[str, str], log: IO[bytes]) -> Iterator[Site]:
    process = _popen(words, environment, log)
    try:
        eventually(lambda: _listens(port), BOOT_SECONDS, f"{words[0]} listens")
        yield Site(port, psutil.Process(process.pid))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def _popen(words: list[str], environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
