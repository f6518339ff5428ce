"""What the engine says of itself: for /readyz, /metrics and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Parked:
    """Set aside: `name` is a reaction or the kind of an input."""

    name: str
    incident: str
    why: str
    vendor: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class EngineStatus:
    """`lag` is how long the oldest due work has been waiting for a thread."""

    due: int
    running: int
    later: int
    parked: tuple[Parked, ...]
    unanswered: tuple[str, ...]
    unreadable: int
    lag: timedelta

    @property
    def ready(self) -> bool:
        return not self.unanswered
