"""What fits on the nodes of a cluster: what they can give, what is asked of them, and how they grow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

_MIB, _GIB = 2**20, 2**30


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """As the cloud steers it: how many nodes it wants, and how many it may have."""

    lowest: int
    desired: int
    highest: int
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WaitingPod:
    """One that does not run, with what the scheduler or its node says about it."""

    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one pod asks for: thousandths of a CPU, and bytes of memory."""

    cpu: int = 0
    memory: int = 0

    def __str__(self) -> str:
        cpu = f"{self.cpu}m" if self.cpu % 1000 else f"{self.cpu // 1000}"
        memory = (
            f"{self.memory / _GIB:g}Gi" if self.memory >= _GIB else f"{self.memory / _MIB:g}Mi"
        )
        return f"{cpu}/{memory}"


@dataclass(frozen=True, kw_only=True)
class Room:
    """A node that takes such pods: what it has left, and what it gives when nothing runs there."""

    node: str
    group: str
    cpu: int
    memory: int
    pods: int
    empty_cpu: int = 0
    empty_memory: int = 0
    empty_pods: int = 0

    @property
    def empty(self) -> Room:
        return Room(
            node=self.node,
            group=self.group,
            cpu=self.empty_cpu,
            memory=self.empty_memory,
            pods=self.empty_pods,
        )


@dataclass(frozen=True, kw_only=True)
class Space:
    """Where more pods of one workload could go. `surge` is how many its rollout adds for a while."""

    need: Need
    surge: int
    rooms: tuple[Room, ...]
    uncounted: str = ""
    """What else the scheduler looks at: "its affinity"."""


def fitting(room: Room, need: Need) -> int:
    """How many such pods this node still takes."""
    by_cpu = room.cpu // need.cpu if need.cpu else room.pods
    by_memory = room.memory // need.memory if need.memory else room.pods
    return max(0, min(by_cpu, by_memory, room.pods))


def total(space: Space) -> int:
    return sum(fitting(each, space.need) for each in space.rooms)


def surging(replicas: int, most: int | str) -> int:
    """How many pods more a rollout makes: a number, or a percentage that is rounded up."""
    written = str(most).strip()
    if written.endswith("%"):
        return math.ceil(replicas * int(written[:-1]) / 100)
    return int(written)


def told(space: Space, added: int, groups: Mapping[str, NodeGroup]) -> str:
    """Whether so many more pods fit, and what has to grow where they do not."""
    room = total(space)
    pods = f"{added} more pod{'' if added == 1 else 's'} of {space.need}"
    beside = f" ({space.uncounted} not counted)" if space.uncounted else ""
    if room >= added:
        return f"{pods}; room for {room} on ready nodes{beside}"
    verb = "does" if added == 1 else "do"
    return f"{pods} {verb} not fit: room for {room} on ready nodes; {_wait(space, added - room, groups)}{beside}"


def _wait(space: Space, left: int, groups: Mapping[str, NodeGroup]) -> str:
    """By the group that has to grow least."""
    ways = []
    for name, group in groups.items():
        each = max(
            (fitting(r.empty, space.need) for r in space.rooms if r.group == name), default=0
        )
        if each:
            ways.append((group.desired + math.ceil(left / each), name, group))
    if not ways:
        return "which nodes could be added is not known"
    wanted, name, group = min(
        ways, key=lambda way: (way[0] > way[2].highest, way[0] - way[2].desired)
    )
    grow = f"the node group {name} would have to grow from {group.desired} to {wanted}"
    if wanted > group.highest:
        return f"{grow}, and it may have {group.highest} at most"
    return f"{grow} (at most {group.highest})"
