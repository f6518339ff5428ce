"""axe-core reads every screen of the demo world in the middle of an incident: it keeps nobody out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import walk
from tests.browser.conftest import Look
from tests.browser.judged import grave
from tests.browser.window import PATIENCE, Window, window
from tests.living import Life

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LOOKS = [
    ((1440, 900), False),
    ((1440, 900), True),
    ((390, 844), False),
    ((390, 844), True),
]


def found(at: Window) -> dict[str, list[str]]:
    """By screen, those that something is held against."""
    held = {"channel": grave(at.page)}
    at.press(at.card, "More")
    expect(at.form).to_be_visible(timeout=PATIENCE)
    held["form"] = grave(at.page)
    at.close_form()
    at.page.get_by_role("button", name="Behind the scenes").click()
    for tab in at.page.locator("#drawer [role=tab]").all():
        tab.click()
        expect(at.page.locator("#drawer-panel")).not_to_be_empty(timeout=PATIENCE)
        held[tab.inner_text()] = grave(at.page)
    at.close_drawer()
    at.open_home()
    expect(at.page.locator("[data-pane='home']")).to_be_visible(timeout=PATIENCE)
    held["home"] = grave(at.page)
    return {screen: lines for screen, lines in held.items() if lines}


def test_no_screen_of_an_incident_keeps_anybody_out(
    chromium: Browser, life: Life, look: Look
) -> None:
    ana = look("ana")
    walk.until_paged(ana)
    walk.acknowledge(ana)
    walk.propose(ana)
    life.settle()
    channel = ana.page.locator("[data-pane='channel']").get_attribute("data-channel") or ""
    held = {}
    for size, dark in LOOKS:
        at = window(
            chromium,
            life.world.ports.world,
            size=size,
            dark=dark,
            where=f"channel={channel}",
        )
        held |= {f"{screen} {size[0]} {dark}": lines for screen, lines in found(at).items()}
        at.context.close()
    assert held == {}
