"""One rollback over several Argo CD applications: of one service, or of one image."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Deployment, Driver, Kind, Service
from bot.domain.errors import Refused
from bot.domain.mitigation import Risk
from bot.flow.planning import drift, planned
from bot.integrations.argocd import ArgoCD
from bot.mitigations.rollback import Rollback
from tests.integrations.worlds import WorldClock
from tests.mitigations.test_rollback import tools as tools_of_lms

__all__ = ["tools_of_lms"]

SITE = Deployment(
    service="catalog-site",
    environment="production",
    app="catalog-site",
    more=("catalog-site-eu",),
    project="platform",
)
IMAGE = "registry.demo.example/catalog-site"
WEB = replace(SITE, service="web", more=(), image=IMAGE)
BEAT = replace(WEB, service="beat", app="catalog-site-eu", component=Kind.JOB)
KIND = Rollback()


@pytest.fixture
def clock(demo):
    return WorldClock(demo)


@pytest.fixture
def tools(tools_of_lms):
    services = (
        Service(name="catalog-site", deployments=(SITE,)),
        Service(name="beat", kind=Kind.JOB, deployments=(BEAT,)),
        Service(name="web", deployments=(WEB,)),
    )
    made = replace(tools_of_lms, catalog=Catalog(services=services))
    return replace(made, mitigations={"rollback": KIND})


@pytest.fixture
def argo(tools) -> ArgoCD:
    return tools.deployers[("production", Driver.ARGOCD)]


def test_a_revision_alone_is_for_every_cluster_one_after_the_other(tools):
    plan = KIND.plan(tools, SITE, "r63")
    assert plan.title == "Roll catalog-site back to r63 in 2 clusters, one after the other"
    assert [(each.title, each.live_label, each.target_label) for each in plan.then] == [
        ("Roll catalog-site back to r63 in catalog-site-eu (2 of 2)", "r64", "r63")
    ]
    assert plan.steps[-1] == (
        "when that is through and users are no worse, catalog-site-eu: r64 → r63"
    )


def test_one_cluster_alone_is_named_before_the_revision(tools):
    plan = KIND.plan(tools, SITE, "catalog-site-eu:r63")
    assert plan.then == ()
    assert '"app": "catalog-site-eu"' in plan.state


def test_the_suggestion_is_for_all_clusters_and_each_alone_is_offered_too(tools):
    offers = KIND.offers(tools, SITE, before=None)
    assert [each.label for each in offers if each.suggested] == ["r63"]
    assert [each.label for each in offers] == [
        "r63",
        "r62",
        "catalog-site:r63",
        "catalog-site-eu:r63",
    ]


def test_a_row_is_the_same_plan_again_while_nothing_moved(tools):
    plan = planned(tools, KIND, SITE, "r63", sick="catalog-site")
    assert drift(tools, plan) == ""
    assert drift(tools, plan.then[0]) == ""


def test_a_cluster_that_moved_changes_what_an_approval_is_for(tools, demo):
    plan = planned(tools, KIND, SITE, "r63", sick="catalog-site")
    demo.post("/world", set={"catalog-site-eu.revision": "r62"})
    demo.advance(300)
    assert drift(tools, plan) != ""
    assert "r62" in drift(tools, plan.then[0])


def test_a_cluster_that_runs_it_already_is_left_as_it_is_and_that_is_said(tools, demo):
    demo.post("/world", set={"catalog-site-eu.revision": "r63"})
    demo.advance(300)
    plan = KIND.plan(tools, SITE, "r63")
    assert plan.then == ()
    assert plan.cautions == ("catalog-site-eu is left as it is: catalog-site already runs r63.",)


def test_each_step_is_sent_to_its_own_application(tools, argo):
    plan = KIND.plan(tools, SITE, "r63")
    for number, each in enumerate((plan, *plan.then), 1):
        KIND.prepare(tools, each, f"inc.m{number}.1")
        receipt = KIND.execute(tools, each, f"inc.m{number}.1")
        assert receipt.reference == ("production/catalog-site" + ("-eu" if number == 2 else ""))


def test_a_step_is_undone_in_its_own_cluster_alone(tools, demo):
    plan = KIND.plan(tools, SITE, "r63")
    for number, each in enumerate((plan, *plan.then), 1):
        KIND.prepare(tools, each, f"inc.m{number}.1")
        KIND.execute(tools, each, f"inc.m{number}.1")
    demo.advance(300)
    first, second = (KIND.undo(tools, each, None) for each in (plan, *plan.then))
    assert (first.title, first.then) == (
        "Undo: put catalog-site in catalog-site back on r64",
        (),
    )
    assert second.title == "Undo: put catalog-site in catalog-site-eu back on r64"
    assert drift(tools, second) == ""


def test_a_deploy_in_the_other_cluster_is_a_change_of_the_service(tools, demo, clock, argo):
    demo.post("/world", set={"catalog-site-eu.revision": "r62"})
    demo.advance(300)
    day = timedelta(hours=6)
    found = argo.changes((SITE,), since=clock.now() - day, until=clock.now())
    assert [(each.service, each.before, each.after) for each in found] == [
        ("catalog-site", "r64", "r62")
    ]


def test_what_shares_the_image_is_offered_with_it_first(tools):
    first, *others = KIND.offers(tools, WEB, before=None)
    assert (first.title, first.label, first.suggested) == (
        "Roll web and beat back to r63, one after the other",
        "r63, with beat",
        True,
    )
    assert [each.suggested for each in others] == [False] * len(others)


def test_services_of_one_image_go_back_in_an_order_and_are_of_high_risk(tools):
    first = KIND.offers(tools, WEB, before=None)[0]
    plan = planned(tools, KIND, WEB, first.target, sick="web")
    assert [each.service for each in (plan, *plan.then)] == ["web", "beat"]
    assert plan.risk is Risk.HIGH
    assert "more than one service: beat go back with it" in plan.risk_reasons


def test_a_service_alone_stays_possible(tools):
    plan = KIND.plan(tools, WEB, "r63")
    assert (plan.then, plan.title) == ((), "Roll web back to r63")


def test_a_revision_that_the_first_does_not_have_is_refused(tools):
    with pytest.raises(Refused, match="has no r1"):
        KIND.plan(tools, SITE, "r1")
