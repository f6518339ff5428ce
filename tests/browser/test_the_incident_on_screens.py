"""A newcomer lives the whole incident by clicking and typing, on a desk and on a phone."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import APIResponse, Route, expect

from tests.browser import walk
from tests.browser.conftest import Look
from tests.browser.window import PATIENCE
from tests.living import Life

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
DESK, PHONE = (1440, 900), (390, 844)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_whole_incident_is_lived_by_clicking_and_typing(
    life: Life, look: Look, size: tuple[int, int]
) -> None:
    at = look("ana", size=size)
    walk.until_paged(at)
    at.looks_right()
    assert life.world.get("/clock")["speed"] == 1
    walk.acknowledge(at)
    walk.take_command(at)
    walk.propose(at)
    at.looks_right()
    walk.approve(at)
    walk.recover(at, life)
    at.looks_right()
    walk.update(at)
    walk.tell_customers(at)
    walk.confirm_suspect(at)
    walk.resolve(at)
    walk.follow_up(at)
    drawer = walk.postmortem(at, life)
    expect(drawer).to_contain_text("r141")
    expect(drawer).not_to_contain_text("Ana Lima")
    at.close_drawer()
    at.looks_right()
    expect(at.page.locator("[data-part='tour']")).to_contain_text("That was an incident.")

    state = life.world.state()
    assert "OPS-" in json.dumps(state["jira"])
    assert "Course pages load again" in json.dumps(state["slack"])
    assert "monitoring" in json.dumps(state["statuspage"]["incidents"])


def test_the_first_minute_brings_three_messages_and_the_card_is_read_first(
    life: Life, look: Look
) -> None:
    at = look("ana")
    walk.until_paged(at)
    ours = at.page.locator(".messages article.msg:not(.notice)")
    assert ours.count() <= 3
    expect(at.card.get_by_role("heading").first).to_be_in_viewport()
    for each in at.page.locator(".messages .b.actions").all():
        assert each.get_by_role("button").count() <= 3
        assert each.locator(".primary").count() <= 1


def test_a_second_person_sees_the_approval_and_not_the_whispers(life: Life, look: Look) -> None:
    ana, ben = look("ana"), look("ben")
    walk.until_paged(ana)
    ben.open_channel("inc-")
    walk.acknowledge(ana)
    ana.say("/incident status")
    expect(ana.page.locator(".msg.ephemeral")).to_have_count(1, timeout=PATIENCE)
    walk.propose(ana)
    expect(walk.proposal(ben)).to_contain_text("Waiting for approval", timeout=PATIENCE)
    expect(walk.proposal(ben)).to_contain_text("Proposed by @Ana Lima")
    expect(ben.page.locator(".msg.ephemeral")).to_have_count(0)
    walk.approve(ben)
    expect(walk.proposal(ana)).to_contain_text("approved by @Ben Okafor", timeout=PATIENCE)
    button = walk.proposal(ana).get_by_role("button", name="Roll lms back to r141")
    expect(button).to_have_count(0)


def test_the_rollback_is_approved_by_keyboard_alone(life: Life, look: Look) -> None:
    at = look("ana")
    walk.until_paged(at)
    walk.acknowledge(at)
    walk.propose(at)
    walk.proposal(at).get_by_role("button", name="Roll lms back to r141").focus()
    at.page.keyboard.press("Enter")
    expect(at.page.locator("#ask")).to_be_visible()
    at.page.keyboard.press("Escape")
    expect(at.page.locator("#ask")).to_be_hidden()
    expect(walk.proposal(at)).to_contain_text("Waiting for approval")
    at.page.keyboard.press("Enter")
    expect(at.page.locator("#ask")).to_be_visible()
    while at.page.evaluate("document.activeElement?.dataset.askYes === undefined"):
        at.page.keyboard.press("Tab")
    at.page.keyboard.press("Enter")
    expect(walk.proposal(at)).to_contain_text("approved by @Ana Lima", timeout=PATIENCE)


def test_a_question_that_was_answered_loses_its_buttons(life: Life, look: Look) -> None:
    at = look("ana")
    walk.until_paged(at)
    life.world.advance(400)
    asked = at.message("nobody has acknowledged this page yet")
    expect(asked.get_by_role("button", name="Acknowledge the page")).to_be_visible(
        timeout=PATIENCE
    )
    at.press(asked, "Acknowledge the page")
    expect(asked.get_by_role("button", name="Acknowledge the page")).to_have_count(
        0, timeout=PATIENCE
    )
    expect(asked).to_contain_text("✅ Ana Lima acknowledged the page")


def test_a_late_answer_does_not_open_a_form_again_that_was_closed(life: Life, look: Look) -> None:
    at = look("ana")
    walk.until_paged(at)
    walk.acknowledge(at)
    at.press(at.card, "More…")
    expect(at.form).to_be_visible()
    late: list[tuple[Route, APIResponse]] = []

    def held_once(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append((route, route.fetch()))

    at.page.route("**/ui/modal?*", held_once)
    at.page.evaluate("import('/ui/static/modal.js').then((form) => { form.refreshModal(); })")
    at.page.wait_for_timeout(500)
    assert "data-close-view" in late[0][1].text()
    at.form.locator("[data-close-view='all']").click()
    expect(at.form).to_be_hidden()
    # What the stream tells of the close is through, too.
    at.page.wait_for_timeout(500)
    (route, answer) = late[0]
    route.fulfill(response=answer)
    at.page.wait_for_timeout(1000)
    expect(at.form).to_be_hidden()
