"""The nodes of the simulated cluster: cordoned by a patch, emptied pod by pod through evictions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.fleet import GROUPS

GROUP = "eks.amazonaws.com/nodegroup"
REQUESTS = {"cpu": "500m", "memory": "1Gi"}
"""What every pod of a service asks for."""
_GIVES = {each.name: each for each in GROUPS}
_PODS = "58"
HOME = "prod-eks-1-general"
"""Where web pods and workers live."""
_SPACE = uuid.UUID("5a4f8e0b-96a5-4a0e-8f0e-0c0e5b7a9d11")


@dataclass(kw_only=True)
class Node:
    name: str
    group: str
    cordoned: bool = False
    annotations: dict[str, str] = field(default_factory=dict)
    version: int = 1000

    def shown(self) -> dict[str, Any]:
        gives = _GIVES[self.group]
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self.name,
                "uid": str(uuid.uuid5(_SPACE, self.name)),
                "resourceVersion": str(self.version),
                "labels": {GROUP: self.group},
                "annotations": dict(self.annotations),
            },
            "spec": {"unschedulable": True} if self.cordoned else {},
            "status": {
                "allocatable": {"cpu": gives.cpu, "memory": gives.memory, "pods": _PODS},
                "conditions": [
                    {"type": "MemoryPressure", "status": "False"},
                    {"type": "DiskPressure", "status": "False"},
                    {"type": "Ready", "status": "True"},
                ],
            },
        }


@dataclass(kw_only=True)
class Pod:
    namespace: str
    owner: str
    number: int
    node: str
    daemon: bool = False

    @property
    def mark(self) -> str:
        return uuid.uuid5(_SPACE, f"{self.namespace}/{self.owner}").hex[:8]

    @property
    def name(self) -> str:
        return f"{self.owner}-{self.mark}-{self.number:05x}"

    @property
    def uid(self) -> str:
        return str(uuid.uuid5(_SPACE, f"{self.namespace}/{self.name}"))

    @property
    def labels(self) -> dict[str, str]:
        if self.daemon:
            return {}
        return {"pod-template-hash": self.mark, "app.kubernetes.io/name": self.owner}

    def shown(self) -> dict[str, Any]:
        kind = "DaemonSet" if self.daemon else "ReplicaSet"
        asks = {} if self.daemon else {"requests": REQUESTS}
        above = self.owner if self.daemon else f"{self.owner}-{self.mark}"
        return {
            "metadata": {
                "namespace": self.namespace,
                "name": self.name,
                "uid": self.uid,
                "labels": self.labels,
                "ownerReferences": [{"kind": kind, "name": above, "controller": True}],
            },
            "spec": {"nodeName": self.node, "containers": [{"name": "web", "resources": asks}]},
            "status": {
                "phase": "Running",
                "conditions": [{"type": "PodScheduled", "status": "True"}],
            },
        }


@dataclass(kw_only=True)
class Nodes:
    nodes: dict[str, Node]
    pods: dict[str, Pod]
    """By `namespace/name`."""

    def on(self, node: str) -> list[Pod]:
        return [each for each in self.pods.values() if each.node == node]

    def move(self, pod: Pod) -> None:
        """Its Deployment makes it anew, where fewest are; nowhere else, and it is not made."""
        del self.pods[f"{pod.namespace}/{pod.name}"]
        group = self.nodes[pod.node].group
        free = [e for e in self.nodes.values() if e.group == group and not e.cordoned]
        if free:
            place = min(free, key=lambda node: len(self.on(node.name)))
            highest = max(each.number for each in [pod, *self.pods.values()])
            self._add(
                Pod(
                    namespace=pod.namespace,
                    owner=pod.owner,
                    number=highest + 1,
                    node=place.name,
                )
            )

    def _add(self, pod: Pod) -> None:
        self.pods[f"{pod.namespace}/{pod.name}"] = pod


def nodes(running: Iterable[tuple[str, str, int]]) -> Nodes:
    """`running` is namespace, name and replicas of each Deployment, spread evenly."""
    made = Nodes(nodes={}, pods={})
    for place, group in enumerate(GROUPS):
        for number in range(group.nodes):
            name = f"ip-10-{20 + place}-{number // 4}-{10 + number}.ec2.internal"
            made.nodes[name] = Node(name=name, group=group.name)
            agent = Pod(
                namespace="kube-system",
                owner="aws-node",
                number=256 * place + number,
                node=name,
                daemon=True,
            )
            made.pods[f"kube-system/{agent.name}"] = agent
    homes = [each.name for each in made.nodes.values() if each.group == HOME]
    placed = 4096
    for namespace, name, replicas in running:
        for _ in range(replicas):
            pod = Pod(
                namespace=namespace, owner=name, number=placed, node=homes[placed % len(homes)]
            )
            made.pods[f"{namespace}/{pod.name}"] = pod
            placed += 1
    return made
