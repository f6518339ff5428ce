"""The way in and out of the dashboard in a real browser, on a phone too, without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_dashboard import DESK, PHONE, looking
from tests.browser.window import PATIENCE
from tests.living import Life

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

_WIDER = "() => document.documentElement.scrollWidth > innerWidth"
_LOW = """() => [...document.querySelectorAll('.entrance :is(a, button), a.btn')]
  .map((each) => each.getBoundingClientRect().height).filter((high) => high < 40)"""


def fits(page: Page) -> None:
    page.wait_for_load_state("load")
    assert not page.evaluate(_WIDER)
    assert page.evaluate(_LOW) == []


@pytest.mark.parametrize(
    ("size", "script", "dark"), [(PHONE, False, True), (DESK, True, False)], ids=["phone", "desk"]
)
def test_somebody_comes_in_by_slack_and_leaves_again(
    chromium: Browser, life: Life, size: tuple[int, int], script: bool, dark: bool
) -> None:
    with looking(chromium, size, script=script, dark=dark) as page:
        page.goto(f"{life.bot.ports.tocsin}/insights")
        fits(page)
        page.get_by_role("link", name="Sign in").click()
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible(timeout=PATIENCE)
        fits(page)
        page.get_by_role("link", name="Ana Lima").click()
        expect(page).to_have_url(re.compile(r"/insights$"), timeout=PATIENCE)
        expect(page.get_by_text("Ana Lima")).to_be_visible(timeout=PATIENCE)
        fits(page)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("link", name="Sign in")).to_be_visible(timeout=PATIENCE)


def test_an_open_page_leads_to_the_sign_in_when_the_session_is_over(
    chromium: Browser, life: Life
) -> None:
    """Its next look is answered with the way there, and what it showed is gone."""
    life.bot.stop()
    life.bot.extra["TOCSIN_DASHBOARD"] = "sign-in"
    life.bot.start()
    with looking(chromium) as page:
        page.goto(life.bot.ports.tocsin)
        page.get_by_role("link", name="Ana Lima").click()
        page.wait_for_selector("html[data-ready]")
        page.context.clear_cookies()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.get_by_role("heading", name="Who are you?")).to_be_visible(timeout=PATIENCE)


def test_who_is_refused_reads_why_and_can_begin_again(chromium: Browser, life: Life) -> None:
    # Not `looking`: Chromium's console complains of every page that is answered with 403.
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{life.bot.ports.tocsin}/")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Ola Nord").click()
    refused = page.get_by_role("heading", name="another workspace")
    expect(refused).to_be_visible(timeout=PATIENCE)
    fits(page)
    page.get_by_role("link", name="Sign in with Slack").click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible(timeout=PATIENCE)
    context.close()
