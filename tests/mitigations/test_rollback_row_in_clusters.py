"""One rollback over several clusters: two demo worlds, each a cluster with releases of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.catalog import Catalog, Deployment, Driver, Service
from bot.domain.errors import Refused
from bot.domain.events import Finding
from bot.domain.incident import Incident
from bot.domain.mitigation import Plan, Risk
from bot.domain.policy import Policy
from bot.flow.conditions import condition
from bot.flow.introducing import introduced
from bot.flow.planning import drift, planned
from bot.integrations.kubernetes.api import Api
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.elsewhere import InFurther
from bot.integrations.kubernetes.helm import HelmReleases
from bot.integrations.kubernetes.helm_program import Helm
from bot.integrations.kubernetes.kubeconfig import from_token
from bot.mitigations.rollback import Rollback
from bot.mitigations.workload_restart import Restart
from bot.mitigations.workload_scale import Scale
from bot.tools import Deployer, Tools
from tests.integrations.worlds import OPEN, WorldClock, fault, url

EXAMS = Deployment(
    service="proctoring",
    environment="production",
    driver=Driver.HELM,
    app="proctoring",
    namespace="proctoring",
    cluster="prod-1",
    more=("eu",),
    scale=(2, 12),
)
KIND = Rollback()
WHERE = frozenset({"production"})


@dataclass(frozen=True)
class Worlds:
    """Home is the environment's first cluster."""

    home: Any
    eu: Any

    def both(self, revision: str) -> None:
        for each in (self.home, self.eu):
            upgrade(each, revision)


def upgrade(world: Any, *revisions: str) -> None:
    for each in revisions:
        world.post("/world", set={"proctoring.revision": each})
        world.advance(300)


@pytest.fixture
def worlds(start: Any) -> Worlds:
    """Both run a bad r49 after r48, under other numbers: 4 after 3, and 5 after 4."""
    made = Worlds(home=start(), eu=start())
    upgrade(made.home, "r48", "r49")
    upgrade(made.eu, "r45", "r48", "r49")
    return made


@pytest.fixture
def tools(worlds: Worlds) -> Iterator[Tools]:
    clock = WorldClock(worlds.home)
    clusters = {
        where: Kubernetes(
            Api(
                environment=where,
                open=lambda at=at: from_token(at, "k8s-demo-token", None),
                gate=OPEN,
                further=where != "production",
            )
        )
        for where, at in (
            ("production", url(worlds.home, "/kubernetes")),
            ("production/eu", url(worlds.eu, "/kubernetes")),
        )
    }
    # Only planned here: tests/cluster sends it, by the real helm.
    helm = Helm(program="true")
    deployers: dict[tuple[str, Driver], Deployer] = {
        (where, Driver.HELM): HelmReleases(each.api, helm, clock)
        for where, each in clusters.items()
    }
    unused = dict.fromkeys(
        each.name
        for each in fields(Tools)
        if each.default is MISSING and each.default_factory is MISSING
    )
    given: dict[str, Any] = {
        "clock": clock,
        "catalog": Catalog(services=(Service(name="proctoring", deployments=(EXAMS,)),)),
        "policy": Policy(),
        "gate": OPEN,
        "mitigations": {"rollback": KIND, "restart": Restart(where=WHERE)},
        "deployers": deployers,
        "clusters": clusters,
    }
    yield Tools(**{**unused, **given})
    for each in clusters.values():
        each.close()


def wholly(tools: Tools, target: str) -> Plan:
    return planned(tools, KIND, EXAMS, target, sick="proctoring")


def without_eu(tools: Tools) -> Tools:
    def here(known: Any) -> dict[Any, Any]:
        return {key: each for key, each in known.items() if "production/eu" not in (key, key[0])}

    return replace(tools, clusters=here(tools.clusters), deployers=here(tools.deployers))


def test_a_revision_alone_is_for_every_cluster_by_its_name_and_not_by_its_number(
    tools: Tools,
) -> None:
    plan = KIND.plan(tools, EXAMS, "3")

    assert plan.title == "Roll proctoring back to r48 in 2 clusters, one after the other"
    assert plan.steps[-1] == "when that is through and users are no worse, eu: r49 → r48"
    assert (plan.target, plan.where) == ("3", "production")
    (second,) = plan.then
    assert second.title == "Roll proctoring back to r48 in eu (2 of 2)"
    assert (second.target, second.where) == ("eu:4", "production/eu")
    assert (second.live_label, second.target_label) == ("r49", "r48")


@pytest.mark.parametrize(
    ("target", "where", "number"),
    [("eu:r48", "production/eu", "eu:4"), ("prod-1:r48", "production", "prod-1:3")],
)
def test_one_cluster_alone_is_named_before_the_revision(
    tools: Tools, target: str, where: str, number: str
) -> None:
    plan = KIND.plan(tools, EXAMS, target)

    assert (plan.where, plan.target, plan.then) == (where, number, ())
    assert plan.title == f"Roll proctoring back to r48 in {target.partition(':')[0]}"


