"""A rolling restart on a real cluster: what is planned, sent, found again, proven and undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.catalog import Deployment
from bot.domain.errors import NotSent, Refused, VendorRejected
from bot.domain.mitigation import Plan, Receipt, Settled, TooEarly, Unhealthy, Untouched
from bot.domain.workload import Restart as Stamp
from bot.mitigations.workload_restart import Restart
from bot.tools import Tools
from tests.cluster.bots import WHERE, Bots, bind, carried_out, deployment
from tests.cluster.control_plane import READER
from tests.cluster.world import MARK, World, until, workload

KIND = Restart(where=WHERE)
ONE, TWO = "registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.10"
_EVERYWHERE = pytest.param("DaemonSet", marks=pytest.mark.played("it counts the nodes"))
KINDS = ("Deployment", "StatefulSet", _EVERYWHERE)


@pytest.fixture
def web(world: World) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-restart")
    world.deployment("web", ONE, replicas=2)
    world.ready("deployments", "web", 2)
    return deployment(world)


@pytest.fixture
def tools(bots: Bots, web: Deployment) -> Tools:
    return bots.tools(web)


def planned(tools: Tools, web: Deployment) -> Plan:
    return KIND.plan(tools, web, "restart")


def settled(tools: Tools, plan: Plan, receipt: Receipt) -> Settled:
    found = until(
        lambda: seen if isinstance(seen := KIND.verify(tools, plan, receipt), Settled) else None,
        "the restart is through",
    )
    assert isinstance(found, Settled)
    return found


def pods(world: World) -> set[str]:
    return {each["metadata"]["uid"] for each in world.read("v1", "pods")["items"]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_pod_is_replaced_and_that_is_the_proof(kind: str, world: World, bots: Bots) -> None:
    bind(world, "bot", "tocsin-read", "tocsin-restart")
    plural = f"{kind.lower()}s"
    counted = {} if kind == "DaemonSet" else {"replicas": 2}
    world.create("apps/v1", plural, workload(kind, "web", ONE, **counted))
    world.ready(plural, "web", 2)
    before = pods(world)
    web = deployment(world, workload=f"{kind.lower()}/web")
    tools = bots.tools(web)
    plan = KIND.plan(tools, web, "restart")

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert settled(tools, plan, receipt).evidence == "2 of 2 pods are new and ready"
    until(lambda: len(pods(world)) == 2, "the old pods are gone")
    assert not pods(world) & before
    assert world.image(plural, "web") == ONE


def test_what_is_offered_says_how_many_pods(tools: Tools, web: Deployment) -> None:
    (offer,) = KIND.offers(tools, web, before=None)

    assert offer.title == "Restart web: 2 pods, one after another"


def test_a_plan_of_an_unchanged_world_is_the_same(tools: Tools, web: Deployment) -> None:
    assert planned(tools, web).digest == planned(tools, web).digest


def test_what_was_deployed_since_makes_the_plan_stale(
    tools: Tools, web: Deployment, world: World
) -> None:
    plan = planned(tools, web)
    image = {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": TWO}]}}}}
    world.merge("apps/v1", "deployments", "web", image)

    with pytest.raises(Refused, match=r"was deployed\. Nothing was sent"):
        KIND.execute(tools, plan, "inc-1.m1.1")
    template = world.read("apps/v1", "deployments", "web")["spec"]["template"]
    assert "annotations" not in template["metadata"]


def test_a_change_at_the_same_moment_is_not_overwritten(
    tools: Tools, web: Deployment, world: World
) -> None:
    """Between our last look and the request: the API answers 409, and the attempt may start again."""
    cluster = tools.cluster("production")
    read = cluster.workload(web, doing="read it")
    labels = {"metadata": {"labels": {"touched": "yes"}}}
    world.merge("apps/v1", "deployments", "web", labels)

    with pytest.raises(NotSent, match="somebody changed it at the same moment") as refused:
        cluster.edit(read, Stamp(stamp="2026-11-26T03:00:00Z"), "inc-1.m1.1", doing="restart web")
    assert refused.value.may_pass


def test_a_missing_right_is_told_in_the_plan(bots: Bots, world: World, web: Deployment) -> None:
    bind(world, "reader", "tocsin-read")

    with pytest.raises(VendorRejected) as refused:
        planned(bots.tools(web, READER), web)
    assert refused.value.why == (
        f"our account {READER} of namespace {MARK} lacks the right to patch deployments (apps) in"
        f" namespace {world.namespace}; the roles it needs are in docs/mitigations.md"
    )


def test_a_right_lost_after_the_plan_sends_nothing(
    bots: Bots, world: World, web: Deployment, tools: Tools
) -> None:
    plan = planned(tools, web)
    bind(world, "reader", "tocsin-read")

    with pytest.raises(NotSent, match="lacks the right to patch deployments") as refused:
        KIND.execute(bots.tools(web, READER), plan, "inc-1.m1.1")
    assert not refused.value.may_pass


def test_after_a_crash_it_is_found_by_its_attempt(tools: Tools, web: Deployment) -> None:
    plan = planned(tools, web)

    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Untouched)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Receipt)


def test_the_same_attempt_twice_restarts_once(tools: Tools, web: Deployment, world: World) -> None:
    plan = planned(tools, web)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    generation = world.read("apps/v1", "deployments", "web")["metadata"]["generation"]

    carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert world.read("apps/v1", "deployments", "web")["metadata"]["generation"] == generation


def test_undone_it_is_the_template_from_before(
    tools: Tools, web: Deployment, world: World
) -> None:
    plan = planned(tools, web)
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    settled(tools, plan, receipt)

    back = KIND.undo(tools, plan, receipt)
    settled(tools, back, carried_out(KIND, tools, back, "inc-1.m2.1"))

    template = world.read("apps/v1", "deployments", "web")["spec"]["template"]
    assert not template["metadata"].get("annotations")


def test_pods_that_do_not_come_up_are_no_recovery(
    bots: Bots, world: World, web: Deployment
) -> None:
    world.deployment("api", f"{ONE}-broken", replicas=1, progressDeadlineSeconds=2)
    api = deployment(world, "api")
    tools = bots.tools(api)
    plan = KIND.plan(tools, api, "restart")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert isinstance(KIND.verify(tools, plan, receipt), TooEarly)
    found = until(
        lambda: s if isinstance(s := KIND.verify(tools, plan, receipt), Unhealthy) else None,
        "the deadline passes",
    )
    assert found.why == "it made no progress for too long (0 of 1 pods are up)"


def test_a_paused_deployment_is_refused(tools: Tools, web: Deployment, world: World) -> None:
    world.merge("apps/v1", "deployments", "web", {"spec": {"paused": True}})

    with pytest.raises(Refused, match="is paused: a restart would not begin"):
        planned(tools, web)


def test_a_budget_that_lets_no_pod_go_is_a_worry(
    tools: Tools, web: Deployment, world: World
) -> None:
    budget = {
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}},
    }
    world.create("policy/v1", "poddisruptionbudgets", budget)

    assert planned(tools, web).risk_reasons == (
        "the disruption budget web lets no pod go now, and a restart does not ask it",
    )


def test_in_observe_mode_it_is_planned_and_not_done(
    bots: Bots, web: Deployment, world: World
) -> None:
    tools = bots.tools(web, observe=True)
    plan = planned(tools, web)

    with pytest.raises(Refused, match="observe mode"):
        KIND.execute(tools, plan, "inc-1.m1.1")


def test_where_no_cluster_is_configured_it_is_not_offered(web: Deployment) -> None:
    assert KIND.fits(web)
    assert not KIND.fits(replace(web, environment="staging"))
    assert not Restart(where=frozenset()).fits(web)
