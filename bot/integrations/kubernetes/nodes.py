"""Nodes and what runs on them: cordoned, and emptied by evictions that respect the budgets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.workload import Node, NodePod
from bot.integrations.kubernetes.api import Api, Object, Place, Write, budget_says_no
from bot.integrations.kubernetes.kinds import (
    ATTEMPT,
    annotated,
    controller,
    metadata,
    spec,
    status,
)

NODES = Place(group="v1", plural="nodes")
PODS = Place(group="v1", plural="pods")
GROUP = "eks.amazonaws.com/nodegroup"
_DRAINED = "tocsin.dev/drained"
_MIRROR = "kubernetes.io/config.mirror"
_GONE, _TOO_MANY = 404, 429
_OVER = ("Succeeded", "Failed")


class Nodes:
    def __init__(self, api: Api) -> None:
        self.api = api

    def nodes(self, group: str, *, doing: str) -> tuple[Node, ...]:
        """Of one node group, without their pods."""
        params = {"labelSelector": f"{GROUP}={group}"}
        return tuple(_node(each, ()) for each in self.api.items(NODES, doing=doing, params=params))

    def node(self, name: str, *, doing: str) -> Node:
        one = self.api.read(NODES, name, doing=doing)
        params = {"fieldSelector": f"spec.nodeName={name}"}
        pods = self.api.items(PODS, doing=doing, params=params)
        return _node(one, tuple(_pod(each) for each in pods))

    def cordon(self, node: str, attempt: str, *, cordoned: bool, doing: str) -> None:
        """Repeatable: a second time changes nothing."""
        self._annotate(node, attempt, doing=doing, inside={"unschedulable": cordoned or None})

    def mark_drained(self, node: str, attempt: str, *, doing: str) -> None:
        body = {"metadata": {"annotations": {_DRAINED: attempt}}}
        self.api.send(Write(path=NODES.path(node), body=body, doing=doing))

    def evict(self, pod: NodePod, *, doing: str, rehearsal: bool = False) -> str:
        where = Place(group="v1", plural="pods", namespace=pod.namespace)
        answer = self.api.send(
            Write(
                path=where.path(pod.name, "eviction"),
                body={
                    "apiVersion": "policy/v1",
                    "kind": "Eviction",
                    "metadata": {"name": pod.name, "namespace": pod.namespace},
                },
                doing=doing,
                how=None,
                rehearsal=rehearsal,
                expects=(_GONE, _TOO_MANY),
                sent_once=False,
            )
        )
        return budget_says_no(answer)

    def _annotate(self, node: str, attempt: str, *, doing: str, inside: Mapping[str, Any]) -> None:
        body = {"metadata": {"annotations": {ATTEMPT: attempt}}, "spec": inside}
        by_hand = f"By hand: `kubectl drain {node} --ignore-daemonsets`"
        self.api.send(
            Write(path=NODES.path(node), body=body, doing=doing, by_hand=by_hand, sent_once=False)
        )


def _node(one: Object, pods: tuple[NodePod, ...]) -> Node:
    conditions = {
        str(e.get("type")): str(e.get("status")) for e in status(one).get("conditions") or ()
    }
    wrong = [
        name
        for name, value in conditions.items()
        if (name == "Ready" and value != "True") or (name != "Ready" and value == "True")
    ]
    return Node(
        name=str(metadata(one).get("name")),
        ready=conditions.get("Ready") == "True",
        cordoned=bool(spec(one).get("unschedulable")),
        trouble=", ".join("NotReady" if each == "Ready" else each for each in wrong),
        attempt=annotated(one).get(_DRAINED, ""),
        pods=pods,
    )


def _pod(one: Object) -> NodePod:
    above = controller(one)
    return NodePod(
        namespace=str(metadata(one).get("namespace")),
        name=str(metadata(one).get("name")),
        owner=f"{above.get('kind')} {above.get('name')}" if above else "",
        stays=_stays(one, str(above.get("kind", ""))),
        alone=not above,
    )


def _stays(one: Object, made_by: str) -> str:
    if made_by == "DaemonSet":
        return "a DaemonSet's pod runs on every node"
    if _MIRROR in annotated(one):
        return "the node's own pod"
    return "it has ended" if status(one).get("phase") in _OVER else ""
