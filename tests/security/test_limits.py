"""Guesses are bounded, exactly, and whoever does not guess never meets a limit."""

from __future__ import annotations

import io
import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from limits import parse
from redis import Redis
from sqlalchemy import insert
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder

from app import Proofsheet
from app.errors import Invalid, TooOften
from app.extensions import client_network, limiter
from app.models import File, Privacy, db
from app.services import accounts, collection_service, guesses, one_time_links
from app.services.guesses import Bound
from tests.celery_workers import redis_broker
from tests.conftest import Browser
from tests.factories import JSON, PASSWORD, Studio
from tests.security.apps import at, house

EMAIL = "ada@example.com"
addresses = (f"198.51.{high}.{low}" for high, low in itertools.product(range(256), range(1, 255)))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofsheet]:
    with house(tmp_path_factory.mktemp("limits")) as app:
        Studio(app).photographer(EMAIL)
        yield app


@pytest.fixture(autouse=True)
def limited(app: Proofsheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)  # it belongs to all apps of a process; the last one made decided


@pytest.fixture
def studio(app: Proofsheet) -> Studio:
    return Studio(app)


@pytest.fixture
def here() -> str:
    """An address that nobody has come from."""
    return next(addresses)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was hashed to be compared."""
    seen: list[str] = []

    def check(_hash: str, password: str) -> bool:
        seen.append(password)
        return password == PASSWORD

    for module in (accounts, collection_service):
        monkeypatch.setattr(module, "check_password_hash", check)
    return seen


@pytest.fixture
def locked(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> str:
    """A collection with a password."""
    monkeypatch.setattr(collection_service, "generate_password_hash", lambda password: f"hash of {password}")
    return studio.collection(1, Privacy.PASSWORD)


def guess(client: Browser, collection: str, password: str = "wrong", **more: Any) -> Any:
    return client.post(f"/collections/{collection}/password", data={"password": password}, headers=JSON, **more)


def statuses(guessing: Callable[[int], Any], times: int) -> list[int]:
    return [guessing(number).status_code for number in range(times)]


# --- the password of a collection -----------------------------------------------------------


def showing(app: Proofsheet, photo: str, count: int) -> list[str]:
    """So many files that show the thumb and the medium of one photograph, as those older than the table of variants."""
    with app.app_context():
        file = collection_service.file_by_uuid(photo)
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


def test_of_10000_guesses_20_are_evaluated_and_the_pictures_of_546_photographs_come_meanwhile(
    app: Proofsheet, studio: Studio, here: str, locked: str, hashes: list[str]
) -> None:
    public = studio.collection(1)
    grid = iter(showing(app, studio.photo(public), 546))
    send, visitor = sender(app, here, f"/collections/{locked}/password"), at(app, here)
    guessed, shown = [], []
    for number in range(10_000):
        guessed.append(send(b"password=guess+%d" % number))
        if number % 18 == 0 and (photo := next(grid, "")):
            shown.append(visitor.get(f"/collections/files/{photo}/thumbnail").status_code)
    assert len(hashes) == 20
    assert guessed == [401] * 20 + [429] * 9980
    assert shown == [200] * 546


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


def test_refusal_says_when_in_words_in_json_and_in_a_header(
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
    assert re.search(r"Wait 15 minutes, then try again\.", said.json["error"]["message"])
    assert "Wait 15 minutes" in page.text
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


def test_whoever_is_in_stays_in_while_a_stranger_exhausts_the_collection(
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


# --- accounts ---------------------------------------------------------------------------------


def sign_in(client: Browser, email: str, password: str = "wrong") -> Any:
    return client.post("/auth/sign-in", data={"email": email, "password": password}, headers=JSON)


@pytest.mark.parametrize("email", ["bea@example.com", "nobody@example.com"])
def test_sign_in_is_bounded_by_address_and_by_name_whether_or_not_there_is_such_an_account(
    app: Proofsheet, here: str, hashes: list[str], email: str
) -> None:
    with suppress(Invalid):
        Studio(app).photographer("bea@example.com")
    assert statuses(lambda _: sign_in(at(app, here), email), 22) == [401] * 20 + [429] * 2
    assert sign_in(at(app, here), "somebody.else@example.com").status_code == 429
    for _ in range(4):
        client = at(app, next(addresses))
        statuses(lambda _, client=client: sign_in(client, email.upper()), 20)
    assert sign_in(at(app, next(addresses)), f" {email}", PASSWORD).status_code == 429
    assert len(hashes) == 100


def test_present_password_is_guessed_twenty_times(app: Proofsheet, studio: Studio, hashes: list[str]) -> None:
    studio.photographer("eve@example.com")
    eve = studio.client("eve@example.com")
    del hashes[:]
    form = {"present": "wrong", "password": "another password"}
    assert statuses(lambda _: eve.post("/account/password", data=form), 22) == [422] * 20 + [429] * 2
    assert len(hashes) == 20
    assert eve.get("/account/").status_code == 200


@pytest.mark.parametrize("path", ["/s/x", "/auth/invitation/x", "/auth/new-password/x", "/auth/setup/x"])
def test_made_up_links_are_one_budget(app: Proofsheet, here: str, path: str) -> None:
    guesser = at(app, here)
    assert statuses(lambda number: guesser.get(f"{path}{number}"), 22) == [404] * 20 + [429] * 2
    assert guesser.get("/s/another", headers=JSON).json["error"]["code"] == "too_often"
    assert guesser.get("/auth/sign-in").status_code == 200


def test_forms_behind_an_invitation_are_limited(app: Proofsheet, here: str) -> None:
    with app.app_context():
        secret = one_time_links.invite(accounts.Role.PHOTOGRAPHER)
    form = {"name": "N", "email": EMAIL, "password": "short"}
    answers = statuses(lambda _: at(app, here).post(f"/auth/invitation/{secret}", data=form), 22)
    assert answers == [422] * 20 + [429] * 2


# --- budgets that people never meet ----------------------------------------------------------


def spent(scope: str, key: str, used: int) -> None:
    """As if so many requests had been made within this minute."""
    (budget,) = {"pictures": ["20000 per minute"], "uploads": ["6000 per minute"]}[scope]
    assert limiter.limiter.hit(parse(budget), key, scope, cost=used)


def test_grid_of_1000_tiles_may_be_reloaded_nineteen_times_a_minute(app: Proofsheet, studio: Studio, here: str) -> None:
    photo, visitor = studio.photo(studio.collection(1)), at(app, here)
    ways = ("thumbnail", "preview", "variants/small", "original")
    spent("pictures", here, 19_000)
    assert statuses(lambda number: visitor.get(f"/collections/files/{photo}/{ways[number % 4]}"), 100) == [200] * 100
    spent("pictures", here, 900)
    refused = visitor.get(f"/collections/files/{photo}/thumbnail")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert visitor.get("/auth/sign-in").status_code == 200


def test_photographer_with_5000_files_does_not_meet_a_limit_and_a_flood_does(app: Proofsheet, studio: Studio) -> None:
    owner, collection = studio.client(EMAIL), studio.collection(1)
    spent("uploads", "account 1", 5_000)
    check = {"files": [{"sha256": "0" * 64}]}
    ask = lambda _: owner.post(f"/collections/{collection}/uploads/check", json=check)  # noqa: E731
    assert statuses(ask, 20) == [200] * 20
    spent("uploads", "account 1", 980)
    paths = {"check": "uploads/check", "upload": "upload", "begin": "uploads"}
    refused = {
        name: owner.post(f"/collections/{collection}/{path}", json={}).status_code for name, path in paths.items()
    }
    refused["parts"] = owner.post("/collections/uploads/x/parts", json={}).status_code
    refused["piece"] = owner.patch("/collections/uploads/x").status_code
    assert refused == dict.fromkeys(refused, 429)
    assert owner.get("/collections/").status_code == 200


# --- who somebody is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),  # what a socket that listens to both says of an IPv4 address
        ("192.0.2.7:40001", "192.0.2.7"),
        ("[2001:db8:1:2:3:4:5:6]:40001", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("[::1", "[::1"),
        ("", "127.0.0.1"),
        ("unknown", "unknown"),
    ],
)
def test_requests_are_counted_by_network(app: Proofsheet, address: str, network: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client_network() == network


def test_another_address_of_the_same_64_is_no_new_budget(app: Proofsheet, locked: str, hashes: list[str]) -> None:
    answers = statuses(lambda number: guess(at(app, f"2001:db8:{number % 2 + 77}:0:{number:x}::1"), locked), 4)
    assert answers == [401] * 4
    statuses(lambda number: guess(at(app, f"2001:db8:5:5::{number:x}"), locked), 20)
    assert guess(at(app, "2001:db8:5:5:abcd::"), locked).status_code == 429
    assert guess(at(app, "2001:db8:5:6::"), locked).status_code == 401


@pytest.mark.parametrize(
    ("proxies", "forwarded", "answers"),
    [
        (0, lambda number: f"10.1.0.{number}", [401] * 20 + [429] * 2),  # nobody is believed
        (1, lambda number: f"10.2.0.{number}, 192.0.2.99", [401] * 20 + [429] * 2),  # the last hop is, nothing before
        (1, lambda number: f"192.0.2.99, 10.3.0.{number}", [401] * 22),
        (2, lambda number: f"10.4.0.{number}, 10.5.0.{number}, 192.0.2.98", [401] * 22),
        (2, lambda number: f"10.6.0.{number}, 10.7.0.1, 192.0.2.97", [401] * 20 + [429] * 2),
    ],
)
def test_addresses_come_from_trusted_proxies_only(
    app: Proofsheet,
    here: str,
    locked: str,
    hashes: list[str],
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    forwarded: Callable[[int], str],
    answers: list[int],
) -> None:
    if proxies:
        monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_for=proxies))  # as create_app does
    client = at(app, here)
    seen = [guess(client, locked, environ_overrides={"HTTP_X_FORWARDED_FOR": forwarded(n)}) for n in range(22)]
    assert [answer.status_code for answer in seen] == answers


# --- where it is counted ----------------------------------------------------------------------


def bound() -> tuple[Bound, ...]:
    return (Bound("test", 20, str(uuid4())),)


def evaluated(counting: guesses.Guesses, bounds: tuple[Bound, ...], times: int) -> int:
    """How many of so many wrong guesses were looked at."""
    seen = []
    for _ in range(times):
        with suppress(TooOften):
            counting.evaluate(lambda: bool(seen.append(1)), *bounds)
    return len(seen)


def test_redis_that_is_away_neither_lets_guesses_through_nor_keeps_anybody_out() -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        counting, bounds = guesses.counted(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"), bound()
        assert evaluated(counting, bounds, 100) == 20
        assert counting.evaluate(lambda: "in", *bound()) == "in"


def test_redis_that_says_nothing_costs_a_second_and_not_one_for_each_request() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        counting, start = guesses.counted(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"), time.monotonic()
        assert evaluated(counting, bound(), 100) == 20
        assert time.monotonic() - start < 8


def test_app_whose_redis_is_away_answers_and_counts(tmp_path: Path, hashes: list[str]) -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        with house(tmp_path, RATE_LIMIT_URL=f"redis://127.0.0.1:{nobody.getsockname()[1]}/0") as app:
            limiter._storage_dead = False
            client = at(app, "192.0.2.1")
            assert statuses(lambda _: sign_in(client, EMAIL), 22) == [401] * 20 + [429] * 2
            assert statuses(lambda n: client.get(f"/s/{n}"), 22) == [404] * 20 + [429] * 2
            limiter._storage_dead = False


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A Redis of our own."""
    with redis_broker() as url:
        yield url


