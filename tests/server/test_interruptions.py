"""What the end of the server leaves behind while variants are being made: kill -9, SIGTERM, a worker that dies alone.

`REAL_LEASE=1 pytest tests/server/test_interruptions.py` waits for the leases of a killed server to run out (some
45 s); otherwise they are ended in the database, as the clock would end them.
"""

from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import requests

from tests.support.photographer import Photographer
from tests.support.pictures import numbered
from tests.support.processes import eventually
from tests.support.server import LiveServer

UPLOADS = 16
PATIENCE = 60.0
GRACE_SECONDS = 30.0
REAL_LEASE = bool(os.environ.get("REAL_LEASE"))


class Promises:
    """What the server has acknowledged: uuid and SHA-256 of each file."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}

    def upload(self, ada: Photographer, collection: str, photo: bytes, number: int) -> None:
        """Send one photograph and remember what was answered; a lost connection is no answer."""
        data = numbered(photo, number)
        with suppress(requests.RequestException):
            answer = ada.send(collection, (f"{number}.jpg", data))
            if answer.status_code == 201:
                (file,) = answer.json()["files"]
                assert file["sha256"] == hashlib.sha256(data).hexdigest()
                self.made[file["uuid"]] = file["sha256"]

    def assert_kept(self, server: LiveServer) -> None:
        """Every acknowledged original and its variants come back over HTTP, and no variant's object is missing."""
        with server.sign_in() as ada:
            for uuid, sha256 in self.made.items():
                assert hashlib.sha256(ada.get(f"/collections/files/{uuid}/original").content).hexdigest() == sha256
                for name in ("thumbnail", "preview"):
                    answer = ada.get(f"/collections/files/{uuid}/{name}")
                    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        for path, size in server.rows("SELECT path, size FROM variants"):
            assert (server.storage / path).stat().st_size == size
        assert server.rows("SELECT count(*) FROM variants WHERE name <> 'large'") == [
            (3 * server.statuses()["completed"],)
        ]


def upload_all(server: LiveServer, photo: bytes, promises: Promises) -> None:
    """Send UPLOADS photographs, three at a time, until all are answered or the server is gone."""
    with server.sign_in() as ada, ThreadPoolExecutor(3) as sending:
        collection = ada.collection()
        for number in range(UPLOADS):
            sending.submit(promises.upload, ada, collection, photo, number)


def end_leases(server: LiveServer) -> None:
    """Let the leases of a dead server run out."""
    if not REAL_LEASE:
        server.write("UPDATE files SET lease_expires_at = '2020-01-01 00:00:00.000000' WHERE lease_token IS NOT NULL")


def test_kill_during_generation_loses_no_promise_and_needs_no_request(patient: LiveServer, slow_photo: bytes) -> None:
    promises = Promises()
    sending = threading.Thread(target=upload_all, args=(patient, slow_photo, promises))
    sending.start()
    eventually(lambda: patient.statuses().get("processing", 0) == 3 and len(promises.made) > 5, PATIENCE, "it works")
    patient.kill()
    sending.join(PATIENCE)
    left = patient.statuses()
    assert left.get("processing", 0) > 0
    assert sum(left.values()) >= len(promises.made)

    end_leases(patient)
    boot = patient.start()
    healed = eventually(lambda: patient.unfinished() == 0, PATIENCE, "every file is finished without a request")
    print(f"killed with {left}, {len(promises.made)} promised; boot {boot:.1f} s, all variants {healed:.1f} s later")
    assert patient.statuses() == {"completed": sum(left.values())}
    promises.assert_kept(patient)


def test_sigterm_finishes_running_jobs_and_leaves_the_rest_due(patient: LiveServer, slow_photo: bytes) -> None:
    promises = Promises()
    upload_all(patient, slow_photo, promises)
    eventually(lambda: patient.statuses().get("processing", 0) > 0, PATIENCE, "variants are being made")
    code, seconds = patient.stop()
    left = patient.statuses()
    print(f"SIGTERM: gone after {seconds:.1f} s, leaving {left}")

    assert code == 0
    assert seconds < GRACE_SECONDS
    assert set(left) == {"completed", "pending"}
    assert len(promises.made) == UPLOADS

    patient.start()
    eventually(lambda: patient.unfinished() == 0, PATIENCE, "every file is finished without a request")
    assert patient.statuses() == {"completed": UPLOADS}
    promises.assert_kept(patient)


def test_kill_after_sigterm_counts_no_interruption(patient: LiveServer, slow_photo: bytes) -> None:
    promises = Promises()
    upload_all(patient, slow_photo, promises)
    eventually(lambda: patient.statuses().get("processing", 0) > 0, PATIENCE, "variants are being made")
    patient.worker.terminate()
    counted = "SELECT count(*) FROM files WHERE processing_status = 'processing' AND started_at IS NOT NULL"
    eventually(lambda: patient.rows(counted) == [(0,)], PATIENCE, "what runs is excused")
    patient.kill()
    end_leases(patient)

    patient.start()
    eventually(lambda: patient.unfinished() == 0, PATIENCE, "every file is finished without a request")
    assert patient.rows("SELECT count(*) FROM files WHERE interruptions > 0") == [(0,)]
    promises.assert_kept(patient)


def test_worker_that_dies_alone_is_replaced(patient: LiveServer, slow_photo: bytes) -> None:
    promises = Promises()
    upload_all(patient, slow_photo, promises)
    eventually(lambda: patient.statuses().get("processing", 0) > 0, PATIENCE, "variants are being made")
    patient.worker.kill()
    end_leases(patient)

    eventually(lambda: patient.unfinished() == 0, PATIENCE, "every file is finished without a request")
    assert patient.statuses() == {"completed": UPLOADS}
    promises.assert_kept(patient)
