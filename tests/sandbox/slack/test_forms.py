"""Forms: who may open them, what people type, and what the bot's answer does."""

import time
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError


def field(block: str, label: str, **element: Any) -> dict[str, Any]:
    shape = {"type": "plain_text_input", "action_id": f"{block}_input", **element}
    text = {"type": "plain_text", "text": label}
    return {"type": "input", "block_id": block, "label": text, "element": shape}


def form(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "declare",
        "private_metadata": "inc-1",
        "title": {"type": "plain_text", "text": "Declare"},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": list(blocks) or [field("what", "What is wrong")],
        **more,
    }


def opened(demo: Any, view: dict[str, Any], person: str = "ana") -> dict[str, Any]:
    answer = demo.act("command", as_=person, channel="incidents", text="/incident")
    return demo.slack.views_open(trigger_id=answer["trigger_id"], view=view)["view"]


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_a_submission_carries_what_was_typed_and_the_private_metadata(demo):
    opened(demo, form())
    answer = demo.act("submit", as_="ana", values={"What is wrong": "LMS is slow"})
    assert answer["ok"]
    (heard,) = demo.bot.of("view_submission")
    view = heard["view"]
    assert view["state"]["values"]["what"]["what_input"]["value"] == "LMS is slow"
    assert view["private_metadata"] == "inc-1"
    assert "channel" not in heard
    assert demo.sim.slack.top_modal("U01ANA") is None


def test_an_empty_required_field_never_reaches_the_bot(demo):
    opened(demo, form())
    answer = demo.act("submit", as_="ana", values={})
    assert answer["error"] == "invalid_input"
    assert answer["errors"] == {"what": "Please complete this required field."}
    assert demo.bot.of("view_submission") == []


def test_errors_of_the_bot_stay_on_the_form(demo):
    demo.bot.replies["view_submission"] = lambda said: {
        "response_action": "errors",
        "errors": {"what": "Say more"},
    }
    opened(demo, form())
    answer = demo.act("submit", as_="ana", values={"what": "x"})
    assert answer["errors"] == {"what": "Say more"}
    assert demo.sim.slack.top_modal("U01ANA").errors == {"what": "Say more"}


def test_errors_for_a_block_that_is_no_input_are_a_failure(demo):
    demo.bot.replies["view_submission"] = lambda said: {
        "response_action": "errors",
        "errors": {"nowhere": "?"},
    }
    opened(demo, form())
    assert demo.act("submit", as_="ana", values={"what": "x"})["error"] == "dispatch_failed"


def test_an_update_replaces_the_form_and_clear_closes_all(demo):
    demo.bot.replies["view_submission"] = lambda said: {
        "response_action": "update",
        "view": form(field("why", "Why")),
    }
    opened(demo, form())
    demo.act("submit", as_="ana", values={"what": "x"})
    top = demo.sim.slack.top_modal("U01ANA")
    assert top.body["blocks"][0]["block_id"] == "why"
    demo.bot.replies["view_submission"] = lambda said: {"response_action": "clear"}
    demo.act("submit", as_="ana", values={"why": "y"})
    assert demo.sim.slack.top_modal("U01ANA") is None


def test_a_fourth_form_does_not_fit_on_the_stack(demo):
    opened(demo, form(*_with_button()))
    for _ in range(2):
        pressed = demo.act("click", as_="ana", action_id="deeper")
        demo.slack.views_push(trigger_id=pressed["trigger_id"], view=form(*_with_button()))
    pressed = demo.act("click", as_="ana", action_id="deeper")
    trigger = pressed["trigger_id"]
    again = refused(demo.slack.views_push, trigger_id=trigger, view=form())
    assert again == "push_limit_reached"


def _with_button() -> list[dict[str, Any]]:
    text = {"type": "plain_text", "text": "Deeper"}
    button = {"type": "button", "action_id": "deeper", "text": text}
    return [{"type": "actions", "elements": [button]}]


def test_a_click_in_a_form_carries_the_view_and_no_channel(demo):
    opened(demo, form(field("what", "What"), *_with_button()))
    demo.act("select", as_="ana", action_id="what_input", value="half typed")
    demo.act("click", as_="ana", action_id="deeper")
    (heard,) = demo.bot.of("block_actions")
    assert heard["container"]["type"] == "view"
    assert "response_url" not in heard
    assert heard["view"]["state"]["values"]["what"]["what_input"]["value"] == "half typed"


def test_a_trigger_works_once(demo):
    answer = demo.act("command", as_="ana", channel="incidents", text="/incident")
    demo.slack.views_open(trigger_id=answer["trigger_id"], view=form())
    error = refused(demo.slack.views_open, trigger_id=answer["trigger_id"], view=form())
    assert error == "exchanged_trigger_id"


def test_a_trigger_expires_after_three_real_seconds(demo):
    answer = demo.act("command", as_="ana", channel="incidents", text="/incident")
    demo.sim.slack.triggers[answer["trigger_id"]].issued = time.time() - 3.1
    error = refused(demo.slack.views_open, trigger_id=answer["trigger_id"], view=form())
    assert error == "expired_trigger_id"


def test_a_made_up_trigger_is_invalid(demo):
    assert refused(demo.slack.views_open, trigger_id="1.2.3", view=form()) == "invalid_trigger_id"


def test_an_update_with_an_old_hash_conflicts(demo):
    view = opened(demo, form())
    newer = demo.slack.views_update(view_id=view["id"], hash=view["hash"], view=form())["view"]
    assert newer["hash"] != view["hash"]
    error = refused(demo.slack.views_update, view_id=view["id"], hash=view["hash"], view=form())
    assert error == "hash_conflict"


def test_a_view_that_is_gone_is_not_found(demo):
    view = opened(demo, form())
    demo.act("close", as_="ana")
    assert refused(demo.slack.views_update, view_id=view["id"], view=form()) == "not_found"


def test_closing_tells_the_bot_only_when_it_asked(demo):
    opened(demo, form())
    demo.act("close", as_="ana")
    assert demo.bot.of("view_closed") == []
    opened(demo, form(notify_on_close=True))
    demo.act("close", as_="ana")
    (heard,) = demo.bot.of("view_closed")
    assert heard["is_cleared"] is False


def test_a_home_is_published_and_clicked(demo):
    home = {"type": "home", "blocks": _with_button()}
    demo.slack.views_publish(user_id="U01ANA", view=home)
    demo.act("click", as_="ana", home=True, action_id="deeper")
    (heard,) = demo.bot.of("block_actions")
    assert heard["view"]["type"] == "home"


def test_an_external_select_asks_the_bot_for_its_options(demo):
    option = {"text": {"type": "plain_text", "text": "LMS"}, "value": "lms"}
    demo.bot.replies["block_suggestion"] = lambda said: {"options": [option]}
    opened(demo, form(field("service", "Service", type="external_select", min_query_length=0)))
    demo.act("submit", as_="ana", values={"service": "LMS"})
    (asked,) = demo.bot.of("block_suggestion")
    assert asked["value"] == "LMS"
    (heard,) = demo.bot.of("view_submission")
    values = heard["view"]["state"]["values"]
    assert values["service"]["service_input"]["selected_option"]["value"] == "lms"


def test_people_are_picked_by_handle(demo):
    opened(demo, form(field("who", "Who", type="users_select")))
    demo.act("submit", as_="ana", values={"who": "ben"})
    values = demo.bot.of("view_submission")[0]["view"]["state"]["values"]
    assert values["who"]["who_input"]["selected_user"] == "U02BEN"
