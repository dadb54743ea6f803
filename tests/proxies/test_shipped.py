"""The files of deploy/ agree with the app: its routes, its limits and gunicorn's settings."""

from __future__ import annotations

import re
import subprocess

import pytest

from app import FORM_BYTES, Proofsheet, config
from app import server as gunicorn_settings
from app.views.sent_by_proxy import PREFIX
from tests.support.processes import ROOT
from tests.support.services_available import program

FILES = ("nginx.conf", "Caddyfile")
MIB = 1024**2
FORMS, PIECES = {"collections.upload_files", "api.upload"}, {"resumable.receive"}
UUID = "3f0c6c1e-8f0e-4c0e-9d7a-2f6f1f3b9a10"


def text(name: str) -> str:
    return (ROOT / "deploy" / name).read_text(encoding="utf-8")


def matched(app: Proofsheet, pattern: str) -> set[str]:
    """The endpoints that take a body and whose addresses match."""
    rules = [rule for rule in app.url_map.iter_rules() if {"POST", "PUT", "PATCH"} & (rule.methods or set())]
    return {rule.endpoint for rule in rules if re.search(pattern, re.sub("<[^>]*>", UUID, rule.rule))}


def test_patterns_of_nginx_match_exactly_the_uploads(app: Proofsheet) -> None:
    form, piece = re.findall(r"location ~ (\^\S+\$) ", text("nginx.conf"))
    assert matched(app, form) == FORMS
    assert matched(app, piece) == PIECES


def test_pattern_of_caddy_matches_exactly_the_pieces(app: Proofsheet) -> None:
    (piece,) = re.findall(r"path_regexp (\^\S+\$)", text("Caddyfile"))
    assert matched(app, piece) == PIECES


def test_limits_of_nginx_are_those_of_the_app() -> None:
    forms, form, piece = (int(size) for size in re.findall(r"client_max_body_size (\d+)m;", text("nginx.conf")))
    default = int(next(setting.default for setting in config.SETTINGS if setting.name == "MAX_UPLOAD_MB"))
    assert (forms * MIB, form, piece) == (FORM_BYTES, 10 * default, default)


@pytest.mark.parametrize("name", FILES)
def test_proxy_closes_idle_connections_before_gunicorn(name: str) -> None:
    (seconds,) = re.findall(r"keepalive(?:_timeout)? (\d+)s", text(name))
    assert int(seconds) < gunicorn_settings.keepalive


def test_proxy_waits_longer_than_the_app_may_take() -> None:
    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s", text("nginx.conf"))
    assert int(seconds) >= gunicorn_settings.timeout


@pytest.mark.parametrize("name", FILES)
def test_prefix_and_names_are_those_of_the_documentation(name: str) -> None:
    assert PREFIX.rstrip("/") in text(name)
    assert {"photos.example.com", "127.0.0.1:5000", "/srv/proofsheet/instance/storage"} <= set(
        re.findall(r"photos\.example\.com|127\.0\.0\.1:5000|/srv/proofsheet/instance/storage", text(name))
    )


def test_prefix_is_no_route_of_the_app(app: Proofsheet) -> None:
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX)]


def test_caddyfile_has_the_usual_form() -> None:
    path = str(ROOT / "deploy" / "Caddyfile")
    done = subprocess.run([program("caddy", "caddy"), "fmt", path], capture_output=True, text=True, timeout=30)
    assert done.stdout == text("Caddyfile")
