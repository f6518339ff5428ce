"""A rollback while Argo CD's server is down, on the Application objects of a real API server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import NotSent, Refused, VendorDown
from bot.domain.mitigation import Cleared, Plan, Ready, Receipt, Settled, StillThere, Untouched
from bot.integrations.argocd import ArgoCD
from bot.integrations.argocd_direct import WORRY
from bot.integrations.clock import SystemClock
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.applications import Applications
from bot.tools import Gate
from tests.cluster import argo
from tests.cluster.bots import bind
from tests.cluster.control_plane import BOT, ControlPlane
from tests.cluster.world import World, until

pytestmark = pytest.mark.played("it makes Argo CD's kind known to the whole cluster")
NOBODY_HOME = "http://127.0.0.1:9"
GOOD, BAD = "a" * 40, "b" * 40
SOURCE = {"repoURL": "https://git.example/shop", "path": "deploy", "targetRevision": "main"}
GROUP = "argoproj.io/v1alpha1"


def entry(number: int, revision: str, at: str) -> dict[str, Any]:
    return {"id": number, "revision": revision, "deployedAt": at, "source": SOURCE}


@pytest.fixture
def shop(world: World) -> Deployment:
    """An application on a bad revision, with auto-sync and self-heal."""
    argo.define(world.admin)
    until(
        lambda: world.admin.get(world.path(GROUP, "applications")).is_success,
        "applications are known",
    )
    body = {
        "apiVersion": GROUP,
        "kind": "Application",
        "metadata": {"name": "shop"},
        "spec": {
            "project": "default",
            "source": SOURCE,
            "syncPolicy": {
                "automated": {"selfHeal": True, "prune": True},
                "syncOptions": ["CreateNamespace=true"],
            },
        },
        "status": {
            "history": [
                entry(4, GOOD, "2026-03-05T09:00:00Z"),
                entry(5, BAD, "2026-03-05T10:00:00Z"),
            ],
            "sync": {"status": "Synced", "revision": BAD},
            "health": {"status": "Degraded"},
            "operationState": {
                "phase": "Succeeded",
                "startedAt": "2026-03-05T09:59:30Z",
                "operation": {"sync": {"revision": BAD}},
                "syncResult": {"revision": BAD},
            },
        },
    }
    world.create(GROUP, "applications", body)
    return Deployment(
        service="shop",
        environment="production",
        driver=Driver.ARGOCD,
        app="shop",
        app_namespace=world.namespace,
    )


@pytest.fixture
def deployer(plane: ControlPlane, world: World) -> Iterator[ArgoCD]:
    bind(world, "bot", "tocsin-argocd-direct")
    made, api = by_token(plane, BOT)
    yield made
    made.close()
    api.close()


def by_token(plane: ControlPlane, who: str) -> tuple[ArgoCD, Api]:
    api = Api(
        environment="production",
        open=lambda: plane.door(who),
        gate=Gate(observe=False),
    )
    made = ArgoCD(
        NOBODY_HOME,
        "t",
        gate=Gate(observe=False),
        clock=SystemClock(),
        objects=Applications(api),
    )
    return made, api


def now_of(world: World) -> dict[str, Any]:
    return world.read(GROUP, "applications", "shop")


def controller(world: World) -> None:
    """What Argo CD's application controller does with an operation that waits."""
    found = now_of(world)
    asked = found["operation"]
    revision = asked["sync"]["revision"]
    patch = {
        "operation": None,
        "status": {
            "history": [
                *found["status"]["history"],
                entry(6, revision, "2026-03-05T10:10:10Z"),
            ],
            "sync": {"status": "OutOfSync", "revision": BAD},
            "health": {"status": "Healthy"},
            "operationState": {
                "phase": "Succeeded",
                "startedAt": "2026-03-05T10:10:00Z",
                "finishedAt": "2026-03-05T10:10:10Z",
                "operation": asked,
                "syncResult": {"revision": revision, "source": SOURCE},
            },
        },
    }
    world.merge(GROUP, "applications", "shop", patch)


def planned(deployer: ArgoCD, shop: Deployment) -> Plan:
    return deployer.plan_rollback(shop, GOOD)


def test_what_is_offered_and_planned_comes_from_the_application_itself(
    deployer: ArgoCD, shop: Deployment
) -> None:
    (offer,) = deployer.offers(shop, before=None)
    plan = deployer.plan_rollback(shop, offer.target)

    assert (plan.live, plan.target, plan.system) == (BAD, GOOD, "Argo CD's controller")
    assert WORRY in plan.risk_reasons


