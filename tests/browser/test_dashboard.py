"""The dashboard in a browser: narrow and wide, light and dark, by keyboard, without a script, and live."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from bot.domain.catalog import Resource, Service
from bot.domain.severity import Severity
from tests.browser.judged import grave
from tests.doubles.house import House
from tests.timeline.ledgers import HandClock
from tests.web.doors import DAY, FIVE, Doors, declare, measured, migrating, tools_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
DESK, PHONE = (1440, 900), (390, 844)
PATHS = (
    "/?objective=enrollment",
    "/?objective=forums-availability&line=rolling",
    "/incidents/i1",
    "/map",
    "/map?of=lms",
    "/insights",
)

# Contrast by WCAG 2.1 of every piece of text against the nearest background that is painted.
_FAINT = """() => {
  const channels = (said) => {
    const box = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    box.fillStyle = said; box.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = box.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4))
    .reduce((sum, c, n) => sum + c * [.2126, .7152, .0722][n], 0);
  const behind = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found[3] > .99) return found;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), each = walk.currentNode.parentElement;
    const hidden = each.closest('.sr, .skip, title, noscript, .says');
    if (!text || hidden || !each.checkVisibility({ opacityProperty: true })) continue;
    const style = getComputedStyle(each);
    const ink = channels(each.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(each))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${text.slice(0, 60)}`);
  }
  return found;
}"""

_OUTSIDE = """() => [...document.querySelectorAll('main *')].filter((each) => {
  const at = each.getBoundingClientRect();
  return at.width && each.tagName !== 'g' && (at.right > innerWidth + 1 || at.left < -1)
    && !each.closest('.sr, .skip, .point, thead');
}).map((each) => each.outerHTML.slice(0, 120))"""

_SMALL = """() => [...document.querySelectorAll('main a, summary')].filter((each) => {
  const at = (each.closest('.node') || each).getBoundingClientRect();
  return at.width && at.height < 24 && !each.closest('svg, p, .lines-of-day, .items');
}).map((each) => each.outerHTML.slice(0, 120))"""


@dataclass(frozen=True)
class Site:
    house: House
    address: str


@contextmanager
def served(doors: Doors) -> Iterator[str]:
    door = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        doors.app(), log_level="error", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        door.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    house = House(tmp_path / "tocsin.db", HandClock())
    house.clock.forward(-9 * DAY)
    declare(house, "i0", "Videos stop", severity=Severity.SEV3)
    house.clock.forward(9 * DAY - timedelta(minutes=34))
    declare(house, "i1", "Course pages answer 500 for every learner who opens a course")
    house.channel("i1")
    house.clock.forward(timedelta(minutes=34))
    kept = measured()
    tools = tools_of(house, samples=kept)
    more = tuple(Service(name=f"game-{n}", title=f"Game {n}", tier=3) for n in range(12))
    store = Resource(name="mysql", title="RDS MySQL", kind="rds")
    catalog = replace(
        tools.catalog,
        services=(*tools.catalog.services, *more),
        resources=(store,),
        objectives=(migrating(kept), *FIVE),
    )
    with served(Doors(replace(tools, catalog=catalog))) as address:
        yield Site(house, address)
    house.close()


@contextmanager
def looking(
    chromium: Browser, size: tuple[int, int] = DESK, *, dark: bool = False, script: bool = True
) -> Iterator[Page]:
    """Whatever its console complains about fails the test."""
    width, height = size
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        java_script_enabled=script,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda s: complaints.append(s.text) if s.type == "error" else None)
    try:
        yield page
    finally:
        context.close()
    assert complaints == []


def opened(page: Page, site: Site, path: str) -> None:
    page.goto(f"{site.address}{path}")
    page.wait_for_selector("html[data-ready]")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_and_can_be_read(
    chromium: Browser, site: Site, size: tuple[int, int], dark: bool
) -> None:
    with looking(chromium, size, dark=dark) as page:
        for path in PATHS:
            opened(page, site, path)
            page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true })")
            assert grave(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert page.evaluate(_OUTSIDE) == []
            assert page.evaluate(_FAINT) == []
            if size is PHONE:
                assert page.evaluate(_SMALL) == []


def test_the_chart_is_one_stop_and_its_days_are_walked_by_arrows(
    chromium: Browser, site: Site
) -> None:
    with looking(chromium) as page:
        opened(page, site, PATHS[0])
        page.locator("#line-rolling").focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "day-30"
        expect(page.locator("#day-30 .says")).to_have_css("opacity", "1")
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.activeElement.id") == "day-29"
        page.keyboard.press("Home")
        assert page.evaluate("document.activeElement.id") == "day-1"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "mark-i0"
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Videos stop")


def test_an_objective_is_chosen_and_the_line_changed_without_a_script(
    chromium: Browser, site: Site
) -> None:
    with looking(chromium, script=False) as page:
        page.goto(site.address)
        page.get_by_role("link", name="Video delivery").click()
        expect(page.get_by_role("heading", name="Error budget of Video delivery")).to_be_visible()
        page.get_by_role("link", name="Rolling").click()
        expect(page.get_by_role("link", name="Rolling")).to_have_attribute("aria-current", "true")
        assert page.locator(".point[tabindex='0']").count() == 30


def test_a_new_incident_comes_by_itself_and_what_was_open_stays_open(
    chromium: Browser, site: Site
) -> None:
    with looking(chromium) as page:
        opened(page, site, PATHS[0])
        page.locator("summary").click()
        page.locator("#of-video-delivery").focus()
        page.wait_for_timeout(2500)
        declare(site.house, "i2", "Nobody can sign in", severity=Severity.SEV1)
        expect(page.get_by_role("link", name="Nobody can sign in", exact=True)).to_be_visible(
            timeout=20_000
        )
        expect(page.locator("table.days")).to_be_visible()
        assert page.evaluate("document.activeElement.id") == "of-video-delivery"


def test_something_is_chosen_on_the_map_by_keyboard_and_without_a_script(
    chromium: Browser, site: Site
) -> None:
    with looking(chromium, PHONE, script=False) as page:
        page.goto(f"{site.address}/map")
        page.locator("#node-auth").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Blast radius of AUTH")).to_be_in_viewport()
        expect(page.locator("li.touched", has=page.locator("#node-lms"))).to_contain_text(
            "stands on AUTH"
        )
        page.get_by_role("link", name="Show everything").click()
        expect(page.locator("li.touched")).to_have_count(0)


def test_the_map_turns_by_itself_when_an_incident_opens_and_keeps_what_was_unfolded(
    chromium: Browser, site: Site
) -> None:
    with looking(chromium) as page:
        opened(page, site, "/map")
        page.locator("summary").first.click()
        page.wait_for_timeout(2500)
        declare(site.house, "i2", "Nobody can sign in", service="auth")
        card = page.locator("li.node", has=page.locator("#node-auth"))
        expect(card).to_contain_text("incident open", timeout=20_000)
        expect(page.locator("details").first).to_have_attribute("open", "")


def test_the_page_of_an_incident_that_never_was_keeps_nobody_out(
    chromium: Browser, site: Site
) -> None:
    page = chromium.new_page()
    page.goto(f"{site.address}/incidents/never-was")
    assert grave(page) == []
    page.close()
