"""Helpers to exceed request limits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from limits import parse

from app.extensions import limiter
from tests.support.app import Browser
from tests.support.studio import JSON

EMAIL = "ada@example.com"
addresses = (f"198.51.{high}.{low}" for high, low in itertools.product(range(256), range(1, 255)))


def guess(client: Browser, collection: str, password: str = "wrong", **more: Any) -> Any:
    return client.post(f"/collections/{collection}/password", data={"password": password}, headers=JSON, **more)


def statuses(guessing: Callable[[int], Any], times: int) -> list[int]:
    return [guessing(number).status_code for number in range(times)]


def sign_in(client: Browser, email: str, password: str = "wrong") -> Any:
    return client.post("/auth/sign-in", data={"email": email, "password": password}, headers=JSON)


def spent(scope: str, key: str, used: int) -> None:
    """As if so many requests had been made within this minute."""
    (budget,) = {"pictures": ["20000 per minute"], "uploads": ["6000 per minute"]}[scope]
    assert limiter.limiter.hit(parse(budget), key, scope, cost=used)
