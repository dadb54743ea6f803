"""Maintenance on PostgreSQL, which groups, adds and sorts by other rules."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.maintenance import failures, statistics, status
from app.services.maintenance.analysis import Analyzer
from app.services.maintenance.backfill import Backfill, Wanted
from app.services.maintenance.orphans import Orphans
from app.services.maintenance.repair import repaired
from app.services.maintenance.statistics import Amount
from app.services.maintenance.verify import Verification
from tests.support.gallery import AT_ONCE, Gallery
from tests.support.pictures import jpeg


def test_every_service_gives_the_same_answer(
    postgres_url: str, settings: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    settings["DATABASE_URL"] = postgres_url
    gallery: Gallery = request.getfixturevalue("gallery")
    gallery.stray("collections/x/y.jpg")
    gallery.forget("small")
    assert statistics_of(gallery).originals == {"images": Amount(1, len(jpeg()))}
    with gallery.app.app_context():
        assert status.read().states["completed"] == 1
        assert [need.missing for need in Analyzer().needs()] == [("large", "small")]
        assert [done.result for done in Backfill(Wanted()).run(1)] == ["made"]
    gallery.set(thumb_path=None)
    assert [finding.invariant for finding in gallery.findings()] == [2, 3]
    with gallery.app.app_context():
        assert [mended for _, mended in repaired(Verification(orphan_age=AT_ONCE).findings())] == [True, False]
        assert len(list(Orphans(orphan_age=AT_ONCE).delete())) == 1
        assert failures.retry_all(gallery.collection) == 0
    assert gallery.findings() == []


def statistics_of(gallery: Gallery) -> statistics.Statistics:
    with gallery.app.app_context():
        return statistics.gather()
