"""Whether the pods that a change adds for a while, or for good, find room on the nodes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bot.domain.capacity import NodeGroup, Space, told, total
from bot.domain.catalog import Deployment, Driver
from bot.domain.errors import Refused, VendorError
from bot.domain.mitigation import Plan
from bot.tools import Tools

_ELSEWHERE = (Driver.ASG, Driver.MANAGED)


def with_room(tools: Tools, plan: Plan, place: Deployment, *, added: int | None = None) -> Plan:
    """`added` pods; None for as many as a rollout of it adds. What is not known is said."""
    cluster = tools.clusters.get(place.where)
    if cluster is None or place.driver in _ELSEWHERE or not place.namespace:
        return plan
    if added is not None and added <= 0:
        return plan
    try:
        space = cluster.space(place, doing=f"see whether more pods of {place.service} fit")
    except (VendorError, Refused) as error:
        why = error.why if isinstance(error, VendorError) else str(error)
        return replace(plan, room=f"whether its pods find room is not known ({why})")
    count = space.surge if added is None else added
    if count <= 0:
        return plan
    groups = _groups(tools, place, space) if total(space) < count else {}
    return replace(plan, room=told(space, count, groups))


def _groups(tools: Tools, place: Deployment, space: Space) -> dict[str, NodeGroup]:
    """How they may grow, as far as the account can be asked; of the others nothing is promised."""
    cloud = tools.clouds.get(place.environment)
    where = tools.catalog.environment(place.environment)
    if cloud is None or where is None or place.site:
        return {}
    found: dict[str, NodeGroup] = {}
    for name in dict.fromkeys(each.group for each in space.rooms if each.group):
        group = Deployment(
            service=name,
            environment=place.environment,
            driver=Driver.MANAGED,
            cluster=where.cluster,
            identifier=name,
        )
        with suppress(VendorError, Refused):
            found[name] = cloud.health.node_group(group)
    return found
