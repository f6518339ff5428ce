"""Changes to production: agreed to by the right people, sent once, proven, and put back afterwards."""

from __future__ import annotations

import json
from pathlib import Path

from tests.living import Life
from tests.stories.walking import (
    Room,
    actions,
    alive,
    bad_deploy,
    calm,
    form,
    mark,
    paged,
    said,
    sent,
    shown,
)

ROLLBACK = "applications.rollback"


def app(life: Life, name: str) -> dict:
    return life.world.state()["argocd"]["apps"][name]


def knobs(life: Life, name: str, **said: object) -> None:
    life.world.post("/argocd/knobs", {"app": name, **said})


def under_way(room: Room) -> None:
    """The request is out; nothing is proven yet."""
    for _ in range(8):
        if "Under way" in shown(room.proposal()):
            return
        calm(room.life, 3)
    raise AssertionError(shown(room.proposal()))


# Who has to agree


def test_high_risk_needs_another_person_and_is_undone_like_it_was_done(shared: Life) -> None:
    room = paged(shared, "payments", "Card payments fail")
    before = mark(shared)
    proposal = room.propose("ana")
    assert "High risk" in shown(proposal)
    room.approve("ana", proposal)
    assert "may not approve your own request" in room.whispers("ana")[-1]
    room.approve("kenji", room.proposal())
    assert "you are none of these" in room.whispers("kenji")[-1]
    assert sent(shared, "argocd", ROLLBACK, after=before) == []

    room.approve("ben", room.proposal())
    room.recover()
    assert "Recovered" in shown(room.proposal())
    assert len(sent(shared, "argocd", ROLLBACK, after=before)) == 1

    room.click("ana", "undo", on=room.proposal())
    undo = room.proposal()
    assert "Undo: put payments back on" in shown(undo)
    room.approve("ben", undo)
    room.recover()
    first, second = room.marked("mitigation:")
    assert "Undone" in shown(first)
    assert "Recovered" in shown(second)
    assert len(sent(shared, "argocd", ROLLBACK, after=before)) == 2


def test_who_is_left_alone_breaks_glass_after_five_minutes_and_everybody_hears_it(
    shared: Life,
) -> None:
    room = paged(shared, "transcripts", "Transcripts are empty")
    proposal = room.propose("ben")
    going = {"typed": "transcripts", "reason": "learners apply tonight"}
    room.click("ben", "break-glass-form", on=proposal)
    room.submit("ben", **going)
    assert "after that you may go alone" in room.whispers("ben")[-1]

    calm(shared, 310)
    room.click("ben", "break-glass-form", on=room.proposal())
    wrong = shared.world.act("submit", "ben", values={**going, "typed": "payments"})
    assert "Type the service's name" in json.dumps(wrong)
    room.submit("ben", **going)
    under_way(room)
    assert "learners apply tonight" in shown(room.proposal())
    everybody = next(r for r in shared.world.channels("incidents"))
    assert [m for m in said(everybody) if "Break-glass" in shown(m) and room.id in shown(m)]


def test_a_second_person_is_paged_with_one_tap(shared: Life) -> None:
    room = paged(shared, "coupons", "Coupons count twice")
    proposal = room.propose("ben")
    room.click("ben", "break-glass-form", on=proposal)
    asked = form(shared, "ben")
    assert "Page Ana Lima" in json.dumps(asked)
    done = shared.world.act("click", "ben", text="Page Ana Lima")
    assert done["ok"], done
    shared.settle()
    assert "U01ANA" in shown(room.proposal())
    assert len(sent(shared, "pagerduty", "incidents.responder_requests")) == 1


def test_an_approval_that_nobody_gives_expires(shared: Life) -> None:
    room = paged(shared, "registrar", "Seats are not freed")
    room.propose("ana")
    calm(shared, 15 * 60 + 5)
    calm(shared, 3)
    assert "Expired without approval" in shown(room.proposal())
    assert "Nothing was changed" in shown(room.proposal())
    assert actions(room.proposal()) == ["rollback-form:registrar"]


def test_an_approval_for_a_world_that_moved_is_void(shared: Life) -> None:
    room = paged(shared, "credentials", "Badges are blank")
    before = mark(shared)
    proposal = room.propose("ana")
    shared.world.post("/world", {"set": {"credentials.revision": "r32"}})
    room.approve("ben", proposal)
    calm(shared, 3)
    assert "Void: the world moved" in shown(room.proposal())
    assert "r32" in shown(room.proposal())
    assert sent(shared, "argocd", ROLLBACK, after=before) == []


