"""Jobs and workers are suspended on a real cluster, and made to work again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.catalog import Deployment, Driver, Kind
from bot.domain.errors import Refused, VendorRejected
from bot.domain.mitigation import (
    Cleared,
    Plan,
    Receipt,
    Settled,
    StillThere,
    TooEarly,
    Untouched,
)
from bot.mitigations.workload_suspend import SuspendJob
from bot.tools import Tools
from tests.cluster.argo import application, written_by
from tests.cluster.bots import WHERE, Bots, House, bind, carried_out, deployment
from tests.cluster.control_plane import READER
from tests.cluster.world import World, until

KIND = SuspendJob(where=WHERE)
IMAGE = "registry.k8s.io/pause:3.9"


@pytest.fixture
def nightly(world: World) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-suspend-job")
    inside = {"restartPolicy": "Never", "containers": [{"name": "app", "image": IMAGE}]}
    body = {
        "metadata": {"name": "nightly"},
        "spec": {
            "schedule": "*/10 * * * *",
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"template": {"spec": inside}}},
        },
    }
    world.create("batch/v1", "cronjobs", body)
    return deployment(world, "nightly", workload="cronjob/nightly", component=Kind.JOB)


@pytest.fixture
def web(world: World) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-suspend-job")
    world.deployment("web", IMAGE, replicas=2)
    world.ready("deployments", "web", 2)
    return deployment(world, component=Kind.WORKER)


def suspended(world: World) -> bool:
    return bool(world.read("batch/v1", "cronjobs", "nightly")["spec"].get("suspend"))


def settled(tools: Tools, plan: Plan, receipt: Receipt) -> Settled:
    found = until(
        lambda: seen if isinstance(seen := KIND.verify(tools, plan, receipt), Settled) else None,
        "it is through",
    )
    assert isinstance(found, Settled)
    return found


def test_a_job_makes_no_more_runs_until_it_is_undone(
    bots: Bots, nightly: Deployment, world: World
) -> None:
    tools = bots.tools(nightly)
    assert [each.title for each in KIND.offers(tools, nightly, before=None)] == [
        "Suspend nightly: no more runs"
    ]
    plan = KIND.plan(tools, nightly, "suspend")

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert suspended(world)
    assert settled(tools, plan, receipt).evidence == "cronjob nightly is suspended"
    back = KIND.undo(tools, plan, receipt)
    settled(tools, back, carried_out(KIND, tools, back, "inc-1.m2.1"))
    assert not suspended(world)


def test_a_plan_says_what_is_missed_and_what_resuming_does(
    bots: Bots, nightly: Deployment
) -> None:
    missed, resumed = KIND.plan(bots.tools(nightly), nightly, "suspend").cautions

    assert missed.startswith("36 runs are missed within 6 hours, the next at ")
    assert resumed == (
        "when it is resumed, the last missed run is made up for once, at once,"
        " unless the one before still runs (concurrencyPolicy Forbid)"
    )


def test_a_worker_has_no_pods_until_it_is_undone(
    bots: Bots, web: Deployment, world: World
) -> None:
    tools = bots.tools(web)
    plan = KIND.plan(tools, web, "suspend")
    assert [(d.what, d.before, d.after) for d in plan.differences] == [("pods", "2", "0")]

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    settled(tools, plan, receipt)
    assert until(lambda: not world.read("v1", "pods")["items"], "its pods are gone")

    back = KIND.undo(tools, plan, receipt)
    settled(tools, back, carried_out(KIND, tools, back, "inc-1.m2.1"))
    world.ready("deployments", "web", 2)


def test_what_users_wait_for_is_refused(bots: Bots, web: Deployment) -> None:
    service = replace(web, component=Kind.SERVICE)
    assert not KIND.fits(service)

    with pytest.raises(Refused, match="is no job and no worker"):
        KIND.plan(bots.tools(service), service, "suspend")


@pytest.mark.played("it makes Argo CD's kind known to the whole cluster")
def test_a_worker_that_self_heal_would_start_again_is_refused(
    bots: Bots, web: Deployment, world: World
) -> None:
    bind(world, "bot", "tocsin-read-applications")
    application(world, self_heal=True, made_by="shops")
    written_by(world, "argocd-controller")
    argo = replace(web, driver=Driver.ARGOCD, app="shop", app_namespace=world.namespace)

    with pytest.raises(Refused, match=r"made by the ApplicationSet shops\) writes the number"):
        KIND.plan(bots.tools(argo), argo, "suspend")


def test_what_was_resumed_or_suspended_since_makes_the_plan_stale(
    bots: Bots, nightly: Deployment, world: World
) -> None:
    tools = bots.tools(nightly)
    plan = KIND.plan(tools, nightly, "suspend")
    world.merge("batch/v1", "cronjobs", "nightly", {"spec": {"suspend": True}})

    with pytest.raises(Refused, match="was running by its schedule, now it is suspended"):
        carried_out(KIND, tools, plan, "inc-1.m1.1")


def test_a_missing_right_is_told_in_the_plan(
    bots: Bots, nightly: Deployment, world: World
) -> None:
    bind(world, "reader", "tocsin-read")

    with pytest.raises(VendorRejected, match=r"the right to patch cronjobs \(batch\)"):
        KIND.plan(bots.tools(nightly, READER), nightly, "suspend")


def test_after_a_crash_it_is_found_by_its_attempt(bots: Bots, nightly: Deployment) -> None:
    tools = bots.tools(nightly)
    plan = KIND.plan(tools, nightly, "suspend")

    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Untouched)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Receipt)


def test_a_left_over_is_resumed_once(bots: Bots, nightly: Deployment, world: World) -> None:
    tools = bots.tools(nightly)
    plan = KIND.plan(tools, nightly, "suspend")
    assert plan.leftovers == ("cronjob nightly is suspended (no more runs)",)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert isinstance(KIND.leftover(tools, plan), StillThere)

    KIND.put_back(tools, plan)
    KIND.put_back(tools, plan)

    assert not suspended(world)
    assert isinstance(KIND.leftover(tools, plan), Cleared)


@pytest.fixture
def run(nightly: Deployment, world: World) -> str:
    """A run by schedule that is under way, without waiting for its minute."""
    cron = world.read("batch/v1", "cronjobs", "nightly")
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": "nightly",
        "uid": cron["metadata"]["uid"],
        "controller": True,
    }
    made = world.create(
        "batch/v1",
        "jobs",
        {
            "metadata": {"name": "nightly-1", "ownerReferences": [owner]},
            "spec": cron["spec"]["jobTemplate"]["spec"],
        },
    )
    active = {"apiVersion": "batch/v1", "kind": "Job", "name": "nightly-1"}
    active |= {"namespace": world.namespace, "uid": made["metadata"]["uid"]}
    world.merge("batch/v1", "cronjobs", "nightly/status", {"status": {"active": [active]}})
    until(lambda: pods(world), "its pod is there")
    return "nightly-1"


def pods(world: World) -> list[str]:
    found = world.read("v1", "pods")["items"]
    return [each["metadata"]["name"] for each in found]


def test_a_run_that_is_under_way_is_stopped_where_that_is_asked_for(
    bots: Bots, nightly: Deployment, run: str, world: World, house: House
) -> None:
    tools = replace(bots.tools(nightly), timeline=house)
    assert [each.target for each in KIND.offers(tools, nightly, before=None)] == [
        "suspend",
        "suspend with runs",
    ]
    plan = KIND.plan(tools, nightly, "suspend with runs")
    assert ("the run nightly-1", "works", "stopped") in [
        (d.what, d.before, d.after) for d in plan.differences
    ]
    assert pods(world)

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    settled(tools, plan, receipt)

    assert pods(world) == []
    back = KIND.undo(tools, plan, receipt)
    assert back.target == "resume 0 with runs"
    settled(tools, back, carried_out(KIND, tools, back, "inc-1.m2.1"))
    assert not suspended(world)
    assert until(lambda: pods(world), "its pod is there again")


def test_a_run_goes_on_where_nothing_else_is_asked_for(
    bots: Bots, nightly: Deployment, run: str, world: World
) -> None:
    tools = bots.tools(nightly)
    plan = KIND.plan(tools, nightly, "suspend")
    assert "what runs now goes on to its end: nightly-1" in plan.cautions

    settled(tools, plan, carried_out(KIND, tools, plan, "inc-1.m1.1"))

    assert pods(world)


def test_where_it_was_resumed_meanwhile_no_run_is_stopped(
    bots: Bots, nightly: Deployment, run: str, world: World, house: House
) -> None:
    tools = replace(bots.tools(nightly), timeline=house)
    plan = KIND.plan(tools, nightly, "suspend with runs")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    world.merge("batch/v1", "cronjobs", "nightly", {"spec": {"suspend": False}})

    assert isinstance(KIND.verify(tools, plan, receipt), TooEarly)

    assert not world.read("batch/v1", "jobs", run)["spec"].get("suspend")


def test_a_left_over_lets_its_runs_go_on_too(
    bots: Bots, nightly: Deployment, run: str, world: World, house: House
) -> None:
    tools = replace(bots.tools(nightly), timeline=house)
    plan = KIND.plan(tools, nightly, "suspend with runs")
    settled(tools, plan, carried_out(KIND, tools, plan, "inc-1.m1.1"))

    KIND.put_back(tools, plan)

    assert not world.read("batch/v1", "jobs", run)["spec"]["suspend"]
    assert not suspended(world)


def test_where_nothing_runs_there_is_nothing_to_stop(bots: Bots, nightly: Deployment) -> None:
    with pytest.raises(Refused, match="Nothing of nightly runs now"):
        KIND.plan(bots.tools(nightly), nightly, "suspend with runs")
