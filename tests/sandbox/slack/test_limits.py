"""Slack's limits on what is shown, how fast, and with which scopes."""

from typing import Any

import pytest
import yaml
from slack_sdk.errors import SlackApiError

from sandbox.core.simulation import Settings
from sandbox.slack.scopes import Grant, granted, missing
from sandbox.slack.validate.blocks import problems_of
from sandbox.slack.validate.views import problems_of_view


def text(value: str, kind: str = "mrkdwn") -> dict[str, str]:
    return {"type": kind, "text": value}


def plain(value: str) -> dict[str, str]:
    return text(value, "plain_text")


def section(value: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": text(value), **more}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def select(options: list[Any], **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", "options": options, **more}


def option(label: str = "one", value: str = "1") -> dict[str, Any]:
    return {"text": plain(label), "value": value}


TOO_MUCH = {
    "51 blocks": [section()] * 51,
    "a section of 3001": [section("x" * 3001)],
    "an empty section": [section("")],
    "a section without text": [{"type": "section"}],
    "eleven fields": [{"type": "section", "fields": [text("x")] * 11}],
    "a field of 2001": [{"type": "section", "fields": [text("x" * 2001)]}],
    "a header of 151": [{"type": "header", "text": plain("x" * 151)}],
    "a header in mrkdwn": [{"type": "header", "text": text("x")}],
    "eleven in a context": [{"type": "context", "elements": [text("x")] * 11}],
    "26 buttons": [actions(*[button(action_id=f"b{n}") for n in range(26)])],
    "a label of 76": [actions(button(text=plain("x" * 76)))],
    "a value of 2001": [actions(button(value="x" * 2001))],
    "an option value of 151": [actions(select([option(value="x" * 151)]))],
    "101 options": [actions(select([option()] * 101))],
    "no options": [actions(select([]))],
    "a style that is none": [actions(button(style="green"))],
    "a long confirmation": [
        actions(button(confirm={"title": plain("x" * 101), "text": text("x")}))
    ],
    "an unknown block": [{"type": "sparkle"}],
    "an unknown property": [section(colour="red")],
    "two blocks of one name": [section(block_id="a"), section(block_id="a")],
    "one action twice": [actions(button(), button())],
    "an input in a row": [actions({"type": "plain_text_input", "action_id": "x"})],
    "an image without alt": [{"type": "image", "image_url": "https://demo.example/x.png"}],
    "two tables": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
}


@pytest.mark.parametrize("blocks", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_message_beyond_the_limits_is_refused(blocks):
    assert problems_of(blocks, surface="message") != []


def test_a_message_within_the_limits_is_shown():
    blocks = [
        section("x" * 3000, accessory=button()),
        {"type": "section", "fields": [text("x" * 2000)] * 10},
        {"type": "header", "text": plain("x" * 150)},
        {"type": "divider"},
        {"type": "context", "elements": [text("x")] * 10},
        actions(
            *[button(action_id=f"b{n}", value="x" * 2000, style="danger") for n in range(24)],
            select([option("x" * 75, "x" * 150)] * 100, initial_option=option()),
        ),
        *[section()] * 44,
    ]
    assert problems_of(blocks, surface="message") == []


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Form"), "blocks": [section()], **more}


BAD_FORMS = {
    "a title of 25": modal(title=plain("x" * 25)),
    "metadata of 3001": modal(private_metadata="x" * 3001),
    "101 blocks": modal(blocks=[section()] * 101),
    "no blocks": modal(blocks=[]),
    "a table": modal(blocks=TOO_MUCH["two tables"][:1]),
    "an input without submit": modal(
        blocks=[
            {
                "type": "input",
                "label": plain("x"),
                "element": {"type": "plain_text_input", "action_id": "x"},
            }
        ]
    ),
    "a home": {"type": "home", "blocks": [section()]},
}


@pytest.mark.parametrize("view", BAD_FORMS.values(), ids=BAD_FORMS.keys())
def test_a_form_beyond_the_limits_is_refused(view):
    assert problems_of_view(view, surface="modal") != []


def refusal(call: Any, **arguments: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response


def test_a_refusal_points_at_the_fault(demo):
    blocks = [section(), actions(*[button(action_id=f"b{n}") for n in range(26)])]
    answer = refusal(demo.slack.chat_postMessage, channel="C0LMS", text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == ["no more than 25 items allowed [json-pointer:/blocks/1/elements]"]


def test_all_text_together_is_limited_too(demo):
    long = [section("x" * 2900)] * 5
    call = {"channel": "C0LMS", "text": "x", "blocks": long}
    assert refusal(demo.slack.chat_postMessage, **call)["error"] == "msg_blocks_too_long"
    ts = demo.slack.chat_postMessage(channel="C0LMS", text="x")["ts"]
    assert refusal(demo.slack.chat_update, ts=ts, **call)["error"] == "msg_too_long"


def test_a_message_of_nothing_is_refused(demo):
    answer = refusal(
        demo.slack.api_call, api_method="chat.postMessage", params={"channel": "C0LMS"}
    )
    assert answer["error"] == "no_text"


def test_channel_creation_is_limited_to_twenty_a_minute(start):
    demo = start(strict=True)
    for number in range(20):
        demo.channel(f"inc-{number}")
    answer = refusal(demo.slack.conversations_create, name="inc-20")
    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert int(answer.headers["retry-after"]) == 3
    demo.move(3)
    assert demo.channel("inc-20")


def test_a_channel_takes_a_burst_then_a_message_a_second(start):
    demo = start(strict=True)
    for _ in range(5):
        demo.slack.chat_postMessage(channel="C0LMS", text="x")
    assert refusal(demo.slack.chat_postMessage, channel="C0LMS", text="x").status_code == 429
    assert demo.slack.chat_postMessage(channel="C0INCIDENTS", text="elsewhere")["ok"]


def test_without_strictness_nothing_is_throttled(demo):
    for number in range(30):
        demo.channel(f"inc-{number}")
    assert len(demo.sim.slack.channels) == 33


def test_a_scope_that_the_manifest_does_not_ask_for_is_missing(tmp_path):
    manifest = yaml.safe_load(Settings().slack_manifest.read_text())
    manifest["oauth_config"]["scopes"]["bot"].remove("groups:write")
    reduced = tmp_path / "manifest.yaml"
    reduced.write_text(yaml.safe_dump(manifest))
    assert missing(granted(reduced), "manage", "private") == "groups:write"
    assert missing(granted(reduced), "manage", "public") is None


def test_the_shipped_manifest_withholds_what_it_does_not_name(start):
    demo = start(slack_manifest=Settings().slack_manifest)
    answer = refusal(demo.slack.usergroups_users_update, usergroup="S0SRE", users="U01ANA")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "usergroups:write")


def test_without_a_manifest_everything_is_granted(tmp_path):
    assert granted(tmp_path / "none.yaml") == Grant()


def test_events_need_subscription_and_scope():
    grant = Grant(scopes=frozenset(), events=frozenset({"reaction_added", "channel_archive"}))
    assert grant.hears("channel_archive")
    assert not grant.hears("reaction_added")
    assert not grant.hears("app_mention")
