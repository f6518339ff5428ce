"""A person at the screens: what is clicked, typed and tapped does what it says."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*LMS* is failing"}},
    {
        "type": "actions",
        "block_id": "acts",
        "elements": [
            {
                "type": "button",
                "action_id": "rollback",
                "text": words("Roll back lms to r141"),
                "style": "danger",
                "value": "r141",
                "confirm": {
                    "title": words("Propose this rollback?"),
                    "text": words("lms goes from r142 to r141."),
                    "confirm": words("Propose it"),
                    "deny": words("Not now"),
                },
            },
            {
                "type": "overflow",
                "action_id": "more",
                "options": [
                    {"text": words("Find a runbook"), "value": "runbook"},
                    {"text": words("Resolve"), "value": "resolve"},
                ],
            },
        ],
    },
]
FORM = {
    "type": "modal",
    "callback_id": "declare",
    "title": words("Declare"),
    "submit": words("Go"),
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": words("What is wrong?"),
            "element": {"type": "plain_text_input", "action_id": "title"},
        },
        {
            "type": "input",
            "block_id": "severity",
            "optional": True,
            "label": words("Severity"),
            "element": {
                "type": "static_select",
                "action_id": "severity",
                "options": [{"text": words("SEV2"), "value": "2"}],
            },
        },
    ],
}


def test_a_message_arrives_without_reloading_and_only_once(window: Any, bot: Any) -> None:
    page = window().page
    bot.says("Something is on fire")
    expect(page.locator(".messages article.msg")).to_have_count(1)
    expect(page.locator(".messages article.msg")).to_contain_text("Something is on fire")


def test_what_is_said_elsewhere_is_announced_by_its_text_and_marked_unread(
    window: Any, bot: Any
) -> None:
    page = window(channel="C0GENERAL").page
    bot.says("SEV2 LMS: acknowledge?", blocks=CARD)
    expect(page.locator(".toast")).to_contain_text("SEV2 LMS: acknowledge?")
    link = page.locator("[data-open-channel='C0LMS']")
    expect(link.locator(".unread")).to_be_visible()
    link.click()
    expect(page.locator(".messages article.msg")).to_have_count(1)
    expect(page.locator("[data-open-channel='C0LMS'] .unread")).to_be_hidden()


def test_a_dangerous_button_asks_first_and_then_is_pressed_once(window: Any, bot: Any) -> None:
    bot.says("Roll back?", blocks=CARD)
    page = window().page
    page.get_by_role("button", name="Roll back lms to r141").click()
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Roll back lms to r141").click()
    page.get_by_role("button", name="Propose it").click()
    expect(page.locator("#ask")).to_be_hidden()
    [pressed] = bot.pressed(page)
    assert pressed["actions"][0]["action_id"] == "rollback"
    assert pressed["actions"][0]["value"] == "r141"
    assert pressed["user"]["id"] == "U01ANA"


def test_a_question_closed_late_does_not_answer_the_next_one(window: Any) -> None:
    page = window().page
    answers = page.evaluate(
        """async () => {
          const { ask } = await import("/ui/static/ask.js");
          const dialog = document.querySelector("#ask");
          const words = { html: "", confirm: "Yes", deny: "No", danger: true };
          const first = ask({ title: "First?", ...words });
          dialog.close();
          const second = ask({ title: "Second?", ...words });
          await new Promise((soon) => setTimeout(soon, 200));
          document.querySelector("[data-ask-yes]").click();
          return [await first, await second];
        }"""
    )
    assert answers == [False, True]


def test_who_is_invited_while_reading_can_write_at_once(window: Any, bot: Any) -> None:
    made = bot.call("conversations.create", name="inc-1-lms")["channel"]["id"]
    page = window(channel=made).page
    expect(page.get_by_role("button", name="Join")).to_be_visible()
    bot.call("conversations.invite", channel=made, users="U01ANA")
    expect(page.locator("#composer-text")).to_be_visible()
    expect(page.get_by_role("button", name="Join")).to_have_count(0)


def test_being_invited_does_not_scroll_the_beginning_away(window: Any, bot: Any) -> None:
    made = bot.call("conversations.create", name="inc-1-lms")["channel"]["id"]
    page = window(channel="C0GENERAL").page
    page.locator(f"[data-open-channel='{made}']").click()
    for _ in range(2):
        bot.says("A long story.\n" * 100, channel=made)
    expect(page.locator(".messages article.msg")).to_have_count(2)
    bot.call("conversations.invite", channel=made, users="U01ANA")
    expect(page.locator(".messages article.msg.notice")).to_have_count(1)
    assert page.evaluate("document.querySelector('[data-messages]').scrollTop") == 0


def test_the_overflow_menu_works_by_keyboard_alone(window: Any, bot: Any) -> None:
    bot.says("Roll back?", blocks=CARD)
    page = window().page
    page.locator(".b.actions [data-menu]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Resolve")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".b.actions [data-menu]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    [chosen] = bot.pressed(page)
    assert chosen["actions"][0]["selected_option"]["value"] == "runbook"


def test_the_answer_to_a_command_is_seen_whatever_was_being_read(window: Any, bot: Any) -> None:
    bot.says("A long story.\n" * 100)
    page = window().page
    expect(page.locator("article.msg")).to_have_count(1)
    page.evaluate("document.querySelector('[data-messages]').scrollTop = 0")
    page.fill("#composer-text", "/incident changes")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    bot.commanded(page)
    bot.call("chat.postEphemeral", channel="C0LMS", user="U01ANA", text="Nothing changed")
    expect(page.locator(".msg.ephemeral")).to_be_in_viewport()


def test_an_ephemeral_message_is_seen_by_its_reader_only(window: Any, bot: Any) -> None:
    ana, ben = window("ana").page, window("ben").page
    bot.call("chat.postEphemeral", channel="C0LMS", user="U01ANA", text="For Ana alone")
    expect(ana.locator(".msg.ephemeral")).to_contain_text("For Ana alone")
    bot.says("For everybody")
    expect(ben.locator("article.msg")).to_have_count(1)
    assert "For Ana alone" not in ben.content()
    ana.locator("[data-dismiss]").click()
    expect(ana.locator(".msg.ephemeral")).to_have_count(0)


def test_a_form_keeps_what_was_typed_and_shows_errors_beside_the_field(
    window: Any, bot: Any
) -> None:
    page = window().page
    page.fill("#composer-text", "/incident")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    bot.call("views.open", trigger_id=bot.commanded(page)["trigger_id"], view=FORM)
    expect(page.locator("#modal")).to_be_visible()
    expect(page.get_by_label("What is wrong?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-input='title'] .error")).to_have_text("Please fill this in.")
    page.get_by_label("What is wrong?").fill("Course pages fail")
    page.get_by_label("Severity").select_option("2")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#modal")).to_be_hidden()
    values = bot.heard()[-1]["view"]["state"]["values"]
    assert values["title"]["title"]["value"] == "Course pages fail"
    assert values["severity"]["severity"]["selected_option"]["value"] == "2"


def test_escape_closes_a_form_in_the_workspace_too(window: Any, bot: Any, demo: Any) -> None:
    page = window().page
    page.fill("#composer-text", "/incident")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    bot.call("views.open", trigger_id=bot.commanded(page)["trigger_id"], view=FORM)
    expect(page.locator("#modal")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#modal")).to_be_hidden()
    assert demo.sim.slack.modals["U01ANA"] == []


def test_a_reply_opens_its_thread_and_is_counted(window: Any, bot: Any) -> None:
    ts = bot.says("What changed?")
    page = window().page
    page.locator("article.msg").hover()
    page.get_by_role("button", name="Reply in thread").click()
    page.fill("#thread textarea", "r142, three minutes before")
    page.keyboard.press("Enter")
    expect(page.locator("#thread article.msg")).to_have_count(2)
    expect(page.locator(f"article[data-ts='{ts}'] .thread-link")).to_contain_text("1 reply")
    page.keyboard.press("Escape")
    expect(page.locator("#thread")).to_be_hidden()


def test_reactions_are_given_and_taken_back(window: Any, bot: Any) -> None:
    ts = bot.says("Found it")
    page = window().page
    page.locator("article.msg").hover()
    page.get_by_role("button", name="React with pushpin").click()
    mine = page.locator(f"article[data-ts='{ts}'] .reaction")
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(mine).to_have_count(0)


def test_one_can_edit_and_delete_ones_own_words(window: Any) -> None:
    page = window().page
    page.fill("#composer-text", "Looking at the *lgos*")
    page.keyboard.press("Enter")
    said = page.locator(".messages article.msg")
    expect(said.locator("strong")).to_have_text("lgos")
    said.hover()
    said.locator("[data-menu]").click()
    page.get_by_role("menuitem", name="Edit message").click()
    page.get_by_label("Edit the message").fill("Looking at the logs")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Looking at the logs")
    expect(said).to_contain_text("edited")
    said.hover()
    said.locator("[data-menu]").click()
    page.get_by_role("menuitem", name="Delete message").click()
    page.get_by_role("button", name="Delete").click()
    expect(said).to_have_count(0)


def test_the_command_is_completed_while_it_is_typed(window: Any) -> None:
    page = window().page
    page.fill("#composer-text", "/incident ro")
    expect(page.locator(".completions [role='option']")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.locator("#composer-text")).to_have_value("/incident rollback ")


def test_the_scenario_starts_and_the_tour_moves_on(window: Any, demo: Any) -> None:
    page = window().page
    expect(page.locator(".tour")).to_contain_text("Start the scenario")
    page.get_by_role("button", name="Start the scenario").click()
    expect(page.locator(".tour")).to_contain_text("Something goes wrong")
    page.get_by_role("button", name="10 times as fast").click()
    expect(page.locator("[data-speed='10']")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Pause time").click()
    expect(page.locator("[data-pace]")).to_have_text("paused")
    assert demo.sim.clock.paused


def test_every_exchange_can_be_read_behind_the_scenes(window: Any, bot: Any) -> None:
    bot.says("For the log")
    page = window().page
    page.get_by_role("button", name="Behind the scenes").click()
    page.locator(".record", has_text="chat.postMessage").click()
    expect(page.locator("details[open] .exchange")).to_contain_text("For the log")
    for name in ("PagerDuty", "Argo CD", "Status page", "Tickets & pulls", "Postmortems"):
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 768, 1100, 1440])
def test_nothing_sticks_out_sideways(window: Any, bot: Any, width: int) -> None:
    bot.says("Long", blocks=[*CARD, {"type": "section", "text": words("x" * 2900)}])
    page = window(width=width).page
    expect(page.locator("article.msg")).to_have_count(1)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter((each) => {
          const at = each.getBoundingClientRect();
          const shown = getComputedStyle(each).visibility !== 'hidden';
          return at.width && shown && at.right > innerWidth + 1 && !each.closest('pre');
        }).map((each) => each.className || each.tagName)"""
    )
    assert outside == []


def test_a_phone_has_fingers_width_for_every_control(window: Any, bot: Any) -> None:
    bot.says("Roll back?", blocks=CARD)
    page = window(width=390).page
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, textarea')].filter((each) => {
          const at = each.getBoundingClientRect();
          const shown = each.checkVisibility({ visibilityProperty: true });
          return shown && at.width && (at.height < 40 || at.width < 40);
        }).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_the_stream_closes_when_the_tab_is_hidden_and_catches_up(window: Any, bot: Any) -> None:
    page = window().page
    hide = """(hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    bot.says("While you were away")
    page.wait_for_timeout(300)
    expect(page.locator("article.msg")).to_have_count(0)
    page.evaluate(hide, False)
    expect(page.locator("article.msg")).to_have_count(1)


def test_the_chosen_theme_outlives_the_page(window: Any) -> None:
    page = window().page
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