def test_two_who_approve_at_once_have_one_effect(shared: Life) -> None:
    room = paged(shared, "enterprise", "Enterprise reports fail")
    before = mark(shared)
    proposal = room.propose("ana")
    for person in ("ben", "tom", "ben"):
        shared.world.act("click", person, channel=room.id, ts=proposal["ts"], action_id="approve")
    shared.settle()
    under_way(room)
    assert len(sent(shared, "argocd", ROLLBACK, after=before)) == 1


# What stands in the way


def test_a_running_sync_is_named_and_stopped_by_the_plan(shared: Life) -> None:
    room = paged(shared, "video-playback", "Videos do not start")
    knobs(shared, "video-playback", running_sync=True)
    before = mark(shared)
    proposal = room.propose("ana")
    assert "Stop the running sync of" in shown(proposal)
    assert "*Interrupts*" in shown(proposal)
    room.approve("ben", proposal)
    for _ in range(4):
        calm(shared, 4)
    under_way(room)
    assert len(sent(shared, "argocd", "applications.terminate", after=before)) == 1
    assert len(sent(shared, "argocd", ROLLBACK, after=before)) == 1


def test_a_sync_that_does_not_stop_is_reported_and_nothing_is_sent(shared: Life) -> None:
    room = paged(shared, "media-assets", "Images are missing")
    knobs(shared, "media-assets", running_sync=True, stuck_operation=True)
    before = mark(shared)
    room.approve("ben", room.propose("ana"))
    for _ in range(12):
        calm(shared, 15)
    assert "nothing was sent to production" in shown(room.proposal())
    assert "after it was told to stop" in shown(room.proposal())
    assert sent(shared, "argocd", ROLLBACK, after=before) == []


def test_auto_sync_that_comes_back_stops_the_rollback(shared: Life) -> None:
    room = paged(shared, "identity", "Nobody can sign in")
    knobs(shared, "identity", running_sync=True, stuck_operation=True)
    before = mark(shared)
    room.approve("ben", room.propose("ana"))
    assert not app(shared, "identity")["automated"]
    knobs(shared, "identity", automated=True)
    for _ in range(3):
        calm(shared, 4)
    assert "on again after it was switched off" in shown(room.proposal())
    assert sent(shared, "argocd", ROLLBACK, after=before) == []
    patches = sent(shared, "argocd", "applications.patch", after=before)
    assert len(patches) == 1


def test_an_owner_that_would_undo_it_means_a_revert_pull_request(shared: Life) -> None:
    shared.world.post("/world", {"set": {"discovery.revision": "r204"}})
    calm(shared, 60)
    room = paged(shared, "discovery", "Search finds nothing")
    before = mark(shared)
    room.say("ana", "rollback discovery r203")
    assert room.marked("mitigation:") == []
    offer = room.only("revert-offered")
    assert "ApplicationSet" in shown(offer)
    room.click("ana", "open-revert", on=offer)
    calm(shared, 1)
    opened = room.only("revert-opened")
    pulls = shared.world.state()["github"]["demo/platform"]["pulls"]
    mine = [p for p in pulls if "discovery" in p["title"]]
    assert len(mine) == 1
    assert f"/pull/{mine[0]['number']}" in shown(opened)
    assert app(shared, "discovery")["automated"]
    assert sent(shared, "argocd", "applications.patch", after=before) == []


# Whether it helped


def test_what_argo_cd_cannot_make_healthy_is_not_recovered(shared: Life) -> None:
    room = paged(shared, "peer-assessment", "Reviews are lost")
    knobs(shared, "peer-assessment", degraded="0 of 6 pods are ready")
    room.approve("ben", room.propose("ana"))
    room.recover()
    assert "Not recovered" in shown(room.proposal())
    assert "0 of 6 pods are ready" in shown(room.proposal())
    assert "did not help" in room.ours()


def test_with_few_requests_it_cannot_tell_yet(shared: Life) -> None:
    shared.world.post("/newrelic/knobs", {"app": "cms", "traffic": "low"})
    room = paged(shared, "cms", "Drafts are lost")
    room.approve("tom", room.propose("ana"))
    under_way(room)
    for _ in range(5):
        calm(shared, 20)
    assert "cannot tell yet" in shown(room.proposal())
    assert "requests" in shown(room.proposal())


def test_without_metrics_it_says_since_when_it_is_blind(shared: Life) -> None:
    room = paged(shared, "ecommerce", "Baskets are empty")
    proposal = room.propose("ana")
    shared.world.post("/newrelic/knobs", {"app": "ecommerce", "silent": True})
    room.approve("ben", proposal)
    under_way(room)
    for _ in range(6):
        calm(shared, 60)
    assert "blind" in shown(room.proposal())
    assert "since 1" in shown(room.proposal())
    shared.world.post("/newrelic/knobs", {"app": "ecommerce", "silent": False})


