"""What a pager tells us, in our words: the page, its alerts, who is paged now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page as its webhook carries it; `id` is the pager's own."""

    id: str
    number: int | None = None
    title: str = ""
    address: str = ""
    service_id: str = ""
    service_name: str = ""
    urgency: str = ""
    priority: str = ""
    created_at: datetime | None = None
    assignees: tuple[str, ...] = ()
    escalation_policy: str = ""


class PageStatus(StrEnum):
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True)
class OpenPage:
    """A page as the pager's API shows it now."""

    page: Page
    status: PageStatus
    acknowledged_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert of a page: which condition broke which threshold, at what value, since when."""

    id: str
    summary: str
    condition: str = ""
    threshold: str = ""
    value: str = ""
    since: datetime | None = None
    entity: str = ""
    severity: str = ""
    name: str = ""
    runbook_url: str = ""
    links: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class PagedNow:
    """Who is paged now, and when the page goes to whom if nobody answers."""

    names: tuple[str, ...] = ()
    next_names: tuple[str, ...] = ()
    next_at: datetime | None = None


class PageEvent(StrEnum):
    """What happened to a page, of all that a webhook can say."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    RESOLVED = "resolved"
    MERGED = "merged"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    REASSIGNED = "reassigned"
    DELEGATED = "delegated"
    PRIORITY = "priority"
    ANNOTATED = "annotated"
    RESPONDER = "responder"
    STATUS_UPDATE = "status-update"
    SERVICE = "service-updated"
    DETAIL = "detail"
    PING = "ping"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class PageNews:
    """One webhook, read. `detail` is the note, the other page of a merge, or the new value."""

    event_id: str
    event: PageEvent
    occurred_at: datetime
    kind: str
    page: Page | None = None
    agent: str = ""
    agent_name: str = ""
    ours: bool = False
    detail: str = ""
