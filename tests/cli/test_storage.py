"""`flask storage check`, on a folder, and on a bucket with and without CORS rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app import Proofsheet, create_app
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.s3 import cors
from app.integrations.s3.settings import R2Settings, client_for

ORIGIN = "https://gallery.example.com"


def run(settings: dict[str, Any], *arguments: str) -> tuple[int, dict[str, Any]]:
    result = create_app(settings).test_cli_runner().invoke(args=["storage", "check", "--json", *arguments])
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.parametrize("more", [(), ("--origin", ORIGIN)], ids=" ".join)
def test_folder_check_skips_checks_of_a_bucket(
    app: Proofsheet, settings: dict[str, Any], more: tuple[str, ...]
) -> None:
    code, found = run(settings, *more)
    assert (code, found["summary"]) == (0, {"backend": "local", "ok": True})
    assert [step["step"] for step in found["steps"]] == ["write", "read", "list", "delete"]
    words = app.test_cli_runner().invoke(args=["storage", "check", *more]).stdout
    assert "presigned URL: ok" not in words
    assert "no presigned URLs and no CORS rules" in words
    assert not list(app.extensions["proofsheet.storages"]["local"].list())


def test_bucket_that_is_not_there(settings: dict[str, Any], on_r2: R2Settings) -> None:
    settings["R2_BUCKET"] = "another"
    code, found = run(settings)
    assert (code, found["summary"]["ok"]) == (1, False)
    assert "no such bucket" in found["steps"][0]["problem"]


def test_check_of_bucket_without_cors_rules_prints_the_rules_to_set(
    settings: dict[str, Any], on_r2: R2Settings
) -> None:
    code, found = run(settings, "--origin", ORIGIN)
    assert code == 1
    assert {"step": "presigned URL", "ok": True, "problem": None} in found["steps"]
    assert [step["step"] for step in found["steps"] if not step["ok"]] == [f"direct upload from {ORIGIN}"]
    assert found["summary"]["cors"] == cors.wanted_rules(ORIGIN)
    unfinished = client_for(on_r2).list_multipart_uploads(Bucket=on_r2.bucket)
    assert (list(CloudflareR2Storage(on_r2).list()), unfinished.get("Uploads", [])) == ([], [])


@pytest.mark.parametrize("origin", ["gallery.example.com", "ftp://x", "https://x/path"])
def test_invalid_origin_is_refused(settings: dict[str, Any], origin: str) -> None:
    result = create_app(settings).test_cli_runner().invoke(args=["storage", "check", "--origin", origin])
    assert result.exit_code == 2


ALLOWED = {
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-methods": "GET, PUT",
    "access-control-allow-headers": "Content-MD5, content-type",
}


@pytest.mark.parametrize(
    ("status", "changed", "said"),
    [
        (200, {}, None),
        (204, {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}, None),
        (403, {}, "403"),
        (200, {"access-control-allow-origin": "https://other.example"}, "AllowedOrigins"),
        (200, {"access-control-allow-methods": "GET"}, "AllowedMethods"),
        (200, {"access-control-allow-headers": "content-type"}, "AllowedHeaders"),
    ],
)
def test_answer_to_a_preflight_is_read_as_a_browser_reads_it(
    status: int, changed: dict[str, str], said: str | None
) -> None:
    problem = cors._refusal(status, ALLOWED | changed, ORIGIN)
    assert (problem is None) == (said is None)
    assert said is None or said in (problem or "")
