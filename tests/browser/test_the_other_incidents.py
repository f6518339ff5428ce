"""The incidents in AWS and in the cluster, lived by clicking: what the card names first is what helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import walk
from tests.browser.conftest import Look
from tests.browser.window import PATIENCE, Window
from tests.living import Life
from tests.stories.walking import alive, calm

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DESK, PHONE = (1440, 900), (390, 844)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with alive(tmp_path, aws=True, cluster=True) as found:
        yield found


@dataclass(frozen=True, kw_only=True)
class Incident:
    """What its card shows, and the button that opens the right form."""

    scenario: str
    shows: str
    button: str
    size: tuple[int, int] = DESK


BY_THE_CARD = (
    Incident(
        scenario="migration-traffic-shift",
        shows="discovery 90/10 → 50/50",
        button="Shift traffic of discovery",
        size=PHONE,
    ),
    Incident(
        scenario="redis-saturation",
        shows="ElastiCache Redis: memory",
        button="Set a flag of learner-flags",
    ),
    Incident(
        scenario="waf-false-positive",
        shows="body-size count → body-size block",
        button="Change the firewall waf",
    ),
)


def paged(at: Window, life: Life, scenario: str) -> None:
    """Chosen in the rail, and played until its page has opened a channel."""
    if at.is_phone:
        at.page.locator("[data-toggle='world']").click()
    at.page.locator("select[data-scenario]").select_option(scenario)
    if at.is_phone:
        at.page.locator("[data-toggle='world']").click()
    at.world("Start the scenario")
    life.until(lambda: life.world.state()["scenario"], "the scenario runs")
    for _ in range(16):
        calm(life, 30)
        if life.world.channels():
            break
    calm(life, 60)
    at.open_channel("inc-")


def waiting(at: Window) -> Locator:
    found = at.page.locator(".messages article.msg:not(.pinned)", has_text="Proposed by").last
    expect(found).to_contain_text("Waiting for approval", timeout=PATIENCE)
    return found


def agreed(life: Life, look: Look) -> None:
    """By Ben, from his own window."""
    ben = look("ben")
    ben.open_channel("inc-")
    waiting(ben).locator(".primary").click()
    ben.sure()
    life.settle()


def recovered(at: Window, life: Life) -> None:
    change = at.page.locator(".messages article.msg:not(.pinned)", has_text="Proposed by").last
    for _ in range(14):
        calm(life, 75)
        if "Recovered" in (change.text_content() or ""):
            break
    expect(change).to_contain_text("Recovered", timeout=PATIENCE)
    at.sees(at.card, "Root cause analysis")


@pytest.mark.parametrize("played", BY_THE_CARD, ids=lambda each: each.scenario)
def test_the_first_button_of_the_card_leads_to_what_heals_it(
    life: Life, look: Look, played: Incident
) -> None:
    at = look("ana", size=played.size)
    paged(at, life, played.scenario)
    at.sees(at.card, played.shows)
    at.looks_right()
    walk.acknowledge(at)
    at.press(at.card, played.button)
    expect(at.form.get_by_role("radio", checked=True)).to_have_count(1, timeout=PATIENCE)
    at.looks_right()
    at.submit()
    waiting(at)
    at.looks_right()
    agreed(life, look)
    recovered(at, life)


def test_a_database_that_changed_sides_is_healed_by_a_restart_from_the_menu(
    life: Life, look: Look
) -> None:
    at = look("ana")
    paged(at, life, "rds-failover")
    walk.acknowledge(at)
    # Pods that start before the standby has taken over learn the old address once more.
    calm(life, 120)
    at.more("Something else")
    at.looks_right()
    at.press(at.form, "Restart lms")
    expect(at.form.get_by_role("radio", checked=True)).to_have_count(1, timeout=PATIENCE)
    at.submit()
    waiting(at)
    agreed(life, look)
    recovered(at, life)
