"""Every page of Proofsheet in each of its states, by name, with the way to open it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, update

from app.models import File
from tests.e2e.album import big_collection
from tests.e2e.uploading import choose, unfold
from tests.support.photographer import Photographer
from tests.support.pictures import jpeg, taken_by
from tests.support.server import LiveServer
from tests.support.studio import EMAIL

LONG_AFTER = datetime(2999, 1, 1, tzinfo=UTC)
NAMES = ("01 Hall.jpg", "02 Garden.jpg", "03 Dance.jpg", "04 Leaving.jpg")
SHAPES = ((1600, 1067), (1067, 1600), (1600, 900), (1400, 1400))
WORDS = "From the town hall to the last dance.\nThank you for having me."


@dataclass(frozen=True)
class Stage:
    """The data of a server: the URLs of collections, and a folder with files to upload."""

    url: str
    folder: Path
    wedding: str
    photograph: str
    locked: str
    expired: str
    empty: str
    troubled: str
    long: str
    journey: str


Scene = Callable[[Page, Stage], None]


def set_up(ada: Photographer, server: LiveServer, folder: Path) -> Stage:
    """Make the collections, in every state that a photograph can be in."""
    wedding = ada.collection("Mira & Jonas", description=WORDS, event_date="2026-05-09")
    troubled = ada.collection("On its way")
    pictures = [jpeg(*shape, (60 + 40 * n, 110, 160 - 30 * n)) for n, shape in enumerate(SHAPES)]
    named = list(zip(NAMES, pictures, strict=True))
    uuids = ada.upload(wedding, *named, ("price list.pdf", b"%PDF-1.7 and so on"))
    _trouble(server, ada.upload(troubled, *named, ("torn.jpg", pictures[0][:400])))
    ada.delete(ada.upload(wedding, ("unsharp.jpg", jpeg(900, 600, (1, 2, 3))))[0])
    (folder / "new.jpg").write_bytes(pictures[0])
    (folder / "nothing.jpg").write_bytes(b"")
    return Stage(
        url=server.url,
        folder=folder,
        wedding=ada.page(wedding),
        photograph=f"{server.url}/collections/files/{uuids[0]}",
        locked=ada.page(ada.collection("The first dance", privacy="password", password="rosemary")),
        expired=ada.page(ada.collection("Last year", expires_at="2020-01-31T18:00")),
        empty=ada.page(ada.collection("Nothing yet")),
        troubled=ada.page(troubled),
        journey=_journey(ada),
        long=ada.page(big_collection(ada, server, 300)[0]),
    )


def _journey(ada: Photographer) -> str:
    """The address of a collection of two cameras in two time zones, the clock of one of them an hour slow."""
    journey, pictures = ada.collection("From Tokyo to Lisbon"), []
    for n in range(8):
        camera, slow = (("NIKON Z 9", 0), ("Canon EOS R5", 1))[n % 2]
        zone = "+09:00" if n < 4 else "+01:00"
        exif = taken_by(camera, f"2026:05:0{4 + n // 4} {14 - slow}:{n:02}:00", serial=f"300{n % 2}", offset=zone)
        pictures.append((f"{n}.jpg", jpeg(600, 400, (30 * n, 90, 200 - 20 * n), exif=exif)))
    ada.upload(journey, *pictures)
    return ada.page(journey)


def _trouble(server: LiveServer, uuids: list[str]) -> None:
    """Put photos permanently into the states that normally pass quickly."""
    never = {"lease_expires_at": LONG_AFTER, "next_attempt_at": LONG_AFTER, "lease_token": "nobody"}
    retrying = {"processing_status": "retrying", "error": "The storage did not answer.", "attempts": 2}
    engine = create_engine(server.environment["DATABASE_URL"])
    with engine.begin() as rows:
        for uuid, values in zip(uuids[1:], ({"processing_status": "processing"}, retrying), strict=False):
            rows.execute(update(File).where(File.uuid == uuid).values({**never, **values}))
    engine.dispose()


# --- how to get there ---


def _at(name: str, rest: str = "") -> Scene:
    def go(page: Page, stage: Stage) -> None:
        page.goto(getattr(stage, name) + rest)

    return go


def _pressing(key: str, scene: Scene, appears: str) -> Scene:
    def go(page: Page, stage: Stage) -> None:
        scene(page, stage)
        page.keyboard.press(key)
        expect(page.locator(appears)).to_be_visible()

    return go


def _clicking(button: str, scene: Scene, appears: str) -> Scene:
    def go(page: Page, stage: Stage) -> None:
        scene(page, stage)
        page.get_by_role("button", name=button).first.click()
        expect(page.locator(appears).first).to_be_visible()

    return go


def _filling(scene: Scene, button: str, **fields: str) -> Scene:
    """A scene that fills the fields of a form, by label, and is refused."""

    def go(page: Page, stage: Stage) -> None:
        scene(page, stage)
        for label, text in fields.items():
            page.get_by_label(label).fill(text)
        page.get_by_role("button", name=button).click()
        expect(page.locator(".form-error, .field-error").first).to_be_visible()

    return go


def _lightbox(page: Page, stage: Stage) -> None:
    page.goto(stage.wedding)
    page.get_by_role("link", name=NAMES[0], exact=True).click()
    expect(page.get_by_role("dialog").locator(".lightbox-name")).to_have_text(NAMES[0])
    expect(page.locator(".pswp--ui-visible")).to_be_visible()


def _deleting(page: Page, stage: Stage) -> None:
    page.goto(stage.wedding)
    page.locator("[data-confirm]").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _making_a_link(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.wedding}/links")
    page.get_by_label("Name (only you see it)").fill("Grandmother")
    page.get_by_role("button", name="Create a link").click()
    expect(page.get_by_label("Here’s your link")).to_be_visible()


def _correcting_a_clock(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.journey}/clocks")
    form = page.get_by_role("form", name="Clock of Canon EOS R5")
    form.get_by_label("hours").fill("1")
    form.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Preview: Canon EOS R5, +1 h")).to_be_visible()


def _corrected_clock(page: Page, stage: Stage) -> None:
    _correcting_a_clock(page, stage)
    page.get_by_role("button", name="Use this order").click()
    expect(page.get_by_role("button", name="Set back")).to_be_visible()


def _making_a_token(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/account/tokens")
    page.get_by_label("Name").fill("Nightly backup")
    page.get_by_role("button", name="Create a token").click()
    expect(page.get_by_label("Here’s your token")).to_be_visible()


def _revoking_a_token(page: Page, stage: Stage) -> None:
    _making_a_token(page, stage)
    page.locator(".link summary").first.click()
    expect(page.get_by_role("button", name="Yes, revoke").first).to_be_visible()


def _following(button: str) -> Scene:
    """A scene with the page of a link that an administrator has just created."""

    def go(page: Page, stage: Stage) -> None:
        page.goto(f"{stage.url}/account/people")
        page.get_by_role("button", name=button).first.click()
        page.goto(page.locator(".made-link input").input_value())

    return go


def _purging(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/collections/bin")
    page.goto(stage.url + str(page.locator("a[href$='/purge']").first.get_attribute("href")))


def _uploading(page: Page, stage: Stage) -> None:
    page.goto(stage.empty)
    page.route("**/upload", lambda route: None)  # never answered
    choose(page, stage.folder / "new.jpg", stage.folder / "nothing.jpg")
    unfold(page)
    expect(page.locator("[data-upload-failed-rows]")).to_contain_text("nothing.jpg")


ADMIN: dict[str, Scene] = {
    "account.people": _at("url", "/account/people"),
    "account.people, inviting": _clicking("Invite a photographer", _at("url", "/account/people"), ".made-link"),
    "auth.invitation": _following("Invite a photographer"),
    "auth.new_password": _following("New password for"),
}
VISITOR: dict[str, Scene] = {
    "auth.sign_in": _at("url", "/auth/sign-in"),
    "auth.sign_in, refused": _filling(_at("url", "/auth/sign-in"), "Sign in", Email=EMAIL, Password="not it"),
    "collections.view": _at("wedding"),
    "collections.view, nothing in it": _at("empty"),
    "collections.view, in trouble": _at("troubled"),
    "collections.view, long": _at("long"),
    "collections.view, lightbox": _lightbox,
    "collections.view, information": _pressing("i", _lightbox, ".lightbox-info"),
    "collections.view, keys": _pressing("?", _lightbox, ".lightbox-help"),
    "collections.view, days": _clicking("Jump to a day", _at("long"), "[data-jump]"),
    "collections.view, expired": _at("expired"),
    "collections.password_required": _at("locked"),
    "collections.password_required, refused": _filling(_at("locked"), "Open", Password="thyme"),
    "nothing there": _at("url", "/nothing"),
}
OWNER: dict[str, Scene] = {
    "collections.index": _at("url", "/collections/"),
    "collections.new": _at("url", "/collections/new"),
    "collections.new, refused": _filling(_at("url", "/collections/new"), "Create collection", Title=" "),
    "collections.edit": _at("wedding", "/edit"),
    "collections.choose_cover": _at("wedding", "/cover"),
    "collections.view": _at("wedding"),
    "collections.view, nothing in it": _at("empty"),
    "collections.view, in trouble": _at("troubled"),
    "collections.view, own order": _at("wedding", "?sort=manual"),
    "collections.view, arranging": _clicking("Arrange", _at("wedding", "?sort=manual"), ".arranging"),
    "collections.view, lightbox": _lightbox,
    "collections.view, deleting": _deleting,
    "collections.view, uploading": _uploading,
    "clocks.index": _at("journey", "/clocks"),
    "clocks.index, without cameras": _at("wedding", "/clocks"),
    "clocks.index, preview": _correcting_a_clock,
    "clocks.index, corrected": _corrected_clock,
    "clocks.index, real time": _at("journey", "/clocks?by=real#preview"),
    "links.index": _at("wedding", "/links"),
    "links.index, made": _making_a_link,
    "trash.contents": _at("url", "/collections/bin"),
    "trash.purge": _purging,
    "trash.delete_file": _at("photograph", "/delete"),
    "trash.delete_collection": _at("wedding", "/delete"),
    "account.edit": _at("url", "/account/"),
    "account.tokens": _at("url", "/account/tokens"),
    "account.tokens, made": _making_a_token,
    "account.tokens, revoking": _revoking_a_token,
    "account.tokens, refused": _filling(
        _at("url", "/account/tokens"), "Create a token", **{"Name": " ", "Expires on": "2020-01-01T10:00"}
    ),
    "account.password": _at("url", "/account/password"),
    "account.password, refused": _filling(
        _at("url", "/account/password"),
        "Change the password",
        **{"Current password": "not it", "New password": "a long password"},
    ),
}
