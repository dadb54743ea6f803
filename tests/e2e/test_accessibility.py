"""axe finds nothing on any page in any state, light or dark, on a phone or a laptop; every control shows its focus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from app import create_app
from app.models import Role
from tests.e2e import scenes
from tests.e2e.conftest import NewVisitor
from tests.e2e.devices import LAPTOP, PHONE
from tests.e2e.scenes import Scene, Stage
from tests.support.photographer import Photographer
from tests.support.server import LiveServer

ADMIN = "admin@example.com"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
ALL = {"type": "tag", "values": RULES}
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # what looks at colours: two of them
NO_PAGES = {  # what answers GET with something else than a page
    "account.accent",
    "api.collection",
    "api.collections",
    "api.file",
    "api.files",
    "api.links",
    "api.original",
    "api.status",
    "api.variant",
    "collections.head",  # a page for scripts to take parts from
    "collections.info",
    "collections.layout",
    "collections.position",
    "collections.serve_file",
    "collections.serve_preview",
    "collections.serve_thumbnail",
    "collections.serve_variant",
    "collections.status",
    "collections.tile",
    "collections.tiles",
    "home",
    "links.came_by",
    "links.follow",  # as the one above, goes on to another page
    "openapi.openapi",
    "resumable.state",
    "static",
    "collections.static",
}
COLOURS_HAVE_CHANGED = """async () => {
  await new Promise(requestAnimationFrame)
  const changes = document.getAnimations().filter((each) => each instanceof CSSTransition)
  await Promise.allSettled(changes.map((each) => each.finished))
}"""
# What has the focus is in sight, with a ring around it or around what it is the control of.
FOCUS = """() => {
  const element = document.activeElement
  if (!element || element === document.body) return null
  const { width, height, top, left, bottom, right } = element.getBoundingClientRect()
  const seen = width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth
  const ringed = (each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each)
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none"
  }
  const around = [element, element.closest(".card, .choice, .gallery-item")]
  return { name: element.outerHTML.slice(0, 160), seen, ringed: around.some((each) => each && ringed(each)) }
}"""
STEPS = 60


@pytest.fixture(scope="session")
def stage(photographer: Photographer, server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Ada's collections, in every state."""
    return scenes.set_up(photographer, server, tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="session")
def administrator(server: LiveServer) -> Photographer:
    """An administrator."""
    server.create_user(ADMIN, role=Role.ADMIN)
    return server.sign_in(ADMIN)


@pytest.fixture(params=[PHONE, LAPTOP], ids=["phone", "laptop"])
def screen(request: pytest.FixtureRequest, new_visitor: NewVisitor) -> BrowserContext:
    """A visitor's browser without content security policy, since axe adds styles."""
    return new_visitor(bypass_csp=True, **request.param)


def violations(page: Page) -> list[str]:
    """The violations that axe finds on a page, on a laptop in light and dark: rule, help and elements."""
    small = page.viewport_size == PHONE["viewport"]  # colours are the same on a phone
    return [*_violations(page, "light", ALL), *(() if small else _violations(page, "dark", OF_COLOURS))]


def _violations(page: Page, scheme: Literal["light", "dark"], rules: dict[str, Any]) -> Iterator[str]:
    page.emulate_media(color_scheme=scheme)
    page.evaluate(COLOURS_HAVE_CHANGED)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found: dict[str, Any] = Axe().run(page, options=options).response
    for each in found["violations"]:
        elements = [node["html"][:200] + node["failureSummary"] for node in each["nodes"]]
        yield f"{scheme}: {each['id']}: {each['help']}: {elements}"


@pytest.mark.parametrize("scene", scenes.VISITOR.values(), ids=scenes.VISITOR)
def test_axe_finds_no_violations_as_visitor(screen: BrowserContext, stage: Stage, scene: Scene) -> None:
    page = screen.new_page()
    scene(page, stage)
    assert violations(page) == []


@pytest.mark.parametrize("scene", scenes.OWNER.values(), ids=scenes.OWNER)
def test_axe_finds_no_violations_as_owner(
    screen: BrowserContext, photographer: Photographer, stage: Stage, scene: Scene
) -> None:
    screen.add_cookies(photographer.cookies)
    page = screen.new_page()
    scene(page, stage)
    assert violations(page) == []


@pytest.mark.parametrize("scene", scenes.ADMIN.values(), ids=scenes.ADMIN)
def test_axe_finds_no_violations_as_administrator(
    screen: BrowserContext, administrator: Photographer, stage: Stage, scene: Scene
) -> None:
    screen.add_cookies(administrator.cookies)
    page = screen.new_page()
    scene(page, stage)
    assert violations(page) == []


def test_axe_finds_no_violations_on_the_setup_page(
    screen: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with LiveServer(tmp_path_factory.mktemp("new")) as server:
        page = screen.new_page()
        page.goto(server.run("flask", "users", "setup-link", "--base-url", server.url).split()[-1])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert violations(page) == []


def test_every_page_is_checked() -> None:
    pages = {rule.endpoint for rule in create_app().url_map.iter_rules() if "GET" in (rule.methods or ())}
    looked_at = {"auth.setup"} | {name.split(",")[0] for name in (*scenes.VISITOR, *scenes.OWNER, *scenes.ADMIN)}
    assert pages - NO_PAGES - looked_at == set()


@pytest.mark.parametrize(
    "scene", ["clocks.index", "collections.index", "collections.view", "collections.edit", "trash.contents"]
)
def test_every_control_shows_that_it_has_the_focus(
    new_visitor: NewVisitor, photographer: Photographer, stage: Stage, scene: str
) -> None:
    context = new_visitor(**LAPTOP)
    context.add_cookies(photographer.cookies)
    page = context.new_page()
    scenes.OWNER[scene](page, stage)
    reached = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        reached.append(focus)
    assert len(reached) > 5
    assert [each["name"] for each in reached if not (each["seen"] and each["ringed"])] == []
