"""How often an open page polls the status."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.photographer import Photographer

DELAYS = (1000, 1500, 2250, 3375, 5000, 20_000)
WATCH_DELAYS = """
  window.delays = []
  const later = window.setTimeout
  window.setTimeout = (work, ms, ...more) => {
    if (%s.includes(ms)) window.delays.push(ms)
    return later(work, ms, ...more)
  }
"""
HIDE = """
  hidden => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true })
    document.dispatchEvent(new Event("visibilitychange"))
  }
"""


def answer(since: str, preparing: int = 0) -> dict[str, object]:
    counts = {"total": 0, "ready": 0, "preparing": preparing, "failed": 0}
    return {"files": [], "counts": counts, "since": since}


def watched(page: Page, address: str, answers: list[dict[str, object]]) -> None:
    """Open a page with recorded polling delays and these status answers; the last answer repeats."""
    page.clock.install()
    page.add_init_script(WATCH_DELAYS % list(DELAYS))
    page.route("**/status?since=*", lambda route: route.fulfill(json=answers.pop(0) if answers[1:] else answers[0]))
    page.goto(address)


def delay(page: Page, number: int) -> int:
    """The delay before the poll with this number, once it has begun."""
    page.wait_for_function("number => window.delays.length >= number", arg=number)
    return int(page.evaluate("number => window.delays[number - 1]", number))


def ask(page: Page, number: int) -> int:
    """Let the delay before the poll with this number pass; returns it."""
    ms = delay(page, number)
    with page.expect_response("**/status?since=*"):
        page.clock.fast_forward(ms)
    return ms


def test_page_polls_often_after_a_change_and_seldom_when_idle(
    visitor: Page, photographer: Photographer, collection: str
) -> None:
    answers = [answer("1:"), answer("1:1", 1), *[answer("1:1", 1)] * 5, answer("1:")]
    watched(visitor, photographer.page(collection), answers)
    pauses = [ask(visitor, number) for number in range(1, 15)]
    still = [1000, 1500, 2250, 3375, 5000]
    assert pauses == [20_000, 20_000, *still, 5000, *still, 20_000]


def test_hidden_tab_sends_no_status_requests(visitor: Page, photographer: Photographer, collection: str) -> None:
    watched(visitor, photographer.page(collection), [answer("1:")])
    ask(visitor, 1)
    assert delay(visitor, 2) == 20_000
    requested_urls: list[str] = []
    visitor.on("request", lambda request: requested_urls.append(request.url))
    visitor.evaluate(HIDE, True)
    visitor.clock.fast_forward(60_000)
    assert requested_urls == []
    visitor.evaluate(HIDE, False)
    assert ask(visitor, 3) == 1000
