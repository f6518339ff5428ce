"""Argo CD through our deployer, against the demo world: offers, plans, the one request, the way back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.catalog import Deployment
from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected
from bot.domain.mitigation import (
    Cleared,
    Ready,
    Receipt,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
    Waiting,
)
from bot.integrations.argocd import ArgoCD
from tests.integrations.worlds import OPEN, SHUT, WorldClock, fault, sent, url

LMS = Deployment(service="lms", environment="production", app="lms", project="platform")


@pytest.fixture
def clock(demo):
    return WorldClock(demo)


@pytest.fixture
def argo(demo, clock):
    made = ArgoCD(url(demo, "/argocd"), "argo-demo-token", gate=OPEN, clock=clock)
    yield made
    made.close()


@pytest.fixture
def bad_release(demo):
    """r142 has been deployed, by auto-sync, a few minutes ago."""
    demo.post("/world", set={"lms-web.revision": "r142"})
    demo.advance(300)


@pytest.fixture
def plan(argo, bad_release):
    return argo.plan_rollback(LMS, "r141")


def knobs(demo, **said):
    answer = demo.post("/argocd/knobs", **said)
    assert "error" not in answer, answer


def prepared(demo, argo, plan, attempt="a1"):
    """Waits as the engine does: comes back until it is ready."""
    for _ in range(20):
        match argo.prepare_rollback(plan, attempt):
            case Ready() as ready:
                return ready
            case Waiting():
                demo.advance(2)
    raise AssertionError("it was never ready")


def state_of(demo, app="lms"):
    return demo.get("/state")["argocd"]["apps"][app]


def test_the_newest_different_revision_is_suggested(argo, bad_release):
    offers = argo.offers(LMS, before=None)
    assert [each.label for each in offers][:2] == ["r141", "r140"]
    assert [each.label for each in offers if each.suggested] == ["r141"]


def test_an_offer_says_who_made_it_and_what_it_is(demo, argo, bad_release):
    offer = argo.offers(LMS, before=None)[0]
    commit = demo.sim.github.platform.commits[offer.target]
    assert offer.image == "registry.demo.example/lms:r141"
    assert offer.author == commit.author.name
    assert offer.message == commit.message.splitlines()[0]
    assert offer.chart.startswith("lms-")
    assert offer.title == "Roll lms back to r141"


def test_a_repeated_sync_of_one_revision_is_offered_once(argo, bad_release):
    labels = [each.label for each in argo.offers(LMS, before=None)]
    assert len(labels) == len(set(labels))


def test_what_was_deployed_after_the_incident_began_is_not_suggested(argo, clock, bad_release):
    long_ago = clock.now() - timedelta(days=2)
    (offer,) = [each for each in argo.offers(LMS, before=long_ago) if each.suggested]
    assert offer.label == "r140"


def test_a_revision_that_was_rolled_back_from_is_not_suggested_again(demo, argo, plan):
    prepared(demo, argo, plan)
    argo.roll_back(plan, "a1")
    demo.advance(60)
    bad = next(each for each in argo.offers(LMS, before=None) if each.label == "r142")
    assert "rolled back from" in bad.warning
    assert not bad.suggested


def test_the_plan_shows_the_exact_change(plan):
    rows = {each.what: (each.before, each.after) for each in plan.differences}
    assert rows["revision"] == ("r142", "r141")
    image = next(value for what, value in rows.items() if what.startswith("image of"))
    assert image == ("registry.demo.example/lms:r142", "registry.demo.example/lms:r141")
    assert rows["chart"] == ("lms-3.8.1", "lms-3.8.0")
    assert any(what.startswith("COHORTS_API") for what in rows)


def test_the_plan_says_what_happens_to_auto_sync(plan):
    assert "automated.enabled: false" in plan.steps[0]
    assert plan.leftovers == ("auto-sync is off",)


def test_an_older_argo_cd_loses_the_whole_rule(demo, argo, bad_release):
    knobs(demo, version="v3.0.23+abc")
    plan = argo.plan_rollback(LMS, "r141")
    assert "automated removed" in plan.steps[0]
    prepared(demo, argo, plan)
    assert "automated" not in state_of(demo)["syncPolicy"]


def test_a_target_is_found_by_label_commit_and_history_id(argo, plan):
    found = [argo.plan_rollback(LMS, each).target for each in (plan.target, plan.target[:8])]
    number = json.loads(plan.state)["argocd"]["history_id"]
    found.append(argo.plan_rollback(LMS, f"#{number}").target)
    assert found == [plan.target] * 3


def test_an_unknown_target_is_refused_with_the_known_ones(argo, bad_release):
    with pytest.raises(Refused, match=r"has no r7\. It can go back to: r141, r140"):
        argo.plan_rollback(LMS, "r7")


def test_what_runs_already_is_refused(argo, bad_release):
    with pytest.raises(Refused, match="already runs r142"):
        argo.plan_rollback(LMS, "r142")


def test_a_service_without_an_application_is_refused(argo):
    with pytest.raises(Refused, match="no Argo CD application"):
        argo.offers(replace(LMS, app=""), before=None)


def test_a_rollback_is_one_request_and_heals(demo, argo, plan, clock):
    assert prepared(demo, argo, plan).done == ("auto-sync of lms is off",)
    receipt = argo.roll_back(plan, "a1")
    assert isinstance(argo.progress(plan, receipt), TooEarly)
    demo.advance(60)
    verdict = argo.progress(plan, receipt)
    assert isinstance(verdict, Settled)
    assert verdict.at <= clock.now()
    (request,) = sent(demo, "argocd", "applications.rollback")
    assert request.request["prune"] is False
    assert demo.sim.world["lms-web.revision"] == "r141"


def test_progress_is_told_while_it_rolls_out(demo, argo, plan):
    prepared(demo, argo, plan)
    receipt = argo.roll_back(plan, "a1")
    demo.advance(20)
    assert argo.progress(plan, receipt) == TooEarly(progress="deployed, Progressing…")


def test_a_failed_operation_is_unhealthy_with_its_message(demo, argo, plan):
    knobs(demo, fails="one or more objects failed to apply")
    prepared(demo, argo, plan)
    receipt = argo.roll_back(plan, "a1")
    demo.advance(30)
    assert argo.progress(plan, receipt) == Unhealthy(
        why="Argo CD could not finish the rollback: one or more objects failed to apply"
    )


def test_a_degraded_application_is_unhealthy_after_it_had_time(demo, argo, plan):
    knobs(demo, degraded="Deployment exceeded its progress deadline")
    prepared(demo, argo, plan)
    receipt = argo.roll_back(plan, "a1")
    demo.advance(50)
    assert isinstance(argo.progress(plan, receipt), TooEarly)
    demo.advance(120)
    verdict = argo.progress(plan, receipt)
    assert isinstance(verdict, Unhealthy)
    assert "progress deadline" in verdict.why


def test_a_running_sync_is_stopped_first_and_named(demo, argo, bad_release):
    knobs(demo, running_sync=True)
    plan = argo.plan_rollback(LMS, "r141")
    assert plan.title == "Stop the running sync of r142, then roll lms back to r141"
    assert plan.interrupts == "the running sync of r142"
    assert isinstance(argo.prepare_rollback(plan, "a1"), Waiting)
    prepared(demo, argo, plan)
    assert len(sent(demo, "argocd", "applications.terminate")) == 1
    argo.roll_back(plan, "a1")
    demo.advance(60)
    assert isinstance(argo.look(plan, "a1"), Receipt)


def test_a_termination_that_does_not_take_is_reported(demo, argo, bad_release):
    knobs(demo, running_sync=True, stuck_operation=True)
    plan = argo.plan_rollback(LMS, "r141")
    argo.prepare_rollback(plan, "a1")
    demo.advance(59)
    assert isinstance(argo.prepare_rollback(plan, "a1"), Waiting)
    demo.advance(2)
    with pytest.raises(VendorRejected, match="60 s after") as stuck:
        argo.prepare_rollback(plan, "a1")
    assert "/applications/argocd/lms" in stuck.value.by_hand


def test_a_sync_that_began_after_the_plan_stops_it(demo, argo, plan):
    knobs(demo, running_sync=True)
    with pytest.raises(Refused, match="started since this plan was made"):
        argo.prepare_rollback(plan, "a1")
    assert state_of(demo)["automated"] is True


def test_an_owner_that_would_undo_it_is_found_before_anything_is_promised(argo):
    discovery = replace(LMS, service="discovery", app="discovery")
    (offer, *_) = argo.offers(discovery, before=None)
    assert "revert pull request" in offer.warning
    with pytest.raises(
        Refused, match=r"ApplicationSet catalog-services owns .* revert pull request"
    ):
        argo.plan_rollback(discovery, offer.target)


def test_a_parent_application_that_would_undo_it_is_found_too(argo):
    grading = replace(LMS, service="grading", app="grading")
    target = argo.offers(grading, before=None)[0].target
    with pytest.raises(Refused, match="App of apps platform-apps owns"):
        argo.plan_rollback(grading, target)


def test_an_owner_that_leaves_the_sync_policy_alone_is_no_hindrance(demo, argo):
    knobs(demo, keeps_pauses=True)
    discovery = replace(LMS, service="discovery", app="discovery")
    plan = argo.plan_rollback(discovery, argo.offers(discovery, before=None)[0].target)
    prepared(demo, argo, plan)
    assert isinstance(argo.roll_back(plan, "a1"), Receipt)


def test_auto_sync_that_comes_back_stops_it_rather_than_loop(demo, argo, plan):
    prepared(demo, argo, plan)
    knobs(demo, automated=True)
    with pytest.raises(Refused, match="switched auto-sync of lms on again"):
        argo.prepare_rollback(plan, "a1")
    with pytest.raises(Refused, match="The rollback was not sent"):
        argo.roll_back(plan, "a1")
    assert sent(demo, "argocd", "applications.rollback") == []


def test_a_world_that_moved_voids_the_plan(demo, argo, plan):
    demo.post("/world", set={"lms-web.revision": "r140"})
    with pytest.raises(Refused, match="The world moved"):
        argo.roll_back(plan, "a1")


def test_a_target_that_is_there_already_is_adopted(demo, argo, plan):
    demo.post("/world", set={"lms-web.revision": "r141"})
    assert argo.roll_back(plan, "a1").summary == "lms already ran r141"
    assert sent(demo, "argocd", "applications.rollback") == []


def test_a_refused_connection_is_provably_not_sent(plan, clock):
    nowhere = ArgoCD("http://127.0.0.1:9", "t", gate=OPEN, clock=clock)
    with pytest.raises(NotSent) as error:
        nowhere.roll_back(plan, "a1")
    nowhere.close()
    assert error.value.may_pass


def test_a_limit_is_provably_not_sent(demo, argo, plan):
    prepared(demo, argo, plan)
    fault(demo, "argocd", "applications.rollback", "429", retry_after=3)
    with pytest.raises(NotSent) as error:
        argo.roll_back(plan, "a1")
    assert error.value.retry_after == timedelta(seconds=3)


def test_a_refusal_is_provably_not_sent_and_stays(demo, argo, plan):
    prepared(demo, argo, plan)
    knobs(demo, denied=["sync"])
    with pytest.raises(NotSent, match="lacks the right") as error:
        argo.roll_back(plan, "a1")
    assert not error.value.may_pass


@pytest.mark.parametrize("how", ["drop_response", "reset", "5xx", "bad_json"])
def test_an_answer_that_is_lost_leaves_it_unknown(demo, argo, plan, how):
    prepared(demo, argo, plan)
    fault(demo, "argocd", "applications.rollback", how, when={"times": 1})
    with pytest.raises(VendorDown):
        argo.roll_back(plan, "a1")


def test_a_rollback_whose_answer_was_lost_is_found(demo, argo, plan):
    prepared(demo, argo, plan)
    fault(demo, "argocd", "applications.rollback", "drop_response", when={"times": 1})
    with pytest.raises(VendorDown):
        argo.roll_back(plan, "a1")
    assert isinstance(argo.look(plan, "a1"), Receipt)
    demo.advance(60)
    assert isinstance(argo.look(plan, "a1"), Receipt)


def test_a_rollback_that_never_arrived_is_known_to_be_untouched(demo, argo, plan):
    prepared(demo, argo, plan)
    fault(demo, "argocd", "applications.rollback", "drop_request", when={"times": 1})
    with pytest.raises(VendorDown):
        argo.roll_back(plan, "a1")
    looked = argo.look(plan, "a1")
    assert isinstance(looked, Untouched)
    assert "lms runs r142" in looked.shows


def test_another_deployment_meanwhile_leaves_it_unknown(demo, argo, plan):
    demo.post("/world", set={"lms-web.revision": "r140"})
    assert isinstance(argo.look(plan, "a1"), Unknown)


def test_auto_sync_off_is_left_over_while_git_deploys_the_bad_release(demo, argo, plan):
    prepared(demo, argo, plan)
    argo.roll_back(plan, "a1")
    demo.advance(60)
    left = argo.leftover(plan)
    assert left == StillThere(
        shows="auto-sync of lms is off",
        blocked="git still deploys r142",
        offer="revert pull request",
    )
    with pytest.raises(Refused, match="stays off: git still deploys r142"):
        argo.restore(plan)
    assert state_of(demo)["automated"] is False


def test_a_later_commit_about_something_else_does_not_unblock_it(demo, argo, plan):
    prepared(demo, argo, plan)
    argo.roll_back(plan, "a1")
    demo.advance(60)
    demo.post("/world", set={"ecommerce-web.revision": "r999"})
    assert argo.leftover(plan).blocked.startswith("git still deploys r142")


def test_the_sync_policy_is_put_back_exactly_when_git_is_good_again(demo, argo, plan):
    before = demo.sim.argocd.apps["lms"].template["syncPolicy"]
    prepared(demo, argo, plan)
    receipt = argo.roll_back(plan, "a1")
    demo.advance(60)
    demo.sim.github.platform.commit(
        "main",
        {
            path: demo.sim.github.platform.trees[plan.target][path]
            for path in ("deploy/lms/values.yaml", "deploy/lms/Chart.yaml")
        },
        message="Revert lms to r141",
        author=demo.sim.github.platform.commits[plan.target].author,
        at=demo.sim.clock.now(),
    )
    assert argo.leftover(plan) == StillThere(shows="auto-sync of lms is off")
    argo.restore(plan)
    assert state_of(demo)["syncPolicy"] == before
    assert argo.leftover(plan) == Cleared(shows="auto-sync of lms is on again")
    demo.advance(60)
    assert isinstance(argo.progress(plan, receipt), Settled)


def test_changes_are_the_deployments_of_the_last_hours(argo, clock, bad_release):
    services = ("lms", "ecommerce", "discovery")
    deployments = [replace(LMS, service=name, app=name) for name in services]
    changes = argo.changes(deployments, since=clock.now() - timedelta(hours=6), until=clock.now())
    assert [each.service for each in changes] == ["lms", "discovery", "ecommerce"]
    newest = changes[0]
    assert (newest.before, newest.after, newest.author) == ("r141", "r142", "Kenji Mori")
    assert newest.reversible_by == "rollback"


def test_no_deployments_need_no_call(demo, argo, clock):
    assert argo.changes([], since=clock.now(), until=clock.now()) == []
    assert sent(demo, "argocd", "applications.list") == []


def test_in_observe_mode_a_plan_is_made_and_nothing_is_written(demo, clock, bad_release):
    watching = ArgoCD(url(demo, "/argocd"), "argo-demo-token", gate=SHUT, clock=clock)
    plan = watching.plan_rollback(LMS, "r141")
    with pytest.raises(Refused, match="observe mode"):
        watching.prepare_rollback(plan, "a1")
    watching.close()
    assert state_of(demo)["automated"] is True


# Sync windows


def test_a_sync_window_is_shown_and_holds_up_no_plan(demo, argo, bad_release):
    knobs(demo, window=True)
    assert argo.plan_rollback(LMS, "r141").cautions == (
        "the sync window “deny 0 13 * * 2 for 4h” is active: a rollback passes it,"
        " and may be kept waiting by it",
    )


def test_without_a_window_nothing_is_said_of_one(plan):
    assert plan.cautions == ()


def test_what_a_window_keeps_waiting_is_said_by_its_name_after_half_a_minute(demo, argo, plan):
    knobs(demo, window=True)
    prepared(demo, argo, plan)
    receipt = argo.roll_back(plan, "a1")
    demo.advance(20)
    assert "window" not in argo.progress(plan, receipt).progress
    demo.advance(20)
    assert argo.progress(plan, receipt) == TooEarly(
        progress="not started after 40 s: the sync window “deny 0 13 * * 2 for 4h” keeps it"
        " waiting; allow manual syncs in the project platform, or wait until it ends"
    )


def test_a_window_that_cannot_be_read_holds_up_no_plan(demo, argo, bad_release):
    knobs(demo, window=True)
    fault(demo, "argocd", "applications.windows", "5xx", status=500)
    assert argo.plan_rollback(LMS, "r141").cautions == ()
