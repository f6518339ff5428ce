"""Plain manifests in two real clusters: one plan, each cluster by its own history, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import httpx
import pytest

from bot.domain.catalog import Deployment
from bot.domain.errors import VendorRejected
from bot.domain.mitigation import Plan, Settled
from bot.flow.planning import drift
from bot.mitigations.rollback import Rollback
from bot.tools import Tools
from tests.cluster.bots import Bots, bind, carried_out, cluster_role, deployment, roles
from tests.cluster.control_plane import ControlPlane, missing, running
from tests.cluster.test_rollback import BAD, GOOD, deploy, settled
from tests.cluster.test_rollback import running as two_revisions
from tests.cluster.whose import namespace, settled_in
from tests.cluster.world import NODES, World, node, seating

KIND = Rollback()
OTHER = "registry.k8s.io/pause:3.8"


@pytest.fixture(scope="module")
def second(
    plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ControlPlane, httpx.Client]]:
    """A control plane of its own, with nothing in common with the other."""
    if absent := missing():
        pytest.skip(f"no second cluster here: {absent} is not built; run make cluster-tools")
    with ExitStack() as stack:
        found = stack.enter_context(running(tmp_path_factory.mktemp("second")))
        found = stack.enter_context(settled_in(found))
        client = stack.enter_context(found.client())
        stack.enter_context(seating(client))
        for name in NODES:
            node(client, name)
        for role in roles():
            cluster_role(client, role)
        yield found, client


@dataclass(frozen=True)
class Both:
    home: World
    eu: World
    web: Deployment
    tools: Tools

    def images(self, plural: str) -> tuple[str, str]:
        return self.home.image(plural, "web"), self.eu.image(plural, "web")


@pytest.fixture(params=["Deployment", "StatefulSet"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def both(
    kind: str, world: World, bots: Bots, second: tuple[ControlPlane, httpx.Client]
) -> Iterator[Both]:
    plane, client = second
    namespace(client, world.namespace)
    eu = World(admin=client, namespace=world.namespace)
    for each in (world, eu):
        bind(each, "bot", "tocsin-read", "tocsin-rollback")
    plural = two_revisions(world, kind)
    two_revisions(eu, kind)
    # Its history is another one: what is 1 here is not what went before there.
    for image in (OTHER, BAD):
        deploy(eu, plural, image, NEW="1")
        eu.ready(plural, "web", 2)
    web = deployment(world, workload=f"{kind.lower()}/web", cluster="prod-1", more=("eu",))
    others = Bots(plane)
    there = others.tools(replace(web, environment="production/eu"))
    here = bots.tools(web)
    yield Both(
        home=world,
        eu=eu,
        web=web,
        tools=replace(
            here,
            clusters={**here.clusters, **there.clusters},
            deployers={**here.deployers, **there.deployers},
            mitigations={"rollback": KIND},
        ),
    )
    others.close()


def done(tools: Tools, plan: Plan, attempt: str) -> Settled:
    return settled(tools, plan, carried_out(KIND, tools, plan, attempt))


def test_one_plan_goes_through_both_and_each_is_undone_alone(both: Both, kind: str) -> None:
    tools, plural = both.tools, f"{kind.lower()}s"
    plan = KIND.plan(tools, both.web, "3.9")
    (after,) = plan.then
    assert plan.title == "Roll web back to 3.9 in 2 clusters, one after the other"
    assert (after.where, after.live_label, after.target_label) == ("production/eu", "3.10", "3.9")

    done(tools, plan, "inc-1.m1.1")
    assert both.images(plural) == (GOOD, BAD)
    assert drift(tools, after) == ""
    done(tools, after, "inc-1.m2.1")
    assert both.images(plural) == (GOOD, GOOD)

    back = KIND.undo(tools, after, None)
    assert (back.title, back.then) == ("Undo: put web in eu back on 3.10", ())
    done(tools, back, "inc-1.m3.1")
    assert both.images(plural) == (GOOD, BAD)


def test_a_right_that_is_missing_there_leaves_it_out_by_name(
    both: Both, second: tuple[ControlPlane, httpx.Client]
) -> None:
    stranger = Bots(second[0])
    there = stranger.tools(replace(both.web, environment="production/eu"), "nobody")
    known = {**both.tools.clusters, **there.clusters}
    deploying = {**both.tools.deployers, **there.deployers}
    tools = replace(both.tools, clusters=known, deployers=deploying)

    plan = KIND.plan(tools, both.web, "3.9")

    assert plan.title == "Roll web back to 3.9 in 1 of 2 clusters"
    assert any("eu was not looked at and is left as it is" in e for e in plan.risk_reasons)
    with pytest.raises(VendorRejected):
        KIND.plan(tools, both.web, "eu:3.9")
    stranger.close()
