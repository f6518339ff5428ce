"""The stations of the incident, each by clicks and keys alone, for the tests and the pictures."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.window import PATIENCE, Window
from tests.living import Life

SLOW = "1 times as fast"
FAST = "60 times as fast"


def until_paged(at: Window) -> None:
    """From the button in the rail until the page has opened a channel; then time is slow again."""
    at.world("Start the scenario")
    at.world(FAST)
    channel = at.page.locator("#sidebar [data-open-channel]", has_text="inc-")
    expect(channel).to_have_count(1, timeout=PATIENCE)
    at.open_channel("inc-")
    at.sees(at.card, "What changed")
    at.sees(at.card, "r141 → r142")


def acknowledge(at: Window) -> None:
    at.press(at.card, "Acknowledge the page")
    at.sees(at.card, "Page acknowledged by Ana Lima")


def take_command(at: Window) -> None:
    at.more("Take or give a role")
    at.press(at.form, "Take command")
    at.sees(at.card, "@Ana Lima")
    if at.form.is_visible():
        at.close_form()


def propose(at: Window) -> Locator:
    """By the form, the suggested revision; the card that waits for approval."""
    at.press(at.card, "Roll back lms")
    expect(at.form.locator("button[type='submit']")).to_be_visible(timeout=PATIENCE)
    expect(at.form.get_by_role("radio", checked=True)).to_have_count(1)
    at.submit()
    expect(proposal(at)).to_contain_text("Waiting for approval", timeout=PATIENCE)
    return proposal(at)


def proposal(at: Window) -> Locator:
    """The card of the change, at whatever stage it is."""
    heading = at.page.get_by_role("heading", name="Roll lms back to r141")
    return at.page.locator(".messages article.msg:not(.pinned)", has=heading).last


def approve(at: Window) -> None:
    at.press(proposal(at), "Roll lms back to r141")
    at.sure()
    expect(proposal(at)).not_to_contain_text("Waiting for approval", timeout=PATIENCE)


def recover(at: Window, life: Life) -> None:
    """Ten quiet minutes at sixty times the speed."""
    at.world(FAST)
    expect(proposal(at)).to_contain_text("Recovered", timeout=60_000)
    at.world(SLOW)
    life.settle()
    at.sees(at.card, "Root cause analysis")


def update(at: Window, text: str = "Course pages load again for everybody.") -> None:
    at.more("Post an update")
    at.form.get_by_label("What do users notice now?").fill(text)
    at.submit()
    at.sees(at.message("Update by"), text)


def tell_customers(at: Window) -> None:
    at.press(at.card, "Post to the status page")
    expect(at.form.get_by_label("What customers read")).not_to_be_empty(timeout=PATIENCE)
    at.submit()
    at.sees(at.card, "repl")


def tell_customers_early(at: Window) -> None:
    """While the fix is still under way, from the menu."""
    at.more("Post to the status page")
    expect(at.form.get_by_label("What customers read")).not_to_be_empty(timeout=PATIENCE)
    at.submit()


def confirm_suspect(at: Window) -> None:
    at.more("Judge the suspects")
    at.press(at.form, "Confirm lms r142")
    if at.form.is_visible():
        at.close_form()


def resolve(at: Window) -> None:
    at.press(at.card, "Resolve the incident")
    at.sees(at.form, "Proven:")
    at.submit()
    at.sees(at.card, "✅ Resolved")


def follow_up(at: Window) -> None:
    at.press(at.card, "Add a follow-up")
    at.form.get_by_label("What is to be done?").fill("Check every migration in CI")
    at.form.get_by_label("How does one see that it is done?").fill(
        "A missing column fails the build"
    )
    at.submit()


def postmortem(at: Window, life: Life) -> Locator:
    """The drawer, once the draft is in git."""
    life.until(lambda: life.world.state()["git"]["branches"], "the postmortem's branch", 30)
    life.settle()
    drawer = at.behind("Postmortems")
    expect(drawer.locator("h1").first).to_be_visible(timeout=PATIENCE)
    return drawer
