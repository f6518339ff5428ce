"""The workspace as a whole: what it shows, keeps and survives."""

import pickle

import pytest
from slack_sdk.errors import SlackApiError


def test_the_control_api_shows_the_whole_workspace(demo):
    ts = demo.slack.chat_postMessage(channel="C0LMS", text="card")["ts"]
    slack = demo.http.get("/_sandbox/state").json()["slack"]
    assert slack["channels"]["C0LMS"]["messages"][ts]["text"] == "card"
    assert "U01ANA" in slack["channels"]["C0LMS"]["members"]
    assert slack["people"]["U08OLA"]["is_stranger"] is True
    assert "triggers" not in slack


def test_the_workspace_survives_a_restart(demo):
    demo.act("command", as_="ana", channel="incidents", text="/incident")
    demo.slack.chat_postMessage(channel="C0LMS", text="card")
    demo.settle()
    assert pickle.loads(pickle.dumps(demo.sim.slack)) == demo.sim.slack


def test_a_lost_answer_leaves_its_work_done(demo):
    rule = {
        "service": "slack",
        "match": "conversations.create",
        "when": {"times": 1},
        "do": "drop_response",
    }
    demo.http.post("/_sandbox/faults", json={"rule": rule})
    demo.slack.retry_handlers.clear()
    with pytest.raises(OSError, match="closed connection"):
        demo.channel("inc-1")
    with pytest.raises(SlackApiError, match="name_taken"):
        demo.channel("inc-1")


def test_a_reset_forgets_events_that_were_still_owed(demo):
    demo.http.post(
        "/_sandbox/faults",
        json={"rule": {"service": "slack", "match": "event.*", "do": "drop_request"}},
    )
    demo.act("message", as_="ana", channel="incidents", text="hi")
    demo.settle()
    assert len(demo.sim.slack.owed) == 1
    demo.http.post("/_sandbox/reset")
    demo.move(3600)
    assert demo.bot.heard == []


def test_ids_never_come_back_after_a_reset(demo):
    first = demo.channel("inc-1")
    demo.http.post("/_sandbox/reset")
    assert demo.channel("inc-1") != first


def test_what_happens_is_told_to_the_screens(demo):
    before = demo.sim.changes.seq
    demo.slack.chat_postMessage(channel="C0LMS", text="card")
    demo.channel("inc-1")
    topics = [change.topic for change in demo.sim.changes.since(before)]
    assert {"slack.message", "slack.channel"} <= set(topics)
