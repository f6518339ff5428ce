"""A database or cache with somewhere to fail over to: what would take over, and what that breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TOO_FAR_BEHIND = timedelta(seconds=60)
BEHIND = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Standby:
    """What could take over. `target` is how a failover names it; no `lag` means it is not known."""

    target: str
    label: str
    zone: str = ""
    healthy: bool = True
    lag: timedelta | None = None
    synchronous: bool = False


@dataclass(frozen=True, kw_only=True)
class Datastore:
    """`active` is what serves writes now: a zone, an instance, or the primary of each shard."""

    kind: str
    name: str
    engine: str
    status: str
    active: str
    active_label: str
    standbys: tuple[Standby, ...] = ()
    why_not: str = ""
    """Why it cannot be failed over at all; empty where it can."""

    @property
    def ready(self) -> bool:
        return self.status == "available"

    def standby(self, target: str) -> Standby | None:
        return next((each for each in self.standbys if each.target == target), None)


@dataclass(frozen=True, kw_only=True)
class StoreEvent:
    """What the cloud says about it, in its own words."""

    at: datetime
    message: str
