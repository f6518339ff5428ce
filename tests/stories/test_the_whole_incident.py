"""One incident from the signed webhook to the postmortem, through real Bolt and real HTTP."""

from __future__ import annotations

import json

from tests.living import Life
from tests.stories.walking import bad_deploy, pages, postmortem, sent, shown


def test_a_page_becomes_a_channel_with_one_pinned_card_that_names_the_suspect(life: Life) -> None:
    room = bad_deploy(life)
    seen = room.seen()
    assert seen["name"].startswith("inc-20260310-lms-")
    assert [pin["ts"] for pin in seen["pins"]] == [room.card()["ts"]]
    assert "r141 → r142" in shown(room.card())
    assert "U01ANA" in seen["members"]
    assert len([m for m in room.messages() if m["bot_id"]]) <= 3


def test_the_whole_walk_ends_with_a_postmortem_in_git(life: Life) -> None:
    room = bad_deploy(life)
    room.click("ana", "acknowledge", on=room.card())
    (page,) = pages(life)
    assert page["status"] == "acknowledged"

    proposal = room.propose("ana")
    assert "r142" in shown(proposal)
    room.approve("ana", proposal)
    room.recover()
    assert "Recovered" in shown(room.proposal())
    assert len(sent(life, "argocd", "applications.rollback")) == 1

    room.say("ana", "resolve rolled back to r141")
    life.world.advance(10)
    life.until(lambda: "postmortem/" in json.dumps(life.world.state()["git"]), "the postmortem")
    life.settle()
    text = postmortem(life)
    assert "r141" in text
    assert "Ana Lima" not in text
    (page,) = pages(life)
    assert page["status"] == "resolved"
