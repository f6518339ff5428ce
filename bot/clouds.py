"""What mitigations reach for beside the deployer: one Protocol per role that a cloud plays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.capacity import NodeGroup
from bot.domain.datastore import Datastore, StoreEvent
from bot.domain.firewall import Edit, Wall
from bot.domain.flags import Board, Flag, Rollout
from bot.domain.machines import Capacity, Renewal
from bot.domain.places import Deployment, Queue
from bot.domain.purging import Purge
from bot.domain.queue import Depth
from bot.domain.traffic import Split
from bot.domain.vitals import Condition


class Traffic(Protocol):
    """Who gets how much of a service's traffic (ALB rules, Route 53 records)."""

    def split(self, place: Deployment) -> Split: ...
    def shift(self, split: Split, share: int, *, doing: str, by_hand: str) -> str:
        """EC2's percent from now on; what finds the change again."""
        ...

    def spread(self, reference: str) -> bool:
        """Whether it has arrived everywhere (DNS takes a while)."""
        ...


class Datastores(Protocol):
    """Databases and caches with a standby (RDS, Aurora, ElastiCache)."""

    def store(self, place: Deployment) -> Datastore: ...
    def fail_over(self, store: Datastore, target: str, *, doing: str, by_hand: str) -> str: ...
    def events(self, store: Datastore, since: datetime) -> tuple[StoreEvent, ...]:
        """What was written down about it since then, oldest first."""
        ...


class Firewall(Protocol):
    """What is let in at the edge (AWS WAF)."""

    def wall(self, place: Deployment) -> Wall: ...
    def change(self, place: Deployment, edit: Edit, lock: str, *, doing: str, by_hand: str) -> str:
        """`Refused` where the lock is not the newest one."""
        ...


class Cache(Protocol):
    """What stands in front of the sites and remembers them (CloudFront)."""

    def serves(self, identifier: str) -> str:
        """The name by which people reach it."""
        ...

    def purge(
        self, identifier: str, paths: Sequence[str], marker: str, *, doing: str, by_hand: str
    ) -> str: ...
    def purged(self, identifier: str, reference: str) -> Purge: ...
    def find(self, identifier: str, marker: str) -> Purge | None: ...


class Flags(Protocol):
    """Feature flags and their rollouts (AWS AppConfig)."""

    def board(self, place: Deployment) -> Board: ...
    def roll_out(
        self, place: Deployment, board: Board, flag: Flag, marker: str, *, doing: str, by_hand: str
    ) -> str:
        """The flag as it is from now on, on top of the board; refused where others rolled out."""
        ...

    def rollout(self, place: Deployment, reference: str) -> Rollout: ...


class Machines(Protocol):
    """Groups of machines (Auto Scaling groups, EKS managed node groups)."""

    def capacity(self, place: Deployment, *, doing: str) -> Capacity: ...
    def resize(
        self, now: Capacity, count: int, attempt: str, *, doing: str, by_hand: str
    ) -> None: ...
    def renew(self, now: Capacity, *, doing: str, by_hand: str) -> str:
        """New machines of the same make, a few at a time; the id finds it again."""
        ...

    def stop_renewing(self, now: Capacity, *, doing: str, by_hand: str) -> str: ...
    def renewals(self, name: str, *, doing: str) -> tuple[Renewal, ...]:
        """Newest first."""
        ...


class Queues(Protocol):
    """How much waits for a worker (CloudWatch)."""

    def depth(self, queue: Queue) -> Depth:
        """Of the last minutes; unread where there is no number of them."""
        ...


class Health(Protocol):
    """How a resource is doing, by the cloud's own description and numbers (CloudWatch)."""

    def condition(self, place: Deployment) -> Condition:
        """Reads only. `Refused` where the catalog does not say enough to find it."""
        ...

    def node_group(self, place: Deployment) -> NodeGroup:
        """What is wanted of a cluster's node group; the cluster knows which nodes are ready."""
        ...


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """What one environment's account can do for a mitigation, and what it knows for triage."""

    traffic: Traffic
    datastores: Datastores
    firewall: Firewall
    cache: Cache
    flags: Flags
    machines: Machines
    health: Health
    queues: Queues
