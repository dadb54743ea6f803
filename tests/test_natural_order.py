"""Sort keys for names."""

from __future__ import annotations

import random

import pytest

from app.natural_order import KEY_LENGTH, natural_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["Wedding-1.jpg", "Wedding-2.jpg", "Wedding-10.jpg", "Wedding-100.jpg"],
        ["DSC_0009.jpg", "dsc_0010.JPG", "DSC_0011.jpg"],
        ["1.jpg", "2.jpg", "10.jpg", "a.jpg", "B.jpg", "c.jpg"],
        ["a1b2.jpg", "a1b10.jpg", "a2b1.jpg", "a10b1.jpg"],
        ["IMG 20260504 9.jpg", "IMG 20260504 10.jpg"],
        ["DSC２.jpg", "dsc3.jpg", "DSC１０.jpg"],
        ["٢.jpg", "3.jpg", "١٠.jpg"],
        ["9" * 40 + ".jpg", "1" + "0" * 40 + ".jpg"],
    ],
    ids=["Lightroom", "case", "numbers first", "several numbers", "dates", "width", "Arabic digits", "long numbers"],
)
def test_names_sort_as_people_count(ordered: list[str]) -> None:
    shuffled = random.Random(7).sample(ordered, len(ordered))
    assert sorted(shuffled, key=natural_key) == ordered


@pytest.mark.parametrize(("one", "other"), [("A.JPG", "a.jpg"), ("é.jpg", "e\u0301.jpg"), ("ａ１.jpg", "a1.jpg")])
def test_same_name_written_differently_has_one_key(one: str, other: str) -> None:
    assert natural_key(one) == natural_key(other)


def test_key_of_any_name_fits_its_column() -> None:
    assert len(natural_key("1a" * 127)) <= KEY_LENGTH
    assert len(natural_key("\ufdfa" * 255)) == KEY_LENGTH
