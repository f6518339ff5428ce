"""How much waits for a worker that is suspended: said, and never a reason to wait or to refuse."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import Plan, Receipt
from bot.domain.queue import Depth, kept, moved
from bot.mitigations.own_plan import place_of
from bot.tools import Tools


def depth(tools: Tools, place: Deployment) -> Depth | None:
    """None where the catalog names no queue for it."""
    if place.queue is None:
        return None
    try:
        return tools.cloud(place.environment).queues.depth(place.queue)
    except VendorError as error:
        return Depth(unread=error.why)
    except Refused:
        return Depth(unread=f"no AWS account is configured for {place.environment}")


def planned(tools: Tools, place: Deployment, plan: Plan) -> Plan:
    """The plan says how it stands now, and remembers the number."""
    now = depth(tools, place)
    if now is None or place.queue is None:
        return plan
    return replace(
        plan,
        stands=(*plan.stands, f"queue: {now.words} ({place.queue.label})"),
        state=now.beside(plan.state),
    )


def started(tools: Tools, plan: Plan) -> str:
    """What a receipt keeps of the queue."""
    now = depth(tools, place_of(tools, plan))
    return now.beside("{}") if now else "{}"


def since(tools: Tools, plan: Plan, receipt: Receipt) -> str:
    """From before to now; empty where there is no queue."""
    now = depth(tools, place_of(tools, plan))
    if now is None:
        return ""
    return moved(now, at_start=kept(receipt.state), planned=kept(plan.state))