def test_auto_sync_and_the_rollback_are_one_write(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    plan = planned(deployer, shop)
    assert deployer.prepare_rollback(plan, "i.m1.1") == Ready()
    deployer.roll_back(plan, "i.m1.1")

    found = now_of(world)
    assert "automated" not in found["spec"]["syncPolicy"]
    assert found["operation"]["sync"] == {
        "source": SOURCE,
        "revision": GOOD,
        "prune": False,
        "dryRun": False,
        "syncOptions": ["CreateNamespace=true"],
        "syncStrategy": {"apply": {}},
    }
    assert "operationState" not in found["status"]


def test_the_rollback_is_watched_to_its_end(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    plan = planned(deployer, shop)
    receipt = deployer.roll_back(plan, "i.m1.1")
    controller(world)

    assert isinstance(deployer.progress(plan, receipt), Settled)


def test_a_crash_after_the_write_finds_it_again(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    plan = planned(deployer, shop)
    assert isinstance(deployer.look(plan, "i.m1.1"), Untouched)
    deployer.roll_back(plan, "i.m1.1")

    assert isinstance(deployer.look(plan, "i.m1.1"), Receipt)


def test_a_deployment_since_the_plan_is_refused(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    plan = planned(deployer, shop)
    history = [*now_of(world)["status"]["history"], entry(6, "c" * 40, "2026-03-05T10:05:00Z")]
    world.merge(GROUP, "applications", "shop", {"status": {"history": history}})

    with pytest.raises(Refused, match="The world moved"):
        deployer.roll_back(plan, "i.m1.1")
    assert "operation" not in now_of(world)


def test_a_write_that_somebody_came_before_may_start_again(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    objects = deployer._api.objects
    assert objects is not None
    stale = str(now_of(world)["metadata"]["resourceVersion"])
    world.merge(GROUP, "applications", "shop", {"metadata": {"labels": {"touched": "yes"}}})

    with pytest.raises(NotSent) as refused:
        objects.patch(
            "shop",
            [{"op": "test", "path": "/metadata/resourceVersion", "value": stale}],
            namespace=world.namespace,
            doing="roll shop back",
            by_hand="",
        )
    assert refused.value.may_pass


def test_while_a_sync_runs_that_nobody_could_stop_nothing_is_planned(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    running = {"phase": "Running", "startedAt": "2026-03-05T10:04:00Z"}
    world.merge(GROUP, "applications", "shop", {"status": {"operationState": running}})

    with pytest.raises(Refused, match="which could stop it, is down"):
        planned(deployer, shop)


def test_a_missing_right_is_told_plainly(
    plane: ControlPlane, shop: Deployment, world: World
) -> None:
    bind(world, "bot", "tocsin-read-applications")
    made, api = by_token(plane, BOT)
    try:
        plan = planned(made, shop)
        with pytest.raises(NotSent, match="patch") as refused:
            made.roll_back(plan, "i.m1.1")
        assert not refused.value.may_pass
    finally:
        made.close()
        api.close()


def test_without_any_right_the_server_is_what_is_named_as_down(
    plane: ControlPlane, shop: Deployment
) -> None:
    made, api = by_token(plane, BOT)
    try:
        with pytest.raises(VendorDown, match="Argo CD"):
            made.offers(shop, before=None)
    finally:
        made.close()
        api.close()


def test_auto_sync_comes_back_exactly_as_it_was(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    plan = planned(deployer, shop)
    deployer.roll_back(plan, "i.m1.1")
    controller(world)
    assert isinstance(deployer.leftover(plan), StillThere)
    merged = {"status": {"sync": {"status": "Synced", "revision": "d" * 40}}}
    world.merge(GROUP, "applications", "shop", merged)

    deployer.restore(plan)

    assert now_of(world)["spec"]["syncPolicy"]["automated"] == {"selfHeal": True, "prune": True}
    assert isinstance(deployer.leftover(plan), Cleared)


def test_an_owner_that_cannot_be_read_stops_the_plan(
    deployer: ArgoCD, shop: Deployment, world: World
) -> None:
    owner = {"apiVersion": GROUP, "kind": "ApplicationSet", "name": "shops", "uid": "1"}
    world.merge(GROUP, "applications", "shop", {"metadata": {"ownerReferences": [owner]}})

    with pytest.raises(VendorDown, match="read ApplicationSet shops"):
        planned(deployer, shop)
