"""The window of a presigned URL: when it is signed, and how long it is valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.services.delivery.addresses import url_window

NOON = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [0, 1, 29, 59])
def test_url_is_the_same_for_half_its_lifetime(minutes: int) -> None:
    assert url_window(NOON + timedelta(minutes=minutes), 7200, None) == (NOON, NOON + timedelta(hours=2))


@pytest.mark.parametrize("second", range(0, 7200, 601))
def test_url_always_has_half_its_lifetime_left(second: int) -> None:
    now = NOON + timedelta(seconds=second)
    signed_at, expires_at = url_window(now, 7200, None)
    assert signed_at <= now
    assert timedelta(hours=1) <= expires_at - now <= timedelta(hours=2)


@pytest.mark.parametrize("second", range(4))
def test_url_of_two_seconds_is_signed_in_its_second(second: int) -> None:
    now = NOON + timedelta(seconds=second)
    assert url_window(now + timedelta(milliseconds=900), 2, None) == (now, now + timedelta(seconds=2))


def test_end_that_is_reached_does_not_shorten_the_url() -> None:
    assert url_window(NOON, 7200, NOON) == (NOON, NOON + timedelta(hours=2))


def test_url_never_outlives_the_collection() -> None:
    ends_at = NOON + timedelta(minutes=10, microseconds=5)
    assert url_window(NOON, 7200, ends_at)[1] == NOON + timedelta(minutes=10)


@pytest.mark.parametrize("milliseconds", [1, 500, 999])
def test_url_of_the_last_second_lives_for_at_least_one_second(milliseconds: int) -> None:
    """Half the lifetime begins in that very second: no store signs a URL that lives for 0 seconds."""
    signed_at, expires_at = url_window(NOON, 7200, NOON + timedelta(milliseconds=milliseconds))
    assert expires_at == NOON
    assert expires_at - signed_at == timedelta(seconds=1)
