"""The whole flow with every vendor call failing once, in each way in which calls fail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.living import Life, wait_for
from tests.stories.walking import (
    Room,
    bad_deploy,
    branches,
    form,
    pages,
    postmortem,
    sent,
    shown,
    what_of,
)

FAULTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "429": {"do": "429", "retry_after": 1},
    "5xx": {"do": "5xx", "status": 502},
    "drop_response": {"do": "drop_response"},
    "refuse": {"do": "refuse"},
    # Slack is waited for 10 s, everybody else 5 s: the work is done after we gave up.
    "latency": {"do": "latency"},
}
LATE = {"slack": 11_500}

CALLS = {
    "slack": (
        "conversations.create", "chat.postMessage", "chat.update", "chat.postEphemeral",
        "pins.add", "bookmarks.add", "bookmarks.list", "conversations.setPurpose",
        "conversations.setTopic", "conversations.invite", "conversations.history",
        "conversations.replies", "users.info", "users.lookupByEmail", "users.conversations",
        "views.open", "views.update", "chat.getPermalink",
    ),
    "pagerduty": (
        "incidents.get", "incidents.update", "incidents.alerts", "incidents.list", "oncalls",
        "services.get", "notes.list", "notes.create",
        "escalation_policies.get", "users.list", "incidents.notes.list", "incidents.notes.create",
    ),
    "argocd": (
        "version", "applications.get", "applications.patch", "applications.rollback",
        "applications.managed", "applications.manifests", "applications.tree",
        "revisions.metadata", "revisions.chart", "applicationsets.get",
    ),
    "newrelic": ("nerdgraph",),
    "statuspage": (
        "components.list", "subscribers.count", "incidents.unresolved", "incidents.create",
        "incidents.get", "incidents.update",
    ),
    "jira": ("search.jql", "issue.create", "issue.remotelink"),
    "github": (
        "repos.compare", "repos.get", "pulls.list", "pulls.create", "pulls.comments.list",
        "pulls.reviews.create",
    ),
}  # fmt: skip


def test_every_call(life: Life) -> None:
    room = walk(life)
    names = Counter((r["system"], r["name"]) for r in life.world.log() if r["kind"] == "request")
    print(json.dumps(sorted(f"{s} {n} {c}" for (s, n), c in names.items()), indent=1))
    print(picture(life, room))
    state = life.world.state()
    print(json.dumps({k: state[k] for k in ("statuspage", "jira", "github", "git")}, indent=1)[:9000])
    print(json.dumps(pages(life)[0], indent=1)[:3000])
    assert 0


def spoil(life: Life, kind: str) -> None:
    for system, names in CALLS.items() if FAULTS[kind] else ():
        for name in names:
            rule = {"service": system, "match": name, "kind": "request", "when": {"times": 1}}
            late = {"ms": LATE.get(system, 6_000)} if kind == "latency" else {}
            life.world.fault(**rule, **FAULTS[kind], **late)


def walk(life: Life, kind: str = "nothing") -> Room:
    """From the page to the ticket, as people who press again when they are asked to."""
    room = bad_deploy(life)
    wait(life, lambda: room.marked("card") and room.seen()["pins"], "the pinned card")
    wait(life, lambda: "r141 → r142" in shown(room.card()), "the suspect")
    room.life.world.act("click", "ana", channel=room.id, action_id="acknowledge")
    wait(life, lambda: pages(life)[0]["status"] == "acknowledged", "the acknowledgement")
    life.world.act("command", "maya", channel=room.id, text="/incident role comms")
    wait(life, lambda: "Communications: <@U04MAYA>" in shown(room.card()), "communications")
    _status_page(life, room)
    _rollback(life, room)
    life.world.act(
        "command", "ana", channel=room.id, text="/incident resolve rolled back to r141"
    )
    wait(life, lambda: pages(life)[0]["status"] == "resolved", "the page to be resolved")
    life.world.advance(10)
    wait(life, lambda: room.marked("postmortem-written"), "the postmortem")
    what = "alert on missing columns done when a test page fires for one"
    life.world.act("command", "ana", channel=room.id, text=f"/incident follow-up {what}")
    wait(life, lambda: room.marked("follow-up-ticketed"), "the ticket")
    life.settle(90)
    life.world.advance(30)
    life.settle(90)
    return room


def _status_page(life: Life, room: Room) -> None:
    def drafted() -> bool:
        life.world.act("click", "maya", channel=room.id, ts=room.card()["ts"], action_id="menu")
        life.settle(60)
        life.world.act("click", "maya", action_id="statuspage-form")
        life.settle(60)
        return bool(form(life, "maya")["body"].get("submit"))

    insist(life, drafted, "the draft for customers")
    done = life.world.act("submit", "maya", values={})
    assert done["ok"], done
    wait(life, lambda: room.marked("public-update-posted"), "the status page")


def _rollback(life: Life, room: Room) -> None:
    def proposed() -> bool:
        life.world.act("command", "ana", channel=room.id, text="/incident rollback lms r141")
        life.settle(60)
        return bool(room.marked("mitigation:"))

    def approved() -> bool:
        life.world.act("click", "ana", channel=room.id, action_id="approve")
        life.settle(60)
        return "Waiting for approval" not in shown(room.proposal())

    insist(life, proposed, "the proposal")
    insist(life, approved, "the approval")
    for _ in range(30):
        life.settle(60)
        if "Recovered" in shown(room.proposal()):
            return
        life.world.advance(45)
    raise AssertionError(shown(room.proposal()))


def wait(life: Life, found: Callable[[], Any], what: str) -> None:
    """Nobody does anything; the engine tries again by itself, at its own pace."""
    wait_for(found, what, 60)


def insist(life: Life, step: Callable[[], bool], what: str) -> None:
    """A person presses again when told that it did not work."""
    for _ in range(12):
        if step():
            return
    raise AssertionError(f"never came: {what}")


def picture(life: Life, room: Room) -> dict[str, Any]:
    """What the world looks like in the end, as far as it must not depend on the way there."""
    state = life.world.state()
    return {}
