"""Takes a node out of work: no new pod comes to it, and those on it leave as their budgets allow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain import draining
from bot.domain.catalog import Deployment
from bot.domain.errors import Refused, VendorRejected, before_sending, moved
from bot.domain.incident import HOUSE
from bot.domain.mitigation import (
    Cleared,
    Difference,
    Look,
    Migrations,
    Offer,
    Plan,
    Ready,
    Receipt,
    Seen,
    Settled,
    StillThere,
    TooEarly,
    Unhealthy,
    Unknown,
    Untouched,
    Waiting,
)
from bot.domain.workload import Node, NodeEdit, NodePod
from bot.mitigations.own_plan import named_there, place_of
from bot.tools import Tools

_BACK = "uncordon "
"""Begins the target of the way back."""
_DRAINED = "cordoned, its pods elsewhere"


class DrainNode:
    """`where`: the environments whose cluster is configured."""

    name = "drain_node"
    label = "Drain a node of"
    free = "a node's name"

    def __init__(self, *, where: frozenset[str]) -> None:
        self.where = where

    def fits(self, deployment: Deployment) -> bool:
        return named_there(self.where, deployment, "nodegroup")

    def offers(
        self, tools: Tools, deployment: Deployment, *, before: datetime | None
    ) -> list[Offer]:
        return draining.offers(self.name, _group(tools, deployment))

    def plan(self, tools: Tools, deployment: Deployment, target: str) -> Plan:
        """`uncordon <node>` is the way back."""
        wanted = target.strip()
        if wanted.startswith(_BACK):
            return _way_back(tools, deployment, wanted.removeprefix(_BACK))
        group = _group(tools, deployment)
        if wanted not in {each.name for each in group}:
            names = ", ".join(each.name for each in group[:8])
            raise Refused(f"“{wanted}” is no node of {deployment.service}. There are: {names}.")
        node = _there(tools, deployment.environment, wanted, f"read the node {wanted}")
        _refuse(node)
        others = [each for each in group if each.name != wanted]
        return _plan(tools, deployment, node, others)

    def prepare(self, tools: Tools, plan: Plan, attempt: str) -> Ready | Waiting:
        """Cordoned first, so that nothing new comes while its pods are counted for the last time."""
        if plan.target.startswith(_BACK):
            return Ready()
        node = _unmoved(tools, plan)
        if draining.before_in(plan.state).cordoned:
            return Ready()
        if not node.cordoned:
            cluster = tools.cluster(plan.environment)
            cluster.change_node(node, NodeEdit.CORDON, attempt, doing=f"cordon {node.name}")
        return Ready(done=(f"the node {node.name} is cordoned",))

    def execute(self, tools: Tools, plan: Plan, attempt: str) -> Receipt:
        """The mark that the drain began. Evictions may be repeated: `verify` sends them."""
        doing, back = plan.doing, plan.target.startswith(_BACK)
        with before_sending(doing):
            node = _unmoved(tools, plan)
        if attempt not in (node.drained, node.attempt if back else ""):
            if not node.cordoned:
                raise moved(f"the node {node.name} takes new pods")
            edit = NodeEdit.UNCORDON if back else NodeEdit.DRAIN
            tools.cluster(plan.environment).change_node(node, edit, attempt, doing=doing)
        return _receipt(tools, attempt, f"Kubernetes took it: {doing}")

    def look(self, tools: Tools, plan: Plan, attempt: str) -> Look:
        back = plan.target.startswith(_BACK)
        node = _seen(tools, plan, f"see whether to {plan.doing} has begun")
        if node is None:
            return Unknown(shows=f"the node {_name(plan)} is gone")
        shows = f"the node {node.name} {'is cordoned' if node.cordoned else node.words}"
        if attempt in (node.drained, node.attempt if back else ""):
            return _receipt(tools, attempt, f"{shows}, by us")
        return (
            Untouched(shows=f"{shows}; no pod was evicted")
            if node.cordoned
            else Unknown(shows=shows)
        )

    def verify(self, tools: Tools, plan: Plan, receipt: Receipt) -> Seen:
        """Goes on with the evictions until every pod has left that had to."""
        node = _seen(tools, plan, f"watch the node {_name(plan)}")
        if node is None:
            return Settled(evidence=f"the node {_name(plan)} is gone", at=receipt.at)
        if plan.target.startswith(_BACK):
            if node.cordoned:
                return Unhealthy(why=f"the node {node.name} is cordoned again")
            return Settled(evidence=f"the node {node.name} takes new pods", at=receipt.at)
        if not node.cordoned:
            return Unhealthy(why=f"somebody uncordoned {node.name}: no more pods are evicted")
        known = draining.before_in(plan.state)
        if evidence := draining.emptied(node, known):
            return Settled(evidence=evidence, at=receipt.at)
        if node.drained != receipt.reference:
            return TooEarly(progress=draining.progress(node, {}))
        if house := tools.timeline.read(HOUSE).frozen_by:
            return TooEarly(
                progress=f"no more pods are evicted: mitigations were frozen by {house}"
            )
        meant = [each for each in draining.going(node) if each.workload in known.workloads]
        return TooEarly(progress=draining.progress(node, _evicted(tools, plan, meant)))

    def undo(self, tools: Tools, plan: Plan, receipt: Receipt | None) -> Plan:
        known = place_of(tools, plan)
        if plan.target.startswith(_BACK):
            return self.plan(tools, known, _name(plan))
        if draining.before_in(plan.state).cordoned:
            raise Refused(f"{_name(plan)} was cordoned before: there is nothing to put back.")
        return self.plan(tools, known, f"{_BACK}{_name(plan)}")

    def leftover(self, tools: Tools, plan: Plan) -> Cleared | StillThere:
        node = _seen(tools, plan, f"read whether the node {_name(plan)} is cordoned")
        if node is None:
            return Cleared(shows=f"the node {_name(plan)} is gone")
        if not node.cordoned:
            return Cleared(shows=f"the node {node.name} takes new pods")
        trouble = f" and {node.trouble}" if node.trouble else ""
        return StillThere(shows=f"the node {node.name} is cordoned{trouble}", offer="Uncordon it")

    def put_back(self, tools: Tools, plan: Plan) -> None:
        doing = f"uncordon {_name(plan)}"
        node = _seen(tools, plan, doing)
        if node is not None and node.cordoned:
            cluster = tools.cluster(plan.environment)
            cluster.change_node(node, NodeEdit.UNCORDON, "put-back", doing=doing)


def _group(tools: Tools, deployment: Deployment) -> tuple[Node, ...]:
    doing = f"read the nodes of {deployment.service}"
    group = deployment.identifier
    found = tools.cluster(deployment.environment).nodes(group, doing=doing)
    if not found:
        raise Refused(f"The cluster has no node of the group {group} (tocsin.dev/identifier).")
    return found


def _there(tools: Tools, environment: str, name: str, doing: str) -> Node:
    node = tools.cluster(environment).node(name, doing=doing)
    if node is None:
        raise Refused(f"The node {name} is gone.")
    return node


def _name(plan: Plan) -> str:
    return plan.target.removeprefix(_BACK)


def _seen(tools: Tools, plan: Plan, doing: str) -> Node | None:
    return tools.cluster(plan.environment).node(_name(plan), doing=doing)


def _unmoved(tools: Tools, plan: Plan) -> Node:
    node = _seen(tools, plan, plan.doing)
    known = draining.before_in(plan.state)
    if node is None or node.uid != known.uid:
        raise moved(f"the node {_name(plan)} is gone")
    if not plan.target.startswith(_BACK) and (came := draining.strangers(node, known)):
        raise moved(f"pods of {', '.join(came[:3])} came to {node.name}")
    return node


def _refuse(node: Node) -> None:
    """Nobody makes such a pod anew: `kubectl drain` wants `--force` for it, and we have none."""
    leaving = draining.going(node)
    if alone := [each for each in leaving if each.alone]:
        raise Refused(
            f"Nobody would make these pods of {node.name} anew, they have no controller:"
            f" {draining.listed(alone)}. Delete them by hand, then drain the node."
        )
    if node.cordoned and not leaving:
        raise Refused(f"{node.name} is cordoned and empty already.")


def _plan(tools: Tools, deployment: Deployment, node: Node, others: Sequence[Node]) -> Plan:
    doing = f"drain the node {node.name}"
    cluster = tools.cluster(deployment.environment)
    untried = "" if node.cordoned else cluster.rehearse_node(node, NodeEdit.CORDON, doing=doing)
    blocked = {
        each.workload: why
        for each in draining.going(node)
        if (why := cluster.evict(each, doing=doing, rehearsal=True))
    }
    ready = sum(each.ready and not each.cordoned for each in others)
    free = () if blocked else ("no disruption budget stands in the way",)
    return Plan(
        mitigation=DrainNode.name,
        title=f"Drain the node {node.name}",
        service=deployment.service,
        environment=deployment.environment,
        target=node.name,
        target_label=_DRAINED,
        live=node.words,
        live_label=node.kept,
        differences=_differences(node),
        migrations=Migrations.IRRELEVANT,
        steps=(
            f"cordon {node.name}",
            "evict its pods; a budget that lets none go is waited for, never forced",
            "watch until they have left",
        ),
        risk_reasons=(
            *draining.worries(node, others, blocked),
            *filter(None, (untried,)),
        ),
        comforts=(f"{ready} other nodes of the group are ready", *free),
        cautions=draining.cautions(node),
        leftovers=() if node.cordoned else (f"the node {node.name} is cordoned",),
        undoable=not node.cordoned,
        state=draining.before(node).inside(),
        system="Kubernetes",
    )


def _differences(node: Node) -> tuple[Difference, ...]:
    return tuple(
        Difference(what=f"pods of {each}", before=f"on {node.name}", after="evicted")
        for each in draining.lasting(draining.going(node))
    )


def _way_back(tools: Tools, deployment: Deployment, name: str) -> Plan:
    doing = f"uncordon the node {name}"
    node = _there(tools, deployment.environment, name, doing)
    if not node.cordoned:
        raise Refused(f"{name} takes new pods already.")
    cluster = tools.cluster(deployment.environment)
    untried = cluster.rehearse_node(node, NodeEdit.UNCORDON, doing=doing)
    sick = f"it is still {node.trouble}" if node.trouble else ""
    return Plan(
        mitigation=DrainNode.name,
        title=f"Undo: uncordon the node {name}",
        service=deployment.service,
        environment=deployment.environment,
        target=f"{_BACK}{name}",
        target_label="takes new pods",
        live=node.words,
        live_label=node.kept,
        migrations=Migrations.IRRELEVANT,
        steps=(f"uncordon {name}",),
        risk_reasons=tuple(filter(None, (sick, untried))),
        comforts=("pods only come to it, none is moved",),
        cautions=("pods that have left do not come back by themselves",),
        state=draining.before(node).inside(),
        system="Kubernetes",
    )


def _evicted(tools: Tools, plan: Plan, pods: Sequence[NodePod]) -> dict[str, str]:
    """Why some of them may not go yet, by workload; one that is refused holds up no other."""
    cluster, doing = tools.cluster(plan.environment), plan.doing
    blocked: dict[str, str] = {}
    for each in pods:
        try:
            why = cluster.evict(each, doing=doing)
        except VendorRejected as refused:
            why = refused.why
        if why:
            blocked[each.workload] = why
    return blocked


def _receipt(tools: Tools, attempt: str, summary: str) -> Receipt:
    return Receipt(reference=attempt, summary=summary, at=tools.clock.now())
