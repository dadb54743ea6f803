"""S3 stores for tests: moto's server over HTTP, a proxy before it that fails on request, and where one is named a real
store."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from app.integrations.s3.settings import MIB, R2Settings, client_for
from tests.support.faulty_proxy import Proxy

REAL_ENDPOINT = os.environ.get("S3_TEST_ENDPOINT", "")
REAL = ("real",) if REAL_ENDPOINT else ()  # not collected where there is none, so that a skip means something


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """The address of moto's server, one for each test process; it does not check signatures."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def idle_proxy() -> Iterator[Proxy]:
    """One proxy for all tests, since a client for a new address takes boto3 0.4 s to make."""
    proxy = Proxy()
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield proxy
    proxy.shutdown()
    thread.join(20)
    proxy.server_close()


@pytest.fixture
def bucket(moto_endpoint: str) -> Iterator[R2Settings]:
    """A new, empty bucket at moto."""
    with new_bucket(moto_endpoint) as bucket:
        yield bucket


@pytest.fixture
def on_r2(settings: dict[str, Any], bucket: R2Settings) -> R2Settings:
    """Let the app of this test keep its files in `bucket`, which is returned."""
    settings |= settings_of(bucket)
    return bucket


def settings_of(bucket: R2Settings) -> dict[str, Any]:
    """Return the settings of an app that keeps its files in this bucket."""
    return {
        "STORAGE_BACKEND": "r2",
        "R2_ENDPOINT_URL": bucket.endpoint_url,
        "R2_BUCKET": bucket.bucket,
        "R2_ACCESS_KEY_ID": bucket.access_key_id,
        "R2_SECRET_ACCESS_KEY": bucket.secret_access_key,
    }


def endpoint(request: pytest.FixtureRequest) -> str:
    """Return the address that the parameter of a fixture names: "moto" or "real"."""
    return REAL_ENDPOINT if request.param == "real" else str(request.getfixturevalue("moto_endpoint"))


@contextmanager
def new_bucket(endpoint: str) -> Iterator[R2Settings]:
    """An empty bucket, with small parts and pages so that little data is enough to need several of them."""
    where, keys = (endpoint, f"proofsheet-{uuid.uuid4().hex[:12]}"), ("ak", "sk")
    if endpoint == REAL_ENDPOINT:
        keys = (os.environ["S3_TEST_ACCESS_KEY"], os.environ["S3_TEST_SECRET_KEY"])
    settings = R2Settings(*where, *keys, part_bytes=5 * MIB, page_size=10, max_attempts=1, retry_pause_seconds=0)
    # moto creates no bucket in a region that AWS does not have
    client_for(replace(settings, region="us-east-1")).create_bucket(Bucket=settings.bucket)
    yield settings
    _remove(settings)


def _remove(settings: R2Settings) -> None:
    client = client_for(settings)
    for item in client.list_objects_v2(Bucket=settings.bucket).get("Contents", []):
        client.delete_object(Bucket=settings.bucket, Key=item["Key"])
    for upload in client.list_multipart_uploads(Bucket=settings.bucket).get("Uploads", []):
        client.abort_multipart_upload(Bucket=settings.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    client.delete_bucket(Bucket=settings.bucket)
