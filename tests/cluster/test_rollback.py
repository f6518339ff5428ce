"""A rollback of plain manifests on a real cluster: each kind goes back, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.catalog import Deployment
from bot.domain.errors import NotSent, Refused, VendorRejected
from bot.domain.mitigation import (
    Migrations,
    Plan,
    Receipt,
    Settled,
    Unhealthy,
    Unknown,
    Untouched,
)
from bot.integrations.kubernetes.api import Patch, Write
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.kinds import metadata
from bot.mitigations.rollback import Rollback
from bot.tools import Tools
from tests.cluster.argo import application
from tests.cluster.bots import Bots, bind, carried_out, deployment
from tests.cluster.control_plane import READER
from tests.cluster.world import World, until, workload

KIND = Rollback()
GOOD, BAD = "registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.10"
_EVERYWHERE = pytest.param("DaemonSet", marks=pytest.mark.played("it counts the nodes"))
KINDS = ("Deployment", "StatefulSet", _EVERYWHERE)


def deploy(world: World, plural: str, image: str, **env: str) -> None:
    added = [{"name": name, "value": value} for name, value in env.items()]
    container = {"name": "app", "image": image, "env": added}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    world.merge("apps/v1", plural, "web", body)


def running(world: World, kind: str) -> str:
    """Two revisions of this kind; the newer one adds a setting. Answers the plural."""
    plural = f"{kind.lower()}s"
    counted = {} if kind == "DaemonSet" else {"replicas": 2}
    world.create("apps/v1", plural, workload(kind, "web", GOOD, **counted))
    world.ready(plural, "web", 2)
    deploy(world, plural, BAD, NEW="1")
    world.ready(plural, "web", 2)
    return plural


@pytest.fixture
def web(world: World) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-rollback")
    running(world, "Deployment")
    return deployment(world)


@pytest.fixture
def tools(bots: Bots, web: Deployment) -> Tools:
    return bots.tools(web)


def settled(tools: Tools, plan: Plan, receipt: Receipt) -> Settled:
    found = until(
        lambda: seen if isinstance(seen := KIND.verify(tools, plan, receipt), Settled) else None,
        "the rollback is through",
    )
    assert isinstance(found, Settled)
    return found


def env(world: World, plural: str = "deployments") -> list[dict[str, str]]:
    found = world.read("apps/v1", plural, "web")
    return list(found["spec"]["template"]["spec"]["containers"][0].get("env") or ())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_goes_back_and_loses_what_the_bad_revision_added(
    kind: str, world: World, bots: Bots
) -> None:
    bind(world, "bot", "tocsin-read", "tocsin-rollback")
    plural = running(world, kind)
    web = deployment(world, workload=f"{kind.lower()}/web")
    tools = bots.tools(web)
    (offer,) = KIND.offers(tools, web, before=None)
    assert (offer.label, offer.suggested) == ("3.9", True)
    plan = KIND.plan(tools, web, offer.target)

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    assert settled(tools, plan, receipt).evidence == "2 of 2 pods are new and ready"
    assert world.image(plural, "web") == GOOD
    assert env(world, plural) == []


@pytest.mark.parametrize("kind", KINDS)
def test_undone_it_runs_what_ran_before_the_rollback(kind: str, world: World, bots: Bots) -> None:
    bind(world, "bot", "tocsin-read", "tocsin-rollback")
    plural = running(world, kind)
    web = deployment(world, workload=f"{kind.lower()}/web")
    tools = bots.tools(web)
    plan = KIND.plan(tools, web, "3.9")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    settled(tools, plan, receipt)

    back = KIND.undo(tools, plan, receipt)
    settled(tools, back, carried_out(KIND, tools, back, "inc-1.m2.1"))

    assert world.image(plural, "web") == BAD
    assert env(world, plural) == [{"name": "NEW", "value": "1"}]
    assert back.title == "Undo: put web back on 3.10"


def test_a_plan_shows_what_changes_and_what_is_not_known(tools: Tools, web: Deployment) -> None:
    plan = KIND.plan(tools, web, "3.9")

    assert [(d.what, d.before, d.after) for d in plan.differences] == [
        ("image", BAD, GOOD),
        ("NEW", "1", "—"),
    ]
    assert plan.needs == (GOOD,)
    assert plan.migrations is Migrations.UNKNOWN
    assert plan.migration_notes[0] == "the commits that its images were built from are not known"
    assert plan.digest == KIND.plan(tools, web, "3.9").digest


def test_what_was_made_after_the_trouble_began_is_not_suggested(
    tools: Tools, web: Deployment
) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)

    assert [e.suggested for e in KIND.offers(tools, web, before=an_hour_ago)] == [False]


def test_two_revisions_of_one_tag_are_told_apart(
    tools: Tools, web: Deployment, world: World
) -> None:
    deploy(world, "deployments", BAD, NEW="2")
    world.ready("deployments", "web", 2)

    labels = [each.label for each in KIND.offers(tools, web, before=None)]

    assert labels == ["3.10 (revision 2)", "3.9"]


def test_a_deploy_since_makes_the_plan_stale(tools: Tools, web: Deployment, world: World) -> None:
    plan = KIND.plan(tools, web, "3.9")
    deploy(world, "deployments", BAD, NEW="2")

    with pytest.raises(Refused, match=r"web ran 3\.10, and it was deployed\. Nothing was sent"):
        carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Unknown)


def test_a_version_that_is_no_longer_stored_is_refused_by_the_api(
    tools: Tools, web: Deployment, world: World
) -> None:
    stale = metadata(world.read("apps/v1", "deployments", "web"))["resourceVersion"]
    world.merge("apps/v1", "deployments", "web", {"metadata": {"labels": {"touched": "yes"}}})
    cluster = tools.cluster("production")
    assert isinstance(cluster, Kubernetes)
    held = {"op": "replace", "path": "/metadata/resourceVersion", "value": stale}
    count = {"op": "replace", "path": "/spec/replicas", "value": 1}
    path = world.path("apps/v1", "deployments", "web")

    with pytest.raises(NotSent, match="somebody changed it at the same moment"):
        cluster.api.send(Write(path=path, body=[held, count], doing="try", how=Patch.JSON))


def test_a_missing_right_is_told_in_the_plan(bots: Bots, web: Deployment, world: World) -> None:
    bind(world, "reader", "tocsin-read")

    with pytest.raises(VendorRejected, match=r"the right to patch deployments \(apps\)"):
        KIND.plan(bots.tools(web, READER), web, "3.9")


def test_after_a_crash_it_is_found_by_its_attempt_and_not_sent_again(
    tools: Tools, web: Deployment, world: World
) -> None:
    plan = KIND.plan(tools, web, "3.9")
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Untouched)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    generation = world.read("apps/v1", "deployments", "web")["metadata"]["generation"]

    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Receipt)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert world.read("apps/v1", "deployments", "web")["metadata"]["generation"] == generation


def test_a_deploy_over_the_rollback_is_no_recovery(
    tools: Tools, web: Deployment, world: World
) -> None:
    plan = KIND.plan(tools, web, "3.9")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    deploy(world, "deployments", BAD, NEW="3")

    verdict = KIND.verify(tools, plan, receipt)

    assert verdict == Unhealthy(why="another template was deployed over 3.9")


def test_a_paused_deployment_is_refused(tools: Tools, web: Deployment, world: World) -> None:
    world.merge("apps/v1", "deployments", "web", {"spec": {"paused": True}})

    with pytest.raises(Refused, match="is paused: it would not be rolled back"):
        KIND.plan(tools, web, "3.9")


def test_without_a_history_there_is_nothing_to_go_back_to(
    tools: Tools, web: Deployment, world: World
) -> None:
    world.merge("apps/v1", "deployments", "web", {"spec": {"revisionHistoryLimit": 0}})
    until(lambda: len(world.read("apps/v1", "replicasets")["items"]) == 1, "old sets are removed")

    assert KIND.offers(tools, web, before=None) == []
    with pytest.raises(Refused, match="remembers nothing that web ran before"):
        KIND.plan(tools, web, "3.9")


@pytest.mark.played("it makes Argo CD's kind known to the whole cluster")
def test_what_argo_cd_would_heal_is_refused_with_its_owner(
    tools: Tools, web: Deployment, world: World
) -> None:
    bind(world, "bot", "tocsin-read-applications")
    application(world, self_heal=True, made_by="shops")
    tracked = {"argocd.argoproj.io/tracking-id": f"{world.namespace}_shop:apps/Deployment:x/web"}
    world.merge("apps/v1", "deployments", "web", {"metadata": {"annotations": tracked}})

    with pytest.raises(Refused, match=r"made by the ApplicationSet shops.* its self-heal is on"):
        KIND.plan(tools, web, "3.9")


def test_what_helm_wrote_is_refused_with_its_release(
    tools: Tools, web: Deployment, world: World
) -> None:
    release = {"meta.helm.sh/release-name": "shop"}
    world.merge("apps/v1", "deployments", "web", {"metadata": {"annotations": release}})

    with pytest.raises(Refused, match="The Helm release shop writes web down"):
        KIND.plan(tools, web, "3.9")


def test_what_was_deployed_lately_is_a_change_that_a_rollback_undoes(
    tools: Tools, web: Deployment
) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    deployer = tools.deployer(web)

    (change,) = deployer.changes([web], since=since, until=datetime.now(UTC))

    assert (change.before, change.after, change.reversible_by) == ("3.9", "3.10", "rollback")
    later = datetime.now(UTC) + timedelta(hours=1)
    assert deployer.changes([web], since=later, until=later) == []
