"""Helm releases on a real cluster, rolled back by the real helm, version 3 and version 4."""

from __future__ import annotations

import base64
import gzip
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import NotSent, Refused, VendorDown, VendorRejected
from bot.domain.mitigation import Plan, Receipt, Settled, Unhealthy, Unknown, Untouched
from bot.integrations.clock import SystemClock
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.helm import HelmReleases
from bot.integrations.kubernetes.helm_program import Helm
from bot.integrations.kubernetes.helm_release import history_of
from bot.mitigations.rollback import Rollback
from bot.tools import Tools
from tests.cluster.bots import Bots, bind, carried_out, deployment
from tests.cluster.charts import Chart
from tests.cluster.control_plane import BOT, READER, ControlPlane, folder
from tests.cluster.world import World, until

KIND = Rollback()
GOOD, BAD = "registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.10"


@pytest.fixture(params=["helm3", "helm4"])
def chart(
    request: pytest.FixtureRequest, tmp_path: Path, plane: ControlPlane, world: World
) -> Chart:
    if not (folder() / request.param).is_file():
        pytest.skip(f"{request.param} is not built; run make cluster-tools")
    made = Chart(program=request.param, place=tmp_path / "shop", plane=plane, world=world)
    made.write()
    bind(world, "bot", "tocsin-read", "tocsin-helm")
    return made


@pytest.fixture
def shop(world: World) -> Deployment:
    return deployment(world, "web", driver=Driver.HELM, app="shop")


def with_helm(
    bots: Bots, shop: Deployment, chart: Chart, token: str = BOT, patience: float = 60
) -> Tools:
    tools = bots.tools(shop, token)
    cluster = tools.cluster("production")
    assert isinstance(cluster, Kubernetes)
    helm = Helm(program=str(folder() / chart.program), patience=timedelta(seconds=patience))
    deployer = HelmReleases(cluster.api, helm, SystemClock())
    return replace(tools, deployers={("production", Driver.HELM): deployer})


@pytest.fixture
def tools(bots: Bots, shop: Deployment, chart: Chart) -> Tools:
    """Two revisions are installed; the newer one is bad."""
    chart.upgrade(image=GOOD)
    chart.world.ready("deployments", "web", 2)
    chart.upgrade(image=BAD, mode="b", token="the-second-token")
    chart.world.ready("deployments", "web", 2)
    return with_helm(bots, shop, chart)


def settled(tools: Tools, plan: Plan, receipt: Receipt) -> Settled:
    found = until(
        lambda: seen if isinstance(seen := KIND.verify(tools, plan, receipt), Settled) else None,
        "the rollback is through",
    )
    assert isinstance(found, Settled)
    return found


def stuck(chart: Chart, status: str, *, ago: timedelta) -> None:
    """The newest revision as a helm that was killed on the way leaves it."""
    number = chart.history()[-1]["revision"]
    name = f"sh.helm.release.v1.shop.v{number}"
    secret = chart.world.read("v1", "secrets", name)
    told = json.loads(
        gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"])))
    )
    told["info"]["status"] = status
    told["info"]["last_deployed"] = (datetime.now(UTC) - ago).isoformat()
    packed = base64.b64encode(gzip.compress(json.dumps(told).encode()))
    data = {"release": base64.b64encode(packed).decode()}
    labels = {"status": status}
    chart.world.merge("v1", "secrets", name, {"data": data, "metadata": {"labels": labels}})


def test_what_is_read_is_what_helm_itself_tells(
    tools: Tools, chart: Chart, shop: Deployment
) -> None:
    cluster = tools.cluster("production")
    assert isinstance(cluster, Kubernetes)

    read = history_of(
        cluster.api, "shop", shop.namespace, service="web", image="", doing="read it"
    )

    told = [
        (each["revision"], each["status"], each["chart"], each["description"])
        for each in chart.history()
    ]
    assert told == [
        (each.number, each.status, each.chart, each.description)
        for each in reversed(read.releases)
    ]


