"""What people do in the workspace reaches the bot in Slack's own shapes."""

from starlette.responses import Response

from sandbox.core.simulation import Settings

MARK = {"event_type": "card", "event_payload": {"incident": "inc-1"}}

BUTTONS = [
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            {
                "type": "button",
                "action_id": "ack",
                "text": {"type": "plain_text", "text": ":eyes: Acknowledge"},
                "value": "inc-1",
            },
            {
                "type": "static_select",
                "action_id": "severity",
                "options": [
                    {"text": {"type": "plain_text", "text": f"SEV{n}"}, "value": str(n)}
                    for n in (1, 2)
                ],
            },
        ],
    }
]


def test_a_command_arrives_as_a_flat_form(demo):
    answer = demo.act("command", as_="ana", channel="incidents", text="/incident LMS is slow")
    assert answer["ok"]
    assert answer["status"] == 200
    (heard,) = demo.bot.of("command")
    assert heard["command"] == "/incident"
    assert heard["text"] == "LMS is slow"
    assert heard["user_id"] == "U01ANA"
    assert heard["team_id"] == "T0DEMO"
    assert heard["channel_name"] == "incidents"
    assert heard["is_enterprise_install"] == "false"
    assert heard["trigger_id"] == answer["trigger_id"]


def test_the_acknowledgement_of_a_command_is_shown_to_its_author_only(demo):
    demo.bot.replies["command"] = lambda said: {"text": "Opening a channel"}
    demo.act("command", as_="ana", channel="incidents", text="/incident x")
    (it,) = demo.sim.slack.ephemerals
    assert (it.user, it.text, it.origin) == ("U01ANA", "Opening a channel", "ack")


def test_a_bot_that_fails_a_command_is_named_to_the_person(demo):
    demo.bot.replies["command"] = lambda said: Response(status_code=500)
    answer = demo.act("command", as_="ana", channel="incidents", text="/incident x")
    assert answer["error"] == "dispatch_failed"
    assert "dispatch_failed" in demo.sim.slack.ephemerals[0].text


def test_a_click_carries_message_channel_state_and_response_url(demo):
    sent = demo.slack.chat_postMessage(
        channel="C0INCIDENTS", text="card", blocks=BUTTONS, metadata=MARK
    )
    answer = demo.act("click", as_="ben", channel="incidents", text="Acknowledge")
    assert answer["ok"]
    (heard,) = demo.bot.of("block_actions")
    assert heard["user"] == {
        "id": "U02BEN",
        "username": "ben",
        "name": "ben",
        "team_id": "T0DEMO",
    }
    assert heard["message"]["ts"] == sent["ts"]
    assert heard["message"]["metadata"] == MARK
    assert heard["container"]["message_ts"] == sent["ts"]
    assert heard["channel"]["id"] == "C0INCIDENTS"
    assert heard["state"]["values"]["row"]["severity"]["selected_option"] is None
    (action,) = heard["actions"]
    assert (action["action_id"], action["value"]) == ("ack", "inc-1")


def test_a_choice_is_sent_and_kept(demo):
    demo.slack.chat_postMessage(channel="C0INCIDENTS", text="card", blocks=BUTTONS)
    demo.act("select", as_="ben", channel="incidents", action_id="severity", value="SEV2")
    (heard,) = demo.bot.of("block_actions")
    assert heard["actions"][0]["selected_option"]["value"] == "2"
    assert heard["state"]["values"]["row"]["severity"]["selected_option"]["value"] == "2"


def test_a_message_of_a_person_reaches_the_bot_with_its_mentions(demo):
    said = demo.act("message", as_="ana", channel="incidents", text="@tocsin ask @ben")
    demo.settle()
    (event,) = demo.bot.events("message")
    assert event["text"] == "<@U0TOCSIN> ask <@U02BEN>"
    assert event["ts"] == said["ts"]
    assert event["channel_type"] == "channel"
    (mention,) = demo.bot.events("app_mention")
    assert mention["ts"] == said["ts"]


