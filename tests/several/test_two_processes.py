"""What one server changes holds at the other from the next request on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests

from tests.support.photographer import TOKEN, Photographer
from tests.support.pictures import jpeg
from tests.support.server import LiveServer
from tests.support.several import Processes
from tests.support.studio import JSON, PASSWORD

NEW_PASSWORD = "quite another one"
SECONDS = 60.0
ADDRESSES = (f"203.0.113.{number}" for number in count(1))


class Person:
    """A browser that goes from server to server."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.headers.update(JSON | {"X-Forwarded-For": next(ADDRESSES)})

    def get(self, server: LiveServer, path: str, **more: Any) -> requests.Response:
        """The response to a GET, not followed."""
        return self.http.get(server.url + path, timeout=SECONDS, allow_redirects=False, **more)

    def post(self, server: LiveServer, path: str, **more: Any) -> requests.Response:
        """The response to a POST with the token of the sign-in page."""
        page = self.get(server, "/auth/sign-in", headers={"Accept": "text/html"}).text
        token = TOKEN.search(page)
        assert token
        headers = {"X-CSRFToken": token[1]}
        return self.http.post(server.url + path, timeout=SECONDS, allow_redirects=False, headers=headers, **more)


@pytest.fixture
def visitor() -> Iterator[Person]:
    person = Person()
    yield person
    person.http.close()


@pytest.fixture(params=["first", "second"])
def both(request: pytest.FixtureRequest, pair: Processes) -> tuple[LiveServer, LiveServer]:
    """The server where something is used, and the one where it is changed."""
    one, two = pair.servers
    return (one, two) if request.param == "first" else (two, one)


def posted(ada: Photographer, server: LiveServer, path: str, **form: Any) -> requests.Response:
    """The response to a POST of the photographer at a server."""
    answer = ada.http.post(server.url + path, timeout=SECONDS, allow_redirects=False, **form)
    assert answer.status_code < 400, answer.text
    return answer


def photo_in(ada: Photographer, **form: str) -> tuple[str, str]:
    """The page of a new collection and the address of its photo."""
    collection = ada.collection(**form)
    (uuid,) = ada.upload(collection, ("a.jpg", jpeg(1600, 1000)))
    return f"/collections/{collection}", f"/collections/files/{uuid}"


def statuses(person: Person, server: LiveServer, *paths: str) -> list[int]:
    return [person.get(server, path).status_code for path in paths]


# --- access --------------------------------------------------------------------------------


def test_share_link_ends_everywhere(
    pair: Processes, ada: Photographer, visitor: Person, both: tuple[LiveServer, LiveServer]
) -> None:
    here, there = both
    page, photo = photo_in(ada, privacy="private")
    link = "/s/" + ada.share(page.removeprefix("/collections/")).rpartition("/s/")[2]
    paths = (page, f"{photo}/thumbnail")
    assert statuses(visitor, here, *paths) == [404, 404]
    assert visitor.get(there, link).status_code == 303
    assert statuses(visitor, here, *paths) == [200, 200]
    ((uuid,),) = pair.rows(
        "SELECT l.uuid FROM share_links l JOIN collections c ON c.id = l.collection_id WHERE c.uuid = %s",
        page.removeprefix("/collections/"),
    )
    posted(ada, there, f"{page}/links/{uuid}/revoke")
    assert statuses(visitor, here, *paths) == [404, 404]


def test_changed_password_of_a_collection_closes_it_everywhere(
    ada: Photographer, visitor: Person, both: tuple[LiveServer, LiveServer]
) -> None:
    here, there = both
    page, photo = photo_in(ada, privacy="password", password=PASSWORD)
    paths = (page, f"{photo}/original")
    assert statuses(visitor, here, *paths) == [401, 401]
    visitor.post(there, f"{page}/password", data={"password": PASSWORD})
    assert statuses(visitor, here, *paths) == [200, 200]
    posted(ada, there, f"{page}/edit", data={"title": "A", "privacy": "password", "password": NEW_PASSWORD})
    assert statuses(visitor, here, *paths) == [401, 401]


def test_new_password_of_an_account_ends_its_sessions_everywhere(
    pair: Processes, both: tuple[LiveServer, LiveServer]
) -> None:
    here, there = both
    email = f"bea{here.port}@example.com"
    pair.servers[0].create_user(email)
    with here.sign_in(email) as one, there.sign_in(email) as other:
        assert one.get("/collections/").status_code == 200
        posted(other, there, "/account/password", data={"present": PASSWORD, "password": NEW_PASSWORD})
        assert one.get("/collections/").status_code == 401
        assert other.get("/collections/").status_code == 200


