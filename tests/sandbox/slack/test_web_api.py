"""The Web API keeps to Slack's own rules, asked through Slack's own client."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient


def refused(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_the_bot_learns_who_it_is(demo):
    who = demo.slack.auth_test()
    assert (who["team_id"], who["user_id"], who["bot_id"]) == ("T0DEMO", "U0TOCSIN", "B0TOCSIN")


def test_the_async_client_works_the_same(demo):
    async def asked() -> Any:
        client = AsyncWebClient(token="xoxb-demo", base_url=f"{demo.sim.settings.url}/slack/api/")
        posted = await client.chat_postMessage(channel="C0LMS", text="hi", blocks=[section("x")])
        return await client.conversations_history(channel="C0LMS", limit=posted["ok"])

    assert asyncio.run(asked())["messages"][0]["text"] == "hi"


def test_every_encoding_is_read(demo):
    url, token = "/slack/api/conversations.join", {"authorization": "Bearer xoxb-demo"}
    asked = [
        demo.http.get(url, params={"channel": "C0LMS"}, headers=token),
        demo.http.post(url, data={"channel": "C0LMS"}, headers=token),
        demo.http.post(url, json={"channel": "C0LMS"}, headers=token),
        demo.http.post(url, data={"channel": "C0LMS", "token": "xoxb-demo"}),
    ]
    assert [each.json()["channel"]["id"] for each in asked] == ["C0LMS"] * 4


def test_reading_methods_do_not_see_a_json_body(demo):
    url, token = "/slack/api/users.lookupByEmail", {"authorization": "Bearer xoxb-demo"}
    asked = {"email": "ben@demo.example"}
    assert demo.http.post(url, json=asked, headers=token).json()["error"] == "invalid_arguments"
    assert demo.http.post(url, data=asked, headers=token).json()["user"]["name"] == "ben"


def test_json_without_a_body_is_no_error(demo):
    headers = {"authorization": "Bearer xoxb-demo", "content-type": "application/json"}
    assert demo.http.post("/slack/api/auth.test", headers=headers).json()["ok"]


@pytest.mark.parametrize(
    ("token", "error"), [({}, "not_authed"), ({"authorization": "Bearer no"}, "invalid_auth")]
)
def test_a_wrong_token_is_refused(demo, token, error):
    assert demo.http.post("/slack/api/auth.test", headers=token).json()["error"] == error


def test_a_method_that_slack_has_not_is_unknown(demo):
    assert refused(demo.slack.api_call, api_method="chat.shout") == "unknown_method"


def test_a_missing_argument_is_named(demo):
    with pytest.raises(SlackApiError) as caught:
        demo.slack.api_call("chat.update", params={"channel": "C0LMS", "text": "x"})
    answer = caught.value.response
    assert answer["error"] == "invalid_arguments"
    assert "ts" in answer["response_metadata"]["messages"][0]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("x" * 81, "invalid_name_maxlength"),
        ("---", "invalid_name_punctuation"),
        ("", "invalid_name_required"),
        ("general", "name_taken"),
    ],
)
def test_channel_names_follow_the_rules(demo, name, error):
    assert refused(demo.slack.conversations_create, name=name) == error


def test_an_archived_channel_keeps_its_name(demo):
    made = demo.channel("inc-1")
    demo.slack.conversations_archive(channel=made)
    assert refused(demo.slack.conversations_create, name="inc-1") == "name_taken"
    assert refused(demo.slack.chat_postMessage, channel=made, text="x") == "is_archived"
    assert refused(demo.slack.conversations_archive, channel=made) == "already_archived"


def test_the_bot_cannot_post_where_it_is_not(demo):
    assert refused(demo.slack.chat_postMessage, channel="C0GENERAL", text="x") == "not_in_channel"
    demo.slack.conversations_join(channel="C0GENERAL")
    assert demo.slack.chat_postMessage(channel="C0GENERAL", text="x")["ok"]


def test_a_private_channel_without_the_bot_does_not_exist_for_it(demo):
    made = demo.channel("inc-secret", private=True)
    demo.sim.slack.channels[made].members = ["U01ANA"]
    assert refused(demo.slack.conversations_info, channel=made) == "channel_not_found"
    types = "public_channel,private_channel"
    listed = demo.slack.conversations_list(types=types)["channels"]
    assert made not in [c["id"] for c in listed]


def test_invitations_are_all_or_nothing_unless_forced(demo):
    made = demo.channel("inc-1")
    demo.slack.conversations_invite(channel=made, users="U01ANA")
    both = {"channel": made, "users": "U01ANA,U02BEN"}
    assert refused(demo.slack.conversations_invite, **both) == "already_in_channel"
    assert "U02BEN" not in demo.sim.slack.channels[made].members
    demo.slack.conversations_invite(**both, force=True)
    assert "U02BEN" in demo.sim.slack.channels[made].members


def test_a_topic_may_not_be_longer_than_250(demo):
    made = demo.channel("inc-1")
    assert refused(demo.slack.conversations_setTopic, channel=made, topic="x" * 251) == "too_long"
    demo.slack.conversations_setTopic(channel=made, topic="x" * 250)
    assert demo.last(made).subtype == "channel_topic"


def test_a_channel_that_is_ours_is_found_among_our_conversations(demo):
    made = demo.channel("inc-1")
    found = demo.slack.users_conversations(types="public_channel", limit=2)
    more = found["response_metadata"]["next_cursor"]
    rest = demo.slack.users_conversations(types="public_channel", limit=2, cursor=more)
    (ours,) = [c for c in [*found["channels"], *rest["channels"]] if c["name"] == "inc-1"]
    assert (ours["id"], ours["creator"]) == (made, "U0TOCSIN")


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_an_update_keeps_what_it_does_not_name(demo):
    sent = demo.slack.chat_postMessage(channel="C0LMS", text="one", blocks=[section("card")])
    demo.slack.chat_update(channel="C0LMS", ts=sent["ts"], text="two")
    it = demo.sim.slack.channels["C0LMS"].messages[sent["ts"]]
    assert it.text == "two"
    assert it.blocks[0]["text"]["text"] == "card"


def test_only_its_own_messages_can_be_changed(demo):
    said = demo.act("message", as_="ana", channel="lms-oncall", text="mine")
    at = {"channel": "C0LMS", "ts": said["ts"]}
    assert refused(demo.slack.chat_update, **at, text="yours") == "cant_update_message"
    assert refused(demo.slack.chat_delete, **at) == "cant_delete_message"


def test_metadata_is_in_history_for_who_asks(demo):
    mark = {"event_type": "tocsin", "event_payload": {"incident": "1"}}
    demo.slack.chat_postMessage(channel="C0LMS", text="x", metadata=mark)
    plain = demo.slack.conversations_history(channel="C0LMS")["messages"][0]
    whole = demo.slack.conversations_history(channel="C0LMS", include_all_metadata=True)
    assert "metadata" not in plain
    assert whole["messages"][0]["metadata"] == mark


def test_metadata_without_a_type_is_refused(demo):
    answer = refused(
        demo.slack.chat_postMessage, channel="C0LMS", text="x", metadata={"event_payload": {}}
    )
    assert answer == "invalid_metadata_schema"


def test_replies_live_in_their_thread(demo):
    root = demo.slack.chat_postMessage(channel="C0LMS", text="root")["ts"]
    demo.slack.chat_postMessage(channel="C0LMS", text="reply", thread_ts=root)
    history = demo.slack.conversations_history(channel="C0LMS")["messages"]
    assert [m["text"] for m in history] == ["root"]
    assert history[0]["reply_count"] == 1
    thread = demo.slack.conversations_replies(channel="C0LMS", ts=root)["messages"]
    assert [m["text"] for m in thread] == ["root", "reply"]


def test_an_ephemeral_needs_its_reader_in_the_channel(demo):
    made = demo.channel("inc-1")
    call = {"channel": made, "user": "U01ANA", "text": "psst"}
    assert refused(demo.slack.chat_postEphemeral, **call) == "user_not_in_channel"


def test_a_message_to_a_person_opens_their_conversation(demo):
    sent = demo.slack.chat_postMessage(channel="U01ANA", text="your turn")
    assert demo.sim.slack.channels[sent["channel"]].im_with == "U01ANA"
    again = demo.slack.conversations_open(users="U01ANA")
    assert again["channel"]["id"] == sent["channel"]


def test_a_scheduled_message_waits_for_its_hour(demo):
    at = int(demo.sim.clock.now().timestamp()) + 60
    demo.slack.chat_scheduleMessage(channel="C0LMS", text="later", post_at=at)
    cancelled = demo.slack.chat_scheduleMessage(channel="C0LMS", text="never", post_at=at)
    demo.slack.chat_deleteScheduledMessage(
        channel="C0LMS", scheduled_message_id=cancelled["scheduled_message_id"]
    )
    assert list(demo.sim.slack.channels["C0LMS"].messages) == []
    demo.move(61)
    texts = [m.text for m in demo.sim.slack.channels["C0LMS"].messages.values()]
    assert texts == ["later"]


def test_pins_and_reactions_happen_once(demo):
    at = {"channel": "C0LMS"}
    ts = demo.slack.chat_postMessage(**at, text="card")["ts"]
    demo.slack.pins_add(**at, timestamp=ts)
    assert refused(demo.slack.pins_add, **at, timestamp=ts) == "already_pinned"
    demo.slack.reactions_add(**at, timestamp=ts, name="eyes")
    assert refused(demo.slack.reactions_add, **at, timestamp=ts, name="eyes") == "already_reacted"
    demo.slack.pins_remove(**at, timestamp=ts)
    assert refused(demo.slack.pins_remove, **at, timestamp=ts) == "no_pin"


def test_bookmarks_are_added_edited_and_listed(demo):
    made = demo.slack.bookmarks_add(
        channel_id="C0LMS", title="Card", type="link", link="https://demo.example/1"
    )["bookmark"]
    demo.slack.bookmarks_edit(channel_id="C0LMS", bookmark_id=made["id"], title="The card")
    (listed,) = demo.slack.bookmarks_list(channel_id="C0LMS")["bookmarks"]
    assert (listed["title"], listed["link"]) == ("The card", "https://demo.example/1")
    bad = {"channel_id": "C0LMS", "title": "x", "type": "link", "link": "nowhere"}
    assert refused(demo.slack.bookmarks_add, **bad) == "invalid_link"


def test_a_file_is_uploaded_in_three_steps(demo):
    demo.slack.files_upload_v2(
        channel="C0LMS", filename="chart.png", content=b"\x89PNG", initial_comment="errors"
    )
    it = demo.last("C0LMS")
    (stored,) = [demo.sim.slack.files[f] for f in it.files]
    assert (it.text, stored.name, stored.content) == ("errors", "chart.png", b"\x89PNG")


def test_a_file_without_its_bytes_cannot_be_shared(demo):
    step = demo.slack.files_getUploadURLExternal(filename="a.txt", length=3)
    files = [{"id": step["file_id"]}]
    assert refused(demo.slack.files_completeUploadExternal, files=files) == "file_not_found"


def test_people_are_found_by_email_except_outsiders(demo):
    found = demo.slack.users_lookupByEmail(email="ben@demo.example")["user"]
    assert found["id"] == "U02BEN"
    outsider = refused(demo.slack.users_lookupByEmail, email="ola@partner.example")
    assert outsider == "users_not_found"
    assert demo.slack.users_info(user="U07GUS")["user"]["is_restricted"] is True


def test_a_permalink_stays_on_this_machine(demo):
    ts = demo.slack.chat_postMessage(channel="C0LMS", text="x")["ts"]
    link = demo.slack.chat_getPermalink(channel="C0LMS", message_ts=ts)["permalink"]
    assert link == f"{demo.sim.settings.url}/archives/C0LMS/p{ts.replace('.', '')}"


def test_a_user_group_is_replaced_as_a_whole(start):
    demo = start(slack_manifest=None)
    demo.slack.usergroups_users_update(usergroup="S0SRE", users="U01ANA,U02BEN")
    assert demo.slack.usergroups_users_list(usergroup="S0SRE")["users"] == ["U01ANA", "U02BEN"]
