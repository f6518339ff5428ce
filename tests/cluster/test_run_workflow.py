"""A team's own workflow on a real cluster: a Job from a CronJob, started once, found again, proven."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.catalog import Catalog, Deployment, Service, Team
from bot.domain.errors import Refused, VendorRejected
from bot.domain.mitigation import (
    Healthy,
    Plan,
    Receipt,
    Seen,
    Settled,
    TooEarly,
    Unhealthy,
    Untouched,
)
from bot.domain.workflow import By, FromCronJob, Input, InputKind, Proof, Workflow
from bot.integrations.kubernetes.cluster import Kubernetes
from bot.integrations.kubernetes.jobs import Jobs
from bot.mitigations.run_workflow import RunWorkflow
from bot.tools import Tools
from tests.cluster.bots import Bots, bind, carried_out, deployment
from tests.cluster.control_plane import BOT, READER
from tests.cluster.world import World, until

IMAGE = "registry.k8s.io/pause:3.9"
ATTEMPT = "inc-1.m1.1"
WHERE = frozenset({("production", By.JOB)})
QUEUE = Input(name="queue", kind=InputKind.CHOICE, choices=("default", "high"), passed_as="QUEUE")


def cronjob(world: World, name: str, ends: str) -> None:
    inside = {
        "restartPolicy": "Never",
        "containers": [
            {
                "name": "app",
                "image": IMAGE,
                "env": [{"name": "QUEUE", "value": "none"}, {"name": "REDIS", "value": "r1"}],
            }
        ],
    }
    pod = {"metadata": {"labels": {"ends": ends}}, "spec": inside}
    body = {
        "metadata": {"name": name},
        "spec": {
            "schedule": "0 0 1 1 *",
            "suspend": True,
            "successfulJobsHistoryLimit": 0,
            "jobTemplate": {"spec": {"backoffLimit": 0, "template": pod}},
        },
    }
    world.create("batch/v1", "cronjobs", body)


@pytest.fixture
def web(world: World) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-run-workflow")
    return deployment(world)


def workflow(world: World, name: str = "park", **more: Any) -> Workflow:
    given: dict[str, Any] = {"inputs": (QUEUE,), "undo": "unpark", "risky": False, **more}
    return Workflow(
        name=name,
        title=f"{name.capitalize()} a queue",
        owner="team-lms",
        services=("web",),
        environments=("production",),
        runs=FromCronJob(namespace=world.namespace, cronjob=name),
        **given,
    )


def kind(*workflows: Workflow) -> RunWorkflow:
    return RunWorkflow(workflows=workflows, where=WHERE)


def tools(bots: Bots, place: Deployment, token: str = BOT) -> Tools:
    made = bots.tools(place, token)
    cluster = made.cluster("production")
    assert isinstance(cluster, Kubernetes)
    catalog = Catalog(
        services=(Service(name=place.service, deployments=(place,)),),
        teams=(Team(name="team-lms", title="LMS team"),),
    )
    return replace(made, catalog=catalog, runners={("production", By.JOB): Jobs(cluster.api)})


def ended(of: RunWorkflow, with_: Tools, plan: Plan, receipt: Receipt) -> Seen:
    def look() -> Seen | None:
        seen = of.verify(with_, plan, receipt)
        return None if isinstance(seen, TooEarly) else seen

    found: Seen = until(look, "the run has ended")
    return found


def jobs(world: World) -> list[dict[str, Any]]:
    return list(world.read("batch/v1", "jobs")["items"])


@pytest.mark.played("its Job ends as its label says")
def test_a_workflow_is_offered_planned_run_and_proven(
    bots: Bots, web: Deployment, world: World
) -> None:
    cronjob(world, "park", "well")
    runs, at = kind(workflow(world)), tools(bots, web)
    assert [(each.target, each.warning) for each in runs.offers(at, web, before=None)] == [
        ("park queue=default", ""),
        ("park queue=high", ""),
    ]
    plan = runs.plan(at, web, "park queue=high")
    assert [(d.what, d.before, d.after) for d in plan.differences] == [("queue", "", "high")]
    assert plan.comforts == ("LMS team calls it low risk",)
    assert jobs(world) == []

    receipt = carried_out(runs, at, plan, ATTEMPT)
    seen = ended(runs, at, plan, receipt)

    assert isinstance(seen, Settled)
    assert seen.evidence.endswith("it completed. Its last words: cleared 12 messages")
    (job,) = jobs(world)
    assert job["metadata"]["annotations"]["tocsin.dev/attempt"] == ATTEMPT
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [
        {"name": "REDIS", "value": "r1"},
        {"name": "QUEUE", "value": "high"},
    ]


@pytest.mark.played("its Job ends as its label says")
def test_where_its_success_is_the_proof_no_numbers_are_asked(
    bots: Bots, web: Deployment, world: World
) -> None:
    cronjob(world, "park", "well")
    runs, at = kind(workflow(world, proof=Proof.SUCCESS)), tools(bots, web)
    plan = runs.plan(at, web, "park queue=high")

    receipt = carried_out(runs, at, plan, ATTEMPT)

    assert isinstance(ended(runs, at, plan, receipt), Healthy)


@pytest.mark.played("its Job ends as its label says")
def test_a_run_that_fails_says_its_last_words_without_personal_details(
    bots: Bots, web: Deployment, world: World
) -> None:
    cronjob(world, "park", "badly")
    runs, at = kind(workflow(world)), tools(bots, web)
    plan = runs.plan(at, web, "park queue=high")

    seen = ended(runs, at, plan, carried_out(runs, at, plan, ATTEMPT))

    assert isinstance(seen, Unhealthy)
    assert "it failed: Job has reached the specified backoff limit" in seen.why
    assert "no such queue" in seen.why
    assert "ana@demo.example" not in seen.why


def test_after_a_crash_it_is_found_by_its_attempt_and_never_started_twice(
    bots: Bots, web: Deployment, world: World
) -> None:
    cronjob(world, "park", "well")
    runs, at = kind(workflow(world)), tools(bots, web)
    plan = runs.plan(at, web, "park queue=high")
    assert isinstance(runs.look(at, plan, ATTEMPT), Untouched)

    carried_out(runs, at, plan, ATTEMPT)
    carried_out(runs, at, plan, ATTEMPT)

    assert isinstance(runs.look(at, plan, ATTEMPT), Receipt)
    assert isinstance(runs.look(at, plan, "inc-1.m1.2"), Untouched)
    assert len(jobs(world)) == 1


def test_what_runs_is_part_of_the_approval(bots: Bots, web: Deployment, world: World) -> None:
    cronjob(world, "park", "well")
    runs, at = kind(workflow(world)), tools(bots, web)
    plan = runs.plan(at, web, "park queue=high")
    template = {"spec": {"jobTemplate": {"spec": {"backoffLimit": 3}}}}
    world.merge("batch/v1", "cronjobs", "park", template)

    with pytest.raises(Refused, match="what park runs was changed"):
        carried_out(runs, at, plan, ATTEMPT)
    assert jobs(world) == []


def test_another_declaration_makes_the_plan_stale(
    bots: Bots, web: Deployment, world: World
) -> None:
    cronjob(world, "park", "well")
    at = tools(bots, web)
    plan = kind(workflow(world)).plan(at, web, "park queue=high")

    with pytest.raises(Refused, match="what park runs was changed"):
        carried_out(kind(workflow(world, risky=True)), at, plan, ATTEMPT)


@pytest.mark.played("its Job ends as its label says")
def test_it_is_undone_by_the_workflow_that_it_names(
    bots: Bots, web: Deployment, world: World
) -> None:
    cronjob(world, "park", "well")
    cronjob(world, "unpark", "well")
    runs = kind(workflow(world), workflow(world, "unpark", undo=""))
    at = tools(bots, web)
    plan = runs.plan(at, web, "park queue=high")
    receipt = carried_out(runs, at, plan, ATTEMPT)

    back = runs.undo(at, plan, receipt)

    assert (back.title, back.target) == ("Undo: run “Unpark a queue” for web", "unpark queue=high")
    assert plan.undoable
    assert not back.undoable
    assert isinstance(ended(runs, at, back, carried_out(runs, at, back, "inc-1.m2.1")), Settled)


def test_a_cronjob_that_is_not_there_is_told(bots: Bots, web: Deployment, world: World) -> None:
    runs = kind(workflow(world))

    with pytest.raises(
        Refused, match=rf"the cronjob park in {world.namespace}, and there is none"
    ):
        runs.plan(tools(bots, web), web, "park queue=high")


def test_a_container_that_is_not_there_is_told(bots: Bots, web: Deployment, world: World) -> None:
    cronjob(world, "park", "well")
    other = FromCronJob(namespace=world.namespace, cronjob="park", container="redis")
    runs = kind(replace(workflow(world), runs=other))

    with pytest.raises(Refused, match="has no container redis"):
        runs.plan(tools(bots, web), web, "park queue=high")


def test_a_missing_right_is_told_in_the_plan(bots: Bots, web: Deployment, world: World) -> None:
    cronjob(world, "park", "well")
    bind(world, "reader", "tocsin-read")
    runs = kind(workflow(world))

    with pytest.raises(VendorRejected, match=r"the right to create jobs \(batch\)"):
        runs.plan(tools(bots, web, READER), web, "park queue=high")
