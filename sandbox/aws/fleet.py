"""What the demo platform has of machines and buckets, for everyone who plays a part of it."""

from __future__ import annotations

from dataclasses import dataclass

BUCKETS = ("demo-videos", "demo-course-assets", "demo-uploads")
"""Those with request metrics; nobody switched them on for the bucket of events."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A node group of the cluster; `cpu` and `memory` are what a node can give to pods."""

    name: str
    nodes: int
    cpu: str
    memory: str


GROUPS = (
    Group(name="prod-eks-1-general", nodes=20, cpu="7910m", memory="30Gi"),
    Group(name="prod-eks-1-compute", nodes=10, cpu="15890m", memory="28Gi"),
    Group(name="prod-eks-1-memory", nodes=10, cpu="7910m", memory="61Gi"),
)
