"""The calls that the plain way from page to ticket has no need of, each failing once in each way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.living import Life
from tests.stories.calls import ASIDE, FAULTS, spared, spoil
from tests.stories.test_vendor_faults import insist, wait
from tests.stories.walking import Room, alive, form, pages, shown

NO_JIRA = {"JIRA_URL": "", "JIRA_EMAIL": "", "JIRA_API_TOKEN": "", "JIRA_PROJECT": ""}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", FAULTS)
def test_what_the_plain_way_has_no_need_of_survives_failing_once_too(
    tmp_path: Path, kind: str
) -> None:
    extra = {**NO_JIRA, "TOCSIN_CATALOG": str(thin_catalog(tmp_path))}
    with alive(
        tmp_path, before=lambda world: spoil(world, kind, ASIDE), patience=150, **extra
    ) as life:
        playback = opened(life, "video-playback", "Videos do not start")
        graver(life, playback)
        stopped(life, playback)
        marked(life, playback)
        at_home(life)
        coupons = opened(life, "coupons", "Coupons count twice")
        second_person(life, coupons)
        learnt(life, coupons)
        reverted(life)
        stranger(life)
        life.settle()
        life.world.advance(30)
        life.settle()
        assert picture(life) == {
            "priority": "P1",
            "rollbacks": ["tocsin"],
            "asked to help": ["PUANA", "PUTOM"],
            "reverts": 1,
            "remarked twice": [],
            "issues": ["alert on twice"],
            "links from it": 1,
            "parked": [],
        }
        assert spared(life) == set()


def thin_catalog(folder: Path) -> Path:
    """It does not know the data team's on-call, nor Ana's id in PagerDuty: both know themselves."""
    copy = folder / "catalog"
    shutil.copytree("catalog", copy)
    people = copy / "people.yaml"
    known = people.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line.replace("pagerduty: PUANA, ", "") for line in known if "handle: rita" not in line]
    assert len("".join(known)) - len("".join(kept)) > len("pagerduty: PUANA, ")
    people.write_text("".join(kept), encoding="utf-8")
    return copy


def stranger(life: Life) -> None:
    """Whom only Slack knows is found by the e-mail address."""
    room = opened(life, "analytics", "Reports are late")

    def invited() -> bool:
        life.world.advance(21)
        life.settle()
        return "U06RITA" in room.seen()["members"]

    insist(life, invited, "the on-call whom only Slack knows")


def opened(life: Life, service: str, title: str) -> Room:
    known = {room["id"] for room in life.world.channels()}
    life.world.page(service=service, title=title, priority="P2")
    wait(life, lambda: {r["id"] for r in life.world.channels()} - known, "the channel")
    (new,) = {r["id"] for r in life.world.channels()} - known
    room = Room(life, new)
    wait(life, lambda: room.marked("card") and room.seen()["pins"], "the pinned card")
    life.settle()
    return room


def graver(life: Life, room: Room) -> None:
    room.say("ana", "severity 1")
    wait(life, lambda: priority(life) == "P1", "the priority")


def stopped(life: Life, room: Room) -> None:
    """A running sync is told to stop, and the rollback follows."""
    life.world.post("/argocd/knobs", {"app": "video-playback", "running_sync": True})

    def proposed() -> bool:
        life.world.act("command", "ana", channel=room.id, text="/incident rollback")
        life.world.act("command", "ana", channel=room.id, text="/incident rollback video-playback")
        life.settle()
        return bool(room.marked("mitigation:"))

    def approved() -> bool:
        life.world.act("click", "ben", channel=room.id, action_id="approve")
        life.settle()
        return "Waiting for approval" not in shown(room.proposal())

    insist(life, proposed, "the proposal")
    insist(life, approved, "the approval")
    for _ in range(20):
        life.settle()
        if any(word in shown(room.proposal()) for word in ("Under way", "Recovered")):
            return
        life.world.advance(4)
    raise AssertionError(shown(room.proposal()))


def marked(life: Life, room: Room) -> None:
    ts = room.write("kenji", "the edge cache answers with 404")
    life.world.act("react", "ana", channel=room.id, ts=ts, name="pushpin")

    def told() -> bool:
        life.world.advance(3)
        room.say("ana", "timeline")
        return "Kenji Mori: the edge cache answers with 404" in "".join(room.whispers("ana"))

    insist(life, told, "the marked message")


def at_home(life: Life) -> None:
    life.world.act("home", "tom")

    def there() -> bool:
        homes = json.dumps(life.world.state()["slack"]["homes"])
        return "Videos do not start" in homes

    wait(life, there, "the App Home")


def second_person(life: Life, room: Room) -> None:
    """Nobody answers: a colleague is paged, once, and then another."""

    def proposed() -> bool:
        life.world.act("command", "ben", channel=room.id, text="/incident rollback coupons")
        life.settle()
        return bool(room.marked("mitigation:"))

    def offered(name: str) -> bool:
        life.world.act("close", "ben", all=True)
        life.world.act("click", "ben", channel=room.id, action_id="break-glass-form")
        life.settle()
        return f"Page {name}" in json.dumps(form(life, "ben"))

    insist(life, proposed, "the proposal")
    for count, name in enumerate(("Ana Lima", "Tom Weber"), start=1):
        insist(life, lambda who=name: offered(who), f"that {name} could approve")  # type: ignore[misc]
        done = life.world.act("click", "ben", text=f"Page {name}")
        assert done["ok"], done
        wait(life, lambda n=count: len(page_of(life, "coupons")["responders"]) == n, name)  # type: ignore[misc]


def learnt(life: Life, room: Room) -> None:
    """A postmortem with words to remark on, and a follow-up that leads to it."""
    life.world.act("close", "ben", all=True)
    room.say("ben", "note the responder should have checked the coupons")
    room.say("ben", "follow-up alert on twice done when a coupon that counts twice pages")
    wait(life, lambda: room.marked("follow-up-ticketed"), "the ticket")
    room.say("ben", "resolve fixed by hand because it was looked at")
    life.world.advance(10)
    wait(life, lambda: room.marked("postmortem-written"), "the postmortem")
    wait(life, lambda: remarks(life), "the remarks")
    wait(life, lambda: links(life), "the link from the ticket")


def reverted(life: Life) -> None:
    """An owner would undo it: the way through git."""
    life.world.post("/world", {"set": {"discovery.revision": "r204"}})
    life.world.advance(60)
    room = opened(life, "discovery", "Search finds nothing")

    def offered() -> bool:
        life.world.act("command", "ana", channel=room.id, text="/incident rollback discovery r203")
        life.settle()
        return bool(room.marked("revert-offered"))

    insist(life, offered, "the way through git")
    room.click("ana", "open-revert", on=room.marked("revert-offered")[0])
    wait(life, lambda: room.marked("revert-opened"), "the revert")


def page_of(life: Life, service: str) -> dict[str, Any]:
    """The one page of this service, by the words of its title."""
    title = {"video-playback": "Videos do not start", "coupons": "Coupons count twice"}[service]
    return next(page for page in pages(life) if page["title"] == title)


def priority(life: Life) -> str:
    return str((page_of(life, "video-playback")["priority"] or {}).get("name", ""))


def remarks(life: Life) -> list[str]:
    pulls = life.world.state()["github"]["demo/postmortems"]["pulls"]
    return [remark["body"] for pull in pulls for remark in pull["review_comments"]]


def links(life: Life) -> list[str]:
    issues = life.world.state()["github"]["demo/platform"]["issues"]
    return [json.dumps(each) for issue in issues for each in issue["comments"]]


def picture(life: Life) -> dict[str, Any]:
    """What the world looks like in the end, whatever failed on the way."""
    state = life.world.state()
    platform = state["github"]["demo/platform"]
    told = remarks(life)
    return {
        "priority": priority(life),
        "rollbacks": [
            h["by"] for h in state["argocd"]["apps"]["video-playback"]["history"] if h["by"]
        ],
        "asked to help": [one["user"] for one in page_of(life, "coupons")["responders"]],
        "reverts": len([p for p in platform["pulls"] if "discovery" in p["title"]]),
        "remarked twice": [text for text in set(told) if told.count(text) > 1],
        "issues": [i["title"] for i in platform["issues"] if i["title"].startswith("alert")],
        "links from it": len(links(life)),
        "parked": [w for w in life.bot.ready()["warnings"] if "park" in w],
    }
