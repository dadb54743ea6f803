"""API: files are uploaded, listed, downloaded and deleted."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.support.app import ManualQueue
from tests.support.pictures import jpeg
from tests.support.studio import Studio
from tests.views.api.asking import V1, made, sent, walked


def test_upload_answers_as_the_page_does(api: FlaskClient) -> None:
    uuid, picture = made(api)["uuid"], jpeg()
    first = sent(api, uuid, ("one.jpg", picture), ("none.jpg", b""))
    assert first.status_code == 201
    (file,), (refused,) = first.json["files"], first.json["errors"]
    assert (file["sha256"], file["status"]) == (sha256(picture).hexdigest(), "completed")
    assert (refused["name"], refused["code"]) == ("none.jpg", "empty")
    again = sent(api, uuid, ("copy.jpg", picture))
    assert (again.status_code, again.json["files"][0]["status"]) == (201, "duplicate")
    nothing = sent(api, uuid, sha256="")
    assert (nothing.status_code, nothing.json["errors"][0]["code"]) == (422, "no_files")


@pytest.mark.parametrize(
    ("written", "facts"),
    [
        ({}, (None, None, None)),
        ({0x9003: "2012:07:27 14:35:39"}, ("2012-07-27T14:35:39Z", "time", "exif")),
        ({0x9003: "2012:07:27"}, ("2012-07-27T00:00:00Z", "day", "exif")),
        ({0x0132: "2012:07:27 24:00:00"}, ("2012-07-28T00:00:00Z", "time", "exif_changed")),
        ({0x9003: "9101:07:27 14:35:39"}, (None, None, None)),
    ],
)
def test_date_is_given_with_precision_and_source(
    api: FlaskClient, written: dict[int, str], facts: tuple[str | None, ...]
) -> None:
    exif = Image.Exif()
    for tag, value in written.items():
        (exif if tag == 0x0132 else exif.get_ifd(0x8769))[tag] = value
    (file,) = sent(api, made(api)["uuid"], ("one.jpg", jpeg(exif=exif))).json["files"]
    told = api.get(f"{V1}/files/{file['uuid']}").json
    assert tuple(told[name] for name in ("taken_at", "taken_precision", "taken_from")) == facts


def test_bytes_of_another_digest_are_refused(api: FlaskClient) -> None:
    answer = sent(api, made(api)["uuid"], ("one.jpg", jpeg()), sha256="0" * 64)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "digest_mismatch")


def test_upload_that_is_not_a_form_is_refused(api: FlaskClient) -> None:
    path = f"{V1}/collections/{made(api)['uuid']}/files"
    assert api.post(path, json={"files": []}).status_code == 415
    assert api.post(path, data=b"x", content_type="multipart/form-data").status_code == 400  # no boundary


def test_check_lists_missing_files(api: FlaskClient) -> None:
    uuid, picture = made(api)["uuid"], jpeg()
    sent(api, uuid, ("one.jpg", picture))
    here, missing = sha256(picture).hexdigest(), "0" * 64
    files = [{"sha256": here, "name": "one.jpg", "size": len(picture)}, {"sha256": missing}]
    answer = api.post(f"{V1}/collections/{uuid}/check", json={"files": files})
    assert answer.status_code == 200
    assert [each["sha256"] for each in answer.json["present"]] == [here]
    assert answer.json["missing"] == [missing]
    assert answer.json["limits"]["max_bytes"] == 200_000_000


SENSELESS_QUESTIONS: list[tuple[Any, str]] = [
    (7, "files"),
    ([7], "files.0"),
    ([{}], "files.0.sha256"),
    ([{"sha256": "x" * 64}], "sha256"),
    ([{"sha256": "0" * 64, "size": -1}], "files.0.size"),
    ([{"sha256": "0" * 64, "size": True}], "files.0.size"),
    ([{"sha256": "0" * 64, "size": 1e300}], "files.0.size"),
    ([{"sha256": "0" * 64, "path": "/etc"}], "files.0.path"),
    ([{"sha256": "0" * 64}] * 1001, "files"),
]


def test_invalid_checks_are_refused(api: FlaskClient) -> None:
    path = f"{V1}/collections/{made(api)['uuid']}/check"
    for files, field in SENSELESS_QUESTIONS:
        answer = api.post(path, json={"files": files})
        assert answer.status_code == 422, field
        assert any(name.startswith(field) for name in answer.json["error"]["fields"]), field


def test_files_are_listed_in_upload_order_and_read_one_by_one(api: FlaskClient) -> None:
    uuid = made(api)["uuid"]
    report = sent(api, uuid, *[(f"{n}.jpg", jpeg(60 + n)) for n in (3, 1, 2)]).json
    uuids = [file["uuid"] for file in report["files"]]
    assert walked(api, f"collections/{uuid}/files", "files", 2) == [uuids[:2], uuids[2:]]
    listed = api.get(f"{V1}/collections/{uuid}/files").json["files"][0]
    assert api.get(f"{V1}/files/{uuids[0]}").json == listed
    assert (listed["name"], listed["width"], listed["collection"]) == ("3.jpg", 63, uuid)
    assert {variant["name"] for variant in listed["variants"]} == {"thumb", "small", "medium"}


def test_paging_continues_while_files_are_added_and_deleted(api: FlaskClient) -> None:
    uuid = made(api)["uuid"]
    first = [file["uuid"] for file in sent(api, uuid, *[(f"{n}.jpg", jpeg(60 + n)) for n in range(4)]).json["files"]]
    half = api.get(f"{V1}/collections/{uuid}/files?limit=2").json
    for gone in first[:2]:
        api.delete(f"{V1}/files/{gone}")
    new = sent(api, uuid, ("new.jpg", jpeg(90))).json["files"][0]["uuid"]
    rest = api.get(f"{V1}/collections/{uuid}/files?cursor={half['next']}").json
    assert [file["uuid"] for file in rest["files"]] == [*first[2:], new]


def test_api_serves_the_same_bytes_as_the_pages(api: FlaskClient) -> None:
    picture = jpeg()
    uuid = sent(api, made(api)["uuid"], ("Ärger.jpg", picture)).json["files"][0]["uuid"]
    facts = api.get(f"{V1}/files/{uuid}").json
    original = api.get(facts["original"])
    assert (original.status_code, original.data) == (200, picture)
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["Vary"] == "Authorization"
    assert api.get(facts["original"], headers={"Range": "bytes=0-1"}).data == b"\xff\xd8"
    for variant in facts["variants"]:
        answer = api.get(variant["url"])
        assert (answer.status_code, answer.mimetype, len(answer.data)) == (200, "image/jpeg", variant["size"])


def test_pending_variant_names_the_retry_time(api: FlaskClient, queue: ManualQueue) -> None:
    queue.paused = True
    collection = made(api)["uuid"]
    uuid = sent(api, collection, ("one.jpg", jpeg())).json["files"][0]["uuid"]
    answer = api.get(f"{V1}/files/{uuid}/variants/thumb")
    assert (answer.status_code, answer.json, answer.headers["Retry-After"]) == (202, {"status": "pending"}, "2")
    status = api.get(f"{V1}/collections/{collection}/status").json
    assert (status["counts"]["preparing"], [file["uuid"] for file in status["unfinished"]]) == (1, [uuid])
    queue.paused = False
    assert api.get(f"{V1}/files/{uuid}/variants/thumb").status_code == 200
    assert api.get(f"{V1}/collections/{collection}/status").json["unfinished"] == []


@pytest.mark.parametrize(
    ("name", "content", "variant", "words"),
    [
        ("one.jpg", jpeg(), "huge", "The link may be wrong"),
        ("one.pdf", b"%PDF-1.7", "thumb", "not an image"),
        ("torn.jpg", jpeg()[:300], "thumb", "could not be made"),
    ],
)
def test_file_without_variant_is_404_with_a_reason(
    api: FlaskClient, name: str, content: bytes, variant: str, words: str
) -> None:
    uuid = sent(api, made(api)["uuid"], (name, content)).json["files"][0]["uuid"]
    answer = api.get(f"{V1}/files/{uuid}/variants/{variant}")
    assert answer.status_code == 404
    assert words in answer.json["error"]["message"]


def test_file_is_deleted_into_the_bin(api: FlaskClient, studio: Studio) -> None:
    uuid = sent(api, made(api)["uuid"], ("one.jpg", jpeg())).json["files"][0]["uuid"]
    assert api.delete(f"{V1}/files/{uuid}").json["deleted"] == uuid
    gone = [api.get(f"{V1}/files/{uuid}{rest}").status_code for rest in ("", "/original", "/variants/thumb")]
    assert gone == [404] * 3
    assert uuid in studio.client("ada@example.com").get("/collections/bin").text


def test_damaged_file_lists_what_is_missing(api: FlaskClient) -> None:
    whole = jpeg(400, 300, quality=98)
    uuid = made(api)["uuid"]
    files = [
        sent(api, uuid, (name, data)).json["files"][0]
        for name, data in (("a.jpg", whole[:-2]), ("b.jpg", whole[:-900]))
    ]
    whole_one, damaged = (api.get(f"{V1}/files/{file['uuid']}").json for file in files)
    assert (whole_one["status"], whole_one["damage"]) == ("completed", "")
    assert (damaged["status"], damaged["reason"]) == ("completed", "")
    assert damaged["damage"].startswith("Damaged: the lower ")
    original = api.get(f"{V1}/files/{damaged['uuid']}/original", follow_redirects=True)
    assert original.data == whole[:-900]
