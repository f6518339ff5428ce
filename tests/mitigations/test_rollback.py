"""The rollback as a mitigation: what the plan argues, what proves it, and the way back."""

from dataclasses import MISSING, fields, replace
from datetime import timedelta

import pytest

from bot.domain.catalog import Catalog, Deployment, Driver, Journey, Service
from bot.domain.errors import Refused
from bot.domain.mitigation import (
    Healthy,
    Migrations,
    Ready,
    Risk,
    TooEarly,
    Unhealthy,
    Waiting,
)
from bot.domain.policy import Policy
from bot.flow.planning import complete, planned
from bot.flow.proving import proven
from bot.integrations.argocd import ArgoCD
from bot.integrations.github import GitHub
from bot.integrations.newrelic import NewRelic
from bot.mitigations.rollback import Rollback
from bot.tools import Tools
from tests.integrations.worlds import OPEN, WorldClock, fault, url

LMS = Deployment(service="lms", environment="production", app="lms", project="platform")
CATALOG = Catalog(
    services=(
        Service(name="lms", title="LMS", new_relic_app="lms", deployments=(LMS,)),
        Service(name="lms-worker", title="LMS worker", part_of="lms"),
        Service(name="gateway", title="Gateway", depends_on=("lms",)),
    ),
    journeys=(Journey(name="learn", title="Take a lesson", members=("lms",)),),
)


@pytest.fixture
def clock(demo):
    return WorldClock(demo)


@pytest.fixture
def tools(demo, clock):
    argo = ArgoCD(url(demo, "/argocd"), "argo-demo-token", gate=OPEN, clock=clock)
    forge = GitHub(url(demo, "/github"), "gh-demo-token", repo="demo/platform", gate=OPEN)
    metrics = NewRelic(url(demo, "/newrelic/graphql"), "nr-demo-key", account=1234567, clock=clock)
    # What a mitigation has no business with stays empty.
    unused = dict.fromkeys(
        each.name
        for each in fields(Tools)
        if each.default is MISSING and each.default_factory is MISSING
    )
    given = {"clock": clock, "catalog": CATALOG, "policy": Policy(), "gate": OPEN}
    found = {
        "deployers": {("production", Driver.ARGOCD): argo},
        "metrics": metrics,
        "forge": forge,
    }
    yield Tools(**{**unused, "mitigations": {}, "command": "/incident", **given, **found})
    for each in (argo, forge, metrics):
        each.close()


@pytest.fixture
def rollback():
    return Rollback()


@pytest.fixture
def trouble(demo):
    """The scenario's bad release, long enough ago that the page came."""
    demo.post("/scenario", id="bad-lms-deploy")
    demo.advance(1200)


@pytest.fixture
def plan(rollback, tools, trouble):
    return planned(tools, rollback, LMS, "r141", sick="lms")


def carry_out(demo, rollback, tools, plan):
    for _ in range(20):
        match rollback.prepare(tools, plan, "a1"):
            case Ready():
                return rollback.execute(tools, plan, "a1")
            case Waiting():
                demo.advance(2)
    raise AssertionError("it was never ready")


def test_the_suggested_target_is_the_release_before_the_bad_one(rollback, tools, trouble):
    (offer,) = [each for each in rollback.offers(tools, LMS, before=None) if each.suggested]
    assert (offer.label, offer.title) == ("r141", "Roll lms back to r141")


def test_a_code_only_release_is_low_risk_with_reasons(plan):
    assert plan.migrations is Migrations.NONE
    assert plan.risk is Risk.LOW
    assert "no migration between" in plan.risk_reasons


def test_migrations_between_make_it_high_risk_and_are_named(rollback, tools, trouble):
    plan = planned(tools, rollback, LMS, "r140", sick="lms")
    assert plan.migrations is Migrations.FOUND
    assert any("0041" in note for note in plan.migration_notes)
    assert plan.migration_notes[-1] == "a rollback skips hooks and leaves the schema as it is"
    assert (plan.risk, plan.risk_reasons) == (
        Risk.HIGH,
        ("1 migration between the two revisions",),
    )


def test_migrations_that_could_not_be_looked_for_count_as_unknown(demo, rollback, tools, trouble):
    fault(demo, "github", "repos.compare", "5xx")
    plan = planned(tools, rollback, LMS, "r141", sick="lms")
    assert plan.migrations is Migrations.UNKNOWN
    assert plan.risk is Risk.HIGH
    assert "could not look: it answered 503" in plan.migration_notes


def test_without_a_code_host_migrations_are_unknown(rollback, tools, trouble):
    plan = planned(replace(tools, forge=None), rollback, LMS, "r141", sick="lms")
    assert (plan.migrations, plan.risk) == (Migrations.UNKNOWN, Risk.HIGH)


def test_a_target_that_ran_long_ago_is_high_risk(rollback, tools, trouble):
    plan = planned(tools, rollback, LMS, "r137", sick="lms")
    assert "r137 last ran 8 days ago" in plan.risk_reasons


def test_an_application_shared_with_another_service_is_high_risk(rollback, tools, trouble):
    also = Service(name="cms", deployments=(replace(LMS, service="cms"),))
    shared = replace(tools, catalog=replace(CATALOG, services=(*CATALOG.services, also)))
    plan = planned(shared, rollback, LMS, "r141", sick="lms")
    assert plan.risk is Risk.HIGH
    assert "more than one service: cms share the application" in plan.risk_reasons


