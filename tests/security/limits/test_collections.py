"""Guesses at the password of a collection are limited exactly."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from sqlalchemy import insert
from werkzeug.test import EnvironBuilder

from app import Proofsheet
from app.errors import TooOften
from app.models import File, Privacy, db
from app.services import lookup
from app.services.access.guesses import Bound
from tests.security.apps import at
from tests.security.limits.asking import addresses, guess, statuses
from tests.support.studio import JSON, PASSWORD, Studio


def showing(app: Proofsheet, photo: str, count: int) -> list[str]:
    """So many files that show the thumb and the medium of one photograph, as those older than the table of variants."""
    with app.app_context():
        file = lookup.file_by_uuid(photo)
        columns = {c.name: getattr(file, c.name) for c in File.__table__.columns if c.name not in ("id", "sha256")}
        uuids = [str(uuid4()) for _ in range(count)]
        rows = [columns | {"uuid": uuid, "storage_path": f"{file.storage_path}.{uuid}"} for uuid in uuids]
        db.session.execute(insert(File), rows)
        db.session.commit()
    return uuids


def sender(app: Proofsheet, address: str, path: str) -> Callable[[bytes], int]:
    """Posts a form and returns the status, without what a test client does around it: that takes as long again."""
    form = {"method": "POST", "content_type": "application/x-www-form-urlencoded", "headers": JSON}
    base = EnvironBuilder(path, environ_base={"REMOTE_ADDR": address}, **form).get_environ()

    def send(body: bytes) -> int:
        heard: list[str] = []
        environ = base | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        answer = app(environ, lambda status, _headers: heard.append(status))
        b"".join(answer)
        answer.close()
        return int(heard[0][:3])

    return send


@pytest.mark.slow
def test_of_2000_guesses_20_are_evaluated_while_112_pictures_are_served(
    app: Proofsheet, studio: Studio, here: str, locked: str, hashes: list[str]
) -> None:
    public = studio.collection(1)
    grid = iter(showing(app, studio.photo(public), 112))
    send, visitor = sender(app, here, f"/collections/{locked}/password"), at(app, here)
    guessed, shown = [], []
    for number in range(2000):
        guessed.append(send(b"password=guess+%d" % number))
        if number % 18 == 0 and (photo := next(grid, "")):
            shown.append(visitor.get(f"/collections/files/{photo}/thumbnail").status_code)
    assert len(hashes) == 20
    assert guessed == [401] * 20 + [429] * 1980
    assert shown == [200] * 112


def test_guess_with_spaces_counts_once_and_is_compared_twice(
    app: Proofsheet, here: str, locked: str, hashes: list[str]
) -> None:
    visitor = at(app, here)
    door = f"/collections/{locked}/password"
    guessed = [visitor.post(door, data={"password": f" guess {n}"}, headers=JSON).status_code for n in range(22)]
    assert guessed == [401] * 20 + [429] * 2
    assert hashes == [each for n in range(20) for each in (f"guess {n}", f" guess {n}")]


def test_guesses_sent_at_once_are_counted_one_by_one(
    app: Proofsheet, here: str, locked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash takes 50 ms: without turns, all that are under way would be evaluated before the first is counted."""
    bounds = (Bound("at once", 20, f"{here} {locked}"),)
    evaluated, counting = [], app.extensions["proofsheet.guesses"]
    start = threading.Barrier(40)

    def wrong() -> bool:
        evaluated.append(1)
        time.sleep(0.002)
        return False

    def one(_number: int) -> None:
        start.wait(10)
        with suppress(TooOften):
            counting.evaluate(wrong, *bounds)

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(one, range(40)))
    assert len(evaluated) == 20


def test_refusal_names_the_wait_in_text_json_and_header(
    app: Proofsheet, here: str, locked: str, hashes: list[str]
) -> None:
    guesser = at(app, here)
    statuses(lambda _: guess(guesser, locked), 20)
    said = guess(guesser, locked)
    page = guesser.post(f"/collections/{locked}/password", data={"password": PASSWORD})
    for answer in (said, page):
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert answer.headers["Cache-Control"] == "no-store"
    assert said.json["error"]["code"] == "too_often"
    assert 0 < said.json["error"]["retry_after"] <= 900
    assert re.search(r"Try again in 15 minutes\.", said.json["error"]["message"])
    assert "Try again in 15 minutes" in page.text
    assert len(hashes) == 20


def test_right_passwords_do_not_count(app: Proofsheet, here: str, locked: str, hashes: list[str]) -> None:
    party = statuses(lambda _: guess(at(app, here), locked, PASSWORD), 60)
    assert party == [200] * 60
    assert guess(at(app, here), locked).status_code == 401


def test_window_moves_so_no_15_minutes_see_more_than_20(
    app: Proofsheet, here: str, locked: str, hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, real = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: real() + clock[0])
    guesser = at(app, here)
    assert statuses(lambda _: guess(guesser, locked), 10) == [401] * 10
    clock[0] = 14 * 60
    assert statuses(lambda _: guess(guesser, locked), 11) == [401] * 10 + [429]
    clock[0] = 15 * 60 + 5  # only the first ten are over
    assert statuses(lambda _: guess(guesser, locked), 11) == [401] * 10 + [429]
    assert 13 * 60 < int(guess(guesser, locked).headers["Retry-After"]) <= 14 * 60


def test_opened_collection_stays_open_while_guesses_exhaust_its_limit(
    app: Proofsheet, here: str, locked: str, hashes: list[str]
) -> None:
    visitor = at(app, here)
    assert guess(visitor, locked, PASSWORD).status_code == 200
    for _ in range(10):
        stranger = at(app, next(addresses))
        assert statuses(lambda _, stranger=stranger: guess(stranger, locked), 20) == [401] * 20
    assert guess(at(app, next(addresses)), locked, PASSWORD).status_code == 429  # of all addresses: 200
    assert len(hashes) == 201
    assert visitor.get(f"/collections/{locked}").status_code == 200
    assert visitor.get(f"/collections/{locked}/password").status_code == 302


def test_other_collections_and_other_addresses_have_budgets_of_their_own(
    app: Proofsheet, studio: Studio, here: str, locked: str, hashes: list[str]
) -> None:
    other = studio.collection(1, Privacy.PASSWORD)
    statuses(lambda _: guess(at(app, here), locked), 20)
    assert guess(at(app, here), locked).status_code == 429
    assert guess(at(app, here), other, PASSWORD).status_code == 200
    assert guess(at(app, next(addresses)), locked, PASSWORD).status_code == 200


def test_one_address_gets_a_hundred_guesses_at_all_collections_together(
    app: Proofsheet, studio: Studio, here: str, locked: str, hashes: list[str]
) -> None:
    many = [studio.collection(1, Privacy.PASSWORD) for _ in range(30)]
    answers = statuses(lambda number: guess(at(app, here), many[number % 30]), 120)
    assert answers == [401] * 100 + [429] * 20
