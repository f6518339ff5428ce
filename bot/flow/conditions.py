"""How one thing is doing, by whoever knows it: the account, the cluster, or both together."""

from __future__ import annotations

from collections import Counter

from bot.clouds import Cloud
from bot.domain.capacity import WaitingPod
from bot.domain.catalog import Kind
from bot.domain.errors import Refused, VendorError
from bot.domain.places import Deployment, Driver
from bot.domain.vitals import MEASURED, Condition, Sign, Vital
from bot.domain.workload import Node
from bot.tools import Tools

NODE_GROUP = "nodegroup"
_NODES_TOLD = 2


def measured(tools: Tools, place: Deployment, *, subject: str) -> bool:
    """Whether there are numbers of it; pods are looked at of the incident's own service alone."""
    match place.driver:
        case Driver.MANAGED if place.kind == NODE_GROUP:
            return bool(tools.clouds or tools.clusters)
        case Driver.MANAGED:
            return place.kind in MEASURED and bool(tools.clouds)
        case Driver.ASG:
            return bool(place.asg) and bool(tools.clouds)
        case _:
            runs = place.component is not Kind.JOB and place.namespace
            return place.service == subject and bool(runs) and place.environment in tools.clusters


def label(tools: Tools, place: Deployment) -> str:
    """What was looked at: of a service not whether it answers, only whether it has what it runs on."""
    name = tools.catalog.label(place.service)
    match place.driver:
        case Driver.MANAGED:
            return name
        case Driver.ASG:
            return f"machines of {name}"
        case _:
            return f"pods of {name}"


def condition(tools: Tools, place: Deployment) -> Condition:
    match place.driver:
        case Driver.MANAGED if place.kind == NODE_GROUP:
            return _node_group(tools, place)
        case Driver.MANAGED | Driver.ASG:
            return _account(tools, place).health.condition(place)
        case _:
            return _pods(tools, place)


def _account(tools: Tools, place: Deployment) -> Cloud:
    found = tools.clouds.get(place.environment)
    if found is None:
        raise Refused(f"no AWS account is configured for {place.environment}")
    return found


def _node_group(tools: Tools, place: Deployment) -> Condition:
    """What is desired is the account's to say, which nodes are ready the cluster's."""
    cluster = tools.clusters.get(place.environment)
    if place.environment not in tools.clouds and cluster is not None:
        nodes = cluster.nodes(place.identifier, doing=f"read the nodes of {place.identifier}")
        return Condition(vitals=_ready(nodes, len(nodes)), troubles=_troubles(nodes))
    group = _account(tools, place).health.node_group(place)
    size = f"wanted {group.desired}, at most {group.highest}"
    if cluster is None:
        why = f"which nodes are ready: no cluster is configured for {place.environment}"
        return Condition(troubles=group.troubles, unseen=(f"{why} ({size})",))
    nodes = cluster.nodes(place.identifier, doing=f"read the nodes of {place.identifier}")
    limit = f"at most {group.highest}"
    return Condition(
        vitals=_ready(nodes, group.desired, basis=limit),
        troubles=(*group.troubles, *_troubles(nodes)),
    )


def _ready(nodes: tuple[Node, ...], wanted: int, *, basis: str = "") -> tuple[Vital, ...]:
    up = sum(each.ready and not each.cordoned for each in nodes)
    return (Vital(sign=Sign.NODES, value=up, of=wanted, basis=basis),)


def _troubles(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    sick = [f"{each.name} {each.trouble}" for each in nodes if each.trouble]
    cordoned = sum(each.cordoned for each in nodes)
    more = (f"{len(sick) - _NODES_TOLD} more nodes unwell",) if len(sick) > _NODES_TOLD else ()
    said = (f"{cordoned} cordoned",) if cordoned else ()
    return (*sick[:_NODES_TOLD], *more, *said)


def _pods(tools: Tools, place: Deployment) -> Condition:
    """In every cluster that it runs in; a further one that cannot be asked is named."""
    found, unseen = _waiting(tools, place), list[str]()
    for each in place.everywhere if place.driver is not Driver.ARGOCD else ():
        if not each.site:
            continue
        try:
            more = _waiting(tools, each)
        except (VendorError, Refused) as error:
            why = error.why if isinstance(error, VendorError) else "not configured"
            unseen.append(f"its pods in {each.called}: {why}")
            continue
        found = (*found[0], *more[0]), found[1] + more[1]
    waiting, every = found
    why = Counter(each.why for each in waiting).most_common(1)[0][0] if waiting else ""
    vital = Vital(sign=Sign.PENDING, value=len(waiting), of=every, basis=why.rstrip("."))
    return Condition(vitals=(vital,), unseen=tuple(unseen))


def _waiting(tools: Tools, place: Deployment) -> tuple[tuple[WaitingPod, ...], int]:
    cluster = tools.cluster(place.where)
    return cluster.waiting(place, doing=f"read the pods of {place.service}")