def test_the_suggestion_is_for_all_clusters_and_each_alone_is_offered_too(tools: Tools) -> None:
    offers = KIND.offers(tools, EXAMS, before=None)

    assert [each.label for each in offers if each.suggested] == ["r48"]
    assert [(each.label, each.target) for each in offers][-2:] == [
        ("prod-1:r48", "prod-1:3"),
        ("eu:r48", "eu:4"),
    ]


def test_a_cluster_that_was_left_behind_is_offered_with_what_is_good_there(
    tools: Tools, worlds: Worlds
) -> None:
    upgrade(worlds.home, "r48", "r50", "r51")

    labels = [each.label for each in KIND.offers(tools, EXAMS, before=None)]

    assert labels[-2:] == ["prod-1:r50", "eu:r48"]


def test_one_cluster_can_be_named_while_the_first_does_not_answer(
    tools: Tools, worlds: Worlds
) -> None:
    fault(worlds.home, "kubernetes", "*", "refuse")

    assert KIND.plan(tools, EXAMS, "eu:r48").where == "production/eu"


def test_a_row_is_the_same_plan_again_while_nothing_moved(tools: Tools) -> None:
    plan = wholly(tools, "r48")

    assert (drift(tools, plan), drift(tools, plan.then[0])) == ("", "")


def test_a_cluster_that_moved_changes_what_an_approval_is_for(
    tools: Tools, worlds: Worlds
) -> None:
    plan = wholly(tools, "r48")
    upgrade(worlds.eu, "r50")

    assert drift(tools, plan) != ""
    assert "now it runs r50" in drift(tools, plan.then[0])


def test_the_same_change_in_another_cluster_is_another_approval(tools: Tools) -> None:
    plan = KIND.plan(tools, EXAMS, "eu:r48")

    assert replace(plan, cluster="").digest != plan.digest


def test_a_cluster_that_runs_it_already_is_left_as_it_is_and_that_is_said(
    tools: Tools, worlds: Worlds
) -> None:
    upgrade(worlds.eu, "r48")

    plan = KIND.plan(tools, EXAMS, "r48")

    assert plan.then == ()
    assert plan.title == "Roll proctoring back to r48 in 1 of 2 clusters"
    assert any(each.startswith("eu is left as it is:") for each in plan.cautions)


def test_a_name_that_means_several_revisions_there_is_for_a_person_to_choose(
    tools: Tools, worlds: Worlds
) -> None:
    upgrade(worlds.eu, "r48", "r49")

    plan = KIND.plan(tools, EXAMS, "r48")

    (said,) = [each for each in plan.cautions if each.startswith("eu is left as it is:")]
    assert "Helm does not remember r48 of proctoring" in said
    assert "r48 (revision 4)" in said
    assert KIND.plan(tools, EXAMS, "eu:4").target_label == "r48 (revision 4)"


def test_a_number_that_is_called_like_the_revision_is_not_taken_for_it(
    tools: Tools, worlds: Worlds
) -> None:
    """`3` is what it is called here, and a number there."""
    upgrade(worlds.home, "3", "r50")

    plan = KIND.plan(tools, EXAMS, "5")

    assert plan.target_label == "3"
    assert plan.then == ()
    assert "eu is left as it is: it remembers no 3 of proctoring" in plan.cautions


def test_a_cluster_that_does_not_answer_is_left_out_by_name_and_makes_it_risky(
    tools: Tools, worlds: Worlds
) -> None:
    fault(worlds.eu, "kubernetes", "*", "refuse")

    plan = wholly(tools, "r48")

    assert (plan.then, plan.risk) == ((), Risk.HIGH)
    assert plan.title == "Roll proctoring back to r48 in 1 of 2 clusters"
    (said,) = [each for each in plan.risk_reasons if each.startswith("eu ")]
    assert said.startswith("eu was not looked at and is left as it is: ")


def test_a_cluster_that_falls_silent_before_the_approval_ends_the_proposal_in_words(
    tools: Tools, worlds: Worlds
) -> None:
    plan = wholly(tools, "r48")
    fault(worlds.eu, "kubernetes", "*", "refuse")

    assert drift(tools, plan).startswith("Not as this was proposed: eu was not looked at")


def test_a_cluster_that_comes_back_before_the_approval_asks_for_a_new_proposal(
    tools: Tools,
) -> None:
    plan = planned(without_eu(tools), KIND, EXAMS, "r48", sick="proctoring")
    assert "eu is left as it is: production/eu is not configured" in plan.risk_reasons

    assert "can be done with it now" in drift(tools, plan)


def test_a_cluster_that_is_switched_off_is_never_done_in_the_first_one(tools: Tools) -> None:
    """Not even where the plan was made before it was."""
    plan = KIND.plan(tools, EXAMS, "eu:r48")

    with pytest.raises(Refused, match="configured for production/eu"):
        KIND.execute(without_eu(tools), plan, "inc.m1.1")


