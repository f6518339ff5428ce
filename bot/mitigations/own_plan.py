"""What every mitigation asks of the catalog: whether it fits there, and where its plan belongs."""

from __future__ import annotations

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused
from bot.domain.mitigation import Plan
from bot.mitigations.row import place_in
from bot.tools import Tools


def named_there(where: frozenset[str], deployment: Deployment, kind: str) -> bool:
    """Whether it is a resource of that kind, called by a name there, where something is connected."""
    known = deployment.environment in where
    return known and deployment.kind == kind and bool(deployment.identifier)


def place_of(tools: Tools, plan: Plan) -> Deployment:
    known = tools.catalog.deployment(plan.service, plan.environment)
    if known is None:
        raise Refused(f"The catalog no longer says where {plan.service} runs. Nothing was sent.")
    return place_in(known, plan)
