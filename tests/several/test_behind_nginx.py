"""A photographer and a visitor whose requests nginx gives to two servers in turn."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator

import pytest
import requests

from tests.support.photographer import Photographer
from tests.support.pictures import jpeg, numbered
from tests.support.proxies import Proxy, nginx
from tests.support.several import Processes

MEGA = 1_000_000
SECONDS = 60.0


@pytest.fixture(scope="module")
def site(pair: Processes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx in front of both servers."""
    with nginx(tmp_path_factory.mktemp("nginx"), pair.storage, *pair.ports) as site:
        yield site


@pytest.fixture(scope="module")
def ada(site: Proxy) -> Iterator[Photographer]:
    """The photographer, who comes through nginx."""
    with Photographer(site.url, certificate=site.certificate) as ada:
        yield ada


def downloads(pair: Processes, uuid: str) -> list[int]:
    """How many downloads of a file each server wrote down."""
    logs = [server.log.read_text() for server in pair.servers]
    return [sum("original.downloaded" in line and uuid in line for line in log.splitlines()) for log in logs]


def test_requests_go_to_both_servers(pair: Processes, ada: Photographer) -> None:
    (uuid,) = ada.upload(ada.collection(), ("a.jpg", jpeg()))
    for _ in range(6):
        assert ada.get(f"/collections/files/{uuid}/original").content == jpeg()
    assert downloads(pair, uuid) == [3, 3]


def test_photos_are_uploaded_prepared_and_deleted(ada: Photographer) -> None:
    collection = ada.collection()
    photos = [(f"{number}.jpg", numbered(jpeg(900, 600), number)) for number in range(4)]
    uuids = ada.upload(collection, *photos)
    assert sorted(ada.digests(collection)) == sorted(hashlib.sha256(data).hexdigest() for _, data in photos)
    again = ada.send(collection, photos[0]).json()
    assert [file["uuid"] for file in again["files"]] == uuids[:1]
    assert ada.status(collection)["counts"]["total"] == len(photos)
    ada.delete(uuids[0])
    assert ada.status(collection)["counts"]["total"] == len(photos) - 1


def test_pieces_of_a_file_may_arrive_at_different_servers(ada: Photographer) -> None:
    data, size = os.urandom(5 * MEGA), MEGA
    facts = {"name": "big.bin", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    path = ada.post(f"/collections/{ada.collection()}/uploads", json=facts).json()["url"]
    for offset in range(0, len(data), size):
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        answer = ada.http.patch(ada.url + path, data=data[offset : offset + size], headers=headers, timeout=SECONDS)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(offset + size))
    (file,) = ada.post(f"{path}/complete").json()["files"]
    assert ada.get(f"/collections/files/{file['uuid']}/original").content == data


def test_visitor_of_a_share_link_stays_in(ada: Photographer, site: Proxy) -> None:
    collection = ada.collection(privacy="private")
    (uuid,) = ada.upload(collection, ("a.jpg", jpeg()))
    with requests.Session() as visitor:
        visitor.trust_env, visitor.verify = False, str(site.certificate)
        assert visitor.get(ada.share(collection), timeout=SECONDS).status_code == 200
        page = f"{site.url}/collections"
        seen = [visitor.get(f"{page}/{collection}", timeout=SECONDS).status_code for _ in range(4)]
        seen += [visitor.get(f"{page}/files/{uuid}/thumbnail", timeout=SECONDS).status_code for _ in range(4)]
        assert Counter(seen) == {200: 8}


def test_next_server_answers_while_one_is_down(pair: Processes, ada: Photographer) -> None:
    collection = ada.collection()
    pair.servers[1].stop()
    try:
        assert {ada.get(f"/collections/{collection}").status_code for _ in range(4)} == {200}
    finally:
        pair.servers[1].start()
