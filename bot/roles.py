"""What is reached for beside the deployer: one Protocol per role that a platform plays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.change import Change
from bot.domain.places import Deployment
from bot.domain.workload import Edit, Node, NodePod, Workload


class Cluster(Protocol):
    """What runs in one environment's cluster (Kubernetes)."""

    def workload(self, place: Deployment, *, doing: str) -> Workload: ...
    def edit(self, workload: Workload, edit: Edit, attempt: str, *, doing: str) -> None:
        """One request, held to what was read: NotSent, and may pass, where it changed since."""
        ...

    def rehearse(self, workload: Workload, edit: Edit, *, doing: str) -> str:
        """Through rights and admission without storing; what could not be tried, or nothing."""
        ...

    def nodes(self, group: str, *, doing: str) -> tuple[Node, ...]: ...
    def node(self, name: str, *, doing: str) -> Node: ...
    def cordon(self, node: str, attempt: str, *, cordoned: bool, doing: str) -> None: ...
    def mark_drained(self, node: str, attempt: str, *, doing: str) -> None: ...
    def evict(self, pod: NodePod, *, doing: str, rehearsal: bool = False) -> str:
        """Why its budget does not let it go; empty where it goes."""
        ...


class ChangeSource(Protocol):
    """Somebody who saw what changed: a deployer, a trail, a git log, an inbox."""

    @property
    def name(self) -> str:
        """As responders know it: the one that is named when it gives no answer."""
        ...

    def changes(
        self, places: Sequence[Deployment], *, since: datetime, until: datetime
    ) -> list[Change]:
        """What began between the two at these places, and what it cannot tell a place for."""
        ...
