"""nginx and Caddy in front of servers: the real programs with the files of deploy/, at free ports and over TLS."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import ROOT, eventually, free_port
from tests.support.services_available import program

HOST = "localhost"
SETTINGS = {"TRUSTED_PROXIES": "1", "FILES_SENT_BY": "proxy"}
PATIENCE = 30.0
# What Debian's nginx.conf sets around a site, without its system folders.
NGINX_MAIN = """\
daemon off;
{user}
pid {folder}/nginx.pid;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    gzip on;
    access_log {folder}/access.log;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/responses;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
CADDY_OPTIONS = "{{\n\tadmin off\n\thttp_port {plain_port}\n\thttps_port {port}\n\tdefault_bind 127.0.0.1\n"


@dataclass(frozen=True)
class Proxy:
    """A running proxy: its name, the folder with its log, and its ports."""

    name: str
    folder: Path
    port: int
    plain_port: int

    @property
    def url(self) -> str:
        """The address over TLS."""
        return f"https://{HOST}:{self.port}"

    @property
    def certificate(self) -> Path:
        """The certificate, which signs itself."""
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        """The key of the certificate."""
        return self.folder / "key.pem"

    @property
    def log(self) -> Path:
        """What the proxy prints."""
        return self.folder / "proxy.log"


Changes = Mapping[str, str]
Start = Callable[..., AbstractContextManager[Proxy]]


@contextmanager
def nginx(folder: Path, storage: Path, *upstreams: int, changes: Changes | None = None) -> Iterator[Proxy]:
    """nginx with deploy/nginx.conf in front of servers at these ports; `changes` replace text of the file."""
    command, proxy = program("nginx", "nginx", "/usr/sbin"), _prepared("nginx", folder)
    ports = {80: proxy.plain_port, 443: proxy.port}
    site = {
        "    server 127.0.0.1:5000;": "\n".join(f"    server 127.0.0.1:{port};" for port in upstreams),
        "    listen 80;\n    listen [::]:80;": f"    listen 127.0.0.1:{ports[80]};",
        "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;": f"    listen 127.0.0.1:{ports[443]} ssl http2;",
        "server_name photos.example.com": f"server_name {HOST}",
        "/etc/letsencrypt/live/photos.example.com/fullchain.pem": str(proxy.certificate),
        "/etc/letsencrypt/live/photos.example.com/privkey.pem": str(proxy.key),
        "/srv/proofsheet/instance/storage/": f"{storage}/",
    }
    (folder / "site.conf").write_text(substituted("nginx.conf", site | dict(changes or {})), encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # the folders of tests are closed to others
    (folder / "nginx.conf").write_text(NGINX_MAIN.format(folder=folder, user=user), encoding="utf-8")
    with _running(proxy, [command, "-c", f"{folder}/nginx.conf", "-p", str(folder), "-e", "stderr"]):
        yield proxy


@contextmanager
def caddy(folder: Path, storage: Path, *upstreams: int, changes: Changes | None = None) -> Iterator[Proxy]:
    """Caddy with deploy/Caddyfile in front of servers at these ports; `changes` replace text of the file."""
    command, proxy = program("caddy", "caddy"), _prepared("caddy", folder)
    site = {
        "\n{\n": "\n" + CADDY_OPTIONS.format(port=proxy.port, plain_port=proxy.plain_port),
        "\nphotos.example.com {\n": f"\n{HOST} {{\n\ttls {proxy.certificate} {proxy.key}\n",
        "127.0.0.1:5000": " ".join(f"127.0.0.1:{port}" for port in upstreams),
        "/srv/proofsheet/instance/storage": str(storage),
    }
    (folder / "Caddyfile").write_text(substituted("Caddyfile", site | dict(changes or {})), encoding="utf-8")
    with _running(proxy, [command, "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]):
        yield proxy


PROXIES: dict[str, Start] = {"nginx": nginx, "caddy": caddy}


def substituted(name: str, changes: Changes) -> str:
    """The text of a file in deploy/ with changes, each of which must apply."""
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"deploy/{name} has no {old!r}"
        text = text.replace(old, new)
    return text


def _prepared(name: str, folder: Path) -> Proxy:
    folder.mkdir(parents=True, exist_ok=True)
    proxy = Proxy(name, folder, free_port(), free_port())
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    files = ["-keyout", str(proxy.key), "-out", str(proxy.certificate)]
    command: Sequence[str] = [program("openssl", "openssl"), *words, *names, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return proxy


@contextmanager
def _running(proxy: Proxy, command: Sequence[str]) -> Iterator[None]:
    homes = {"HOME": str(proxy.folder), "XDG_DATA_HOME": str(proxy.folder), "XDG_CONFIG_HOME": str(proxy.folder)}
    with proxy.log.open("wb") as log:
        process = subprocess.Popen(command, cwd=proxy.folder, env=os.environ | homes, stdout=log, stderr=log)
    try:
        eventually(lambda: _listens(proxy, process), PATIENCE, f"{proxy.name} listens")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(proxy: Proxy, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, proxy.log.read_text(encoding="utf-8")
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", proxy.port)) == 0
