"""What all changes of one group of machines share: where there is one, and how it stands."""

from __future__ import annotations

from bot.domain.catalog import Deployment, Driver
from bot.domain.machines import Capacity
from bot.tools import Tools

NODEGROUP = "nodegroup"


def machines_here(where: frozenset[str], deployment: Deployment) -> bool:
    """A service on EC2 in an account that is configured."""
    known = deployment.environment in where and bool(deployment.asg)
    return known and deployment.driver is Driver.ASG


def now_at(tools: Tools, deployment: Deployment, doing: str) -> Capacity:
    return tools.cloud(deployment.environment).machines.capacity(deployment, doing=doing)


def doubts(now: Capacity) -> tuple[str, ...]:
    found = [now.trouble] if now.trouble else []
    if now.ready is not None and now.ready < now.wanted:
        found.append(f"only {now.up}")
    return tuple(found)
