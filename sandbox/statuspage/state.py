"""What the simulated status page remembers, and how its API writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

COMPONENTS = (
    "LMS",
    "Studio",
    "Course catalog",
    "Enrollment and payments",
    "Certificates",
    "Discussion forums",
    "Grading",
    "Video delivery",
    "Sign-in",
    "Mobile apps",
    "Enterprise",
    "API",
)
BEGAN = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)


@dataclass(kw_only=True)
class Component:
    """One line of the public page."""

    id: str
    name: str
    status: str = "operational"
    updated: datetime = BEGAN


@dataclass(kw_only=True)
class Update:
    """One text of an incident; `notified` is how many people were e-mailed for it."""

    id: str
    status: str
    body: str
    at: datetime
    deliver: bool
    notified: int
    affected: list[dict[str, str]] = field(default_factory=list)


@dataclass(kw_only=True)
class Incident:
    """An incident as the public sees it; updates are oldest first."""

    id: str
    name: str
    status: str
    at: datetime
    impact: str | None = None
    updates: list[Update] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    resolved: datetime | None = None
    monitoring: datetime | None = None


@dataclass(kw_only=True)
class StatuspageState:
    """Subscribers are counted by channel and state."""

    components: dict[str, Component]
    incidents: dict[str, Incident] = field(default_factory=dict)
    subscribers: dict[str, dict[str, int]] = field(default_factory=dict)
    calls: list[datetime] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        """The json that the control API and the screens show."""
        return {
            "components": [component_json(one) for one in self.components.values()],
            "incidents": [incident_json(self, one) for one in self.incidents.values()],
        }


def state() -> StatuspageState:
    """All components operational, some two thousand people listening."""
    made = [
        Component(id=f"cmp-{name.lower().replace(' ', '-')}", name=name) for name in COMPONENTS
    ]
    email = {"active": 1840, "unconfirmed": 61, "quarantined": 12, "total": 1913}
    webhook = {"active": 14, "unconfirmed": 0, "quarantined": 1, "total": 15}
    return StatuspageState(
        components={one.id: one for one in made},
        subscribers={"email": email, "webhook": webhook},
    )


def stamp(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z" if at else None


def component_json(one: Component) -> dict[str, Any]:
    facts = {"id": one.id, "name": one.name, "status": one.status}
    return {**facts, "updated_at": stamp(one.updated), "group_id": None}


def incident_json(state: StatuspageState, incident: Incident) -> dict[str, Any]:
    updates = [_update_json(incident, one) for one in reversed(incident.updates)]
    return {
        "id": incident.id,
        "name": incident.name,
        "status": incident.status,
        "impact": incident.impact or "none",
        "impact_override": incident.impact,
        "created_at": stamp(incident.at),
        "updated_at": updates[0]["updated_at"],
        "monitoring_at": stamp(incident.monitoring),
        "resolved_at": stamp(incident.resolved),
        "shortlink": f"https://status.demo.example/{incident.id}",
        "metadata": incident.metadata,
        "components": [component_json(state.components[key]) for key in incident.components],
        "incident_updates": updates,
    }


def _update_json(incident: Incident, one: Update) -> dict[str, Any]:
    return {
        "id": one.id,
        "incident_id": incident.id,
        "status": one.status,
        "body": one.body,
        "created_at": stamp(one.at),
        "updated_at": stamp(one.at),
        "display_at": stamp(one.at),
        "deliver_notifications": one.deliver,
        "notified": one.notified,
        "affected_components": one.affected,
    }
