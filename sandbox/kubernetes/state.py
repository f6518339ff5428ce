"""What runs in the simulated cluster; every service is one Deployment in its own namespace."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.github.services import SERVICES, START, Service
from sandbox.kubernetes.jobs import Job
from sandbox.kubernetes.nodes import Nodes, nodes
from sandbox.kubernetes.releases import MANAGED, Releases, releases

SPACE = uuid.UUID("0b0d7ad7-4f2c-4c1d-9f0e-6f3f5f1f7a22")
WEB = {"lms": "lms-web"}
"""Deployments that are not called like their service."""


@dataclass(kw_only=True)
class Deployment:
    """`ready` counts pods of the newest template; a rollout is under way until all are."""

    namespace: str
    name: str
    replicas: int
    image: str
    annotations: dict[str, str] = field(default_factory=dict)
    template_annotations: dict[str, str] = field(default_factory=dict)
    version: int = 4000
    generation: int = 1
    updated: int = 0
    rolling: bool = False
    """All its pods are being replaced, not some of them added."""
    since: datetime = START
    """When the last rollout ended."""

    @property
    def uid(self) -> str:
        return str(uuid.uuid5(SPACE, f"{self.namespace}/{self.name}"))

    @property
    def done(self) -> bool:
        return self.updated >= self.replicas

    @property
    def labels(self) -> dict[str, str]:
        helm = MANAGED if "meta.helm.sh/release-name" in self.annotations else {}
        return {"app.kubernetes.io/name": self.name, **helm}

    @property
    def world(self) -> str:
        """Its name among the world's facts."""
        return self.name

    def touch(self) -> None:
        self.version += 1


@dataclass(kw_only=True)
class ClusterState:
    deployments: dict[str, Deployment]
    """By `namespace/name`."""
    nodes: Nodes
    jobs: dict[str, Job] = field(default_factory=dict)
    """By `namespace/name`."""
    releases: Releases = field(default_factory=Releases)
    """What Helm installed."""

    def view(self) -> dict[str, Any]:
        return {
            key: {"replicas": each.replicas, "updated": each.updated}
            for key, each in self.deployments.items()
        }


def state() -> ClusterState:
    made = {}
    for service in SERVICES:
        name = WEB.get(service.name, service.name)
        image = f"{service.repository}:{service.releases[-1].tag}"
        made[f"{service.name}/{name}"] = Deployment(
            namespace=service.name,
            name=name,
            replicas=service.replicas,
            image=image,
            updated=service.replicas,
            annotations=_owner(service),
        )
    running = [(each.namespace, each.name, each.replicas) for each in made.values()]
    return ClusterState(deployments=made, nodes=nodes(running), releases=releases())


def _owner(service: Service) -> dict[str, str]:
    if not service.by_helm:
        return {}
    named = {"name": service.name, "namespace": service.name}
    return {f"meta.helm.sh/release-{key}": value for key, value in named.items()}
