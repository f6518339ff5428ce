"""Nodes and what runs on them: cordoned, and emptied by evictions that respect the budgets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from bot.domain.workload import Node, NodeEdit, NodePod
from bot.integrations.kubernetes.api import Api, Object, Place, Write, rehearsed
from bot.integrations.kubernetes.kinds import (
    ATTEMPT,
    annotated,
    controller,
    labels,
    metadata,
    spec,
    status,
)
from bot.integrations.kubernetes.words import message

NODES = Place(group="v1", plural="nodes")
PODS = Place(group="v1", plural="pods")
GROUP = "eks.amazonaws.com/nodegroup"
_DRAINED = "tocsin.dev/drained"
_MIRROR = "kubernetes.io/config.mirror"
_HASH = "pod-template-hash"
_RUN = re.compile(r"-\d+$")
_GONE, _ANOTHER, _TOO_MANY, _TOO_MANY_BUDGETS = 404, 409, 429, 500
_OVER = ("Succeeded", "Failed")


class Nodes:
    def __init__(self, api: Api) -> None:
        self.api = api

    def nodes(self, group: str, *, doing: str) -> tuple[Node, ...]:
        """A group is EKS's name for it, or any selector (`karpenter.sh/nodepool=general`)."""
        params = {"labelSelector": group if "=" in group else f"{GROUP}={group}"}
        return tuple(_node(each, ()) for each in self.api.items(NODES, doing=doing, params=params))

    def node(self, name: str, *, doing: str) -> Node | None:
        one = self.api.find(NODES, name, doing=doing)
        if one is None:
            return None
        params = {"fieldSelector": f"spec.nodeName={name}"}
        pods = self.api.items(PODS, doing=doing, params=params)
        return _node(one, tuple(_pod(each) for each in pods))

    def change_node(self, node: Node, edit: NodeEdit, attempt: str, *, doing: str) -> None:
        self.api.send(_write(node, edit, attempt, doing=doing))

    def rehearse_node(self, node: Node, edit: NodeEdit, *, doing: str) -> str:
        return rehearsed(self.api, _write(node, edit, "rehearsal", doing=doing))

    def evict(self, pod: NodePod, *, doing: str, rehearsal: bool = False) -> str:
        where = Place(group="v1", plural="pods", namespace=pod.namespace)
        # A StatefulSet's pod comes back under the same name: only the one that was seen may go.
        only = {"deleteOptions": {"preconditions": {"uid": pod.uid}}} if pod.uid else {}
        answer = self.api.send(
            Write(
                path=where.path(pod.name, "eviction"),
                body={
                    "apiVersion": "policy/v1",
                    "kind": "Eviction",
                    "metadata": {"name": pod.name, "namespace": pod.namespace},
                    **only,
                },
                doing=doing,
                how=None,
                rehearsal=rehearsal,
                expects=(_GONE, _ANOTHER, _TOO_MANY, _TOO_MANY_BUDGETS),
                sent_once=False,
            )
        )
        return _budget_says_no(answer)


def _write(node: Node, edit: NodeEdit, attempt: str, *, doing: str) -> Write:
    repeatable = edit is NodeEdit.CORDON
    marks: dict[str, str | None] = {ATTEMPT: attempt}
    meta: dict[str, Any] = {"annotations": marks}
    inside: Mapping[str, Any] = {}
    match edit:
        case NodeEdit.CORDON:
            inside = {"unschedulable": True}
        case NodeEdit.DRAIN:
            marks[_DRAINED] = attempt
        case NodeEdit.UNCORDON:
            marks[_DRAINED] = None
            inside = {"unschedulable": None}
    if not repeatable:
        meta["resourceVersion"] = node.version
    said = "uncordon" if edit is NodeEdit.UNCORDON else "drain --ignore-daemonsets"
    return Write(
        path=NODES.path(node.name),
        body={"metadata": meta, "spec": inside},
        doing=doing,
        by_hand=f"By hand: `kubectl {said} {node.name}`",
        sent_once=not repeatable,
    )


def _budget_says_no(answer: httpx.Response) -> str:
    """In the words of the budget that it names, where it names one."""
    if answer.status_code not in (_TOO_MANY, _TOO_MANY_BUDGETS):
        return ""
    try:
        body = answer.json()
    except ValueError:
        body = None
    match body:
        case {"details": {"causes": [{"message": str(said)}, *_]}}:
            return said
        case _:
            return message(body) or f"it answered {answer.status_code}"


def _node(one: Object, pods: tuple[NodePod, ...]) -> Node:
    conditions = {
        str(e.get("type")): str(e.get("status")) for e in status(one).get("conditions") or ()
    }
    ready = conditions.pop("Ready", "") == "True"
    wrong = [name for name, value in conditions.items() if value == "True"]
    return Node(
        name=str(metadata(one).get("name")),
        uid=str(metadata(one).get("uid", "")),
        version=str(metadata(one).get("resourceVersion", "")),
        ready=ready,
        cordoned=bool(spec(one).get("unschedulable")),
        trouble=", ".join([*([] if ready else ["NotReady"]), *wrong]),
        attempt=annotated(one).get(ATTEMPT, ""),
        drained=annotated(one).get(_DRAINED, ""),
        pods=pods,
    )


def _pod(one: Object) -> NodePod:
    above = controller(one)
    return NodePod(
        namespace=str(metadata(one).get("namespace")),
        name=str(metadata(one).get("name")),
        uid=str(metadata(one).get("uid", "")),
        owner=_owner(one, above),
        stays=_stays(one, str(above.get("kind", ""))),
        alone=not above,
        leaving="deletionTimestamp" in metadata(one),
        local=any("emptyDir" in each for each in spec(one).get("volumes") or ()),
    )


def _owner(one: Object, above: Mapping[str, Any]) -> str:
    kind, name = str(above.get("kind", "")), str(above.get("name", ""))
    mark = labels(one).get(_HASH)
    if kind == "ReplicaSet" and mark and name.endswith(f"-{mark}"):
        return f"Deployment {name.removesuffix(f'-{mark}')}"
    if kind == "Job":
        return f"Job {_RUN.sub('', name)}"
    return f"{kind} {name}".strip()


def _stays(one: Object, made_by: str) -> str:
    if made_by == "DaemonSet":
        return "a DaemonSet's pod runs on every node"
    if _MIRROR in annotated(one):
        return "the node's own pod"
    return "it has ended" if status(one).get("phase") in _OVER else ""
