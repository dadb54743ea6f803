"""Dates as cameras and programs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imaging.dates import parse

NOON = "2012-07-27T14:35:39"
MIDNIGHT = "2012-07-27T00:00:00"


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2012:07:27 14:35:39", NOON, "time"),
        ("2012-07-27T14:35:39Z", f"{NOON}+00:00", "time"),
        ("2012-07-27T14:35:39+02:00", f"{NOON}+02:00", "time"),
        ("2012:07:27 14:35:39-0730", f"{NOON}-07:30", "time"),
        ("2012-07-27T14:35:39-07", f"{NOON}-07:00", "time"),
        ("2012-07-27 14:35:39", NOON, "time"),
        ("2012/07/27 14:35:39", NOON, "time"),
        ("2012.07.27 14.35.39", NOON, "time"),
        ("2012:07:27:14:35:39", NOON, "time"),
        ("20120727 143539+0200", f"{NOON}+02:00", "time"),
        ("20120727T143539", NOON, "time"),
        ("20120727143539", NOON, "time"),
        ("2012:07:27\x0014:35:39\0\0", NOON, "time"),
        ("  2012:07:27  14:35:39   ", NOON, "time"),
        ("2012: 7:27  4: 5: 9", "2012-07-27T04:05:09", "time"),
        ("2012:07:27 02:35:39 PM", NOON, "time"),
        ("2012:07:27 12:35:39 a.m.", "2012-07-27T00:35:39", "time"),
        ("٢٠١٢:٠٧:٢٧ ١٤:٣٥:٣٩", NOON, "time"),
        ("2012:07:27 14:35:39.25", f"{NOON}.250000", "time"),
        ("2012-07-27T14:35:39,5+02:00", f"{NOON}.500000+02:00", "time"),
        ("2012-07-27T14:35", "2012-07-27T14:35:00", "time"),
        ("2012:07:27 24:00:00", "2012-07-28T00:00:00", "time"),
        ("2012:12:31 24:00:00", "2013-01-01T00:00:00", "time"),
        ("2012:06:30 23:59:60", "2012-07-01T00:00:00", "time"),
        ("2012:07:27 14:35:60", "2012-07-27T14:36:00", "time"),
        ("Fri, 27 Jul 2012 14:35:39 +0200", f"{NOON}+02:00", "time"),
        ("Fri, 27 Jul 2012 14:35:39 GMT", f"{NOON}+00:00", "time"),
        ("Fri Jul 27 14:35:39 2012", NOON, "time"),
        ("Fri 27 Jul 2012 02:35:39 PM CEST", NOON, "time"),
        ("2012:07:27", MIDNIGHT, "day"),
        ("2012:07:27   :  :  ", MIDNIGHT, "day"),
        ("2012-07", "2012-07-01T00:00:00", "month"),
        ("20120700", "2012-07-01T00:00:00", "month"),
        ("2012", "2012-01-01T00:00:00", "year"),
        ("2012:00:00 00:00:00", "2012-01-01T00:00:00", "year"),
    ],
)
def test_date_is_read_as_it_was_written(text: str, moment: str, precision: str) -> None:
    found = parse(text)
    assert found is not None
    assert (found.moment.isoformat(), found.precision) == (moment, precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2024:13:01 10:00:00",
        "2023:02:29 10:00:00",
        "2012:07:27 99:99:99",
        "2012:07:27 24:00:01",
        "2012:07:27 14:35:61",
        "7/27/12",
        "99 Jul 2012 14:35:39",
        "12012:07:27 14:35:39",
    ],
)
def test_invalid_date_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("offset", "zone"),
    [
        ("+02:00", "+02:00"),
        ("-0730", "-07:30"),
        ("+14:00", "+14:00"),
        ("Z", "+00:00"),
        ("+14:30", ""),
        ("+99:00", ""),
        ("   :  ", ""),
        ("", ""),
    ],
)
def test_offset_counts_where_a_place_has_it(offset: str, zone: str) -> None:
    found = parse("2012:07:27 14:35:39", offset)
    assert found is not None
    assert found.moment.isoformat() == NOON + zone


def test_offset_and_fraction_within_the_date_come_first() -> None:
    found = parse("2012:07:27 14:35:39.5+01:00", "+02:00", "25")
    assert found is not None
    assert found.moment.isoformat() == f"{NOON}.500000+01:00"


@pytest.mark.parametrize(
    ("fraction", "microseconds"),
    [
        ("1", 100_000),
        ("20", 200_000),
        ("300", 300_000),
        ("05 ", 50_000),
        ("1234567", 123_456),
        ("", 0),
        ("x", 0),
        ("²", 0),
    ],
)
def test_fraction_of_a_second_counts(fraction: str, microseconds: int) -> None:
    found = parse("2012:07:27 14:35:39", fraction=fraction)
    assert found is not None
    assert found.moment.microsecond == microseconds


@given(st.text(alphabet="0123456789:-/. TZ+APMJul,\0²٣", max_size=40), st.text(max_size=8), st.text(max_size=8))
def test_no_text_raises(text: str, offset: str, fraction: str) -> None:
    parse(text, offset, fraction)
