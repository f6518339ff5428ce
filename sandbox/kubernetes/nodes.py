"""The simulated cluster's nodes, three groups of them, and the pods that the deployments put there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.aws.fleet import GROUPS, Group
from sandbox.core.simulation import Simulation
from sandbox.kubernetes.state import Deployment

GROUP = "eks.amazonaws.com/nodegroup"
REQUESTS = {"cpu": "500m", "memory": "1Gi"}
"""What every pod asks for."""
_PODS = "58"


async def nodes(sim: Simulation, request: Request) -> Response:
    wanted = _selected(request)
    items = [
        _node(group, number)
        for group in GROUPS
        for number in range(group.nodes)
        if wanted.get(GROUP, group.name) == group.name
    ]
    return _list("NodeList", items)


async def pods(sim: Simulation, request: Request) -> Response:
    """Of one namespace, or of all."""
    where = request.path_params.get("namespace")
    wanted = _selected(request)
    items = [
        pod
        for each in sim.kubernetes.deployments.values()
        if where in (None, each.namespace)
        for pod in _pods(each)
        if all(pod["metadata"]["labels"].get(key) == value for key, value in wanted.items())
    ]
    return _list("PodList", items)


def _selected(request: Request) -> dict[str, str]:
    asked = request.query_params.get("labelSelector", "")
    return dict(each.split("=", 1) for each in asked.split(",") if "=" in each)


def _list(kind: str, items: list[dict[str, Any]]) -> Response:
    return JSONResponse({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": items})


def _named(group: Group, number: int) -> str:
    return f"{group.name.rpartition('-')[2]}-{number + 1:02d}.ec2.internal"


def _node(group: Group, number: int) -> dict[str, Any]:
    return {
        "metadata": {"name": _named(group, number), "labels": {GROUP: group.name}},
        "spec": {},
        "status": {
            "allocatable": {"cpu": group.cpu, "memory": group.memory, "pods": _PODS},
            "conditions": [
                {"type": "MemoryPressure", "status": "False"},
                {"type": "DiskPressure", "status": "False"},
                {"type": "Ready", "status": "True"},
            ],
        },
    }


def _pods(one: Deployment) -> Iterator[dict[str, Any]]:
    """Spread over the nodes of the first group."""
    group = GROUPS[0]
    for number in range(one.replicas):
        yield {
            "metadata": {
                "name": f"{one.name}-{one.uid[:8]}-{number:03d}",
                "namespace": one.namespace,
                "labels": {"app.kubernetes.io/name": one.name},
            },
            "spec": {
                "nodeName": _named(group, number % group.nodes),
                "containers": [{"name": "web", "resources": {"requests": REQUESTS}}],
            },
            "status": {
                "phase": "Running",
                "conditions": [{"type": "PodScheduled", "status": "True"}],
            },
        }
