"""How it ends: resolved with proof or a reason, told to customers, learnt from, and taken up again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.living import Life
from tests.stories.walking import (
    Room,
    actions,
    alive,
    bad_deploy,
    branches,
    calm,
    form,
    git,
    mark,
    paged,
    pages,
    postmortem,
    postmortem_path,
    sent,
    shown,
)


def status_posts(life: Life) -> list[dict[str, Any]]:
    return life.world.state()["statuspage"]["incidents"]


def draft_for_customers(room: Room, person: str) -> dict[str, Any]:
    room.click(person, "menu", on=room.card())
    done = room.life.world.act("click", person, action_id="statuspage-form")
    assert done["ok"], done
    return filled(room.life, person)


def filled(life: Life, person: str) -> dict[str, Any]:
    """The status page allows one request a second: the form says so until it is filled."""
    return life.until(
        lambda: body if (body := form(life, person)["body"]).get("submit") else None, "the draft"
    )


def branch_of(room: Room) -> str:
    """The newest postmortem branch of this room, once it is there."""
    calm(room.life, 10)
    assert room.marked("postmortem-written"), room.ours()
    return next(b for b in branches(room.life) if b.removeprefix("postmortem/") in ids(room))


def ids(room: Room) -> str:
    """The small print of the card names the incident."""
    return shown(room.card())


def pull_of(life: Life, branch: str) -> dict[str, Any]:
    pulls = life.world.state()["github"]["demo/postmortems"]["pulls"]
    (found,) = [p for p in pulls if p["head"] == branch]
    return found


def edited_by_hand(life: Life, branch: str, folder: Path, *, old: str, new: str) -> None:
    """Somebody clones the branch, changes the draft, and pushes it."""
    repository = life.world.folder / "demo" / "postmortems.git"
    path = folder / postmortem_path(life, branch)
    _run("git", "clone", "-q", "-b", branch, str(repository), str(folder))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    who = ("-c", "user.name=Kenji", "-c", "user.email=kenji@demo.example")
    _run("git", "-C", str(folder), *who, "commit", "-q", "-am", "What went well")
    _run("git", "-C", str(folder), "push", "-q")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


# Resolving


def test_resolving_without_proof_needs_a_reason(shared: Life) -> None:
    room = paged(shared, "notes", "Notes are slow")
    room.click("ana", "acknowledge", on=room.card())
    room.say("ana", "resolve it went away")
    assert "Nothing proves yet" in room.whispers("ana")[-1]
    assert room.page()["status"] == "acknowledged"
    room.say("ana", "resolve it went away because the provider closed its own incident")
    assert "Not verified: the provider closed its own incident" in room.ours()
    assert room.page()["status"] == "resolved"


def test_the_form_asks_for_the_reason_and_resolves_as_who_pressed(shared: Life) -> None:
    room = paged(shared, "analytics", "Roll-up is late")
    room.click("rita", "acknowledge", on=room.card())
    room.click("rita", "menu", on=room.card())
    shared.world.act("click", "rita", action_id="resolve-form")
    shared.settle()
    assert "Why resolve without proof?" in json.dumps(form(shared, "rita"))
    room.submit("rita", how="the batch caught up", because="nobody uses it at night")
    page = room.page()
    assert page["status"] == "resolved"
    assert page["last_status_change_by"]["summary"] == "Rita Costa"


def test_a_flap_that_nobody_touched_closes_quietly(shared: Life) -> None:
    room = paged(shared, "coupons", "Coupons flap")
    act = {"as": "ben", "do": "resolve", "incident": room.page()["id"]}
    shared.world.post("/pagerduty/act", act)
    shared.settle()
    assert "resolved itself before anybody touched it" in room.ours()
    assert "Resolved" in shown(room.card())
    assert room.marked("resolve-questioned") == []


def test_a_resolve_in_pagerduty_asks_once_where_people_are_at_work(shared: Life) -> None:
    room = paged(shared, "registrar", "Seats are wrong")
    room.say("ana", "note I look at it")
    page = room.page()["id"]
    for do in ("resolve", "reopen", "resolve"):
        shared.world.post("/pagerduty/act", {"as": "ben", "do": do, "incident": page})
        shared.settle()
    question = room.only("resolve-questioned")
    assert "Resolved" not in shown(room.card())
    room.click("ana", "keep-open", on=question)
    room.say("ana", "timeline")
    assert "Ana Lima keeps it open" in room.whispers("ana")[-1]
    question = room.only("resolve-questioned")
    assert actions(question) == []


def test_what_comes_back_is_reopened_and_later_pages_join_it(shared: Life) -> None:
    room = paged(shared, "video-pipeline", "Videos are stuck")
    room.say("ben", "resolve restarted it because it looks fine")
    assert "Resolved" in shown(room.card())
    room.say("kenji", "reopen the queue grows again")
    assert "Reopened" in room.ours()
    assert "Resolved" not in shown(room.card())
    rooms = len(shared.world.channels())
    shared.world.page(service="video-pipeline", title="Videos are stuck still")
    shared.settle()
    calm(shared, 11)
    assert len(shared.world.channels()) == rooms
    assert "Videos are stuck still" in shown(room.marked("joined-pages")[0])


# Customers


def test_customers_are_told_once_and_whoever_posts_takes_communications(shared: Life) -> None:
    room = paged(shared, "lms", "Courses do not open", priority="P2")
    drafted = draft_for_customers(room, "kenji")
    assert "Problems with LMS" in json.dumps(drafted)
    room.submit("kenji")
    assert "Only comms or commander or on-call" in room.whispers("kenji")[-1]
    assert status_posts(shared) == []

    draft_for_customers(room, "ana")
    room.submit("ana", **{"component-cmp-lms": "partial_outage"})
    (post,) = status_posts(shared)
    assert post["status"] == "investigating"
    assert "lms" not in post["incident_updates"][0]["body"].replace("LMS", "")
    assert [c["id"] for c in post["components"]] == ["cmp-lms"]
    assert "Communications: <@U01ANA>" in shown(room.card())

    room.say("ana", "resolve the cache was cold because the errors stopped")
    resolved = room.only("resolved")
    assert "Close the status page" in shown(resolved)
    room.click("ana", "statuspage-form", on=resolved)
    filled(shared, "ana")
    room.submit("ana")
    (post,) = status_posts(shared)
    assert post["status"] == "resolved"
    assert [u["status"] for u in post["incident_updates"]] == ["resolved", "investigating"]


# Learning


def test_the_postmortem_names_roles_hides_secrets_and_keeps_what_people_wrote(
    shared: Life, tmp_path: Path
) -> None:
    room = paged(shared, "cms", "Drafts are gone", priority="P1")
    room.say("ana", "role commander")
    room.say("ana", "note Kenji Mori wrote to kenji@demo.example with password=not-a-real-one-7")
    room.say("kenji", "factor the cache has no alert")
    room.say("ana", "resolve cleared the cache because the errors stopped")
    branch = branch_of(room)
    text = postmortem(shared, branch)
    assert "incident commander" in text
    for hidden in ("Ana Lima", "Kenji Mori", "kenji@demo.example", "not-a-real-one"):
        assert hidden not in text
    assert "the cache has no alert" in text
    assert "without proof of recovery" in text

    edited_by_hand(
        shared,
        branch,
        tmp_path / "clone",
        old="_What would we want to happen again?_",
        new="The runbook was one tap away.",
    )
    room.say("kenji", "factor the deploy had no canary")
    room.say("ana", "postmortem")
    calm(shared, 10)
    again = postmortem(shared, branch)
    assert "The runbook was one tap away." in again
    assert "the deploy had no canary" in again
    assert pull_of(shared, branch)["state"] == "open"
    assert "cms" in git(shared, "show", f"{branch}:postmortems/README.md")


def test_blaming_words_are_remarked_on_in_the_pull_request_once(shared: Life) -> None:
    room = paged(shared, "credentials", "Badges are wrong", priority="P2")
    room.say("ben", "note the responder should have checked the migration")
    room.say("ben", "resolve fixed the data because it was checked by hand")
    branch = branch_of(room)
    calm(shared, 5)
    remarks = pull_of(shared, branch)["review_comments"]
    assert any("counterfactual" in json.dumps(r) for r in remarks), remarks
    room.say("ben", "postmortem")
    calm(shared, 10)
    assert len(pull_of(shared, branch)["review_comments"]) == len(remarks)


def test_a_follow_up_is_one_ticket_linked_both_ways(shared: Life) -> None:
    room = paged(shared, "payments", "Cards are declined", priority="P2")
    room.say("ben", "follow-up alert on declines done when a test decline pages")
    told = room.only("follow-up-ticketed")
    room.say("ben", "resolve the bank is back because cards work")
    branch = branch_of(room)
    calm(shared, 5)
    tickets = shared.world.state()["jira"]["tickets"]
    (mine,) = [t for t in tickets.values() if t["summary"] == "alert on declines"]
    assert mine["key"] in shown(told)
    assert "a test decline pages" in mine["description"]
    assert f"/pull/{pull_of(shared, branch)['number']}" in json.dumps(mine["links"])
    assert mine["key"] in postmortem(shared, branch)


def test_without_jira_follow_ups_are_issues_of_the_repository(tmp_path: Path) -> None:
    off = {"JIRA_URL": "", "JIRA_EMAIL": "", "JIRA_API_TOKEN": "", "JIRA_PROJECT": ""}
    with alive(tmp_path, **off) as life:
        room = paged(life, "payments", "Cards are declined", priority="P2")
        room.say("ben", "follow-up alert on declines done when a test decline pages")
        room.say("ben", "resolve the bank is back because cards work")
        branch = branch_of(room)
        calm(life, 5)
        issues = life.world.state()["github"]["demo/platform"]["issues"]
        (mine,) = [i for i in issues if i["title"] == "alert on declines"]
        assert f"/issues/{mine['number']}" in shown(room.marked("follow-up-ticketed")[0])
        assert f"/pull/{pull_of(life, branch)['number']}" in json.dumps(mine["comments"])
        assert f"/issues/{mine['number']}" in postmortem(life, branch)


def test_a_whole_incident_is_resolved_in_pagerduty_only_where_it_is_clear(life: Life) -> None:
    room = bad_deploy(life)
    life.world.page(service="lms", title="Probes of the LMS fail")
    life.settle()
    room.click("ana", "acknowledge", on=room.card())
    room.approve("ana", room.propose("ana"))
    room.recover()
    # PagerDuty's stamps are whole seconds: this page is clearly later than the proof.
    calm(life, 5)
    before = mark(life)
    life.world.page(service="lms", title="Grades of the LMS are wrong")
    life.settle()
    room.say("ana", "resolve rolled back")
    by_title = {page["title"]: page["status"] for page in pages(life)}
    assert by_title["Probes of the LMS fail"] == "resolved"
    assert by_title["Grades of the LMS are wrong"] == "triggered"
    assert "fired again after the fix" in room.ours()
    assert len(sent(life, "pagerduty", "incidents.update", after=before)) == 1


# Without a catalog


def test_an_empty_catalog_still_opens_acknowledges_notes_and_writes(tmp_path: Path) -> None:
    empty = tmp_path / "catalog"
    empty.mkdir()
    with alive(tmp_path, TOCSIN_CATALOG=str(empty)) as life:
        room = paged(life, "lms", "LMS is slow")
        assert "catalog" in shown(room.card())
        room.click("ana", "acknowledge", on=room.card())
        assert room.page()["status"] == "acknowledged"
        room.say("ana", "note the cache is cold")
        room.say("ana", "resolve warmed the cache because it is fast again")
        room.say("ana", "postmortem")
        branch = branch_of(room)
        assert "the cache is cold" in postmortem(life, branch)
        assert room.page()["status"] == "resolved"
