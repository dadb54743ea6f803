"""Cache-Control of originals and variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.delivery.files import Delivery, LocalFile, Placeholder, Redirect
from app.views.picture_cache_control import cache_control

FILE = LocalFile(Path("thumb.jpg"), "image/jpeg", "etag", None)
URL = Redirect("https://store.example.com/thumb.jpg", 3540)
YEAR = "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("delivery", "exact", "versioned", "expected"),
    [
        (FILE, True, True, YEAR),
        (FILE, True, False, "private, max-age=3600"),
        (FILE, False, True, "no-store"),
        (URL, True, True, "private, max-age=3540"),
        (URL, True, False, "private, max-age=3540"),
        (URL, False, False, "no-store"),
        (Placeholder(preparing=True), True, True, "no-store"),
        (Placeholder(preparing=False), False, True, "no-store"),
    ],
)
def test_only_exact_files_are_cached(delivery: Delivery, exact: bool, versioned: bool, expected: str) -> None:
    assert cache_control(delivery, exact=exact, versioned=versioned) == expected
