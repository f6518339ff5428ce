"""What is told to others while it lasts: inside by updates, outside by the status page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PublicStatus(StrEnum):
    """Atlassian Statuspage's words for a real-time incident."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True)
class ComponentState:
    """A component of the status page, by id; `status` in the page's own words."""

    id: str
    name: str
    status: str


@dataclass(frozen=True, kw_only=True)
class PublicUpdate:
    """One post to the public page."""

    title: str
    status: PublicStatus
    body: str
    components: tuple[ComponentState, ...] = ()
    notify: bool = False
    impact: str = "minor"


@dataclass(frozen=True, kw_only=True)
class StatusPagePost:
    """The incident on the public page."""

    id: str
    address: str
    status: str


@dataclass(frozen=True, kw_only=True)
class Update:
    """One internal update; every one says when the next comes."""

    impact: str
    changed: str = ""
    doing: str = ""
    risk: str = ""
    next_at: datetime | None = None
