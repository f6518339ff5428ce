"""Workflows by GitHub Actions in the demo world: dispatched once, found by their name, proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from typing import Any

import pytest

from bot.domain.catalog import Catalog, Deployment, Environment, Service, Team
from bot.domain.errors import NotSent, Refused, VendorDown
from bot.domain.mitigation import Healthy, Receipt, Risk, Settled, TooEarly, Unhealthy, Unknown
from bot.domain.policy import Policy
from bot.domain.workflow import By, Dispatch, Input, InputKind, Proof, Workflow
from bot.flow.planning import planned
from bot.integrations.github_actions import GitHubActions
from bot.mitigations.run_workflow import RunWorkflow
from bot.tools import Tools
from sandbox.github.services import BEN
from tests.integrations.worlds import OPEN, WorldClock, fault, sent, url

ATTEMPT = "20260310-site-ab12.m1.1"
SITE = Deployment(service="catalog-site", environment="production", app="catalog-site")
REPUBLISH = Workflow(
    name="republish-site",
    title="Republish the site",
    owner="team-discovery",
    services=("catalog-site",),
    environments=("production",),
    inputs=(Input(name="locale", kind=InputKind.CHOICE, choices=("all", "en"), default="all"),),
    risky=False,
    runs=Dispatch(repository="demo/platform", workflow="republish-site.yaml"),
)
KIND = RunWorkflow(workflows=(REPUBLISH,), where=frozenset({("production", By.GITHUB)}))


@pytest.fixture
def actions(demo):
    made = GitHubActions(url(demo, "/github"), "gh-demo-token", gate=OPEN)
    yield made
    made.close()


@pytest.fixture
def tools(demo, actions) -> Tools:
    unused: Mapping[str, Any] = dict.fromkeys(
        each.name for each in fields(Tools) if each.default is MISSING
    )
    catalog = Catalog(
        environments=(Environment(name="production", production=True),),
        services=(Service(name="catalog-site", deployments=(SITE,)),),
        teams=(Team(name="team-discovery", title="Discovery"),),
    )
    given = {"clock": WorldClock(demo), "catalog": catalog, "policy": Policy(), "gate": OPEN}
    empty = {"mitigations": {}, "command": "/incident", "deployers": {}}
    runners = {("production", By.GITHUB): actions}
    return Tools(**{**unused, **empty, **given, "runners": runners})


def rewritten(demo, old: str, new: str) -> None:
    """Somebody pushes another workflow file."""
    code = demo.sim.github.platform
    path = ".github/workflows/republish-site.yaml"
    text = code.trees[code.branches["main"]][path]
    assert old in text
    code.commit(
        "main",
        {path: text.replace(old, new)},
        message="Change the workflow",
        author=BEN,
        at=demo.sim.clock.now(),
    )


def proven_by_success() -> RunWorkflow:
    return RunWorkflow(workflows=(replace(REPUBLISH, proof=Proof.SUCCESS),), where=KIND.where)


def test_it_is_dispatched_followed_and_proven(demo, tools):
    plan = KIND.plan(tools, SITE, "republish-site locale=en")
    assert ": republish-site.yaml of demo/platform at main (" in plan.stands[0]

    receipt = KIND.execute(tools, plan, ATTEMPT)

    (asked,) = sent(demo, "github", "actions.dispatch")
    assert asked.request == {"ref": "main", "inputs": {"locale": "en", "tocsin": ATTEMPT}}
    seen = KIND.verify(tools, plan, receipt)
    assert isinstance(seen, TooEarly)
    assert "it is queued (https://github.example/demo/platform/actions/runs/" in seen.progress
    demo.advance(61)
    seen = KIND.verify(tools, plan, receipt)
    assert isinstance(seen, Settled)
    assert "it succeeded" in seen.evidence


def test_where_its_success_is_the_proof_that_is_enough(demo, tools):
    kind = proven_by_success()
    plan = kind.plan(tools, SITE, "republish-site")

    receipt = kind.execute(tools, plan, ATTEMPT)
    demo.advance(61)

    assert isinstance(kind.verify(tools, plan, receipt), Healthy)


def test_a_run_that_fails_names_the_step(demo, tools):
    rewritten(demo, "run: make publish", "run: exit 1")
    plan = KIND.plan(tools, SITE, "republish-site")

    receipt = KIND.execute(tools, plan, ATTEMPT)
    demo.advance(61)

    seen = KIND.verify(tools, plan, receipt)
    assert isinstance(seen, Unhealthy)
    assert "it ended with failure" in seen.why
    assert seen.why.endswith("Its last words: failed at run / Publish")


def test_where_the_answer_was_lost_the_run_is_found_by_its_name(demo, tools):
    plan = KIND.plan(tools, SITE, "republish-site")
    fault(demo, "github", "actions.dispatch", "drop_response", when={"times": 1})
    with pytest.raises(VendorDown):
        KIND.execute(tools, plan, ATTEMPT)

    found = KIND.look(tools, plan, ATTEMPT)

    assert isinstance(found, Receipt)
    assert len(demo.sim.github.actions.runs) == 1


def test_a_run_of_another_attempt_is_not_ours(demo, tools):
    plan = KIND.plan(tools, SITE, "republish-site")
    KIND.execute(tools, plan, f"{ATTEMPT}0")

    assert KIND.look(tools, plan, ATTEMPT) == Unknown(
        shows="GitHub Actions knows no run of this attempt"
    )


def test_another_workflow_file_makes_the_plan_stale(demo, tools):
    plan = KIND.plan(tools, SITE, "republish-site")
    rewritten(demo, "make publish", "make publish-all")

    with pytest.raises(Refused, match="what republish-site runs was changed"):
        KIND.execute(tools, plan, ATTEMPT)
    assert demo.sim.github.actions.runs == []


def test_what_could_not_be_found_again_is_refused(demo, tools):
    rewritten(demo, " (${{ inputs.tocsin }})", "")

    with pytest.raises(Refused, match=r"add the input `tocsin` to it, and `run-name: … \("):
        KIND.plan(tools, SITE, "republish-site")


def test_a_file_that_is_not_there_is_told(demo, tools):
    runs = Dispatch(repository="demo/platform", workflow="other.yaml")
    kind = RunWorkflow(workflows=(replace(REPUBLISH, runs=runs),), where=KIND.where)

    with pytest.raises(Refused, match=r"has no \.github/workflows/other\.yaml at main"):
        kind.plan(tools, SITE, "republish-site")


def test_an_input_that_it_does_not_know_is_certainly_not_sent(demo, tools):
    strange = (*REPUBLISH.inputs, Input(name="speed", pattern=".*", default="1"))
    kind = RunWorkflow(workflows=(replace(REPUBLISH, inputs=strange),), where=KIND.where)
    plan = kind.plan(tools, SITE, "republish-site")

    with pytest.raises(NotSent, match="Unexpected inputs provided") as refused:
        kind.execute(tools, plan, ATTEMPT)
    assert not refused.value.may_pass


def test_without_a_way_back_it_is_never_of_low_risk(tools):
    plan = planned(tools, KIND, SITE, "republish-site", sick="catalog-site")

    assert plan.risk is Risk.HIGH
    assert plan.risk_reasons == ("there is no way back from it",)


def test_one_that_names_its_way_back_and_is_called_low_is_of_low_risk(tools):
    kind = RunWorkflow(workflows=(replace(REPUBLISH, undo="republish-site"),), where=KIND.where)

    plan = planned(tools, kind, SITE, "republish-site", sick="catalog-site")

    assert plan.risk is Risk.LOW
    assert "Discovery calls it low risk" in plan.risk_reasons


def test_it_is_offered_where_it_is_declared_and_can_be_run(tools):
    assert KIND.fits(SITE)
    assert not KIND.fits(replace(SITE, environment="staging"))
    assert not KIND.fits(replace(SITE, service="lms"))
    assert not RunWorkflow(workflows=(REPUBLISH,), where=frozenset()).fits(SITE)