def test_a_bad_upgrade_is_rolled_back_and_proven_by_its_rollout(
    tools: Tools, chart: Chart, shop: Deployment
) -> None:
    (offer,) = KIND.offers(tools, shop, before=None)
    assert (offer.target, offer.label, offer.chart, offer.suggested) == (
        "1",
        "3.9",
        "shop-1.0.0",
        True,
    )
    plan = KIND.plan(tools, shop, "1")

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert settled(tools, plan, receipt).evidence == "Helm says deployed, 1 workloads are out"
    assert chart.world.image("deployments", "web") == GOOD
    assert chart.history()[-1]["description"] == "Rollback to 1"


def test_a_plan_shows_the_difference_without_secrets_and_is_the_same_again(
    tools: Tools, shop: Deployment
) -> None:
    plan = KIND.plan(tools, shop, "1")

    assert [(d.what.split(" of ")[0], d.before, d.after) for d in plan.differences] == [
        ("image", BAD, GOOD),
        ("MODE", "b", "a"),
        ("setting API_TOKEN", "(hidden)", "(hidden, another value)"),
    ]
    assert "the-first-token" not in repr(plan)
    assert plan.digest == KIND.plan(tools, shop, "1").digest


def test_undone_it_runs_the_upgrade_again_and_is_not_suggested(
    tools: Tools, chart: Chart, shop: Deployment
) -> None:
    plan = KIND.plan(tools, shop, "1")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    settled(tools, plan, receipt)
    (offer,) = KIND.offers(tools, shop, before=None)
    assert (offer.target, offer.suggested, offer.warning) == (
        "2",
        False,
        "it was rolled back from",
    )

    back = KIND.undo(tools, plan, receipt)
    settled(tools, back, carried_out(KIND, tools, back, "inc-1.m2.1"))

    assert chart.world.image("deployments", "web") == BAD


def test_a_release_that_never_came_up_is_no_recovery(
    bots: Bots, shop: Deployment, chart: Chart
) -> None:
    chart.upgrade(image=f"{GOOD}-broken")
    chart.upgrade(image=BAD)
    chart.world.ready("deployments", "web", 2)
    tools = with_helm(bots, shop, chart)
    plan = KIND.plan(tools, shop, "1")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    found = until(
        lambda: s if isinstance(s := KIND.verify(tools, plan, receipt), Unhealthy) else None,
        "its deadline passes",
    )
    assert "made no progress for too long" in found.why


def test_an_upgrade_since_makes_the_plan_stale(
    tools: Tools, chart: Chart, shop: Deployment
) -> None:
    plan = KIND.plan(tools, shop, "1")
    chart.upgrade(image=BAD, mode="c")

    with pytest.raises(Refused, match=r"was at revision 2 \(deployed\), now it is at 3"):
        KIND.execute(tools, plan, "inc-1.m1.1")
    assert chart.history()[-1]["revision"] == 3


def test_a_stuck_upgrade_is_ended_by_the_rollback(
    tools: Tools, chart: Chart, shop: Deployment
) -> None:
    stuck(chart, "pending-upgrade", ago=timedelta(minutes=30))
    plan = KIND.plan(tools, shop, "1")
    assert plan.title == "End the stuck upgrade, then roll web back to 3.9"
    assert plan.interrupts == "the stuck upgrade to revision 2"
    assert "revision 2 is stuck in pending-upgrade" in plan.risk_reasons

    settled(tools, plan, carried_out(KIND, tools, plan, "inc-1.m1.1"))

    assert chart.world.image("deployments", "web") == GOOD


def test_a_running_upgrade_is_not_run_over(tools: Tools, chart: Chart, shop: Deployment) -> None:
    stuck(chart, "pending-upgrade", ago=timedelta(minutes=1))

    with pytest.raises(Refused, match="Somebody changes shop at this moment"):
        KIND.plan(tools, shop, "1")


