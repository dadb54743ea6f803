"""A house with every kind of visitor and of collection, made once, and put back after whatever changes it."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from PIL import Image
from sqlalchemy import event, update

from app import Proofsheet
from app.models import ApiToken, Collection, File, Privacy, Role, Scope, ShareLink, Upload, User, db, utc_now
from app.services import lookup
from app.services.access import share_links
from app.services.accounts import accounts, api_tokens, one_time_links
from app.services.collections import camera_clocks
from app.services.trash.deletion import DeletionService
from tests.support.app import running, settings_in
from tests.support.house import ADMIN, OTHER, OWNER, House, session_of
from tests.support.studio import PASSWORD, past

GPS = 49.2827
SERIAL = "SN-3001234"
KINDS: dict[str, dict[str, Any]] = {
    "public": {"privacy": Privacy.PUBLIC},
    "previews": {"privacy": Privacy.PUBLIC, "downloads_allowed": False},
    "password": {"privacy": Privacy.PASSWORD},
    "private": {"privacy": Privacy.PRIVATE},
}
LINKS = {"link": False, "download link": True, "revoked link": True, "ended link": True, "spare": True}


def original(seed: int) -> bytes:
    """A photograph of five digits of bytes that is like no other, so that its length and bytes are told from others."""
    out = io.BytesIO()
    Image.frombytes("L", (150, 100), sha256(bytes([seed])).digest() * 469, "raw").save(out, "JPEG", quality=95)
    return out.getvalue() + bytes([seed]) * seed


@dataclass(frozen=True)
class Place:
    """A collection with a photograph, and something of everything that an address can name."""

    kind: str
    expired: bool
    collection_uuid: str
    file_uuid: str
    link_uuid: str
    upload_uuid: str
    binned: dict[str, str]  # by kind
    links: dict[str, str]  # secrets
    original: bytes
    camera_key: str

    @property
    def sha256(self) -> str:
        """Of its original."""
        return sha256(self.original).hexdigest()


class Furnished(House):
    """A house with its places, and the headers by which each kind of visitor is known."""

    def __init__(self, app: Proofsheet, database: Path) -> None:
        super().__init__(app)
        self.database = database
        self.places: dict[tuple[str, bool], Place] = {}
        self.visitors: dict[str, dict[str, str]] = {}
        self.values: dict[str, str] = {}

    def place(self, visitor: str, kind: str) -> Place:
        """The place that a visitor of this name uses."""
        return self.places["public" if kind == "any" else kind, "expired" in visitor]


class Snapshot:
    """The rows of a database as they were, to go back to; asking whether anybody has written costs nothing."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA synchronous = OFF")
        self._kept = sqlite3.connect(":memory:")
        self._file.backup(self._kept)
        self._version = self._read_version()

    def _read_version(self) -> int:
        return int(self._file.execute("PRAGMA data_version").fetchone()[0])

    def is_changed(self) -> bool:
        """Whether anything was committed since."""
        return self._read_version() != self._version

    def restore(self) -> None:
        """Restore the rows."""
        if self.is_changed():
            self._kept.backup(self._file)
            self._version = self._read_version()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._kept.close()


