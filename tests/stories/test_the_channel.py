"""What an incident's channel has besides its card, and what is done in it without a slash command."""

from __future__ import annotations

import json
import re

import pytest

from tests.living import Life
from tests.stories.walking import Room, bad_deploy, paged, people, shown

SECRETS = (
    "xoxb-demo",
    "demo-signing-secret",
    "pd-demo-token",
    "pd-demo-webhook-secret",
    "sp-demo-key",
    "jira-demo-token",
    "gh-demo-token",
    "nr-demo-key",
    "argo-demo-token",
)
MENTIONED = (
    ("status", "PagerDuty"),
    ("list", "Notes do not save"),
    ("timeline", "Timeline of"),
    ("catchup", "So far"),
    ("help", "runbook"),
    ("rollback", "Roll back to which revision"),
    ("remedy", "What would help"),
    ("leftovers", "left over"),
)


def mentioned(life: Life, room: Room, person: str, words: str) -> None:
    slack = life.world.state()["slack"]
    bot = next(p["id"] for p in people(slack) if p.get("is_bot"))
    room.write(person, f"<@{bot}> {words}", thread_ts=room.card()["ts"])


def test_the_channel_has_purpose_topic_bookmarks_and_the_people_on_call(shared: Life) -> None:
    room = paged(shared, "lms", "LMS 5xx error rate above 5%")
    seen = room.seen()
    assert "U01ANA" in seen["members"]
    assert "LMS 5xx error rate above 5%" in json.dumps(seen["purpose"])
    assert "SEV" in json.dumps(seen["topic"])
    links = [mark["link"] for mark in seen["bookmarks"]]
    assert any("pagerduty" in link for link in links), links
    assert len(links) == len(set(links))
    assert len(seen["pins"]) == 1


def test_a_runbook_becomes_a_checklist_that_says_who_ticked_what(life: Life) -> None:
    room = bad_deploy(life)
    room.click("ana", "take-runbook")
    listed = next(m for m in room.messages() if "tick-steps" in shown(m))
    boxes = next(
        element
        for block in listed["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "checkboxes"
    )
    first = boxes["options"][0]
    done = life.world.act(
        "select",
        "ben",
        channel=room.id,
        ts=listed["ts"],
        action_id=boxes["action_id"],
        value=[first["value"]],
    )
    assert done["ok"], done
    life.settle()
    ticked = next(m for m in room.messages() if m["ts"] == listed["ts"])
    assert re.search(rf"done: step {first['value']}, <@U02BEN> at \d\d:\d\d UTC", shown(ticked))


@pytest.mark.parametrize(("words", "answer"), MENTIONED)
def test_a_mention_in_a_thread_answers_as_the_command_does(
    shared: Life, words: str, answer: str
) -> None:
    room = next(
        (Room(shared, r["id"]) for r in shared.world.channels() if "notes" in r["name"]), None
    ) or paged(shared, "notes", "Notes do not save")
    before = len(room.whispers("tom")) + len(room.messages())
    mentioned(shared, room, "tom", words)
    heard = [*room.whispers("tom"), *(shown(m) for m in room.messages() if m["bot_id"])]
    assert len(room.whispers("tom")) + len(room.messages()) > before + 1
    assert any(answer.lower() in said.lower() for said in heard)


def test_the_log_holds_no_secret_and_no_word_that_people_wrote(life: Life) -> None:
    words = "the quick zebra broke the login cache"
    room = bad_deploy(life)
    room.say("ana", f"note {words}")
    room.write("ben", words)
    room.say("ana", f"did {words}")
    room.propose("ana")
    room.say("tom", f"update {words}")
    said = life.bot.words()
    assert said.strip()
    assert "zebra" not in said
    assert [secret for secret in SECRETS if secret in said] == []
