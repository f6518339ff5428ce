"""What PagerDuty remembers: plain, picklable records without behaviour."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

WEB = "https://demo.pagerduty.example"
"""Where PagerDuty's own screens would be."""


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A pointer to something, as PagerDuty puts it everywhere."""

    id: str
    type: str
    """Without `_reference`: "user", "service", ..."""
    summary: str | None
    path: str


@dataclass(frozen=True, kw_only=True)
class User:
    id: str
    name: str
    email: str
    role: str = "user"
    job_title: str = ""


@dataclass(frozen=True, kw_only=True)
class Team:
    id: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Level:
    """One rule of an escalation policy: whom, and after how many minutes the next is paged."""

    users: tuple[str, ...]
    minutes: int = 5


@dataclass(frozen=True, kw_only=True)
class Policy:
    id: str
    name: str
    levels: tuple[Level, ...]
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Service:
    id: str
    name: str
    policy: str
    teams: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Priority:
    id: str
    name: str
    description: str
    color: str


@dataclass(kw_only=True)
class AlertBody:
    """What monitoring said when it raised an alert."""

    summary: str
    severity: str = "critical"
    details: dict[str, Any] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    key: str | None = None


@dataclass(kw_only=True)
class Alert:
    id: str
    key: str
    created_at: datetime
    body: AlertBody
    status: str = "triggered"
    resolved_at: datetime | None = None


@dataclass(kw_only=True)
class Note:
    id: str
    user: str
    content: str
    created_at: datetime


@dataclass(kw_only=True)
class LogEntry:
    id: str
    type: str
    created_at: datetime
    agent: Ref | None
    summary: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Responder:
    user: str
    state: str
    message: str
    requested_at: datetime
    requester: str


@dataclass(kw_only=True)
class StatusUpdate:
    id: str
    message: str
    created_at: datetime
    sender: str


@dataclass(kw_only=True)
class Incident:
    """One incident; `number` counts from 1 in the account."""

    id: str
    number: int
    key: str
    title: str
    service: str
    policy: str
    created_at: datetime
    updated_at: datetime
    changed_at: datetime
    urgency: str = "high"
    status: str = "triggered"
    priority: str | None = None
    level: int = 1
    assignees: list[str] = field(default_factory=list)
    assigned_at: datetime | None = None
    acknowledgements: list[tuple[str, datetime]] = field(default_factory=list)
    escalates_at: datetime | None = None
    snoozed_until: datetime | None = None
    reopened_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: Ref | None = None
    merged_into: str | None = None
    conference_bridge: dict[str, str] | None = None
    alerts: list[Alert] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)
    responders: list[Responder] = field(default_factory=list)
    status_updates: list[StatusUpdate] = field(default_factory=list)
    opened_by: Ref | None = None


@dataclass(kw_only=True)
class Subscription:
    """A webhook subscription; `disabled_until` is set by three dropped deliveries in a row."""

    id: str
    url: str | None = None
    """None means the bot's usual address."""
    description: str = ""
    events: tuple[str, ...] = ()
    filter_type: str = "account_reference"
    filter_id: str | None = None
    active: bool = True
    drops: int = 0
    disabled_until: datetime | None = None


@dataclass(kw_only=True)
class Webhook:
    """One delivery that is owed; `webhook_id` stays the same over redeliveries."""

    webhook_id: str
    subscription: str
    resource: str
    event_type: str
    body: bytes
    first_at: datetime
    attempts: int = 0
    due: datetime | None = None


@dataclass(kw_only=True)
class ChangeEvent:
    id: str
    summary: str
    timestamp: datetime
    services: tuple[str, ...]
    source: str = ""
    links: list[dict[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class PagerDutyState:
    """The whole account."""

    users: dict[str, User]
    teams: dict[str, Team]
    policies: dict[str, Policy]
    services: dict[str, Service]
    priorities: list[Priority]
    incidents: dict[str, Incident] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    outbox: dict[str, list[Webhook]] = field(default_factory=dict)
    """Owed webhooks by subscription and incident, in the order in which they must go out."""
    undelivered: list[Webhook] = field(default_factory=list)
    changes: list[ChangeEvent] = field(default_factory=list)
    last_event_at: datetime | None = None
    """No two events happen at the same millisecond, so that `occurred_at` orders them."""
    calls: list[float] = field(default_factory=list)
    """When, in real time, the last minute's requests came, for the rate limit."""
