"""Nodes of a real cluster are emptied as their budgets allow, and take pods again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import Refused, VendorRejected
from bot.domain.events import MitigationsFrozen
from bot.domain.mitigation import (
    Cleared,
    Plan,
    Ready,
    Receipt,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Untouched,
)
from bot.mitigations.drain_node import DrainNode
from bot.tools import Tools
from tests.cluster.bots import WHERE, Bots, House, bound_everywhere, carried_out, cluster_role
from tests.cluster.control_plane import READER
from tests.cluster.world import GROUP, World, answered, change_node, node, until
from tests.doubles.people import ANA

pytestmark = pytest.mark.played("it makes nodes")
KIND = DrainNode(where=WHERE)
IMAGE = "registry.k8s.io/pause:3.9"
ATTEMPT = "inc-1.m1.1"
DRAINED = "tocsin.dev/drained"


@dataclass
class Group:
    """Two nodes of one group; a Deployment's two pods sit on the first."""

    admin: httpx.Client
    world: World
    name: str
    place: Deployment

    @property
    def first(self) -> str:
        return f"{self.name}-1"

    @property
    def second(self) -> str:
        return f"{self.name}-2"

    def object(self) -> dict[str, Any]:
        return answered(self.admin.get(f"/api/v1/nodes/{self.first}"))

    @property
    def cordoned(self) -> bool:
        return bool(self.object()["spec"].get("unschedulable"))

    def pods(self, where: str, app: str = "web") -> list[dict[str, Any]]:
        found = self.world.read("v1", "pods")["items"]
        return [
            each
            for each in found
            if each["spec"].get("nodeName") == where
            and each["metadata"].get("labels", {}).get("app") == app
        ]

    def pod(self, name: str, **more: Any) -> None:
        spec = {"nodeSelector": {GROUP: self.name}, "containers": [{"name": "a", "image": IMAGE}]}
        self.world.create("v1", "pods", {"metadata": {"name": name}, "spec": {**spec, **more}})
        until(
            lambda: (
                self.world.read("v1", "pods", name).get("status", {}).get("phase") == "Running"
            ),
            f"{name} runs",
        )


def workload(group: str, replicas: int, **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "web"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "nodeSelector": {GROUP: group},
                    "containers": [{"name": "app", "image": IMAGE}],
                    **more,
                },
            },
        },
    }


@pytest.fixture
def rights(admin: httpx.Client) -> Iterator[None]:
    with bound_everywhere(admin, "bot", "tocsin-drain-node"):
        yield


@pytest.fixture
def group(admin: httpx.Client, world: World, rights: None) -> Iterator[Group]:
    name = f"g-{uuid.uuid4().hex[:6]}"
    place = Deployment(
        service="nodegroup-general",
        environment="production",
        driver=Driver.MANAGED,
        kind="nodegroup",
        identifier=name,
    )
    made = Group(admin=admin, world=world, name=name, place=place)
    node(admin, made.first, group=name)
    until(lambda: "conditions" in made.object().get("status", {}), "the first node is ready")
    world.create("apps/v1", "deployments", workload(name, 2))
    world.ready("deployments", "web", 2)
    node(admin, made.second, group=name)
    yield made
    for each in (made.first, made.second):
        admin.delete(f"/api/v1/nodes/{each}")


@pytest.fixture
def tools(bots: Bots, group: Group, house: House) -> Tools:
    return replace(bots.tools(group.place), timeline=house)


def begun(tools: Tools, plan: Plan, attempt: str = ATTEMPT) -> Receipt:
    assert isinstance(KIND.prepare(tools, plan, attempt), Ready)
    return carried_out(KIND, tools, plan, attempt)


def settled(tools: Tools, plan: Plan, receipt: Receipt) -> Settled:
    found = until(
        lambda: seen if isinstance(seen := KIND.verify(tools, plan, receipt), Settled) else None,
        "it is through",
    )
    assert isinstance(found, Settled)
    return found


def budget(world: World, least: int) -> None:
    spec = {"minAvailable": least, "selector": {"matchLabels": {"app": "web"}}}
    world.create(
        "policy/v1", "poddisruptionbudgets", {"metadata": {"name": "web-budget"}, "spec": spec}
    )
    until(
        lambda: (
            world.read("policy/v1", "poddisruptionbudgets", "web-budget")
            .get("status", {})
            .get("currentHealthy")
            == 2
        ),
        "the budget has counted its pods",
    )


