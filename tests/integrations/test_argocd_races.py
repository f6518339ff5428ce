"""What happens between the plan and the one request, and who is refused because of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected
from bot.domain.mitigation import (
    Plan,
    Ready,
    Receipt,
    Settled,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
    Waiting,
)
from bot.integrations.argocd import ArgoCD
from tests.integrations.test_argocd import (
    LMS,
    argo,
    bad_release,
    clock,
    knobs,
    plan,
    prepared,
    state_of,
)
from tests.integrations.worlds import fault, sent

__all__ = ["argo", "bad_release", "clock", "plan"]


def refusal(demo: Any, name: str, text: str, *, code: int, status: int = 400) -> None:
    """Argo CD refuses this call once, in its own words, whatever we saw a moment before."""
    body = {"error": text, "code": code, "message": text}
    fault(demo, "argocd", name, "5xx", status=status, body=body, when={"times": 1})


def merged(demo: Any, tag: str) -> None:
    """Git has a newer release of the LMS; nothing has deployed it yet."""
    code, live = demo.sim.github.platform, demo.sim.argocd.apps["lms"].live
    path = "deploy/lms/values.yaml"
    newer = code.trees[live][path].replace("tag: r142", f"tag: {tag}")
    assert newer != code.trees[live][path]
    author, at = code.commits[live].author, demo.sim.clock.now()
    code.commit("main", {path: newer}, message=tag, author=author, at=at)


def rollbacks(demo: Any) -> list[Any]:
    return sent(demo, "argocd", "applications.rollback")


def terminations(demo: Any) -> int:
    return len(sent(demo, "argocd", "applications.terminate"))


# Auto-sync


def test_switching_auto_sync_off_keeps_the_rest_of_its_rule(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    before = state_of(demo)["syncPolicy"]
    prepared(demo, argo, plan)
    after = state_of(demo)["syncPolicy"]
    assert after["automated"] == {**before["automated"], "enabled": False}
    assert {k: v for k, v in after.items() if k != "automated"} == {
        k: v for k, v in before.items() if k != "automated"
    }


def test_auto_sync_that_was_off_in_the_plan_and_is_on_now_is_not_switched_off(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, automated=False)
    made = argo.plan_rollback(LMS, "r141")
    knobs(demo, automated=True)
    with pytest.raises(Refused, match="switched auto-sync of lms on again"):
        argo.prepare_rollback(made, "a1")
    assert sent(demo, "argocd", "applications.patch") == []


def test_auto_sync_that_comes_on_in_the_very_last_moment_is_argo_cds_refusal(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    prepared(demo, argo, plan)
    text = "rollback cannot be initiated when auto-sync is enabled"
    refusal(demo, "applications.rollback", text, code=9)
    with pytest.raises(NotSent, match="auto-sync is on, and Argo CD only rolls back") as error:
        argo.roll_back(plan, "a1")
    assert not error.value.may_pass


# A running sync


def test_a_sync_that_was_stopped_and_runs_again_is_not_rolled_back_over(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, running_sync=True)
    made = argo.plan_rollback(LMS, "r141")
    prepared(demo, argo, made)
    knobs(demo, running_sync=True)
    with pytest.raises(Refused, match=r"A sync of r142 is running in Argo CD. Nothing was sent"):
        argo.roll_back(made, "a1")
    assert rollbacks(demo) == []


def test_a_termination_that_got_lost_is_told_again_a_little_later(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, running_sync=True)
    made = argo.plan_rollback(LMS, "r141")
    fault(demo, "argocd", "applications.terminate", "drop_request", when={"times": 1})
    with pytest.raises(VendorDown):
        argo.prepare_rollback(made, "a1")
    assert isinstance(argo.prepare_rollback(made, "a1"), Waiting)
    assert terminations(demo) == 1
    demo.advance(16)
    assert isinstance(argo.prepare_rollback(made, "a1"), Waiting)
    assert terminations(demo) == 2
    demo.advance(4)
    assert isinstance(argo.prepare_rollback(made, "a1"), Ready)


def test_what_is_terminating_already_is_not_told_again(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, running_sync=True, stuck_operation=True)
    made = argo.plan_rollback(LMS, "r141")
    for _ in range(3):
        assert isinstance(argo.prepare_rollback(made, "a1"), Waiting)
        demo.advance(16)
    assert terminations(demo) == 1


def test_a_sync_that_ended_before_it_was_told_to_is_no_trouble(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, running_sync=True)
    made = argo.plan_rollback(LMS, "r141")
    text = "Unable to terminate operation. No operation is in progress"
    refusal(demo, "applications.terminate", text, code=3)
    assert argo.prepare_rollback(made, "a1") == Waiting(why="waiting for the sync of r142 to stop")


def test_a_termination_that_is_refused_is_told_with_the_reason(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, running_sync=True)
    made = argo.plan_rollback(LMS, "r141")
    text = "permission denied: applications, sync, platform/lms, sub: tocsin"
    refusal(demo, "applications.terminate", text, code=7, status=403)
    with pytest.raises(VendorRejected, match="stop the running sync of r142: our account lacks"):
        argo.prepare_rollback(made, "a1")


def test_in_the_middle_of_a_sync_the_plan_compares_releases_and_not_the_cluster(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    """What the cluster shows then changes by the second, and would void every approval."""
    merged(demo, "r143")
    knobs(demo, running_sync=True)
    demo.advance(2)
    made = argo.plan_rollback(LMS, "r141")
    rows = {each.what.split(" ")[0]: (each.before, each.after) for each in made.differences}
    assert rows["revision"] == ("r143", "r141")
    assert rows["image"][0].endswith("lms:r143")


def test_a_sync_that_was_only_just_accepted_is_named_as_people_know_it(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    merged(demo, "r143")
    knobs(demo, running_sync=True)
    assert argo.plan_rollback(LMS, "r141").interrupts == "the running sync of r143"


def test_a_running_sync_of_what_runs_already_can_be_rolled_back_from_its_middle(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    knobs(demo, running_sync=True)
    made = argo.plan_rollback(LMS, "r142")
    assert made.title == "Stop the running sync of r142, then roll lms back to r142"


# Every other refusal of the one request


@pytest.mark.parametrize(
    ("text", "code", "status", "sentence"),
    [
        (
            "error setting app operation: rpc error: code = FailedPrecondition"
            " desc = another operation is already in progress",
            9,
            400,
            "another operation of this application is running",
        ),
        (
            "application argocd/lms does not have deployment with id 9",
            3,
            400,
            "deployment 9 has dropped out of the history",
        ),
        ("application is deleting", 9, 400, "the application is being deleted"),
        ("cannot sync: blocked by sync window", 7, 403, "a sync window forbids it now"),
        (
            "Cannot sync to 3f2a91c: auto-sync currently set to main",
            9,
            400,
            "auto-sync holds it at main, so Argo CD does not sync to 3f2a91c",
        ),
        (
            "permission denied: applications, sync, platform/lms",
            7,
            403,
            "our account lacks the right for it, or there is no such application",
        ),
        (
            'applications.argoproj.io "lms" not found',
            5,
            404,
            "there is no such application",
        ),
        (
            "invalid session: token is expired",
            16,
            401,
            "it refused our token (expired, revoked or of another Argo CD)",
        ),
    ],
)
def test_a_refusal_is_a_plain_sentence_and_provably_nothing_was_sent(
    demo: Any, argo: ArgoCD, plan: Plan, text: str, code: int, status: int, sentence: str
) -> None:
    prepared(demo, argo, plan)
    refusal(demo, "applications.rollback", text, code=code, status=status)
    with pytest.raises(NotSent) as error:
        argo.roll_back(plan, "a1")
    assert error.value.why == sentence
    assert "/applications/argocd/lms" in error.value.by_hand
    assert demo.sim.world["lms-web.revision"] == "r142"


def test_an_application_that_is_being_deleted_is_said_by_argo_cd_itself(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    prepared(demo, argo, plan)
    knobs(demo, deleting=True)
    with pytest.raises(NotSent, match="the application is being deleted"):
        argo.roll_back(plan, "a1")


# Which entry of the history


def twice(demo: Any, argo: ArgoCD) -> tuple[Plan, int]:
    """A plan for the older of two deployments of r140, and the id of the newer one."""
    target = argo.plan_rollback(LMS, "r140").target
    history = state_of(demo)["history"]
    older, newer = sorted(each["id"] for each in history if each["revision"] == target)
    return argo.plan_rollback(LMS, f"#{older}"), newer


def forget(demo: Any, *ids: int) -> None:
    app = demo.sim.argocd.apps["lms"]
    app.history = [each for each in app.history if each.id not in ids]


def test_the_entry_that_was_planned_is_the_one_that_is_sent(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    made, newer = twice(demo, argo)
    prepared(demo, argo, made)
    argo.roll_back(made, "a1")
    assert rollbacks(demo)[0].request["id"] == newer - 1


def test_another_deployment_of_the_same_revision_does_where_the_planned_one_dropped_out(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    made, newer = twice(demo, argo)
    prepared(demo, argo, made)
    forget(demo, newer - 1)
    assert isinstance(argo.roll_back(made, "a1"), Receipt)
    assert rollbacks(demo)[0].request["id"] == newer


def test_a_revision_that_dropped_out_of_the_history_is_refused(
    demo: Any, argo: ArgoCD, bad_release: None
) -> None:
    made, newer = twice(demo, argo)
    prepared(demo, argo, made)
    forget(demo, newer - 1, newer)
    with pytest.raises(Refused, match=r"r140 .* has dropped out .* choose another revision"):
        argo.roll_back(made, "a1")
    assert rollbacks(demo) == []


# After one that failed


@pytest.fixture
def failed(demo: Any, argo: ArgoCD, plan: Plan) -> Plan:
    """A rollback to r141 that Argo CD took and could not finish."""
    knobs(demo, fails="one or more objects failed to apply")
    prepared(demo, argo, plan)
    argo.roll_back(plan, "a1")
    demo.advance(30)
    knobs(demo, fails=None)
    return plan


def test_a_rollback_that_broke_off_is_not_taken_for_done(
    demo: Any, argo: ArgoCD, failed: Plan
) -> None:
    offers = argo.offers(LMS, before=None)
    assert [each.label for each in offers if each.suggested] == ["r141"]
    again = argo.plan_rollback(LMS, "r141")
    assert (again.live_label, again.target_label) == ("r142", "r141")
    prepared(demo, argo, again, "a2")
    argo.roll_back(again, "a2")
    assert len(rollbacks(demo)) == 2
    demo.advance(60)
    assert demo.sim.world["lms-web.revision"] == "r141"


def test_a_release_that_is_half_deployed_can_be_deployed_again(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    """Undoing broke off: what is half there does not count as there already."""
    prepared(demo, argo, plan)
    argo.roll_back(plan, "a1")
    demo.advance(60)
    undo = argo.plan_rollback(LMS, "r142")
    knobs(demo, fails="one or more objects failed to apply")
    prepared(demo, argo, undo, "a2")
    argo.roll_back(undo, "a2")
    demo.advance(30)
    knobs(demo, fails=None)
    again = argo.plan_rollback(LMS, "r142")
    prepared(demo, argo, again, "a3")
    assert argo.roll_back(again, "a3").summary.startswith("Argo CD took the rollback")
    assert len(rollbacks(demo)) == 3


def test_the_failure_before_a_plan_is_not_taken_for_its_own_outcome(
    demo: Any, argo: ArgoCD, failed: Plan
) -> None:
    again = argo.plan_rollback(LMS, "r141")
    assert isinstance(argo.look(again, "a2"), Untouched)
    receipt = Receipt(reference="x", summary="x", at=demo.sim.clock.now())
    assert argo.progress(again, receipt) == TooEarly(progress="waiting for Argo CD to start")


# What comes after the one request


def sent_off(demo: Any, argo: ArgoCD, plan: Plan) -> Receipt:
    prepared(demo, argo, plan)
    return argo.roll_back(plan, "a1")


def test_a_rollback_that_was_only_just_accepted_is_found(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    sent_off(demo, argo, plan)
    found = argo.look(plan, "a1")
    assert isinstance(found, Receipt)
    assert found.summary == "Argo CD has accepted the rollback to r141"


def test_while_something_else_runs_nobody_can_tell(demo: Any, argo: ArgoCD, plan: Plan) -> None:
    knobs(demo, running_sync=True)
    assert isinstance(argo.look(plan, "a1"), Unknown)


def test_another_release_over_the_rollback_is_not_healthy(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    receipt = sent_off(demo, argo, plan)
    demo.advance(60)
    knobs(demo, automated=True)
    demo.post("/world", set={"lms-web.revision": "r142"})
    demo.advance(60)
    verdict = argo.progress(plan, receipt)
    assert verdict == Unhealthy(why="r142 was deployed over r141 by auto-sync")


def test_another_release_in_place_of_the_rollback_is_not_healthy(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    demo.post("/world", set={"lms-web.revision": "r140"})
    receipt = Receipt(reference="x", summary="x", at=demo.sim.clock.now())
    verdict = argo.progress(plan, receipt)
    assert isinstance(verdict, Unhealthy)
    assert verdict.why.endswith("was deployed, and not r141")


def test_it_counts_as_settled_since_the_pods_were_ready_and_not_since_the_sync(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    receipt = sent_off(demo, argo, plan)
    demo.advance(120)
    verdict = argo.progress(plan, receipt)
    app = demo.sim.argocd.apps["lms"]
    assert isinstance(verdict, Settled)
    assert app.last.finished < app.health_since
    assert verdict.at == app.health_since.replace(microsecond=0)


def test_another_attempt_may_switch_auto_sync_off_again(
    demo: Any, argo: ArgoCD, plan: Plan
) -> None:
    prepared(demo, argo, plan, "a1")
    knobs(demo, automated=True)
    assert prepared(demo, argo, plan, "a2").done == ("auto-sync of lms is off",)
    assert isinstance(argo.roll_back(replace(plan), "a2"), Receipt)
