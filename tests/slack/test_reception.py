"""Who may ask what, and how the answer reaches them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.domain.errors import VendorDown
from bot.domain.events import MessageMarked, Noted, Resolved
from bot.domain.facts import Fact
from bot.slack import envelope
from bot.slack.gateway import SlackRefused
from bot.slack.people import People
from bot.slack.reception import Reception
from bot.slack.registry import book
from tests.doubles.people import TEAM
from tests.slack import bodies
from tests.slack.limits import acts
from tests.slack.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def reception(house, workspace) -> Reception:
    return Reception(
        tools=house.tools,
        gateway=workspace,
        people=People(gateway=workspace, team_id=TEAM),
        book=book(),
        bot_user="U0TOCSIN",
        replies=httpx.Client(),
    )


@pytest.fixture
def ask(reception):
    return lambda body: reception.answer(envelope.packed(body), "k1")


@pytest.fixture
def channel(paged_incident) -> str:
    return f"C{paged_incident}"


def whispered(workspace: Workspace) -> dict[str, Any]:
    (said,) = workspace.heard("chat.postEphemeral")
    return said


def facts(house, incident: str, kind: type[Fact]) -> list[Any]:
    return house.facts(incident, kind)


def test_a_sentence_in_any_channel_declares(ask, house):
    ask(bodies.command("Uploads hang for everybody"))
    assert [row.title for row in house.store.summaries()] == ["Uploads hang for everybody"]


def test_one_word_that_is_no_command_declares_nothing(ask, house, workspace):
    ask(bodies.command("lsit"))
    assert house.store.summaries() == []
    assert "`/incident list`" in whispered(workspace)["text"]


def test_a_mistyped_command_in_an_incident_declares_nothing(ask, house, workspace, channel):
    ask(bodies.command("ntoe the queue grows", channel=channel))
    assert len(house.store.summaries()) == 1
    assert "`/incident note`" in whispered(workspace)["text"]


def test_a_mention_in_a_thread_is_a_command(ask, house, paged_incident, channel):
    said = {"user": "U01ANA", "text": "<@U0TOCSIN> note Seen in a thread", "thread_ts": "1.0"}
    ask(bodies.event("app_mention", channel=channel, **said))
    assert [f.text for f in facts(house, paged_incident, Noted)] == ["Seen in a thread"]


def test_a_mention_can_declare_with_every_word(ask, house):
    said = {"user": "U01ANA", "text": "<@U0TOCSIN> Checkout is broken"}
    ask(bodies.event("app_mention", channel="C0GENERAL", **said))
    assert [row.title for row in house.store.summaries()] == ["Checkout is broken"]


def test_outside_an_incident_the_open_ones_are_offered(ask, workspace, paged_incident):
    ask(bodies.command("update users are fine"))
    said = whispered(workspace)
    assert acts(said["blocks"]) == {"menu"}
    assert "/incident declare update users are fine" in str(said["blocks"])


def test_a_refusal_is_told_as_it_is(ask, workspace, house, paged_incident, channel):
    ask(bodies.command("resolve done", channel=channel))
    assert "Nothing proves yet" in whispered(workspace)["text"]
    assert facts(house, paged_incident, Resolved) == []


@pytest.mark.parametrize("text", ["resolve x because y", "role commander", "rollback r141"])
def test_a_guest_may_not_act(ask, workspace, house, paged_incident, channel, text):
    before = len(house.store.entries(paged_incident))
    ask(bodies.command(text, user="U07GUS", channel=channel))
    assert "You are a guest here" in whispered(workspace)["text"]
    assert len(house.store.entries(paged_incident)) == before


def test_a_guest_may_note(ask, house, paged_incident, channel):
    ask(bodies.command("note I see it too", user="U07GUS", channel=channel))
    assert len(facts(house, paged_incident, Noted)) == 1


def test_an_outsider_gets_nowhere(ask, workspace, house, paged_incident, channel):
    before = len(house.store.entries(paged_incident))
    outside = bodies.command("note hello", user="U08OLA", channel=channel, team_id="T0PARTNER")
    ask(outside)
    assert "not open to you" in whispered(workspace)["text"]
    assert len(house.store.entries(paged_incident)) == before


def test_a_forged_team_is_refused(ask, workspace, house, paged_incident, channel):
    ask(bodies.command("note hello", channel=channel, team_id="T0EVIL"))
    assert "another workspace" in whispered(workspace)["text"]
    assert facts(house, paged_incident, Noted) == []


def test_a_person_slack_does_not_know_gets_nowhere(ask, house, paged_incident, channel):
    ask(bodies.command("note hello", channel=channel, user="U0FORGED"))
    assert facts(house, paged_incident, Noted) == []


def test_who_is_not_in_the_channel_is_answered_directly(ask, workspace, paged_incident, channel):
    workspace.refuses["chat.postEphemeral"] = SlackRefused(
        "chat.postEphemeral", "user_not_in_channel"
    )
    ask(bodies.command("resolve done", channel=channel))
    (said,) = workspace.heard("chat.postMessage")
    assert said["channel"] == "U01ANA"


def test_a_vendor_that_is_down_says_what_was_not_done(ask, workspace, world, channel):
    world.status_page.down("no answer within 5 s")
    world.mitigations["rollback"] = Down()
    ask(bodies.command("rollback r141", channel=channel))
    said = whispered(workspace)["text"]
    assert "Argo CD did not read the history" in said
    assert "Nothing was changed" in said


class Down:
    """A mitigation whose vendor does not answer."""

    name = "rollback"

    def offers(self, *_asked, **_more):
        raise VendorDown("Argo CD", "read the history", "no answer")


def test_a_reaction_reads_the_message_it_is_about(ask, workspace, house, paged_incident, channel):
    workspace.messages["2.0"] = {
        "ts": "2.0",
        "user": "U03KENJI",
        "text": "I see it",
        "files": [{"name": "graph.png"}],
    }
    item = {"type": "message", "channel": channel, "ts": "2.0"}
    ask(bodies.event("reaction_added", user="U02BEN", reaction="pushpin", item=item))
    (fact,) = facts(house, paged_incident, MessageMarked)
    assert (fact.author.name, fact.by.name, fact.files) == (
        "Kenji Mori",
        "Ben Okafor",
        ("graph.png",),
    )
    assert fact.link == "https://slack.example/2.0"


def test_a_reaction_waits_while_slack_does_not_answer(ask, workspace, house, channel):
    workspace.refuses["conversations.replies"] = VendorDown("Slack", "read it", "no answer")
    item = {"type": "message", "channel": channel, "ts": "2.0"}
    with pytest.raises(VendorDown):
        ask(bodies.event("reaction_added", user="U02BEN", reaction="pushpin", item=item))


def test_a_late_joiner_is_told_alone(ask, workspace, channel):
    ask(bodies.event("member_joined_channel", user="U03KENJI", channel=channel))
    said = whispered(workspace)
    assert (said["user"], said["channel"]) == ("U03KENJI", channel)


def test_the_bot_does_not_answer_itself(ask, workspace, channel):
    ask(bodies.event("member_joined_channel", user="U0TOCSIN", channel=channel))
    assert workspace.said == []


def test_the_home_is_published_for_who_opened_it(ask, workspace):
    ask(bodies.event("app_home_opened", user="U01ANA", channel="D1", tab="home"))
    (said,) = workspace.heard("views.publish")
    assert said["user_id"] == "U01ANA"