def test_a_node_is_emptied_and_takes_pods_again(tools: Tools, group: Group, world: World) -> None:
    plan = KIND.plan(tools, group.place, group.first)
    assert [(d.what, d.before, d.after) for d in plan.differences] == [
        (f"pods of {world.namespace}/Deployment web", f"on {group.first}", "evicted")
    ]
    assert "1 other nodes of the group are ready" in plan.comforts
    assert not plan.risk_reasons

    receipt = begun(tools, plan)
    evidence = settled(tools, plan, receipt).evidence

    assert evidence == f"every pod that had to has left {group.first}"
    assert group.cordoned
    until(lambda: len(group.pods(group.second)) == 2, "its pods came back elsewhere")
    back = KIND.undo(tools, plan, receipt)
    settled(tools, back, begun(tools, back, "inc-1.m2.1"))
    assert not group.cordoned
    assert DRAINED not in group.object()["metadata"]["annotations"]


def test_a_plan_changes_nothing(tools: Tools, group: Group) -> None:
    KIND.plan(tools, group.place, group.first)

    assert not group.cordoned
    assert len(group.pods(group.first)) == 2


def test_a_node_in_trouble_is_offered_first(tools: Tools, group: Group) -> None:
    name = f"{group.name}-3"
    node(group.admin, name, group=group.name, labels={"broken": "yes"})
    try:
        conditions = [
            {"type": "Ready", "status": "Unknown"},
            {"type": "MemoryPressure", "status": "True"},
        ]
        change_node(group.admin, name, {"status": {"conditions": conditions}}, part="/status")
        first, *others = KIND.offers(tools, group.place, before=None)
    finally:
        group.admin.delete(f"/api/v1/nodes/{name}")

    assert (first.target, first.message, first.suggested) == (
        name,
        "NotReady, MemoryPressure",
        True,
    )
    assert [each.target for each in others] == [group.first, group.second]


def test_a_budget_that_lets_none_go_is_told_and_waited_for(
    tools: Tools, group: Group, world: World
) -> None:
    budget(world, 2)
    plan = KIND.plan(tools, group.place, group.first)
    assert any(
        "waits for" in each and "The disruption budget web-budget needs 2 healthy pods" in each
        for each in plan.risk_reasons
    )

    receipt = begun(tools, plan)
    seen = KIND.verify(tools, plan, receipt)

    assert isinstance(seen, TooEarly)
    assert "The disruption budget web-budget needs 2 healthy pods" in seen.progress
    assert len(group.pods(group.first)) == 2
    world.merge("policy/v1", "poddisruptionbudgets", "web-budget", {"spec": {"minAvailable": 0}})
    settled(tools, plan, receipt)


def test_an_interrupted_drain_goes_on_from_its_mark(tools: Tools, group: Group) -> None:
    plan = KIND.plan(tools, group.place, group.first)
    KIND.prepare(tools, plan, ATTEMPT)
    assert isinstance(KIND.look(tools, plan, ATTEMPT), Untouched)
    KIND.prepare(tools, plan, ATTEMPT)
    carried_out(KIND, tools, plan, ATTEMPT)

    adopted = KIND.look(tools, plan, ATTEMPT)

    assert isinstance(adopted, Receipt)
    assert len(group.pods(group.first)) == 2
    settled(tools, plan, adopted)
    assert isinstance(KIND.look(tools, plan, "inc-1.m9.1"), Untouched)


def test_a_pod_without_a_controller_is_refused(tools: Tools, group: Group, world: World) -> None:
    change_node(group.admin, group.second, {"spec": {"unschedulable": True}})
    group.pod("by-hand")

    with pytest.raises(Refused, match=rf"no controller: {world.namespace}/by-hand"):
        KIND.plan(tools, group.place, group.first)


def test_other_workloads_that_came_make_the_plan_stale(
    tools: Tools, group: Group, world: World
) -> None:
    plan = KIND.plan(tools, group.place, group.first)
    change_node(group.admin, group.second, {"spec": {"unschedulable": True}})
    group.pod("came")

    with pytest.raises(Refused, match=f"pods of {world.namespace}/came came to"):
        KIND.prepare(tools, plan, ATTEMPT)
    assert not group.cordoned


def test_a_node_that_is_gone_makes_the_plan_stale(tools: Tools, group: Group) -> None:
    plan = KIND.plan(tools, group.place, group.second)
    group.admin.delete(f"/api/v1/nodes/{group.second}")

    with pytest.raises(Refused, match=f"the node {group.second} is gone"):
        KIND.prepare(tools, plan, ATTEMPT)