def test_processes_that_share_a_redis_count_together_and_forget_nothing_by_a_restart(redis_url: str) -> None:
    one, two, bounds = guesses.counted(redis_url), guesses.counted(redis_url), bound()
    assert evaluated(one, bounds, 12) + evaluated(two, bounds, 12) == 20
    assert evaluated(guesses.counted(redis_url), bounds, 5) == 0
    with pytest.raises(TooOften) as refused:
        two.require(*bounds)
    assert 800 < refused.value.retry_after <= 900
    with Redis.from_url(redis_url) as client:
        assert all(client.ttl(key) > 0 for key in client.scan_iter())


def test_redis_that_is_full_does_not_let_guesses_through(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.config_set("maxmemory", "1")
        try:
            assert evaluated(guesses.counted(redis_url), bound(), 100) == 20
        finally:
            client.config_set("maxmemory", "0")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "memory://"),
        ({"QUEUE_URL": "redis://queue:6379/0"}, "redis://queue:6379/0"),
        ({"QUEUE_URL": "rediss://queue:6379/0"}, "memory://"),
        ({"QUEUE_URL": "amqp://queue"}, "memory://"),
        ({"QUEUE_URL": "redis://queue:6379/0", "RATE_LIMIT_URL": "redis://own:6379/1"}, "redis://own:6379/1"),
    ],
)
def test_limits_are_kept_in_redis_where_there_is_one(given: dict[str, str], url: str) -> None:
    from app import _flask_settings, config

    assert _flask_settings(config.load({"SECRET_KEY": "x", **given}))["RATELIMIT_STORAGE_URI"] == url
