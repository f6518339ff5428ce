"""An incident in one line, for lists, the index and other faces that must not fold it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