def test_a_fix_made_by_hand_is_verified_the_same_way(shared: Life) -> None:
    room = paged(shared, "forums", "Threads are empty")
    room.say("kenji", "did restarted the workers")
    for _ in range(14):
        calm(shared, 60)
    verdict = room.only("watch-concluded")
    assert "Recovered" in shown(verdict)
    assert "restarted the workers" in shown(room.card()) or "Root cause" in shown(room.card())
    room.say("kenji", "resolve restarted the workers")
    assert "Resolved" in shown(room.card())


# What stays behind


def test_auto_sync_is_put_back_exactly_once_git_does_not_deploy_the_bad_revision(
    life: Life,
) -> None:
    room = bad_deploy(life)
    policy = app(life, "lms")["syncPolicy"]
    room.approve("ana", room.propose("ana"))
    room.recover()
    assert app(life, "lms")["syncPolicy"] != policy
    assert "auto-sync is off" in shown(room.card())

    put_back(room, "ana")
    blocked = room.only("leftover-blocked")
    assert "Git still deploys r142" in shown(blocked)
    assert not app(life, "lms")["automated"]

    room.click("ana", "open-revert", on=blocked)
    calm(life, 1)
    blocked = room.only("leftover-blocked")
    assert actions(blocked) == []
    assert "Ana Lima asked for the revert pull request" in shown(blocked)
    pulls = life.world.state()["github"]["demo/platform"]["pulls"]
    (pull,) = [p for p in pulls if "r142" in p["title"] or "lms" in p["title"]]
    life.world.post("/github/merge", {"number": pull["number"]})
    calm(life, 10)
    put_back(room, "ana")
    calm(life, 10)
    assert app(life, "lms")["syncPolicy"] == policy
    assert "Cleared: auto-sync is off" in room.ours()
    assert "r141" in json.dumps(life.world.state()["world"]["facts"]["lms-web"]["revision"])


def put_back(room: Room, person: str) -> None:
    room.say(person, "leftovers")
    done = room.life.world.act("click", person, channel=room.id, text="Turn auto-sync")
    assert done["ok"], done
    room.life.settle()


def test_a_leftover_clears_itself_when_the_world_shows_it(shared: Life) -> None:
    room = paged(shared, "notifications", "Notifications are late")
    room.approve("ben", room.propose("ana"))
    room.recover()
    assert "auto-sync is off" in shown(room.card())
    knobs(shared, "notifications", automated=True)
    calm(shared, 5 * 60 + 5)
    calm(shared, 11)
    assert "Cleared: auto-sync is off" in room.ours()


def test_frozen_mitigations_are_not_proposed(shared: Life) -> None:
    room = paged(shared, "file-uploads", "Uploads fail")
    room.say("tom", "freeze-mitigations the database fails over")
    room.say("ana", "rollback file-uploads")
    assert "frozen by Tom Weber" in room.whispers("ana")[-1]
    assert room.marked("mitigation:") == []
    room.say("ana", "unfreeze-mitigations")
    room.propose("ana", "file-uploads")


def test_in_observe_mode_plans_are_shown_and_nothing_is_written(tmp_path: Path) -> None:
    with alive(tmp_path, TOCSIN_MODE="observe") as life:
        room = bad_deploy(life)
        assert "Observe mode" in shown(room.card())
        room.click("ana", "acknowledge", on=room.card())
        assert "r142" in shown(room.propose("ana"))
        room.approve("ana", room.proposal())
        room.say("ana", "follow-up alert earlier done when an alert exists")
        room.say("ana", "resolve because we only watch")
        calm(life, 10)
        assert "bserve" in room.ours()
        asked = [r for r in life.world.log() if r["kind"] == "request" and r["system"] != "slack"]
        reads = {"nerdgraph", "search.jql"}
        wrote = [r for r in asked if r["method"] not in ("GET", "HEAD") and r["name"] not in reads]
        assert [f"{r['system']} {r['name']}" for r in wrote] == []
        assert "postmortem/" not in json.dumps(life.world.state()["git"])


def test_without_argo_cd_it_says_so_and_verifies_what_people_did(tmp_path: Path) -> None:
    with alive(tmp_path, ARGOCD_PRODUCTION_TOKEN="") as life:
        room = bad_deploy(life)
        assert "Argo CD" in shown(room.card())
        room.say("ana", "rollback lms r141")
        assert "Argo CD" in room.whispers("ana")[-1]
        assert room.marked("mitigation:") == []
        life.world.post("/world", {"set": {"lms-web.revision": "r141"}})
        room.say("ana", "did kubectl rollout undo")
        for _ in range(14):
            calm(life, 60)
        verdict = room.only("watch-concluded")
        assert "Recovered" in shown(verdict)