def test_edits_deletions_and_reactions_follow_as_events(demo):
    said = demo.act("message", as_="ana", channel="incidents", text="it is the pool")
    at = {"as_": "ana", "channel": "incidents", "ts": said["ts"]}
    demo.act("react", **at, name="pushpin")
    demo.act("unreact", **at, name="pushpin")
    demo.act("edit", **at, text="it is the connection pool")
    demo.act("delete", **at)
    demo.settle()
    (added,) = demo.bot.events("reaction_added")
    assert added["reaction"] == "pushpin"
    assert added["item"] == {"type": "message", "channel": "C0INCIDENTS", "ts": said["ts"]}
    assert len(demo.bot.events("reaction_removed")) == 1
    (changed,) = demo.bot.events("message", "message_changed")
    assert changed["message"]["text"] == "it is the connection pool"
    assert changed["previous_message"]["text"] == "it is the pool"
    (deleted,) = demo.bot.events("message", "message_deleted")
    assert deleted["deleted_ts"] == said["ts"]


def test_the_bot_hears_its_own_posts_with_its_bot_id(demo):
    demo.slack.chat_postMessage(channel="C0INCIDENTS", text="hello")
    demo.settle()
    (event,) = demo.bot.events("message")
    assert event["bot_id"] == "B0TOCSIN"


def test_the_bot_hears_nothing_from_channels_it_is_not_in(demo):
    demo.act("message", as_="ana", channel="general", text="lunch?")
    demo.settle()
    assert demo.bot.heard == []


def test_a_guest_does_not_wander_into_a_channel(demo):
    demo.channel("inc-1")
    answer = demo.act("message", as_="gus", channel="inc-1", text="hi")
    assert answer["error"] == "not_in_channel"


def test_a_colleague_joins_a_public_channel_on_the_way(demo):
    made = demo.channel("inc-1")
    demo.act("message", as_="rita", channel="inc-1", text="hi")
    demo.settle()
    joined = [e["user"] for e in demo.bot.events("member_joined_channel")]
    assert joined == ["U0TOCSIN", "U06RITA"]
    assert "U06RITA" in demo.sim.slack.channels[made].members


def test_an_outsider_shows_another_team(demo):
    demo.slack.chat_postMessage(channel="C0INCIDENTS", text="card", blocks=BUTTONS)
    demo.act("invite", as_="tom", channel="incidents", who="ola")
    demo.act("click", as_="ola", channel="incidents", action_id="ack")
    (heard,) = demo.bot.of("block_actions")
    assert heard["user"]["team_id"] == "T0PARTNER"
    assert demo.slack.users_info(user="U08OLA")["user"]["is_stranger"] is True


def test_a_forged_team_travels_in_the_payload(demo):
    demo.act("command", as_="ana", channel="incidents", text="/incident x", team_id="T0EVIL")
    assert demo.bot.of("command")[0]["team_id"] == "T0EVIL"


def test_a_message_shortcut_carries_its_message(demo):
    said = demo.act("message", as_="ana", channel="incidents", text="errors since 14:05")
    demo.act("shortcut", as_="ben", callback_id="note_message", channel="incidents", ts=said["ts"])
    (heard,) = demo.bot.of("message_action")
    assert heard["message"]["text"] == "errors since 14:05"
    assert heard["response_url"].startswith(demo.sim.settings.url)


def test_a_shortcut_outside_the_manifest_is_not_offered(start):
    demo = start(slack_manifest=Settings().slack_manifest)
    answer = demo.act("shortcut", as_="ben", callback_id="nonsense")
    assert answer["error"] == "invalid_shortcut"


def test_opening_the_home_tab_tells_the_bot(demo):
    demo.act("home", as_="ana")
    demo.settle()
    (event,) = demo.bot.events("app_home_opened")
    assert (event["user"], event["tab"]) == ("U01ANA", "home")


def test_archiving_by_a_person_tells_the_bot(demo):
    made = demo.channel("inc-1")
    demo.act("archive", as_="tom", channel="inc-1")
    demo.settle()
    (event,) = demo.bot.events("channel_archive")
    assert event["channel"] == made


def test_what_one_person_chose_is_not_what_another_sends(demo):
    demo.slack.chat_postMessage(channel="C0INCIDENTS", text="card", blocks=BUTTONS)
    demo.act("select", as_="ben", channel="incidents", action_id="severity", value="SEV2")
    demo.act("click", as_="ana", channel="incidents", action_id="ack")
    values = demo.bot.of("block_actions")[-1]["state"]["values"]
    assert values["row"]["severity"]["selected_option"] is None