def test_the_plan_shows_who_would_feel_it(plan):
    assert plan.blast_radius[0] == "LMS worker ships with it"
    assert "Gateway stands on it" in plan.blast_radius
    assert plan.blast_radius[-1] == "journeys: Take a lesson"


def test_the_plan_remembers_the_numbers_before(plan):
    assert plan.baseline.error_ratio > 0.05


def test_amounts_that_it_would_lower_are_named(demo, rollback, tools, trouble):
    code = demo.sim.github.platform
    app = demo.sim.argocd.apps["lms"]
    values = code.trees[app.live]["deploy/lms/values.yaml"]
    count = next(line for line in values.splitlines() if line.startswith("replicas"))
    code.trees[app.live]["deploy/lms/values.yaml"] = values.replace(count, "replicas: 400")
    plan = planned(tools, rollback, LMS, "r141", sick="lms")
    assert [each for each in plan.lowers if each.startswith("replicas of lms-web 400 → ")]


def test_a_rollback_heals_and_is_proven_with_numbers(demo, rollback, tools, plan):
    receipt = carry_out(demo, rollback, tools, plan)
    said = []
    for _ in range(40):
        verdict = proven(tools, plan, rollback.verify(tools, plan, receipt))
        if not isinstance(verdict, TooEarly):
            break
        said.append(verdict.progress)
        demo.advance(30)
    assert isinstance(verdict, Healthy)
    assert verdict.evidence.endswith("stable 10 min")
    assert "→ 0." in verdict.evidence
    assert any(each.startswith("recovered: ") for each in said)


def test_a_rollback_to_a_bad_release_is_not_recovered(demo, rollback, tools, plan):
    receipt = carry_out(demo, rollback, tools, plan)
    demo.advance(900)
    undo = complete(tools, rollback.undo(tools, plan, receipt), sick="lms")
    again = carry_out(demo, rollback, tools, undo)
    demo.advance(480)
    bad = replace(undo, baseline=replace(plan.baseline, error_ratio=0.01))
    assert isinstance(proven(tools, bad, rollback.verify(tools, bad, again)), Unhealthy)


def test_a_blind_source_never_proves_anything(demo, rollback, tools, plan):
    receipt = carry_out(demo, rollback, tools, plan)
    demo.post("/newrelic/knobs", app="lms", silent=True)
    demo.advance(900)
    verdict = proven(tools, plan, rollback.verify(tools, plan, receipt))
    assert isinstance(verdict, TooEarly)
    assert verdict.progress.startswith("blind: New Relic silent since ")


def test_a_source_that_is_down_is_blind_too(demo, rollback, tools, plan):
    receipt = carry_out(demo, rollback, tools, plan)
    demo.advance(120)
    fault(demo, "newrelic", "*", "5xx")
    verdict = proven(tools, plan, rollback.verify(tools, plan, receipt))
    assert isinstance(verdict, TooEarly)
    assert verdict.progress.startswith("blind: New Relic")


def test_without_metrics_the_verdict_says_what_it_rests_on(demo, rollback, tools, trouble):
    tools = replace(tools, metrics=None)
    plan = planned(tools, rollback, LMS, "r141", sick="lms")
    receipt = carry_out(demo, rollback, tools, plan)
    demo.advance(60)
    assert proven(tools, plan, rollback.verify(tools, plan, receipt)) == Healthy(
        evidence="Argo CD says Succeeded and Healthy; no metrics configured"
    )


def test_undo_is_a_plan_of_high_risk(demo, rollback, tools, plan):
    receipt = carry_out(demo, rollback, tools, plan)
    demo.advance(60)
    undo = complete(tools, rollback.undo(tools, plan, receipt), sick="lms")
    assert (undo.target_label, undo.live_label) == ("r142", "r141")
    assert undo.title == "Undo: put lms back on r142"
    assert undo.risk is Risk.HIGH
    assert undo.risk_reasons[0] == "r142 is what was just rolled back from"


def test_an_autoscaler_at_work_does_not_void_an_approval(demo, rollback, tools, plan):
    code, app = demo.sim.github.platform, demo.sim.argocd.apps["lms"]
    served = {**code.trees[app.live]}
    scaled = served["deploy/lms/values.yaml"].replace("replicas: 60", "replicas: 77")
    rendered = tools.deployers["production", Driver.ARGOCD]
    assert scaled != served["deploy/lms/values.yaml"]
    # The deployer remembers what a commit renders; only what runs has moved.
    code.trees[app.live]["deploy/lms/values.yaml"] = scaled
    again = planned(tools, rollback, LMS, "r141", sick="lms")
    assert again.lowers == ("replicas of lms-web 77 → 60",)
    assert again.digest == plan.digest
    assert rendered.health.failed == 0


def test_the_same_plan_has_the_same_digest(rollback, tools, plan):
    assert planned(tools, rollback, LMS, "r141", sick="lms").digest == plan.digest


def test_an_environment_without_argo_cd_says_what_to_do(rollback, tools):
    staging = replace(LMS, environment="staging")
    with pytest.raises(Refused, match=r"No Argo CD is configured for staging"):
        rollback.offers(tools, staging, before=None)


def test_the_wait_until_it_counts_as_stable_is_the_policys(demo, rollback, tools, plan):
    quick = replace(tools, policy=Policy(verify_for=timedelta(minutes=4)))
    receipt = carry_out(demo, rollback, quick, plan)
    demo.advance(360)
    verdict = proven(quick, plan, rollback.verify(quick, plan, receipt))
    assert isinstance(verdict, Healthy)
    assert verdict.evidence.endswith("stable 4 min")
