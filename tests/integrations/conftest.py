"""The stores that the contract is tried on: a folder, moto's server over HTTP, and on request a real S3 store."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from app.integrations.base import FileStorage
from app.integrations.file_storage import CloudflareR2Storage
from app.integrations.local_storage import LocalStorage
from app.integrations.s3.settings import MIB, R2Settings, client_for

from .faulty_proxy import Proxy

REAL_ENDPOINT = os.environ.get("S3_TEST_ENDPOINT", "")
REAL = ("real",) if REAL_ENDPOINT else ()  # not collected where there is none, so that a skip means something


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a real store can answer, where there is none."""
    left_out = [item for item in items if not REAL and "verifying" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """moto's server on a free port, one for each test process; it does not check signatures."""
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


@pytest.fixture(params=["moto", *REAL])
def settings(request: pytest.FixtureRequest) -> Iterator[R2Settings]:
    """A new, empty bucket at moto, and at the real store if there is one."""
    with new_bucket(request) as settings:
        yield settings


@pytest.fixture(params=REAL)
def verifying(request: pytest.FixtureRequest) -> Iterator[CloudflareR2Storage]:
    """A store that checks signatures and expiry, which moto does not."""
    with new_bucket(request) as settings:
        yield CloudflareR2Storage(settings)


@pytest.fixture(params=["local", "moto", *REAL])
def storage(request: pytest.FixtureRequest) -> Iterator[FileStorage]:
    """Every backend in turn."""
    if request.param == "local":
        yield request.getfixturevalue("local")
        return
    with new_bucket(request) as settings:
        yield CloudflareR2Storage(settings)


@pytest.fixture
def r2(settings: R2Settings) -> CloudflareR2Storage:
    return CloudflareR2Storage(settings)


@pytest.fixture
def local(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "store")


@contextmanager
def new_bucket(request: pytest.FixtureRequest) -> Iterator[R2Settings]:
    """An empty bucket, with small parts and pages so that little data is enough to need several of them."""
    bucket = f"proofsheet-{uuid.uuid4().hex[:12]}"
    if request.param == "moto":
        where = (request.getfixturevalue("moto_endpoint"), bucket, "ak", "sk")
    else:
        where = (REAL_ENDPOINT, bucket, os.environ["S3_TEST_ACCESS_KEY"], os.environ["S3_TEST_SECRET_KEY"])
    settings = R2Settings(*where, part_bytes=5 * MIB, page_size=10, max_attempts=1, retry_pause_seconds=0)
    # moto creates no bucket in a region that AWS does not have
    client_for(replace(settings, region="us-east-1")).create_bucket(Bucket=bucket)
    yield settings
    remove_bucket(settings)


def remove_bucket(settings: R2Settings) -> None:
    client = client_for(settings)
    for item in client.list_objects_v2(Bucket=settings.bucket).get("Contents", []):
        client.delete_object(Bucket=settings.bucket, Key=item["Key"])
    for upload in client.list_multipart_uploads(Bucket=settings.bucket).get("Uploads", []):
        client.abort_multipart_upload(Bucket=settings.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    client.delete_bucket(Bucket=settings.bucket)
