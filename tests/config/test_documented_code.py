"""JSON and Python blocks of the documents are correct."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

import pytest

from app.imaging.render import render
from app.imaging.variants import AT_UPLOAD
from app.integrations.s3 import cors
from tests.config import documents
from tests.config.documents import Block
from tests.support.pictures import jpeg


@pytest.mark.parametrize("block", documents.blocks("json"), ids=str)
def test_rules_for_a_bucket_are_those_that_the_check_prints(block: Block) -> None:
    assert json.loads(block.text) == cors.wanted_rules("https://photos.example.com")


def test_example_of_the_imaging_core_runs(tmp_path: Path) -> None:
    (block,) = documents.blocks("python")
    path, stored = tmp_path / "photo.jpg", []

    def store(stream: BinaryIO) -> None:
        stored.append((stream.fileno() >= 0, stream.read()[:3]))

    path.write_bytes(jpeg(2000, 1500))
    names = {"path": path, "store": store, "render": render, "AT_UPLOAD": AT_UPLOAD}
    exec(compile(block.text, block.page, "exec"), names)  # noqa: S102 (a block of the documents)
    assert stored == [(True, b"\xff\xd8\xff")] * len(AT_UPLOAD)
    picture = names["picture"]
    assert (picture.width, picture.height, picture.notes) == (2000, 1500, ())
    assert len(picture.thumbhash) <= 25