@contextmanager
def built(folder: Path, **settings: Any) -> Iterator[Furnished]:
    """A house in this folder."""
    one_connection = {"SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 1}}
    with running(settings_in(folder) | one_connection | settings) as app:
        if app.config["DATABASE_URL"].startswith("sqlite:"):
            _wait_for_no_disk(app)
        house = Furnished(app, folder / "test.db")
        _furnish(house)
        yield house


def _wait_for_no_disk(app: Proofsheet) -> None:
    """Nobody cuts the power, and waiting for the disk took more time than everything else."""
    with app.app_context():
        event.listen(db.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous = OFF"))
        db.engine.dispose()


def _furnish(house: Furnished) -> None:
    for number, (kind, expired) in enumerate((kind, expired) for kind in KINDS for expired in (False, True)):
        house.places[kind, expired] = _place(house, kind, expired, number)
    _finish(house)
    house.visitors = _visitors(house)
    with house.app.app_context():
        house.values = {
            "invitation": one_time_links.invite(Role.PHOTOGRAPHER),
            "forgotten": one_time_links.reset(house.owner_id),
            "user_id": str(house.other_id),
        }
    _end_what_ends(house)


def _finish(house: Furnished) -> None:
    """Make every variant now and none later, so that requests do not wait."""
    queue = house.queue
    queue.run_due()
    queue.submitted.clear()
    queue.background.clear()
    queue.paused = True
    house.app.config["VARIANT_WAIT_SECONDS"] = 0.0


def _place(house: Furnished, kind: str, expired: bool, number: int) -> Place:
    studio, data = house.studio, original(number + 1)
    uuid = studio.collection(house.owner_id, **KINDS[kind])
    photo, binned = studio.photo(uuid, data=data), studio.photo(uuid, "binned.txt", b"deleted")
    binned_collection = studio.collection(house.owner_id, **KINDS[kind])
    with house.app.app_context():
        collection_id = lookup.by_uuid(uuid).id
        DeletionService().delete_file(lookup.file_by_uuid(binned).id, house.owner_id)
        DeletionService().delete_collection(lookup.by_uuid(binned_collection).id, house.owner_id)
        links = {
            name: share_links.make(collection_id, label=name, downloads_allowed=allows, expires_at=None).secret
            for name, allows in LINKS.items()
        }
        upload = Upload(
            collection_id=collection_id,
            user_id=house.owner_id,
            name="half.tif",
            size=9,
            sha256="a" * 64,
            storage_backend="local",
            storage_path=f"half{number}",
        )
        db.session.add(upload)
        written = {"camera": "NIKON", "gps": {"latitude": GPS, "longitude": 1.5}, "serial": SERIAL}
        clock = {"camera": "NIKON", "camera_serial": SERIAL, "taken_at": past(), "order_time": past()}
        db.session.execute(update(File).where(File.uuid == photo).values(metadata_json=written, **clock))
        db.session.commit()
        link_uuid = next(link.uuid for link in share_links.list_for(collection_id) if link.label == "spare")
        bins = {"files": binned, "collections": binned_collection}
        [camera] = camera_clocks.cameras(collection_id)
        return Place(kind, expired, uuid, photo, link_uuid, upload.uuid, bins, links, data, camera.key)


# --- visitors ------------------------------------------------------------------------------


def _visitors(house: Furnished) -> dict[str, dict[str, str]]:
    """The headers that each kind of visitor sends with every request."""
    ended = house.signed_in(OWNER)
    with house.app.app_context():
        accounts.set_password(house.owner_id, PASSWORD)  # which ends that session
    owner, former, right = house.signed_in(OWNER), opened(house, PASSWORD), "with the password of now"
    with house.app.app_context():
        for place in house.places.values():
            if place.kind == "password":
                row = lookup.by_uuid(place.collection_uuid)
                row.password_hash = accounts.generate_password_hash(right)
        db.session.commit()
    return {
        "anonymous": {},
        "wrong password": opened(house, "wrong"),
        "right password": opened(house, right),
        "former password": former,
        "expired": everything_opened(house, right),
        "expired, unopened": {},
        **{name: by_links(house, name) for name in LINKS if name != "spare"},
        "forged session": forged(house),
        "ended session": ended,
        "photographer": house.signed_in(OTHER),
        "owner": owner,
        "owner, expired": owner,
        "admin": house.signed_in(ADMIN),
        **tokens_of(house),
    }


def tokens_of(house: Furnished) -> dict[str, dict[str, str]]:
    """The headers of programs: the owner's with each scope, those that are over, and other people's."""
    whose = {f"{scope} token": (house.owner_id, scope) for scope in Scope}
    whose |= dict.fromkeys(("token, expired", "revoked token", "ended token"), (house.owner_id, Scope.MANAGE))
    whose |= {"other token": (house.other_id, Scope.MANAGE), "admin token": (house.admin_id, Scope.MANAGE)}
    with house.app.app_context():
        made = {
            name: api_tokens.make(user_id, name=name, scope=scope, expires_at=None)
            for name, (user_id, scope) in whose.items()
        }
    return {name: {"Authorization": f"Bearer {token.secret}"} for name, token in made.items()}


def opened(house: Furnished, password: str) -> dict[str, str]:
    """The headers of a visitor who entered this password wherever one is required."""
    client = house.studio.client()
    _give_password(house, client, password)
    return session_of(client)


def by_links(house: Furnished, name: str) -> dict[str, str]:
    """The headers of a visitor who followed the links of this name."""
    client = house.studio.client()
    for place in house.places.values():
        assert client.get(f"/s/{place.links[name]}").status_code == 303
    return session_of(client)


def everything_opened(house: Furnished, password: str) -> dict[str, str]:
    """The headers of a visitor who did all of that."""
    client = house.studio.client()
    _give_password(house, client, password)
    for place in house.places.values():
        client.get(f"/s/{place.links['download link']}")
    return session_of(client)


def _give_password(house: Furnished, client: Any, password: str) -> None:
    for place in house.places.values():
        if place.kind == "password":
            client.post(f"/collections/{place.collection_uuid}/password", data={"password": password})


def forged(house: Furnished, secret_key: str = "not the key of this house") -> dict[str, str]:
    """A session of the owner with access to everything, signed with another key."""
    elsewhere = Flask(__name__)
    elsewhere.secret_key = secret_key
    signer = SecureCookieSessionInterface().get_signing_serializer(elsewhere)
    assert signer
    session = {f"collection_access_{place.collection_uuid}": True for place in house.places.values()}
    return {"Cookie": f"session={signer.dumps(session | {'_user_id': f'{house.owner_id}.2', '_fresh': True})}"}


def _end_what_ends(house: Furnished) -> None:
    over = [place.collection_uuid for place in house.places.values() if place.expired]
    with house.app.app_context():
        for rows in (
            update(Collection).where(Collection.uuid.in_(over)).values(expires_at=past()),
            update(ShareLink).where(ShareLink.label == "revoked link").values(revoked_at=past()),
            update(ShareLink).where(ShareLink.label == "ended link").values(expires_at=past()),
            update(ApiToken).values(last_used_at=utc_now() + timedelta(days=1)),  # or each use would be written down
            update(ApiToken).where(ApiToken.name == "revoked token").values(revoked_at=past()),
            update(ApiToken).where(ApiToken.name == "ended token").values(expires_at=past()),
        ):
            db.session.execute(rows)
        assert db.session.query(User).count() == 3
        db.session.commit()