def test_deleted_photo_is_gone_everywhere_until_it_is_restored(
    ada: Photographer, visitor: Person, both: tuple[LiveServer, LiveServer]
) -> None:
    here, there = both
    _, photo = photo_in(ada)
    paths = (f"{photo}/original", f"{photo}/thumbnail", f"{photo}/info")
    assert statuses(visitor, here, *paths) == [200] * 3
    posted(ada, there, f"{photo}/delete")
    assert statuses(visitor, here, *paths) == [404] * 3
    posted(ada, here, f"/collections/bin/files/{photo.rpartition('/')[2]}/restore")
    assert statuses(visitor, there, *paths) == [200] * 3


def test_expiry_closes_everywhere(ada: Photographer, visitor: Person, both: tuple[LiveServer, LiveServer]) -> None:
    here, there = both
    page, photo = photo_in(ada)
    paths = (page, f"{photo}/thumbnail", f"{photo}/original")
    assert statuses(visitor, here, *paths) == [200] * 3
    posted(ada, there, f"{page}/edit", data={"title": "A", "privacy": "public", "expires_at": "2020-01-01T00:00"})
    assert statuses(visitor, here, *paths) == [410] * 3


def test_revoked_token_is_refused_everywhere(ada: Photographer, both: tuple[LiveServer, LiveServer]) -> None:
    here, there = both
    token = posted(ada, here, "/account/tokens", data={"name": f"at {here.port}", "scope": "manage"}).json()["token"]
    program = {"Authorization": f"Bearer {token}"}

    def asked() -> int:
        return requests.get(f"{here.url}/api/v1/collections", headers=program, timeout=SECONDS).status_code

    assert asked() == 200
    posted(ada, there, "/account/tokens/revoke")
    assert asked() == 401


# --- limits --------------------------------------------------------------------------------


def test_wrong_links_are_counted_together(pair: Processes, visitor: Person) -> None:
    found = [statuses(visitor, pair.servers[number % 2], "/s/no-such-link")[0] for number in range(21)]
    assert found == [404] * 20 + [429]
    assert [statuses(visitor, server, "/s/no-such-link") for server in pair.servers] == [[429], [429]]


def test_wrong_passwords_are_counted_together(pair: Processes, ada: Photographer, visitor: Person) -> None:
    page, _ = photo_in(ada, privacy="password", password=PASSWORD)
    wrong = {"password": "a wrong one"}
    found = [visitor.post(pair.servers[n % 2], f"{page}/password", data=wrong).status_code for n in range(21)]
    assert found == [401] * 20 + [429]
    right = {"password": PASSWORD}
    assert {visitor.post(each, f"{page}/password", data=right).status_code for each in pair.servers} == {429}


# --- work ----------------------------------------------------------------------------------


def test_variant_that_both_are_asked_for_is_made_once(pair: Processes, ada: Photographer, visitor: Person) -> None:
    _, photo = photo_in(ada)
    uuid = photo.rpartition("/")[2]
    ada.wait_for_large(uuid)
    ((path,),) = pair.rows(
        "DELETE FROM variants v USING files f WHERE f.id = v.file_id AND f.uuid = %s AND v.name = 'large' "
        "RETURNING v.path",
        uuid,
    )
    (pair.storage / path).unlink()
    pair.rows("CREATE TABLE takings (name text)")
    pair.rows(
        "CREATE FUNCTION note_taking() RETURNS trigger AS "
        "'BEGIN INSERT INTO takings VALUES (NEW.name); RETURN NEW; END' LANGUAGE plpgsql"
    )
    pair.rows("CREATE TRIGGER taken AFTER INSERT OR UPDATE ON leases FOR EACH ROW EXECUTE FUNCTION note_taking()")

    def asked(server: LiveServer) -> bytes:
        answer = requests.get(f"{server.url}{photo}/variants/large", timeout=SECONDS)
        assert answer.status_code == 200
        return hashlib.sha256(answer.content).digest()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(asked, pair.servers * 4))) == 1
    # A process that begins to make the variant takes this lease.
    ((times,),) = pair.rows("SELECT count(*) FROM takings WHERE name LIKE 'variant/%%/large/failed'")
    assert times == 1


def test_presigned_addresses_are_the_same(pair: Processes, ada: Photographer, visitor: Person) -> None:
    _, photo = photo_in(ada)
    pair.rows("UPDATE files SET storage_backend = 'r2' WHERE uuid = %s", photo.rpartition("/")[2])
    one, two = pair.servers
    answers = [visitor.get(server, f"{photo}/original") for server in (one, two, one)]
    assert {answer.status_code for answer in answers} == {302}
    before, there, after = (answer.headers["Location"] for answer in answers)
    assert there in (before, after)  # a new window may have begun meanwhile
    assert "X-Amz-Signature=" in there
