"""Who owns an application, and whether that owner would undo a rollback."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.errors import Refused, VendorDown
from bot.domain.mitigation import Plan, Ready
from bot.integrations.argocd import ArgoCD
from tests.integrations.test_argocd import LMS, argo, clock, knobs, state_of
from tests.integrations.worlds import fault, sent

__all__ = ["argo", "clock"]
GRADING = replace(LMS, service="grading", app="grading")
DISCOVERY = replace(LMS, service="discovery", app="discovery")
RESPECTS = ["RespectIgnoreDifferences=true"]
RULE = {"group": "argoproj.io", "kind": "Application", "jsonPointers": ["/spec/syncPolicy"]}


def parent(demo: Any, *rules: dict[str, Any], **policy: Any) -> None:
    """Gives the app of apps these rules, and this sync policy over its own."""
    spec = {"ignoreDifferences": list(rules), "syncPolicy": policy}
    answer = demo.http.patch(
        "/argocd/api/v1/applications/platform-apps",
        headers={"Authorization": "Bearer argo-demo-token"},
        json={"patch": json.dumps({"spec": spec}), "patchType": "merge"},
    )
    assert answer.status_code == 200, answer.text


def planned(argo: ArgoCD, deployment: Any) -> Plan:
    return argo.plan_rollback(deployment, argo.offers(deployment, before=None)[0].target)


@pytest.mark.parametrize(
    "rule",
    [
        RULE,
        {**RULE, "group": "*", "jsonPointers": ["/spec/syncPolicy/automated"]},
        {**RULE, "name": "grading", "namespace": "argocd"},
        {"group": "*.io", "kind": "*", "jqPathExpressions": [".spec.syncPolicy.automated"]},
    ],
)
def test_a_parent_that_ignores_the_sync_policy_and_respects_it_is_no_hindrance(
    demo: Any, argo: ArgoCD, rule: dict[str, Any]
) -> None:
    parent(demo, rule, syncOptions=RESPECTS)
    plan = planned(argo, GRADING)
    assert isinstance(argo.prepare_rollback(plan, "a1"), Ready)


@pytest.mark.parametrize(
    "rule",
    [
        {**RULE, "jsonPointers": ["/spec/source"]},
        {**RULE, "jsonPointers": ["/spec/syncPolicy/syncOptions"]},
        {**RULE, "jsonPointers": [], "jqPathExpressions": [".spec.syncPolicy.syncOptions"]},
        {**RULE, "kind": "Deployment"},
        {**RULE, "group": ""},
        {**RULE, "group": "apps"},
        {**RULE, "name": "another"},
        {**RULE, "namespace": "another"},
    ],
)
def test_a_rule_about_something_else_leaves_the_parent_a_hindrance(
    demo: Any, argo: ArgoCD, rule: dict[str, Any]
) -> None:
    parent(demo, rule, syncOptions=RESPECTS)
    with pytest.raises(Refused, match="App of apps platform-apps owns grading"):
        planned(argo, GRADING)


def test_a_parent_that_ignores_it_only_when_it_compares_would_undo_it(
    demo: Any, argo: ArgoCD
) -> None:
    parent(demo, RULE, syncOptions=["CreateNamespace=true"])
    with pytest.raises(
        Refused, match=r"its next sync .* \(RespectIgnoreDifferences=true is missing"
    ):
        planned(argo, GRADING)


@pytest.mark.parametrize("automated", [None, {"enabled": False}])
def test_a_parent_that_people_sync_by_hand_undoes_nothing_by_itself(
    demo: Any, argo: ArgoCD, automated: Any
) -> None:
    parent(demo, automated=automated)
    assert planned(argo, GRADING).target_label


@pytest.mark.parametrize("policy", ["create-only", "create-delete"])
def test_an_application_set_that_never_updates_is_no_hindrance(
    demo: Any, argo: ArgoCD, policy: str
) -> None:
    knobs(demo, set_policy=policy)
    assert planned(argo, DISCOVERY).target_label


def test_an_application_set_that_updates_and_ignores_nothing_is_one(
    demo: Any, argo: ArgoCD
) -> None:
    knobs(demo, set_policy="create-update")
    with pytest.raises(Refused, match="ApplicationSet catalog-services owns discovery"):
        planned(argo, DISCOVERY)


def labelled(demo: Any, name: str, **labels: str) -> None:
    said = {"metadata": {"labels": labels}}
    answer = demo.http.patch(
        f"/argocd/api/v1/applications/{name}",
        headers={"Authorization": "Bearer argo-demo-token"},
        json={"patch": json.dumps(said), "patchType": "merge"},
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("label", ["argocd.argoproj.io/instance", "app.kubernetes.io/instance"])
def test_a_parent_is_found_by_the_label_that_tracks_its_children(
    demo: Any, argo: ArgoCD, label: str
) -> None:
    labelled(demo, "lms", **{label: "platform-apps"})
    with pytest.raises(Refused, match="App of apps platform-apps owns lms"):
        planned(argo, LMS)


@pytest.mark.parametrize("name", ["the-charts-own-release", "lms"])
def test_an_instance_label_that_names_no_application_is_nobodys(
    demo: Any, argo: ArgoCD, name: str
) -> None:
    labelled(demo, "lms", **{"app.kubernetes.io/instance": name})
    assert planned(argo, LMS).target_label


@pytest.mark.parametrize(("name", "harmless"), [("discovery", True), ("another", False)])
def test_an_application_set_may_leave_the_policy_of_one_application_alone(
    demo: Any, argo: ArgoCD, name: str, harmless: bool
) -> None:
    rule = {"name": name, "jsonPointers": ["/spec/syncPolicy"]}
    body = {"spec": {"ignoreApplicationDifferences": [rule]}}
    fault(demo, "argocd", "applicationsets.get", "5xx", status=200, body=body)
    if harmless:
        assert planned(argo, DISCOVERY).target_label
    else:
        with pytest.raises(Refused, match="does not ignore /spec/syncPolicy"):
            planned(argo, DISCOVERY)


@pytest.mark.parametrize(
    ("name", "deployment", "owner"),
    [
        ("applicationsets.get", DISCOVERY, "ApplicationSet catalog-services"),
        ("applications.get", GRADING, "App of apps platform-apps"),
    ],
)
def test_an_owner_that_cannot_be_read_counts_as_one_that_undoes(
    demo: Any, argo: ArgoCD, name: str, deployment: Any, owner: str
) -> None:
    target = argo.offers(deployment, before=None)[0].target
    denied = {"error": "permission denied", "code": 7, "message": "permission denied"}
    # The application itself is read first, its parent after it.
    when = {"after": 1} if name == "applications.get" else {}
    fault(demo, "argocd", name, "5xx", status=403, body=denied, when=when)
    with pytest.raises(Refused, match=f"{owner} owns .* could not be read .*lacks the right"):
        argo.plan_rollback(deployment, target)


def test_an_argo_cd_that_does_not_answer_for_the_owner_makes_no_plan(
    demo: Any, argo: ArgoCD
) -> None:
    fault(demo, "argocd", "applicationsets.get", "5xx")
    with pytest.raises(VendorDown):
        argo.offers(DISCOVERY, before=None)


def test_an_owner_does_not_matter_where_auto_sync_is_off_already(demo: Any, argo: ArgoCD) -> None:
    knobs(demo, app="discovery", automated=False)
    assert [each.warning for each in argo.offers(DISCOVERY, before=None)] == [""] * 2
    plan = planned(argo, DISCOVERY)
    assert plan.leftovers == ()
    assert not any("auto-sync" in step for step in plan.steps)


def test_an_owner_that_turns_up_after_the_plan_is_seen_when_auto_sync_is_read_again(
    demo: Any, argo: ArgoCD
) -> None:
    """It writes back between our patch and our look: the plan could not know of it."""
    knobs(demo, keeps_pauses=True)
    plan = planned(argo, DISCOVERY)
    knobs(demo, keeps_pauses=False, set_at_once=True)
    with pytest.raises(Refused, match="on again after it was switched off"):
        argo.prepare_rollback(plan, "a1")
    assert state_of(demo, "discovery")["automated"]
    assert len(sent(demo, "argocd", "applications.patch")) == 1
    assert sent(demo, "argocd", "applications.rollback") == []
