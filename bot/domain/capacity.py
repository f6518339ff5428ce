"""What fits on the nodes of a cluster: what they can give, what is asked of them, and how they grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


@dataclass(frozen=True, kw_only=True)
class Room:
    """What is left of one node, for pods that it takes."""

    node: str
    group: str
    cpu: int
    memory: int
    pods: int


def fitting(room: Room, need: Need) -> int:
    """How many such pods this node still takes."""
    by_cpu = room.cpu // need.cpu if need.cpu else room.pods
    by_memory = room.memory // need.memory if need.memory else room.pods
    return max(0, min(by_cpu, by_memory, room.pods))


def total(rooms: Sequence[Room], need: Need) -> int:
    return sum(fitting(each, need) for each in rooms)
