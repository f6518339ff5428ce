"""A workload of Argo Rollouts on a real API server: what is in progress is aborted, what is promoted undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.catalog import Deployment, Driver
from bot.domain.change import ChangeStatus
from bot.domain.errors import NotSent, Refused, VendorRejected
from bot.domain.mitigation import (
    Cleared,
    Migrations,
    Plan,
    Receipt,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
)
from bot.integrations.kubernetes.api import Patch, Write
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.mitigations.rollback import Rollback
from bot.tools import Tools
from tests.cluster.argo import application
from tests.cluster.bots import Bots, bind, carried_out, deployment
from tests.cluster.control_plane import READER
from tests.cluster.rollouts import BLUE_GREEN, CANARY, GROUP, HASH, Web, define
from tests.cluster.world import World, until

pytestmark = pytest.mark.played("it makes the kind of Argo Rollouts known to the whole cluster")

KIND = Rollback()
GOOD, BAD = "registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.10"
PLACE = {"workload": "rollout/web"}


@pytest.fixture
def web(world: World) -> Web:
    """A canary of 3.10 beside 3.9, waiting at its second step."""
    define(world)
    bind(world, "bot", "tocsin-read", "tocsin-rollouts")
    made = Web(world=world)
    made.create(GOOD)
    made.promoted(made.made(1, GOOD, pods=2))
    made.deploy(BAD, NEW="1")
    made.updating(made.made(2, BAD, pods=1, NEW="1"))
    return made


@pytest.fixture
def place(world: World) -> Deployment:
    return deployment(world, **PLACE)


@pytest.fixture
def tools(bots: Bots, web: Web, place: Deployment) -> Tools:
    return bots.tools(place)


def aborting(tools: Tools, place: Deployment) -> Plan:
    return KIND.plan(tools, place, "abort")


def through(web: Web) -> None:
    """All of the bad revision is promoted."""
    web.scaled("h2", 2)
    web.scaled("h1", 0)
    web.promoted("h2")


def after_abort(tools: Tools, place: Deployment, web: Web) -> tuple[Plan, Receipt]:
    plan = aborting(tools, place)
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    web.aborted()
    return plan, receipt


# What is offered and planned


def test_an_update_in_progress_is_suggested_to_be_aborted(tools: Tools, place: Deployment) -> None:
    (offer,) = KIND.offers(tools, place, before=None)

    assert (offer.target, offer.label, offer.suggested) == ("abort web-h1", "abort 3.10", True)
    assert offer.title == (
        "Abort 3.10 of web, back to 3.9 (canary at 33 %, paused at step 2 of 4)"
    )


def test_an_update_that_began_after_the_trouble_is_not_suggested_to_be_aborted(
    tools: Tools, place: Deployment
) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)

    assert [e.suggested for e in KIND.offers(tools, place, before=an_hour_ago)] == [False]


def test_the_plan_of_an_abort_says_what_moves_and_what_stays(
    tools: Tools, place: Deployment
) -> None:
    plan = KIND.plan(tools, place, "abort web-h1")

    assert [(d.what, d.before, d.after) for d in plan.differences] == [
        ("traffic", "canary between 3.9 and 3.10", "all of it on 3.9"),
        ("image", BAD, GOOD),
        ("NEW", "1", "—"),
    ]
    assert plan.migrations is Migrations.IRRELEVANT
    assert plan.risk_reasons == ()
    assert plan.leftovers == ("3.10 stays in the pod template of rollout web",)


@pytest.mark.parametrize("said", ["abort", "Abort", "abort 3.9", "abort 3.10", "3.9", "web-h1"])
def test_an_abort_is_named_in_whatever_way_leads_back(
    said: str, tools: Tools, place: Deployment
) -> None:
    assert KIND.plan(tools, place, said).digest == aborting(tools, place).digest


def test_with_nothing_in_progress_there_is_nothing_to_abort(
    tools: Tools, place: Deployment, web: Web
) -> None:
    through(web)

    with pytest.raises(Refused, match=r"No update of web is in progress.*it runs 3\.10"):
        aborting(tools, place)


def test_what_is_being_promoted_in_full_is_not_aborted(
    tools: Tools, place: Deployment, web: Web
) -> None:
    web.updating("h2", promoteFull=True)

    with pytest.raises(Refused, match="take an abort of web back at once: it is being promoted"):
        aborting(tools, place)
    assert [e.target for e in KIND.offers(tools, place, before=None)] == ["web-h1"]


def test_a_missing_right_is_told_in_the_plan(
    bots: Bots, web: Web, place: Deployment, world: World
) -> None:
    bind(world, "reader", "tocsin-read")

    with pytest.raises(VendorRejected, match=r"the right to get rollouts \(argoproj\.io\)"):
        aborting(bots.tools(place, READER), place)


def test_a_missing_right_to_its_status_is_told_in_the_plan(
    bots: Bots, web: Web, place: Deployment, world: World
) -> None:
    bind(world, "reader", "tocsin-read", "tocsin-read-rollouts")

    with pytest.raises(VendorRejected, match="the right to patch rollouts/status") as refused:
        aborting(bots.tools(place, READER), place)
    assert "kubectl argo rollouts abort web -n" in refused.value.by_hand


# What is sent, and what proves it


def test_an_abort_is_proven_by_all_traffic_on_the_stable_pods(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan = aborting(tools, place)
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert web.now()["status"]["abort"] is True
    assert KIND.verify(tools, plan, receipt) == TooEarly(
        progress="waiting for Argo Rollouts to see the abort"
    )
    web.aborted()

    seen = KIND.verify(tools, plan, receipt)

    assert isinstance(seen, Settled)
    assert seen.evidence == "aborted: all traffic is on 3.9, 2 of 2 pods are ready"
    assert web.now()["spec"]["template"]["spec"]["containers"][0]["image"] == BAD


def test_while_stable_pods_are_missing_an_abort_is_not_proven(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan, receipt = after_abort(tools, place, web)
    web.scaled("h1", 1)

    assert KIND.verify(tools, plan, receipt) == TooEarly(
        progress="1 of 2 pods of the stable revision are ready"
    )


def test_a_deploy_over_an_abort_is_no_recovery(tools: Tools, place: Deployment, web: Web) -> None:
    plan, receipt = after_abort(tools, place, web)
    web.deploy(BAD, NEW="2")

    verdict = KIND.verify(tools, plan, receipt)

    assert verdict == Unhealthy(why="another revision was deployed over 3.9")


def test_a_deploy_since_makes_the_plan_of_an_abort_stale(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan = aborting(tools, place)
    web.deploy(BAD, NEW="2")

    with pytest.raises(Refused, match=r"web ran 3\.10, and it was deployed\. Nothing was sent"):
        carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Unknown)
    assert "abort" not in web.now()["status"]


def test_what_was_promoted_meanwhile_is_not_aborted(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan = aborting(tools, place)
    through(web)

    with pytest.raises(Refused, match=r"and 3\.10 was promoted\. Nothing was sent"):
        carried_out(KIND, tools, plan, "inc-1.m1.1")


def test_after_a_crash_an_abort_is_found_in_the_world_and_not_sent_again(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan = aborting(tools, place)
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Untouched)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    version = web.now()["metadata"]["resourceVersion"]

    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Receipt)
    carried_out(KIND, tools, plan, "inc-1.m1.1")
    assert web.now()["metadata"]["resourceVersion"] == version


def test_a_status_that_is_no_longer_stored_is_refused_by_the_api(
    tools: Tools, web: Web, world: World
) -> None:
    stale = web.now()["metadata"]["resourceVersion"]
    web.updating("h2", step=2)
    cluster = tools.cluster("production")
    assert isinstance(cluster, Kubernetes)
    body = {"metadata": {"resourceVersion": stale}, "status": {"abort": True}}
    path = f"{world.path(GROUP, 'rollouts', 'web')}/status"

    with pytest.raises(NotSent, match="somebody changed it at the same moment"):
        cluster.api.send(Write(path=path, body=body, doing="try", how=Patch.MERGE))


def test_an_update_paused_by_hand_is_aborted_all_the_same(
    tools: Tools, place: Deployment, web: Web, world: World
) -> None:
    world.merge(GROUP, "rollouts", "web", {"spec": {"paused": True}})
    web.updating("h2")

    assert "it is paused by hand" in aborting(tools, place).cautions[0]


# The way back of it


def test_an_abort_is_undone_by_a_retry_and_that_by_an_abort(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan, receipt = after_abort(tools, place, web)

    back = KIND.undo(tools, plan, receipt)
    done = carried_out(KIND, tools, back, "inc-1.m2.1")
    assert back.title == "Undo: retry 3.10 of web"
    assert web.now()["status"]["abort"] is False
    assert isinstance(KIND.verify(tools, back, done), TooEarly)
    web.updating("h2", abortedAt=None, message=None)
    again = KIND.undo(tools, back, done)
    carried_out(KIND, tools, again, "inc-1.m3.1")

    assert again.title == "Undo: abort 3.10 of web, back to 3.9"
    assert web.now()["status"]["abort"] is True


def test_the_plan_of_a_retry_says_why_it_was_aborted_and_who_it_waits_for(
    tools: Tools, place: Deployment, web: Web
) -> None:
    after_abort(tools, place, web)

    plan = KIND.plan(tools, place, "retry")

    assert plan.risk_reasons[0].startswith("3.10 was aborted: RolloutAborted")
    assert "kubectl argo rollouts promote web" in plan.cautions[0]
    assert plan.steps[1].startswith("Argo Rollouts goes through all its 4 steps again: 20 % of")


def test_a_retry_is_proven_when_the_revision_is_promoted(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan, receipt = after_abort(tools, place, web)
    back = KIND.undo(tools, plan, receipt)
    done = carried_out(KIND, tools, back, "inc-1.m2.1")
    through(web)

    assert isinstance(KIND.verify(tools, back, done), Settled)


def test_the_bad_template_is_a_left_over_until_another_is_put_there(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan, _receipt = after_abort(tools, place, web)
    left = KIND.leftover(tools, plan)
    assert isinstance(left, StillThere)
    assert left.shows == "web is aborted, and its pod template still says 3.10"

    web.deploy(GOOD)

    assert isinstance(KIND.leftover(tools, plan), Cleared)


def test_put_back_the_left_over_is_the_stable_template_in_the_spec(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan, _receipt = after_abort(tools, place, web)

    KIND.put_back(tools, plan)

    (container,) = web.now()["spec"]["template"]["spec"]["containers"]
    assert container["image"] == GOOD
    assert not container.get("env")
    assert isinstance(KIND.leftover(tools, plan), Cleared)


def test_a_retry_by_anybody_clears_the_left_over(
    tools: Tools, place: Deployment, web: Web
) -> None:
    plan, _receipt = after_abort(tools, place, web)
    web.updating("h2", abort=None, abortedAt=None, message=None)

    assert isinstance(KIND.leftover(tools, plan), Cleared)


# What is promoted already


def test_a_promoted_revision_is_undone_to_the_template_of_an_older_one(
    tools: Tools, place: Deployment, web: Web
) -> None:
    through(web)
    (offer,) = KIND.offers(tools, place, before=None)
    assert (offer.target, offer.suggested) == ("web-h1", True)
    plan = KIND.plan(tools, place, offer.target)
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")

    (container,) = web.now()["spec"]["template"]["spec"]["containers"]
    assert container["image"] == GOOD
    assert not container.get("env")
    assert web.now()["spec"]["template"]["metadata"]["labels"] == {"app": "web"}
    assert isinstance(KIND.look(tools, plan, "inc-1.m1.1"), Receipt)
    assert isinstance(KIND.verify(tools, plan, receipt), TooEarly)
    web.updating("h1", step=1)
    waiting = KIND.verify(tools, plan, receipt)
    assert isinstance(waiting, TooEarly)
    assert "paused at step 2 of 4: `kubectl argo rollouts promote web" in waiting.progress
    web.scaled("h1", 2)
    web.promoted("h1")
    assert isinstance(KIND.verify(tools, plan, receipt), Settled)


def test_what_the_controller_itself_put_on_the_pods_is_not_carried_back(
    tools: Tools, place: Deployment, web: Web, world: World
) -> None:
    rule = {
        "labelSelector": {
            "matchExpressions": [{"key": HASH, "operator": "NotIn", "values": ["x"]}]
        },
        "topologyKey": "kubernetes.io/hostname",
    }
    apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [rule]}}
    lent = {"rollout.argoproj.io/ephemeral-metadata": '{"labels":{"role":"stable"}}'}
    template = {"metadata": {"labels": {"role": "stable"}}, "spec": {"affinity": apart}}
    through(web)
    body = {"metadata": {"annotations": lent}, "spec": {"template": template}}
    world.merge("apps/v1", "replicasets", "web-h1", body)

    carried_out(KIND, tools, KIND.plan(tools, place, "3.9"), "inc-1.m1.1")

    put = web.now()["spec"]["template"]
    assert put["metadata"]["labels"] == {"app": "web"}
    assert "affinity" not in put["spec"]


def test_seen_by_its_controller_and_not_counted_yet_an_undo_is_not_proven(
    tools: Tools, place: Deployment, web: Web
) -> None:
    through(web)
    plan = KIND.plan(tools, place, "3.9")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    web.says()

    assert KIND.verify(tools, plan, receipt) == TooEarly(
        progress="waiting for Argo Rollouts to see the change"
    )


def test_the_plan_of_an_undo_says_which_steps_it_goes_through(
    tools: Tools, place: Deployment, web: Web
) -> None:
    through(web)

    plan = KIND.plan(tools, place, "3.9")

    assert plan.steps == (
        "replace the pod template of rollout web",
        "Argo Rollouts goes through all its 4 steps again: 20 % of the traffic →"
        " a pause until a person promotes it → 60 % of the traffic →"
        " a pause until a person promotes it",
        "wait until 3.9 is promoted and all its pods are ready",
    )
    assert plan.cautions[0] == "until it is through, pods of 3.10 get traffic too"


def test_within_the_rollback_window_an_undo_skips_the_steps(
    tools: Tools, place: Deployment, web: Web, world: World
) -> None:
    world.merge(GROUP, "rollouts", "web", {"spec": {"rollbackWindow": {"revisions": 3}}})
    first = world.read("apps/v1", "replicasets", "web-h1")["metadata"]["creationTimestamp"]
    second = datetime.fromisoformat(first) + timedelta(seconds=1)
    until(lambda: datetime.now(UTC) > second, "another one is made in another second")
    web.deploy(BAD, NEW="3")
    web.promoted(web.made(3, BAD, pods=2, NEW="3"))

    plan = KIND.plan(tools, place, "3.9")

    assert plan.steps[1] == (
        "Argo Rollouts skips its steps: 3.9 is within its rollback window of 3 revisions"
    )
    assert plan.cautions == ()


def test_an_undo_in_progress_is_undone_by_aborting_it(
    tools: Tools, place: Deployment, web: Web
) -> None:
    through(web)
    plan = KIND.plan(tools, place, "3.9")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    web.updating("h1")

    back = KIND.undo(tools, plan, receipt)

    assert (back.target, back.title) == ("abort web-h2", "Undo: abort 3.9 of web, back to 3.10")


def test_an_undo_that_is_through_is_undone_by_the_other_template(
    tools: Tools, place: Deployment, web: Web
) -> None:
    through(web)
    plan = KIND.plan(tools, place, "3.9")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    web.scaled("h1", 2)
    web.promoted("h1")

    carried_out(KIND, tools, KIND.undo(tools, plan, receipt), "inc-1.m2.1")

    (container,) = web.now()["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["env"]) == (BAD, [{"name": "NEW", "value": "1"}])


def test_an_undo_whose_analysis_fails_is_no_recovery(
    tools: Tools, place: Deployment, web: Web
) -> None:
    through(web)
    plan = KIND.plan(tools, place, "3.9")
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    web.updating("h1", abort=True)
    web.aborted()

    verdict = KIND.verify(tools, plan, receipt)

    assert isinstance(verdict, Unhealthy)
    assert verdict.why.startswith("RolloutAborted")


def test_paused_by_hand_a_promoted_rollout_is_refused(
    tools: Tools, place: Deployment, web: Web, world: World
) -> None:
    through(web)
    world.merge(GROUP, "rollouts", "web", {"spec": {"paused": True}})
    web.promoted("h2")

    with pytest.raises(Refused, match="is paused by hand: it would not be rolled back"):
        KIND.plan(tools, place, "3.9")


# Blue-green, and borrowed templates


def test_a_blue_green_update_is_aborted_until_its_traffic_is_back(
    bots: Bots, place: Deployment, world: World
) -> None:
    define(world)
    bind(world, "bot", "tocsin-read", "tocsin-rollouts")
    web = Web(world=world)
    web.create(GOOD, BLUE_GREEN)
    web.promoted(web.made(1, GOOD, pods=2))
    web.deploy(BAD)
    web.updating(web.made(2, BAD, pods=2), blueGreen={"activeSelector": "h2"})
    tools = bots.tools(place)
    plan = aborting(tools, place)
    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    web.aborted()
    assert KIND.verify(tools, plan, receipt) == TooEarly(
        progress="the traffic is still on the new pods"
    )

    web.says(blueGreen={"activeSelector": "h1"})

    assert isinstance(KIND.verify(tools, plan, receipt), Settled)


def test_with_its_template_in_a_deployment_it_is_aborted_and_not_undone(
    bots: Bots, place: Deployment, world: World
) -> None:
    define(world)
    bind(world, "bot", "tocsin-read", "tocsin-rollouts")
    web = Web(world=world)
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
    web.create(GOOD, CANARY, workloadRef=reference, template=None)
    web.promoted(web.made(1, GOOD, pods=2))
    web.updating(web.made(2, BAD, pods=1))
    tools = bots.tools(place)
    plan = aborting(tools, place)

    receipt = carried_out(KIND, tools, plan, "inc-1.m1.1")
    web.aborted()

    assert isinstance(KIND.verify(tools, plan, receipt), Settled)
    left = KIND.leftover(tools, plan)
    assert isinstance(left, StillThere)
    assert left.blocked == "the Deployment shop holds it: put 3.9 there"
    with pytest.raises(Refused, match=r"from the Deployment shop \(workloadRef\).*by hand:"):
        KIND.plan(tools, place, "3.9")


# Who writes it down


def test_what_argo_cd_would_heal_is_aborted_and_not_undone(
    tools: Tools, place: Deployment, web: Web, world: World
) -> None:
    bind(world, "bot", "tocsin-read-applications")
    application(world, self_heal=True, made_by="shops")
    tracked = {
        "argocd.argoproj.io/tracking-id": f"{world.namespace}_shop:argoproj.io/Rollout:x/web"
    }
    world.merge(GROUP, "rollouts", "web", {"metadata": {"annotations": tracked}})
    plan, _receipt = after_abort(tools, place, web)

    assert plan.cautions == (
        "the Argo CD application shop (made by the ApplicationSet shops) does not put an abort"
        " back: only the status changes",
    )
    left = KIND.leftover(tools, plan)
    assert isinstance(left, StillThere)
    assert left.blocked.startswith(
        "the Argo CD application shop (made by the ApplicationSet shops)"
    )
    with pytest.raises(Refused, match=r"made by the ApplicationSet shops.* its self-heal is on"):
        KIND.plan(tools, place, "3.9")


def test_what_argo_cd_deploys_is_aborted_in_the_cluster_and_reverted_in_git(
    bots: Bots, web: Web, world: World
) -> None:
    place = deployment(world, driver=Driver.ARGOCD, app="shop", app_namespace="argocd", **PLACE)
    tools = bots.tools(place)
    plan, receipt = after_abort(tools, place, web)

    assert isinstance(KIND.verify(tools, plan, receipt), Settled)
    left = KIND.leftover(tools, plan)
    assert isinstance(left, StillThere)
    assert left.blocked == "the Argo CD application shop writes it down: revert 3.10 there"
    with pytest.raises(Refused, match=r"3\.10 stays in the pod template: the Argo CD"):
        KIND.put_back(tools, plan)
    carried_out(KIND, tools, KIND.undo(tools, plan, receipt), "inc-1.m2.1")
    assert web.now()["status"]["abort"] is False


# What changed


def test_an_update_in_progress_is_a_change_that_an_abort_undoes(
    tools: Tools, place: Deployment
) -> None:
    now = datetime.now(UTC)

    (change,) = tools.deployer(place).changes(
        [place], since=now - timedelta(hours=1), until=now + timedelta(minutes=1)
    )

    assert (change.before, change.after, change.status) == ("3.9", "3.10", ChangeStatus.RUNNING)
    assert (change.reversible_by, change.target) == ("rollback", "abort web-h1")
    assert change.notes == ("canary at 33 %, paused at step 2 of 4",)


def test_an_aborted_update_is_a_change_that_failed(
    tools: Tools, place: Deployment, web: Web
) -> None:
    after_abort(tools, place, web)
    now = datetime.now(UTC)

    (change,) = tools.deployer(place).changes(
        [place], since=now - timedelta(hours=1), until=now + timedelta(minutes=1)
    )

    assert (change.status, change.reversible_by) == (ChangeStatus.FAILED, "")
