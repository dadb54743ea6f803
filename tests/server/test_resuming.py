"""Big files in pieces against a real server: kill -9 in the middle of a piece, and two senders at once."""

from __future__ import annotations

import hashlib
import http.client
import os
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from tests.support.photographer import Photographer
from tests.support.processes import eventually
from tests.support.server import LiveServer

SIZE = 24_000_000
DATA = os.urandom(SIZE)
SHA256 = hashlib.sha256(DATA).hexdigest()
PATIENCE = 60.0


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that the tests of this module share: each has a collection of its own, and leaves it running."""
    with LiveServer(tmp_path_factory.mktemp("patient"), VARIANT_WAIT_SECONDS="0") as server:
        server.create_user()
        yield server


def announce(ada: Photographer, collection: str) -> str:
    facts = {"name": "big.bin", "size": SIZE, "sha256": SHA256}
    answer = ada.post(f"/collections/{collection}/uploads", json=facts)
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["url"])


def received(ada: Photographer, url: str) -> int:
    return int(ada.http.head(ada.url + url, timeout=PATIENCE).headers["Upload-Offset"])


def send(ada: Photographer, url: str, offset: int, length: int) -> requests.Response:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    data = DATA[offset : offset + length]
    return ada.http.patch(ada.url + url, data=data, headers=headers, timeout=PATIENCE)


def begin_piece(server: LiveServer, ada: Photographer, url: str, sent: int) -> http.client.HTTPConnection:
    """A piece that reaches to the end, of which so many bytes have been sent when it stalls."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.putrequest("PATCH", url)
    wanted = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Content-Length": str(SIZE)}
    for name, value in (ada.headers() | wanted).items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(DATA[:sent])
    return connection


def assert_kept(ada: Photographer, url: str) -> None:
    answer = ada.post(f"{url}/complete")
    assert answer.status_code == 201, answer.text
    (file,) = answer.json()["files"]
    original = ada.get(f"/collections/files/{file['uuid']}/original").content
    assert (file["sha256"], hashlib.sha256(original).hexdigest()) == (SHA256, SHA256)


def test_kill_during_a_chunk_keeps_the_received_bytes(patient: LiveServer) -> None:
    with patient.sign_in() as ada:
        collection = ada.collection()
        url = announce(ada, collection)
        stalled = begin_piece(patient, ada, url, SIZE // 2)
        eventually(lambda: received(ada, url) > SIZE // 2 - 100_000, PATIENCE, "half of the file is on disk")
        patient.kill()
        stalled.close()
        patient.start()
    with patient.sign_in() as ada:
        assert announce(ada, collection) == url
        there = received(ada, url)
        assert SIZE // 2 - 100_000 < there <= SIZE // 2
        assert send(ada, url, there, SIZE).status_code == 204
        assert_kept(ada, url)


def test_stalled_sender_does_not_block_another(patient: LiveServer) -> None:
    with patient.sign_in() as ada:
        url = announce(ada, ada.collection())
        stalled = begin_piece(patient, ada, url, SIZE // 2)
        eventually(lambda: received(ada, url) > SIZE // 2 - 100_000, PATIENCE, "half of the file is on disk")
        assert send(ada, url, received(ada, url), SIZE).status_code == 204
        stalled.send(DATA[SIZE // 2 :])  # it wakes up, and is told where the file stands by now
        assert stalled.getresponse().status == 409
        stalled.close()
        assert_kept(ada, url)


def test_two_senders_at_once_do_not_mix(patient: LiveServer) -> None:
    def persist() -> None:
        with patient.sign_in() as sender:
            for offset in until_whole(sender):
                assert send(sender, url, offset, 3_000_000).status_code in (204, 409)

    def until_whole(sender: Photographer) -> Iterator[int]:
        deadline = time.monotonic() + PATIENCE
        while (offset := received(sender, url)) < SIZE:
            assert time.monotonic() < deadline
            yield offset

    with patient.sign_in() as ada:
        url = announce(ada, ada.collection())
        senders = [threading.Thread(target=persist) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        assert_kept(ada, url)