def test_a_cluster_that_the_catalog_forgot_is_never_done_in_the_first_one(
    tools: Tools, worlds: Worlds
) -> None:
    plan = KIND.plan(tools, EXAMS, "eu:r48")
    alone = replace(EXAMS, more=())
    known = Catalog(services=(Service(name="proctoring", deployments=(alone,)),))
    upgrade(worlds.eu, "r50")

    with pytest.raises(Refused, match=r"was at revision 5 \(deployed\), now it is at 6"):
        KIND.execute(replace(tools, catalog=known), plan, "inc.m1.1")
    assert drift(replace(tools, catalog=known), plan) != ""


def test_a_step_is_undone_in_its_own_cluster_alone(tools: Tools, worlds: Worlds) -> None:
    plan = KIND.plan(tools, EXAMS, "r48")
    worlds.both("r50")

    first, second = (KIND.undo(tools, each, None) for each in (plan, *plan.then))

    assert (first.title, first.where, first.then) == (
        "Undo: put proctoring in prod-1 back on r49",
        "production",
        (),
    )
    assert (second.title, second.where, second.then) == (
        "Undo: put proctoring in eu back on r49",
        "production/eu",
        (),
    )
    assert (drift(tools, first), drift(tools, second)) == ("", "")


def test_an_upgrade_in_a_further_cluster_is_a_change_with_its_way_back(
    tools: Tools, worlds: Worlds
) -> None:
    now, day = WorldClock(worlds.eu).now(), timedelta(days=1)
    source = tools.deployers["production/eu", Driver.HELM]
    assert isinstance(source, HelmReleases)
    there = InFurther(source, "production/eu")
    lms = replace(EXAMS, service="lms", app="lms", more=())

    found = there.changes((EXAMS, lms), since=now - day, until=now + day)

    assert isinstance(found, list)
    newest = max(found, key=lambda each: each.at)
    assert (there.name, newest.before, newest.after) == ("Helm in eu", "r48", "r49")
    assert (newest.target, newest.service) == ("eu:4", "proctoring")
    assert newest.id.startswith("helm:production/eu/")


def test_a_restart_goes_through_all_clusters_one_after_the_other(
    tools: Tools, worlds: Worlds
) -> None:
    kind = Restart(where=WHERE)
    assert [(each.target, each.suggested) for each in kind.offers(tools, EXAMS, before=None)] == [
        ("restart", True),
        ("prod-1:restart", False),
        ("eu:restart", False),
    ]
    assert kind.plan(tools, EXAMS, "eu:restart").title == ("Restart proctoring pod by pod in eu")
    plan = planned(tools, kind, EXAMS, "restart", sick="proctoring")
    assert plan.title == "Restart proctoring pod by pod in 2 clusters, one after the other"
    (second,) = plan.then
    assert second.title == "Restart proctoring pod by pod in eu (2 of 2)"
    assert (drift(tools, plan), drift(tools, second)) == ("", "")

    kind.execute(tools, second, "inc.m2.1")

    assert (restarted(worlds.home), restarted(worlds.eu)) == (False, True)
    worlds.eu.advance(300)
    back = kind.undo(tools, second, None)
    assert (back.title, back.where, back.then) == (
        "Undo: stop the restart of proctoring in eu",
        "production/eu",
        (),
    )
    assert drift(tools, back) == ""
    kind.execute(tools, back, "inc.m3.1")
    assert not restarted(worlds.eu)


def restarted(world: Any) -> bool:
    one = world.sim.kubernetes.deployments["proctoring/proctoring"]
    return "kubectl.kubernetes.io/restartedAt" in one.template_annotations


def test_triage_counts_the_pods_of_every_cluster_and_names_the_one_it_could_not_see(
    tools: Tools, worlds: Worlds
) -> None:
    (pending,) = condition(tools, EXAMS).vitals
    assert (pending.value, pending.of) == (0, 12)

    fault(worlds.eu, "kubernetes", "*", "refuse")
    found = condition(tools, EXAMS)
    assert found.vitals[0].of == 6
    (said,) = found.unseen
    assert said.startswith("its pods in eu: the connection ")


def test_triage_says_in_which_clusters_it_runs(tools: Tools, worlds: Worlds) -> None:
    now = WorldClock(worlds.home).now()
    incident = Incident(id="inc-1", now=now)
    incident.service, incident.environment = "proctoring", "production"

    found = introduced(tools, incident, now)

    assert isinstance(found, Finding)
    assert found.text.endswith("runs in prod-1 and in eu")


def test_what_acts_in_the_first_cluster_alone_says_so(tools: Tools) -> None:
    plan = planned(tools, Scale(where=WHERE), EXAMS, "8", sick="proctoring")

    assert plan.where == "production"
    assert "eu is left as it is: this acts in prod-1 alone" in plan.cautions


def test_what_is_done_by_hand_names_the_further_cluster(tools: Tools, worlds: Worlds) -> None:
    there = tools.cluster("production/eu")
    assert isinstance(there, Kubernetes)
    missing = HelmReleases(there.api, Helm(program="no-such-helm"), tools.clock)

    with pytest.raises(Refused, match=r"-n proctoring` \(in the cluster production/eu\)"):
        missing.plan_rollback(replace(EXAMS, site="eu"), "4")
