"""Which pods leave a node that is drained, what that costs, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.mitigation import Offer
from bot.domain.workload import Node, NodePod

_NAMED = 6


@dataclass(frozen=True, kw_only=True)
class Before:
    """Of the node when the plan was made; kept as JSON in `Plan.state`."""

    uid: str
    cordoned: bool
    workloads: tuple[str, ...] = ()
    """Whose pods leave: pods come and go, these are what an approval is for."""

    def inside(self) -> str:
        held = {"uid": self.uid, "cordoned": self.cordoned, "workloads": list(self.workloads)}
        return json.dumps({"node": held}, sort_keys=True)


def before(node: Node) -> Before:
    return Before(uid=node.uid, cordoned=node.cordoned, workloads=workloads(going(node)))


def before_in(state: str) -> Before:
    held = json.loads(state)["node"]
    return Before(
        uid=str(held["uid"]),
        cordoned=bool(held["cordoned"]),
        workloads=tuple(held.get("workloads") or ()),
    )


def going(node: Node) -> tuple[NodePod, ...]:
    """Who has to leave and is not on its way yet."""
    return tuple(each for each in node.pods if not each.stays and not each.leaving)


def stopping(node: Node) -> tuple[NodePod, ...]:
    return tuple(each for each in node.pods if not each.stays and each.leaving)


def workloads(pods: Sequence[NodePod]) -> tuple[str, ...]:
    return tuple(sorted({each.workload for each in pods}))


def lasting(pods: Sequence[NodePod]) -> tuple[str, ...]:
    """Those that stand for themselves: a run of a job comes and goes, and changes no plan."""
    return workloads([each for each in pods if not _is_run(each)])


def strangers(node: Node, known: Before) -> tuple[str, ...]:
    """Workloads whose pods came to the node after the plan was made."""
    return tuple(each for each in lasting(going(node)) if each not in known.workloads)


def offers(mitigation: str, nodes: Sequence[Node]) -> list[Offer]:
    """What is in trouble first, what takes no pods any more last; a lone one in trouble is meant."""
    sick = [each for each in nodes if each.trouble]
    return [
        Offer(
            mitigation=mitigation,
            target=each.name,
            title=f"Drain the node {each.name}",
            label=each.name,
            message=f"{each.trouble or 'ready'}{', cordoned' if each.cordoned else ''}",
            suggested=len(sick) == 1 and each is sick[0],
        )
        for each in sorted(nodes, key=lambda n: (not n.trouble, n.cordoned, n.name))
    ]


def worries(node: Node, others: Sequence[Node], blocked: Mapping[str, str]) -> tuple[str, ...]:
    """`blocked`: why a budget does not let a pod of a workload go now."""
    found = []
    taking = [each for each in others if each.ready and not each.cordoned]
    if not taking:
        found.append("no other node of its group is ready to take its pods")
    found += [f"the drain waits for {name}: {why}" for name, why in sorted(blocked.items())]
    if lost := [each for each in going(node) if each.local]:
        found.append(f"what they keep on the node's own disk is lost: {listed(lost)}")
    if going(node) and not node.ready:
        found.append(
            "it is NotReady: nobody on it confirms that a pod has stopped, and pods of"
            " StatefulSets start elsewhere only when it is back or removed"
        )
    return tuple(found)


def cautions(node: Node) -> tuple[str, ...]:
    found = []
    if leaving := going(node):
        found.append(f"{_pods(len(leaving))} it: {listed(leaving)}")
    if jobs := [each for each in going(node) if _is_run(each)]:
        found.append(f"these runs are broken off: {listed(jobs)}")
    for why in sorted({each.stays for each in node.pods if each.stays}):
        staying = [each for each in node.pods if each.stays == why]
        found.append(f"{len(staying)} {'stays' if len(staying) == 1 else 'stay'}: {why}")
    return tuple(found)


def progress(node: Node, blocked: Mapping[str, str]) -> str:
    told = [
        f"{len(going(node))} pods are to leave {node.name}, {len(stopping(node))} are stopping"
    ]
    told += [f"waiting for {name}: {why}" for name, why in sorted(blocked.items())]
    return "; ".join(told)


def emptied(node: Node, known: Before) -> str:
    """The proof that it is through; empty while it is not."""
    rest = [each for each in going(node) if each.workload in known.workloads]
    if rest or (stopping(node) and node.ready):
        return ""
    said = f"every pod that had to has left {node.name}"
    if late := stopping(node):
        said = f"every pod was told to leave {node.name}; it does not answer, so {len(late)} stay listed"
    if came := [each for each in going(node) if each.workload not in known.workloads]:
        said += f"; what came since stays: {listed(came)}"
    return said


def listed(pods: Sequence[NodePod]) -> str:
    names = [f"{each.namespace}/{each.name}" for each in pods]
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _is_run(pod: NodePod) -> bool:
    return pod.owner.startswith("Job ")


def _pods(count: int) -> str:
    return "1 pod leaves" if count == 1 else f"{count} pods leave"
