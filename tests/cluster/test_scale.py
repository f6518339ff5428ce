"""Scaling on a real cluster: within the range, never against an autoscaler, KEDA or self-heal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import NotSent, Refused, VendorRejected
from bot.domain.mitigation import Cleared, Plan, Receipt, Settled, StillThere, Untouched
from bot.domain.workload import Scale as Replicas
from bot.mitigations.workload_scale import Scale
from bot.tools import Tools
from tests.cluster.argo import application, written_by
from tests.cluster.bots import WHERE, Bots, bind, carried_out, deployment
from tests.cluster.control_plane import READER
from tests.cluster.world import World, until

KIND = Scale(where=WHERE)
IMAGE = "registry.k8s.io/pause:3.9"


@pytest.fixture
def web(world: World) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-scale")
    world.deployment("web", IMAGE, replicas=2)
    world.ready("deployments", "web", 2)
    return deployment(world, scale=(1, 6))


@pytest.fixture
def tools(bots: Bots, web: Deployment) -> Tools:
    return bots.tools(web)


def replicas(world: World) -> int:
    return int(world.read("apps/v1", "deployments", "web")["spec"]["replicas"])


def autoscaler(world: World, **more: Any) -> None:
    body = {
        "metadata": {"name": "web", **more},
        "spec": {
            "minReplicas": 2,
            "maxReplicas": 5,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {"type": "Utilization", "averageUtilization": 80},
                    },
                }
            ],
        },
    }
    world.create("autoscaling/v2", "horizontalpodautoscalers", body)


def minimum(world: World) -> int:
    found = world.read("autoscaling/v2", "horizontalpodautoscalers", "web")
    return int(found["spec"]["minReplicas"])


def settled(tools: Tools, plan: Plan, receipt: Receipt) -> Settled:
    found = until(
        lambda: seen if isinstance(seen := KIND.verify(tools, plan, receipt), Settled) else None,
        "it is scaled",
    )
    assert isinstance(found, Settled)
    return found


def test_more_pods_are_offered_planned_started_and_proven(
    tools: Tools, web: Deployment, world: World
) -> None:
    assert [each.target for each in KIND.offers(tools, web, before=None)] == ["3", "6"]
    plan = KIND.plan(tools, web, "4")
    assert [(d.what, d.before, d.after) for d in plan.differences] == [
        ("the number of pods", "2", "4")
    ]

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert settled(tools, plan, receipt).evidence == "4 pods are ready"
    assert replicas(world) == 4


def test_undone_it_has_as_many_as_before(tools: Tools, web: Deployment, world: World) -> None:
    plan = KIND.plan(tools, web, "4")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    back = KIND.undo(tools, plan, receipt)
    settled(tools, back, carried_out(KIND, tools, back, "inc-1.m2.1"))

    assert replicas(world) == 2


@pytest.mark.parametrize("count", ["0", "7", "9999"])
def test_outside_of_the_catalogs_range_it_is_refused(
    count: str, tools: Tools, web: Deployment
) -> None:
    with pytest.raises(Refused, match=f"lets web have 1 to 6 pods, not {count}"):
        KIND.plan(tools, web, count)


@pytest.mark.parametrize("text", ["many", "-1", "2.5", "", "99999"])
def test_what_is_no_number_is_refused(text: str, tools: Tools, web: Deployment) -> None:
    with pytest.raises(Refused, match="is no number of pods"):
        KIND.plan(tools, web, text)


def test_an_autoscalers_minimum_is_raised_and_it_starts_the_pods(
    tools: Tools, web: Deployment, world: World
) -> None:
    autoscaler(world)
    plan = KIND.plan(tools, web, "4")
    assert plan.differences[0].what == "the autoscaler's minimum"

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert minimum(world) == 4
    assert settled(tools, plan, receipt).evidence == "4 pods are ready"
    assert replicas(world) == 4


def test_an_autoscalers_minimum_is_not_raised_above_its_maximum(
    tools: Tools, web: Deployment, world: World
) -> None:
    autoscaler(world)

    with pytest.raises(Refused, match="goes no higher than 5"):
        KIND.plan(tools, web, "6")
    with pytest.raises(Refused, match="is only raised from here"):
        KIND.plan(tools, web, "1")


def test_what_keda_owns_is_refused_with_its_name(
    tools: Tools, web: Deployment, world: World
) -> None:
    above = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "name": "web-queue",
        "uid": "1",
    }
    autoscaler(world, ownerReferences=[above])

    with pytest.raises(Refused, match="the KEDA ScaledObject web-queue owns the number of pods"):
        KIND.plan(tools, web, "4")


@pytest.mark.played("it makes Argo CD's kind known to the whole cluster")
def test_a_number_that_self_heal_would_put_back_is_refused_with_its_owner(
    bots: Bots, web: Deployment, world: World
) -> None:
    bind(world, "bot", "tocsin-read-applications")
    application(world, self_heal=True)
    argo = replace(web, driver=Driver.ARGOCD, app="shop", app_namespace=world.namespace)
    tools = bots.tools(argo)
    written_by(world, "argocd-controller")

    with pytest.raises(Refused, match=r"the Argo CD application shop .* its self-heal is on"):
        KIND.plan(tools, argo, "4")


@pytest.mark.played("it makes Argo CD's kind known to the whole cluster")
def test_a_number_that_the_next_sync_would_put_back_is_a_worry(
    bots: Bots, web: Deployment, world: World
) -> None:
    bind(world, "bot", "tocsin-read-applications")
    application(world, self_heal=False)
    argo = replace(web, driver=Driver.ARGOCD, app="shop", app_namespace=world.namespace)
    written_by(world, "argocd-controller")

    assert KIND.plan(bots.tools(argo), argo, "4").risk_reasons == (
        "the Argo CD application shop writes the number of pods down:"
        " its next sync or upgrade puts it back",
    )


def test_a_number_that_changed_since_makes_the_plan_stale(
    tools: Tools, web: Deployment, world: World
) -> None:
    plan = KIND.plan(tools, web, "4")
    world.merge("apps/v1", "deployments", "web", {"spec": {"replicas": 3}})

    with pytest.raises(Refused, match=r"the number of pods was 2, now it is 3\. Nothing was sent"):
        KIND.execute(tools, plan, "inc-1.m1.1")
    assert replicas(world) == 3


def test_a_stale_read_is_refused_by_the_api(tools: Tools, web: Deployment, world: World) -> None:
    cluster = tools.cluster("production")
    read = cluster.workload(web, doing="read it")
    world.merge("apps/v1", "deployments", "web", {"spec": {"replicas": 3}})

    with pytest.raises(NotSent) as refused:
        cluster.edit(read, Replicas(replicas=5), "inc-1.m1.1", doing="scale web")
    assert refused.value.may_pass
    assert replicas(world) == 3


def test_a_missing_right_is_told_in_the_plan(bots: Bots, web: Deployment, world: World) -> None:
    bind(world, "reader", "tocsin-read")

    with pytest.raises(VendorRejected, match=r"lacks the right to patch deployments \(apps\)"):
        KIND.plan(bots.tools(web, READER), web, "4")
    autoscaler(world)
    with pytest.raises(VendorRejected, match="to patch horizontalpodautoscalers"):
        KIND.plan(bots.tools(web, READER), web, "4")


@pytest.mark.parametrize("scaled", [False, True])
def test_after_a_crash_it_is_found_by_its_attempt(
    scaled: bool, tools: Tools, web: Deployment, world: World
) -> None:
    if scaled:
        autoscaler(world)
    plan = KIND.plan(tools, web, "4")

    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Untouched)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Receipt)
    carried_out(KIND, tools, plan, "inc-1.m1.1")


def test_a_left_over_is_put_back_and_then_gone(
    tools: Tools, web: Deployment, world: World
) -> None:
    autoscaler(world)
    plan = KIND.plan(tools, web, "4")
    assert plan.leftovers == ("the autoscaler's minimum is 4 instead of 2",)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert KIND.leftover(tools, plan) == StillThere(
        shows="the autoscaler's minimum of web is 4", offer="Put it back to 2"
    )

    KIND.put_back(tools, plan)

    assert minimum(world) == 2
    assert isinstance(KIND.leftover(tools, plan), Cleared)


def test_it_is_offered_only_where_the_catalog_names_a_range(web: Deployment) -> None:
    assert KIND.fits(web)
    assert not KIND.fits(replace(web, scale=None))
    assert not KIND.fits(replace(web, workload="daemonset/web"))
    assert not KIND.fits(replace(web, environment="staging"))
