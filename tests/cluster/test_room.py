"""On a real cluster: why pods wait, and whether the pods that a plan adds find room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.domain.catalog import Deployment
from bot.domain.vitals import Condition
from bot.flow import conditions
from bot.mitigations.workload_restart import Restart
from bot.mitigations.workload_scale import Scale
from bot.tools import Tools
from tests.cluster.bots import WHERE, Bots, bind, bound_everywhere, deployment
from tests.cluster.world import World, answered, change_node, until
from tests.cluster.world import node as takes_pods

pytestmark = pytest.mark.played("it makes nodes")
IMAGE = "registry.k8s.io/pause:3.9"
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def node(admin: httpx.Client, world: World) -> Iterator[str]:
    """Of four CPUs and eight GiB, for pods of this test alone."""
    name = f"node-{world.namespace}"
    takes_pods(admin, name, labels={"only": world.namespace})
    offers = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "20"}}
    change_node(admin, name, {"status": offers}, part="/status")
    yield name
    admin.delete(f"/api/v1/nodes/{name}")


@pytest.fixture
def web(world: World, node: str) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-restart", "tocsin-scale")
    asks = {"requests": {"cpu": "500m", "memory": "1Gi"}}
    container = {"name": "app", "image": IMAGE, "resources": asks}
    labels = {"app": "web"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"nodeName": node, "nodeSelector": {"only": world.namespace}},
    }
    template["spec"]["containers"] = [container]
    world.deployment("web", IMAGE, replicas=2, template=template)
    world.ready("deployments", "web", 2)
    return deployment(world, scale=(1, 20))


@pytest.fixture
def tools(bots: Bots, web: Deployment, admin: httpx.Client) -> Iterator[Tools]:
    with bound_everywhere(admin, "bot", "tocsin-read-nodes"):
        yield bots.tools(web)


def test_a_restart_says_that_the_pods_it_adds_for_a_while_fit(
    tools: Tools, web: Deployment
) -> None:
    plan = Restart(where=WHERE).plan(tools, web, "restart")
    assert plan.room == "1 more pod of 500m/1Gi; room for 6 on ready nodes"


def test_a_scale_says_that_its_pods_do_not_fit(tools: Tools, web: Deployment) -> None:
    plan = Scale(where=WHERE).plan(tools, web, "12")
    assert plan.room.startswith("10 more pods of 500m/1Gi do not fit: room for 6 on ready nodes")


def test_a_node_that_takes_no_pods_has_no_room(
    tools: Tools, web: Deployment, admin: httpx.Client, node: str
) -> None:
    change_node(admin, node, {"spec": {"unschedulable": True}})
    plan = Restart(where=WHERE).plan(tools, web, "restart")
    assert "room for 0 on ready nodes" in plan.room


def test_without_the_right_to_read_nodes_the_plan_is_made_and_says_so(
    bots: Bots, web: Deployment
) -> None:
    plan = Restart(where=WHERE).plan(bots.tools(web), web, "restart")
    assert plan.room.startswith("whether its pods find room is not known")
    assert "nodes" in plan.room


def looked(tools: Tools, web: Deployment) -> Condition:
    return conditions.condition(tools, web)


def test_pods_that_run_are_well(tools: Tools, web: Deployment) -> None:
    assert looked(tools, web).ills == ()


def test_a_pod_that_waits_is_told_in_the_words_of_the_scheduler(
    tools: Tools, web: Deployment, world: World, admin: httpx.Client
) -> None:
    why = "0/2 nodes are available: 2 Insufficient cpu."
    pod: dict[str, Any] = {
        "metadata": {"name": "waits", "labels": {"app": "web"}},
        "spec": {
            "containers": [{"name": "app", "image": IMAGE}],
            "schedulingGates": [{"name": "tests/never"}],
        },
    }
    world.create("v1", "pods", {"apiVersion": "v1", "kind": "Pod", **pod})
    waits = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why}
    path = f"{world.path('v1', 'pods', 'waits')}/status"
    answered(admin.patch(path, json={"status": {"conditions": [waits]}}, headers=MERGE))
    found = until(lambda: looked(tools, web).ills, "the pod is seen")
    assert found == ("1 of 3 pods pending (0/2 nodes are available: 2 Insufficient cpu)",)
