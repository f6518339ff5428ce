"""What follows what people do in the channel: marks, joins, the timeline, help."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.events import (
    MessageMarked,
)
from bot.slack.handling import Reply, Spoken
from tests.doubles.people import ANA, GUS, KENJI, OLA
from tests.slack.limits import words
from tests.timeline.ledgers import NOON

SECRET = "found AKIAIOSFODNN7EXAMPLE in the log"


def text(said) -> str:
    assert isinstance(said, Reply)
    return f"{said.text}\n{words(said.blocks)}"


def spoken(_channel: str, ts: str) -> Spoken:
    return Spoken(
        ts=ts, text=SECRET, author=KENJI, at=NOON, link="https://slack.example/1", files=("a.png",)
    )


def reaction(name: str = "pushpin") -> dict:
    return {"reaction": name, "item": {"type": "message", "ts": "12.3"}}


def test_a_pin_puts_a_message_on_the_timeline(house, front, paged_incident):
    said = front.reads("reaction_added", paged_incident, reaction(), spoken)
    (fact,) = house.facts(paged_incident, MessageMarked)
    assert (fact.author, fact.happened_at, fact.files) == (KENJI, NOON, ("a.png",))
    assert "AKIA" not in fact.text
    assert "rotate" in text(said)


@pytest.mark.parametrize("name", ["eyes", "thumbsup"])
def test_other_reactions_mean_nothing(house, front, paged_incident, name):
    front.reads("reaction_added", paged_incident, reaction(name), spoken)
    assert house.facts(paged_incident, MessageMarked) == []


def test_a_mark_follows_the_message(house, front, paged_incident):
    front.reads("reaction_added", paged_incident, reaction("star"), spoken)
    edited = {"message": {"ts": "12.3", "text": "I was wrong"}}
    front.happens("message.message_changed", paged_incident, edited)
    assert house.incident(paged_incident).marks["12.3"].text == "I was wrong"
    front.happens("message.message_deleted", paged_incident, {"deleted_ts": "12.3"})
    assert house.incident(paged_incident).marks["12.3"].deleted
    front.happens("reaction_removed", paged_incident, reaction("star"))
    assert house.incident(paged_incident).marks == {}


def test_an_outsider_marks_nothing_and_a_guest_may(house, front, paged_incident):
    front.reads("reaction_added", paged_incident, reaction(), spoken, by=OLA)
    assert house.facts(paged_incident, MessageMarked) == []
    front.reads("reaction_added", paged_incident, reaction(), spoken, by=GUS)
    assert len(house.facts(paged_incident, MessageMarked)) == 1


def test_a_late_joiner_reads_at_most_eight_lines(front, house, paged_incident):
    house.clock.forward(timedelta(minutes=20))
    said = front.happens("member_joined_channel", paged_incident, {}, by=KENJI)
    assert isinstance(said, Reply)
    lines = words(said.blocks).splitlines()
    assert 4 <= len(lines) <= 8
    assert "LMS errors" in lines[0]


def test_the_first_responder_is_not_told_what_they_see(front, paged_incident):
    assert front.happens("member_joined_channel", paged_incident, {}, by=ANA) is None


def test_the_timeline_is_the_last_twenty_lines(front, paged_incident):
    for number in range(30):
        front.say(f"note line {number}", paged_incident)
    said = text(front.say("timeline", paged_incident))
    assert "line 29" in said
    assert "line 5" not in said
    assert "more before these" in said


def test_help_lists_what_can_be_said_and_suggests(front):
    assert "`/incident rollback [service] [revision]`" in text(front.say("help"))
    assert "`/incident rollback`" in text(front.say("help ?rolback"))
