"""What waits for a worker that is suspended on a real cluster, by a metric in the simulated cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.catalog import Deployment, Kind
from bot.domain.mitigation import Plan, Receipt, Settled
from bot.domain.places import Queue
from bot.integrations.aws.account import Account
from bot.integrations.aws.cloud import cloud
from bot.mitigations.workload_suspend import SuspendJob
from bot.tools import Tools
from tests.cloud import Cloud, aws, aws_process
from tests.cluster.bots import WHERE, Bots, bind, carried_out, deployment
from tests.cluster.world import World, until
from tests.integrations.aws.numbers import counted
from tests.mitigations.clouds import account_of

__all__ = ["aws", "aws_process"]

KIND = SuspendJob(where=WHERE)
CELERY = Queue(namespace="Platform/Celery", metric="QueueLength", of=(("Queue", "default"),))
ATTEMPT = "inc-1.m1.1"


@pytest.fixture
def account(aws: Cloud) -> Iterator[Account]:
    made = account_of(aws)
    yield made
    made.close()


@pytest.fixture
def worker(world: World) -> Deployment:
    bind(world, "bot", "tocsin-read", "tocsin-suspend-job")
    world.deployment("web", "registry.k8s.io/pause:3.9", replicas=2)
    world.ready("deployments", "web", 2)
    return deployment(world, component=Kind.WORKER, queue=CELERY)


def tools(bots: Bots, place: Deployment, account: Account) -> Tools:
    return replace(bots.tools(place), clouds={"production": cloud(account)})


def waiting(aws: Cloud, count: float) -> None:
    counted(aws, "Platform/Celery", {"Queue": "default"}, QueueLength=count)


def settled(with_: Tools, plan: Plan, receipt: Receipt) -> Settled:
    found = until(
        lambda: seen if isinstance(seen := KIND.verify(with_, plan, receipt), Settled) else None,
        "it is through",
    )
    assert isinstance(found, Settled)
    return found


def test_the_plan_says_how_much_waits_now(
    aws: Cloud, account: Account, bots: Bots, worker: Deployment
) -> None:
    waiting(aws, 380)

    plan = KIND.plan(tools(bots, worker, account), worker, "suspend")

    assert plan.stands == ("queue: 380 waiting (QueueLength Queue=default)",)


def test_another_number_voids_no_approval(
    aws: Cloud, account: Account, bots: Bots, worker: Deployment
) -> None:
    waiting(aws, 380)
    plan = KIND.plan(tools(bots, worker, account), worker, "suspend")
    aws.advance(120)
    waiting(aws, 390)

    assert KIND.plan(tools(bots, worker, account), worker, "suspend").digest == plan.digest


def test_the_verdict_says_what_waits_since_it_was_suspended(
    aws: Cloud, account: Account, bots: Bots, worker: Deployment
) -> None:
    with_ = tools(bots, worker, account)
    waiting(aws, 350)
    plan = KIND.plan(with_, worker, "suspend")
    aws.advance(120)
    waiting(aws, 380)
    receipt = carried_out(KIND, with_, plan, ATTEMPT)
    aws.advance(300)
    waiting(aws, 1204)

    seen = settled(with_, plan, receipt)

    assert seen.said == (
        "queue: 1,204 waiting, was 380 at the start;"
        " web takes nothing from it while it is suspended"
    )
    assert seen.evidence == f"deployment web is suspended; {seen.said}"


def test_the_verdict_of_resuming_says_what_is_left(
    aws: Cloud, account: Account, bots: Bots, worker: Deployment
) -> None:
    with_ = tools(bots, worker, account)
    waiting(aws, 380)
    plan = KIND.plan(with_, worker, "suspend")
    receipt = carried_out(KIND, with_, plan, ATTEMPT)
    settled(with_, plan, receipt)
    back = KIND.undo(with_, plan, receipt)

    seen = settled(with_, back, carried_out(KIND, with_, back, "inc-1.m2.1"))

    assert seen.said == "queue: 380 waiting, was 380 at the start"


def test_what_was_adopted_after_a_crash_is_held_against_the_plan_s_number(
    aws: Cloud, account: Account, bots: Bots, worker: Deployment
) -> None:
    with_ = tools(bots, worker, account)
    waiting(aws, 380)
    plan = KIND.plan(with_, worker, "suspend")
    carried_out(KIND, with_, plan, ATTEMPT)
    adopted = KIND.look(with_, plan, ATTEMPT)
    assert isinstance(adopted, Receipt)

    assert settled(with_, plan, adopted).said.startswith(
        "queue: 380 waiting, was 380 when it was planned"
    )


def test_what_cannot_be_read_is_said_and_holds_nothing_up(
    aws: Cloud, account: Account, bots: Bots, worker: Deployment
) -> None:
    with_ = tools(bots, worker, account)
    aws.fault("GetMetricData", "deny")
    plan = KIND.plan(with_, worker, "suspend")
    (stands,) = plan.stands
    assert stands.startswith("queue: cannot be read: our role lacks cloudwatch:GetMetricData")

    seen = settled(with_, plan, carried_out(KIND, with_, plan, ATTEMPT))

    assert seen.said.startswith("queue: cannot be read: our role lacks cloudwatch:GetMetricData")
    assert "not known from before" in seen.said


def test_without_an_account_that_is_said(bots: Bots, worker: Deployment) -> None:
    plan = KIND.plan(bots.tools(worker), worker, "suspend")

    assert plan.stands == (
        "queue: cannot be read: no AWS account is configured for production"
        " (QueueLength Queue=default)",
    )