@pytest.mark.played("its Job ends as its label says")
def test_hooks_of_the_way_back_run_and_are_said(
    bots: Bots, shop: Deployment, chart: Chart
) -> None:
    chart.write(hook=True)
    chart.upgrade(image=GOOD, hook="well")
    chart.upgrade(image=BAD, hook="well")
    tools = with_helm(bots, shop, chart)
    plan = KIND.plan(tools, shop, "1")
    assert "hooks run on the way back: Job before" in plan.risk_reasons

    settled(tools, plan, carried_out(KIND, tools, plan, "inc-1.m1.1"))

    job = chart.world.read("batch/v1", "jobs", "before")
    assert job["status"]["succeeded"] == 1


def test_a_hook_that_does_not_end_is_ended_and_leaves_the_release_pending(
    bots: Bots, shop: Deployment, chart: Chart
) -> None:
    """By its own time-out or, after a grace, by ours: nothing waits for ever, and nothing is guessed."""
    chart.write(hook=True)
    chart.upgrade(image=GOOD, hook="never")
    chart.upgrade(image=BAD, hook="never")
    tools = with_helm(bots, shop, chart, patience=2)
    plan = KIND.plan(tools, shop, "1")
    began = time.monotonic()

    with pytest.raises(VendorDown):
        KIND.execute(tools, plan, "inc-1.m1.1")

    assert time.monotonic() - began < 20
    assert chart.world.image("deployments", "web") == BAD
    found = KIND.look(tools, plan, "inc-1.m1.1")
    assert isinstance(found, Unknown | Receipt)


def test_a_missing_right_is_told_in_the_plan(
    bots: Bots, shop: Deployment, chart: Chart, tools: Tools
) -> None:
    with pytest.raises(VendorRejected, match="lacks the right to list secrets in namespace"):
        KIND.plan(with_helm(bots, shop, chart, READER), shop, "1")


def test_a_right_that_helm_lacks_leaves_no_trace_and_sends_nothing(
    bots: Bots, shop: Deployment, chart: Chart, tools: Tools
) -> None:
    """Who may read the release and not write it: the plan worries, and helm is refused at its lock."""
    bind(chart.world, "reader", "tocsin-read", "view-secrets")
    reader = with_helm(bots, shop, chart, READER)
    plan = KIND.plan(reader, shop, "1")
    assert [each for each in plan.risk_reasons if "lacks the right to patch" in each]

    with pytest.raises(NotSent) as refused:
        KIND.execute(reader, plan, "inc-1.m1.1")
    assert not refused.value.may_pass
    assert isinstance(KIND.look(reader, plan, "inc-1.m1.1"), Untouched)


def test_after_a_crash_it_is_found_in_the_history(
    tools: Tools, chart: Chart, shop: Deployment
) -> None:
    plan = KIND.plan(tools, shop, "1")
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Untouched)

    KIND.execute(tools, plan, "inc-1.m1.1")

    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Receipt)
    with pytest.raises(Refused, match="The world moved"):
        KIND.execute(tools, plan, "inc-1.m1.1")


def test_where_helm_is_not_installed_the_plan_says_so(tools: Tools, shop: Deployment) -> None:
    cluster = tools.cluster("production")
    assert isinstance(cluster, Kubernetes)
    without = HelmReleases(cluster.api, Helm(program="no-such-helm"), SystemClock())

    with pytest.raises(Refused, match="no-such-helm is not installed where Tocsin runs"):
        without.plan_rollback(shop, "1")


def test_an_upgrade_is_a_change_that_a_rollback_undoes(tools: Tools, shop: Deployment) -> None:
    now, hour = datetime.now(UTC), timedelta(hours=1)

    newest, first = tools.deployer(shop).changes([shop], since=now - hour, until=now + hour)

    assert (newest.before, newest.after, newest.target) == ("3.9", "3.10", "1")
    assert (first.after, first.reversible_by) == ("3.9", "")


def test_what_ships_with_a_service_does_not_speak_for_its_release(
    tools: Tools, shop: Deployment
) -> None:
    now, hour = datetime.now(UTC), timedelta(hours=1)
    job = replace(shop, service="web-nightly")

    found = tools.deployer(shop).changes([shop, job], since=now - hour, until=now + hour)

    assert {each.service for each in found} == {"web"}
