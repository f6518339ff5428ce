"""The whole flow with every vendor call failing once, in each way in which calls fail."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.living import Life, wait_for
from tests.stories.calls import FAULTS, LOOKS, MAIN, named, spared, spoil
from tests.stories.walking import (
    Room,
    alive,
    bad_deploy,
    branches,
    pages,
    said,
    shown,
    what_of,
)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", FAULTS)
def test_the_flow_ends_the_same_when_every_vendor_call_fails_once(
    tmp_path: Path, kind: str
) -> None:
    with alive(
        tmp_path, before=lambda world: spoil(world, kind, MAIN, LOOKS), patience=150
    ) as life:
        room = walk(life)
        judge(life, room)
        assert spared(life) - {f"{system} {name}" for system, name in named(LOOKS)} == set()


def judge(life: Life, room: Room) -> None:
    assert picture(life, room) == {
        "channels": 1,
        "said twice": [],
        "pins": 1,
        "bookmarked twice": 0,
        "lines where everybody looks": 1,
        "rollbacks": ["tocsin"],
        "auto-sync": False,
        "pages": {"resolved"},
        "customers": {"Problems with LMS": ["monitoring", "investigating"]},
        "tickets": ["alert on missing columns"],
        "links": 1,
        "pull requests": 1,
        "postmortems": 1,
        "parked": [],
    }


def walk(life: Life) -> Room:
    """From the page to the ticket, as people who press again when they are asked to."""
    room = bad_deploy(life)
    life.world.page(service="lms", title="Course pages fail in the probes", urgency="high")
    wait(life, lambda: room.marked("card") and room.seen()["pins"], "the pinned card")
    insist(life, lambda: invited(life, room), "the on-call in the channel")
    wait(life, lambda: "Suspect: lms" in shown(room.card()), "the suspect")
    room.life.world.act("click", "ana", channel=room.id, action_id="acknowledge")
    wait(life, lambda: _all(life) == {"acknowledged"}, "the acknowledgement")
    life.world.act("command", "maya", channel=room.id, text="/incident role comms")
    wait(life, lambda: "Communications: <@U04MAYA>" in shown(room.card()), "communications")
    _status_page(life, room)
    _rollback(life, room)
    _status_page(life, room)
    life.world.act("command", "ana", channel=room.id, text="/incident resolve rolled back to r141")
    wait(life, lambda: _all(life) == {"resolved"}, "the pages to be resolved")
    life.world.advance(10)
    wait(life, lambda: room.marked("postmortem-written"), "the postmortem")
    what = "alert on missing columns done when a test page fires for one"
    life.world.act("command", "ana", channel=room.id, text=f"/incident follow-up {what}")
    wait(life, lambda: room.marked("follow-up-ticketed"), "the ticket")
    life.settle()
    life.world.advance(30)
    life.settle()
    return room


def invited(life: Life, room: Room) -> bool:
    """Whom the pager did not name is asked for again in 20 s."""
    life.world.advance(21)
    life.settle()
    return {"U01ANA", "U02BEN"} <= set(room.seen()["members"])


def _status_page(life: Life, room: Room) -> None:
    """What customers read, once more."""
    before = len(room.marked("public-update-posted"))

    def drafted() -> bool:
        life.world.act("click", "maya", channel=room.id, ts=room.card()["ts"], action_id="menu")
        life.settle()
        life.world.act("click", "maya", action_id="statuspage-form")
        life.settle()
        # One request a second is what the status page allows: the form is filled a little later.
        time.sleep(3)
        life.settle()
        open_forms = life.world.state()["slack"]["modals"].get("U04MAYA") or [{"body": {}}]
        return bool(open_forms[-1]["body"].get("submit"))

    insist(life, drafted, "the draft for customers")
    done = life.world.act("submit", "maya", values={})
    assert done["ok"], done
    wait(life, lambda: len(room.marked("public-update-posted")) > before, "the status page")


def _rollback(life: Life, room: Room) -> None:
    def proposed() -> bool:
        life.world.act("command", "ana", channel=room.id, text="/incident rollback lms r141")
        life.settle()
        return bool(room.marked("mitigation:"))

    def approved() -> bool:
        # What could not be read makes it high risk, or reads differently a moment later.
        if "Void" in shown(room.proposal()):
            proposed()
        life.world.act("click", "ben", channel=room.id, action_id="approve")
        life.settle()
        told = shown(room.proposal())
        return "Waiting for approval" not in told and "Void" not in told

    insist(life, proposed, "the proposal")
    insist(life, approved, "the approval")
    for _ in range(30):
        life.settle()
        if "Recovered" in shown(room.proposal()):
            return
        if "Stuck" in shown(room.proposal()):
            # Its request was lost on the way, and Argo CD shows that nothing came of it.
            life.world.act("click", "ben", channel=room.id, action_id="stuck-leave")
            life.settle()
            insist(life, lambda: proposed() and "Waiting" in shown(room.proposal()), "another")
            insist(life, approved, "its approval")
        life.world.advance(45)
    raise AssertionError(shown(room.proposal()))


def wait(life: Life, found: Callable[[], Any], what: str) -> None:
    """Nobody does anything; the engine tries again by itself, at its own pace."""
    wait_for(found, what, 150)


def insist(life: Life, step: Callable[[], bool], what: str) -> None:
    """A person presses again when told that it did not work."""
    for _ in range(12):
        if step():
            return
    raise AssertionError(f"never came: {what}")


def _all(life: Life) -> set[str]:
    return {page["status"] for page in pages(life)}


def picture(life: Life, room: Room) -> dict[str, Any]:
    """What the world looks like in the end, as far as it must not depend on the way there."""
    state = life.world.state()
    rooms = life.world.channels("")
    marks = Counter(f"{r['name']} {what_of(m)}" for r in rooms for m in said(r) if what_of(m))
    links = [b["link"] for b in room.seen()["bookmarks"]]
    tickets = list(state["jira"]["tickets"].values())
    lms = state["argocd"]["apps"]["lms"]
    return {
        "channels": len(life.world.channels()),
        "said twice": [name for name, count in marks.items() if count > 1],
        "pins": len(room.seen()["pins"]),
        "bookmarked twice": len(links) - len(set(links)),
        "lines where everybody looks": marks["incidents announcement"],
        "rollbacks": [h["by"] for h in lms["history"][7:] if h["by"]],
        "auto-sync": lms["automated"],
        "pages": _all(life),
        "customers": {
            i["name"]: [u["status"] for u in i["incident_updates"]]
            for i in state["statuspage"]["incidents"]
        },
        "tickets": [t["summary"] for t in tickets],
        "links": sum(len(t["links"]) for t in tickets),
        "pull requests": len(state["github"]["demo/postmortems"]["pulls"]),
        "postmortems": len(branches(life)),
        "parked": [w for w in life.bot.ready()["warnings"] if "park" in w],
    }
