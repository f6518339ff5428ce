"""One incident from the signed webhook to the postmortem, through real Bolt and real HTTP."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.living import Life


def begin(life: Life) -> dict[str, Any]:
    """The bad deploy, the page, and the channel with its card."""
    life.world.post("/scenario", {"id": "bad-lms-deploy", "speed": 1})
    life.world.advance(260)
    life.until(lambda: life.world.channels(), "the channel")
    life.settle()
    return life.room()


def messages(life: Life) -> list[dict[str, Any]]:
    found = life.room()["messages"]
    return list(found.values()) if isinstance(found, dict) else found


def card(life: Life) -> dict[str, Any]:
    return next(
        m
        for m in messages(life)
        if (m["metadata"] or {}).get("event_payload", {}).get("what") == "card"
    )


def marked(life: Life, what: str) -> dict[str, Any]:
    """Our message with this marker; `what` is the beginning of it."""
    return next(
        m
        for m in messages(life)
        if (m["metadata"] or {}).get("event_payload", {}).get("what", "").startswith(what)
    )


def shown(message: dict[str, Any]) -> str:
    return json.dumps(message["blocks"], ensure_ascii=False)


def roll_back(life: Life, person: str = "ana") -> dict[str, Any]:
    """Proposed by this person from the card; the proposal's own card."""
    room = life.room()["id"]
    life.world.act("click", person, channel=room, ts=card(life)["ts"], action_id="rollback-form")
    life.settle()
    life.world.act("submit", person, values={})
    life.settle()
    return marked(life, "mitigation:")


def recover(life: Life) -> None:
    """Time passes until the numbers prove it."""
    for _ in range(12):
        life.world.advance(75)
        life.settle()
        if "Recovered" in shown(marked(life, "mitigation:")):
            return
    raise AssertionError(shown(marked(life, "mitigation:")))


def postmortem(life: Life) -> str:
    repository = life.world.folder / "demo" / "postmortems.git"
    branches = git(repository, "branch", "--list", "postmortem/*", "--format=%(refname:short)")
    branch = branches.split()[0]
    names = git(repository, "ls-tree", "-r", "--name-only", branch).splitlines()
    path = next(n for n in names if n.startswith("postmortems/2026/"))
    return git(repository, "show", f"{branch}:{path}")


def git(repository: Any, *arguments: str) -> str:
    done = subprocess.run(
        ["git", f"--git-dir={repository}", *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_page_becomes_a_channel_with_one_pinned_card_that_names_the_suspect(life: Life) -> None:
    room = begin(life)
    seen = shown(card(life))
    assert room["name"].startswith("inc-20260310-lms-")
    assert [pin["ts"] for pin in room["pins"]] == [card(life)["ts"]]
    assert "r141 → r142" in seen
    assert "U01ANA" in room["members"]
    assert len([m for m in messages(life) if m["bot_id"]]) <= 3


def test_the_whole_walk_ends_with_a_postmortem_in_git(life: Life) -> None:
    room = begin(life)["id"]
    life.world.act("click", "ana", channel=room, ts=card(life)["ts"], action_id="acknowledge")
    life.settle()
    page = life.world.state()["pagerduty"]["incidents"][0]
    assert page["status"] == "acknowledged"

    proposal = roll_back(life)
    assert "r142" in shown(proposal)
    life.world.act("click", "ana", channel=room, ts=proposal["ts"], action_id="approve")
    life.settle()
    recover(life)
    sent = [r for r in life.world.log(system="argocd") if r["name"] == "applications.rollback"]
    assert len(sent) == 1

    life.world.act("command", "ana", channel=room, text="/incident resolve rolled back to r141")
    life.settle()
    life.world.advance(10)
    life.until(lambda: "postmortem/" in json.dumps(life.world.state()["git"]), "the postmortem")
    life.settle()
    text = postmortem(life)
    assert "r141" in text
    assert "Ana Lima" not in text
    page = life.world.state()["pagerduty"]["incidents"][0]
    assert page["status"] == "resolved"
