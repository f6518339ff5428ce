"""What all changes of one group of machines share: where it is, how it stands, whether it moved."""

from __future__ import annotations

from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import Refused
from bot.domain.machines import Capacity
from bot.domain.mitigation import Plan
from bot.tools import Tools

NODEGROUP = "nodegroup"


def machines_here(where: frozenset[str], deployment: Deployment) -> bool:
    """A service on EC2 in an account that is configured."""
    known = deployment.environment in where and bool(deployment.asg)
    return known and deployment.driver is Driver.ASG


def place_of(tools: Tools, plan: Plan) -> Deployment:
    known = tools.catalog.deployment(plan.service, plan.environment)
    if known is None:
        raise Refused(f"The catalog no longer says where {plan.service} runs. Nothing was sent.")
    return known


def now_at(tools: Tools, deployment: Deployment, doing: str) -> Capacity:
    return tools.cloud(deployment.environment).machines.capacity(deployment, doing=doing)


def doing_of(plan: Plan) -> str:
    """Completes "could not …"."""
    title = plan.title.removeprefix("Undo: ")
    return title[0].lower() + title[1:]


def moved(what: str) -> None:
    raise Refused(
        f"The world moved since this plan was made: {what}. Nothing was sent; make a new plan."
    )


def doubts(now: Capacity) -> tuple[str, ...]:
    found = [now.trouble] if now.trouble else []
    if now.ready is not None and now.ready < now.wanted:
        found.append(f"only {now.up}")
    return tuple(found)