def test_where_somebody_uncordons_it_no_more_pods_are_evicted(
    tools: Tools, group: Group, world: World
) -> None:
    plan = KIND.plan(tools, group.place, group.first)
    receipt = begun(tools, plan)
    change_node(group.admin, group.first, {"spec": {"unschedulable": None}})

    seen = KIND.verify(tools, plan, receipt)

    assert isinstance(seen, Unhealthy)
    assert "somebody uncordoned" in seen.why
    assert len(group.pods(group.first)) == 2


def test_a_freeze_stops_the_evictions(tools: Tools, group: Group, house: House) -> None:
    plan = KIND.plan(tools, group.place, group.first)
    receipt = begun(tools, plan)
    house.incident.record(MitigationsFrozen(by=ANA, frozen=True, why="the region fails over"))

    seen = KIND.verify(tools, plan, receipt)

    assert isinstance(seen, TooEarly)
    assert f"frozen by {ANA.name}" in seen.progress
    assert len(group.pods(group.first)) == 2


def test_what_is_lost_with_the_node_is_told(tools: Tools, group: Group, world: World) -> None:
    spec = workload(group.name, 2, volumes=[{"name": "cache", "emptyDir": {}}])["spec"]
    world.merge("apps/v1", "deployments", "web", {"spec": spec})
    world.ready("deployments", "web", 2)
    where = group.first if group.pods(group.first) else group.second

    plan = KIND.plan(tools, group.place, where)

    assert any("the node's own disk is lost" in each for each in plan.risk_reasons)


@pytest.fixture
def onlooker(admin: httpx.Client, group: Group) -> Iterator[None]:
    """The reader may look at nodes and pods, and change none."""
    rule = {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list"]}
    body = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"view-{group.name}"},
        "rules": [rule],
    }
    cluster_role(admin, body)
    with bound_everywhere(admin, "reader", f"view-{group.name}"):
        yield


def test_a_missing_right_is_told_in_the_plan(bots: Bots, group: Group, onlooker: None) -> None:
    told = until(lambda: refusal(bots, group), "its new rights count")

    assert "lacks the right to patch nodes" in told


def test_a_right_that_was_taken_away_meanwhile_is_told_on_the_card(
    bots: Bots, tools: Tools, group: Group, house: House, onlooker: None
) -> None:
    until(lambda: refusal(bots, group), "its new rights count")
    plan = KIND.plan(tools, group.place, group.first)
    receipt = begun(tools, plan)
    without = replace(bots.tools(group.place, READER), timeline=house)

    seen = KIND.verify(without, plan, receipt)

    assert isinstance(seen, TooEarly)
    assert "lacks the right to create pods/eviction" in seen.progress


def refusal(bots: Bots, group: Group) -> str:
    """Empty while the reader may not even read: the rights of an account follow after a moment."""
    with pytest.raises(VendorRejected) as refused:
        KIND.plan(bots.tools(group.place, READER), group.place, group.first)
    return refused.value.why if "patch" in refused.value.why else ""


def test_a_cordoned_node_is_left_over_until_it_takes_pods_or_is_gone(
    tools: Tools, group: Group
) -> None:
    plan = KIND.plan(tools, group.place, group.first)
    assert plan.leftovers == (f"the node {group.first} is cordoned",)
    begun(tools, plan)
    assert isinstance(KIND.leftover(tools, plan), StillThere)

    KIND.put_back(tools, plan)
    KIND.put_back(tools, plan)

    assert not group.cordoned
    assert isinstance(KIND.leftover(tools, plan), Cleared)
    group.admin.delete(f"/api/v1/nodes/{group.first}")
    assert KIND.leftover(tools, plan) == Cleared(shows=f"the node {group.first} is gone")


def test_what_was_cordoned_before_has_no_way_back(tools: Tools, group: Group) -> None:
    change_node(group.admin, group.first, {"spec": {"unschedulable": True}})
    plan = KIND.plan(tools, group.place, group.first)

    assert not plan.undoable
    assert plan.leftovers == ()
    with pytest.raises(Refused, match="was cordoned before"):
        KIND.undo(tools, plan, None)


def test_a_node_of_another_group_is_refused(tools: Tools, group: Group) -> None:
    with pytest.raises(Refused, match=f"“node-a” is no node of .* There are: {group.first}"):
        KIND.plan(tools, group.place, "node-a")
