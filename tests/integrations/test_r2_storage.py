"""Behaviour specific to S3 stores: presigned URLs, storage classes, multipart uploads, settings."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import flask
import pytest
import requests

from app.errors import ConfigError, StorageError
from app.integrations.base import UrlOptions
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.s3.settings import MIB, R2Settings, client_for

KEY = "collections/c/photo ä+&.jpg"
DISPOSITION = "attachment; filename=\"photo.jpg\"; filename*=UTF-8''%E5%86%99%E7%9C%9F.jpg"
HOUR = timedelta(hours=1)


def get(url: str | None, **headers: str) -> requests.Response:
    assert url is not None
    return requests.get(url, headers=headers, timeout=10)


def signed(storage: CloudflareR2Storage, ago: timedelta = timedelta(), **options: str) -> str:
    signed_at = datetime.now(UTC) - ago
    return storage.url(KEY, signed_at=signed_at, expires_at=signed_at + HOUR, options=UrlOptions(**options)) or ""


def test_a_url_hands_out_the_bytes(r2: CloudflareR2Storage) -> None:
    r2.put(KEY, io.BytesIO(b"picture"), "image/jpeg")
    answer = get(signed(r2))
    assert (answer.status_code, answer.content) == (200, b"picture")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, max-age=604800, immutable"
    assert get(signed(r2), Range="bytes=2-4").content == b"ctu"


def test_signed_url_sets_content_type_and_disposition(r2: CloudflareR2Storage) -> None:
    r2.put(KEY, io.BytesIO(b"picture"), "image/jpeg")
    answer = get(signed(r2, content_type="application/octet-stream", content_disposition=DISPOSITION))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == DISPOSITION


def test_a_url_is_the_same_in_every_process() -> None:
    signed_at = datetime(2026, 5, 24, 10, 0, 0, 250, tzinfo=UTC)
    settings = R2Settings("https://account.r2.cloudflarestorage.com", "photos", "ak", "sk")
    options = UrlOptions("image/jpeg", DISPOSITION)
    first, second = (
        CloudflareR2Storage(replace(settings, page_size=size)).url(
            KEY, signed_at=signed_at, expires_at=signed_at + HOUR, options=options
        )
        for size in (1, 2)
    )
    assert first == second
    assert first is not None
    assert first.startswith("https://account.r2.cloudflarestorage.com/photos/collections/c/photo%20%C3%A4%2B%26.jpg?")
    assert "X-Amz-Date=20260524T100000Z&X-Amz-Expires=3600&" in first
    assert "%2Fauto%2Fs3%2Faws4_request" in first


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(days=7, seconds=1)])
def test_a_url_has_a_sensible_lifetime(r2: CloudflareR2Storage, lifetime: timedelta) -> None:
    now = datetime.now(UTC)
    with pytest.raises(StorageError, match="can be valid for 1 to 604800 seconds"):
        r2.url(KEY, signed_at=now, expires_at=now + lifetime, options=UrlOptions())


def test_signing_is_the_library_s_own(r2: CloudflareR2Storage) -> None:
    """The one thing changed is the time: at the same second both give the same signature."""
    target = {"Bucket": r2.settings.bucket, "Key": KEY, "ResponseContentDisposition": DISPOSITION}
    for _ in range(3):  # the second may turn over in between
        now = datetime.now(UTC)
        theirs = client_for(r2.settings).generate_presigned_url("get_object", Params=target, ExpiresIn=3600)
        ours = r2.url(KEY, signed_at=now, expires_at=now + HOUR, options=UrlOptions(None, DISPOSITION))
        if ours == theirs:
            return
    assert ours == theirs


class TestAgainstAStoreThatVerifies:
    """Signatures, which only a real store verifies."""

    def test_valid_url_works(self, verifying: CloudflareR2Storage) -> None:
        verifying.put(KEY, io.BytesIO(b"picture"))
        assert get(signed(verifying, ago=HOUR / 2, content_disposition=DISPOSITION)).content == b"picture"
        assert get(verifying.generate_presigned_url(KEY, 60)).content == b"picture"

    def test_an_expired_url_is_refused(self, verifying: CloudflareR2Storage) -> None:
        verifying.put(KEY, io.BytesIO(b"picture"))
        answer = get(signed(verifying, ago=HOUR + timedelta(seconds=5)))
        assert answer.status_code in (400, 403)
        assert b"picture" not in answer.content

    def test_a_wrong_signature_is_refused(self, verifying: CloudflareR2Storage) -> None:
        verifying.put(KEY, io.BytesIO(b"picture"))
        stranger = CloudflareR2Storage(replace(verifying.settings, secret_access_key="guessed"))
        assert get(signed(stranger)).status_code == 403
        with pytest.raises(StorageError, match="refused"):
            stranger.stat(KEY)
        with pytest.raises(StorageError, match="R2_SECRET_ACCESS_KEY"):
            stranger.open(KEY)

    def test_a_changed_url_is_refused(self, verifying: CloudflareR2Storage) -> None:
        verifying.put(KEY, io.BytesIO(b"picture"))
        url = signed(verifying, content_disposition=DISPOSITION)
        for old, new in (("attachment", "inline"), ("Expires=3600", "Expires=9999"), ("photo%20", "photos%20")):
            assert old in url
            assert get(url.replace(old, new)).status_code == 403


def test_originals_may_be_kept_in_a_cheaper_class(moto_endpoint: str, settings: R2Settings) -> None:
    if settings.endpoint_url != moto_endpoint:
        pytest.skip("a store need not have more than one class")
    storage = CloudflareR2Storage(replace(settings, originals_storage_class="STANDARD_IA"))
    classes, told = {}, []
    for key in ("collections/c/photo.jpg", "collections/c/large.jpg", "collections/c/variants/thumb_photo.jpg"):
        told.append(storage.put(key, io.BytesIO(b"x" * (6 * MIB if "large" in key else 1))).storage_class)
        classes[key] = client_for(settings).head_object(Bucket=settings.bucket, Key=key).get("StorageClass", "STANDARD")
    assert list(classes.values()) == told == ["STANDARD_IA", "STANDARD_IA", "STANDARD"]


def test_unfinished_multipart_uploads_are_swept(r2: CloudflareR2Storage, moto_endpoint: str) -> None:
    client = client_for(r2.settings)
    client.create_multipart_upload(Bucket=r2.settings.bucket, Key=KEY)
    if r2.settings.endpoint_url != moto_endpoint:  # at moto every upload is said to date from 2010
        assert r2.sweep_leftovers() == 0
    assert r2.sweep_leftovers(timedelta(hours=-1)) == 1
    assert client.list_multipart_uploads(Bucket=r2.settings.bucket).get("Uploads", []) == []


def test_folder_marks_of_other_programs_are_not_listed(r2: CloudflareR2Storage) -> None:
    client_for(r2.settings).put_object(Bucket=r2.settings.bucket, Key="folder/", Body=b"")
    r2.put("folder/a", io.BytesIO(b"x"))
    assert [item.key for item in r2.list()] == ["folder/a"]


def test_the_older_names_work(r2: CloudflareR2Storage) -> None:
    assert r2.upload_single_file(io.BytesIO(b"picture"), KEY, "My Photo.PNG") == KEY
    assert r2.upload_single_file(io.BytesIO(b"raw"), "collections/c/raw", "raw.unknown") == "collections/c/raw"
    answer = get(r2.generate_presigned_url(KEY, expiry_seconds=60))
    assert (answer.content, answer.headers["Content-Type"]) == (b"picture", "image/png")
    assert "X-Amz-Expires=7200" in r2.generate_presigned_url(KEY)
    with pytest.raises(StorageError):
        r2.generate_presigned_url(KEY, expiry_seconds=0)
    (listed,) = r2.list_files("collections/c/photo")
    assert (listed["key"], listed["size"]) == (KEY, 7)
    assert datetime.now(UTC) - listed["last_modified"] < HOUR


CONFIG = {"R2_ACCOUNT_ID": "abc", "R2_BUCKET": "photos", "R2_ACCESS_KEY_ID": "ak", "R2_SECRET_ACCESS_KEY": "sk"}


def test_settings_come_from_the_application() -> None:
    app = flask.Flask(__name__)
    app.config.update(CONFIG, PRESIGNED_URL_SECONDS=600, R2_ORIGINALS_STORAGE_CLASS="STANDARD_IA")
    with app.app_context():
        storage = CloudflareR2Storage()
        again = CloudflareR2Storage()
    assert storage.settings == R2Settings(
        "https://abc.r2.cloudflarestorage.com", "photos", "ak", "sk", "auto", "STANDARD_IA", 600
    )
    assert client_for(storage.settings) is client_for(again.settings)
    assert "sk" not in repr(storage.settings)


@pytest.mark.parametrize("name", CONFIG)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        R2Settings.from_mapping({**CONFIG, name: ""})


def test_invalid_endpoint_is_named_in_the_error() -> None:
    with pytest.raises(ConfigError, match="R2_ENDPOINT_URL"):
        CloudflareR2Storage(R2Settings("not a url", "photos", "ak", "sk"))
