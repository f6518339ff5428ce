"""An incident in one line, for lists, the index and other faces that must not fold it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Stage(StrEnum):
    """Where in the response flow an incident stands."""

    ALERT = "alert"
    TRIAGE = "triage"
    MITIGATION = "mitigation"
    ANALYSIS = "root cause analysis"
    RESOLVED = "resolved"
    MERGED = "merged"

    @property
    def open(self) -> bool:
        return self not in {Stage.RESOLVED, Stage.MERGED}


@dataclass(frozen=True, kw_only=True)
class StillStanding:
    """Something temporary that the world still shows, and whose it is."""

    text: str
    team: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """A follow-up, as far as lists need it."""

    title: str
    owner: str
    due: date | None
    ticket: str


@dataclass(frozen=True, kw_only=True)
class Override:
    """A change that somebody made alone where another person was asked for."""

    title: str
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Summary:
    id: str
    title: str
    service: str
    environment: str
    severity: str
    stage: Stage
    opened_at: datetime
    resolved_at: datetime | None
    channel: str
    channel_name: str
    commander: str
    visibility: str
    members: tuple[str, ...] = ()
    team_id: str = ""
    pages: tuple[str, ...] = ()
    started_at: datetime | None = None
    """When users began to be hit, where that is better known than from the page."""
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    flapped: bool = False
    left: tuple[StillStanding, ...] = ()
    follow_ups: tuple[ToDo, ...] = ()
    runbook: str = ""
    """The path of the one that somebody opened as the channel's checklist."""
    no_runbook: str = ""
    """What was asked where none fitted and nobody opened one."""
    overrides: tuple[Override, ...] = ()
