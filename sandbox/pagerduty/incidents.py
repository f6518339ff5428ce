"""What can happen to a PagerDuty incident; each writes its log entry and owes its webhook."""

from dataclasses import dataclass, field
from datetime import timedelta

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import seed, shapes
from sandbox.pagerduty.discussion import annotate
from sandbox.pagerduty.paging import arm, assign_level, set_status
from sandbox.pagerduty.record import log, new_id, shown, tell
from sandbox.pagerduty.state import Alert, AlertBody, Incident, PagerDutyState, Ref, Service, User

MONITORING = {"name": "Monitoring", "url": "https://one.newrelic.demo.example"}


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A page to raise; `service` is a service's name or id."""

    service: str
    title: str
    urgency: str = "high"
    priority: str | None = None
    dedup_key: str | None = None
    environment: str = "production"
    alerts: list[AlertBody] = field(default_factory=list)


def service_for(sim: Simulation, wanted: str, environment: str = "production") -> Service:
    """By id or name; an unknown name gets a service made by the id convention."""
    state: PagerDutyState = sim.pagerduty
    if wanted in state.services:
        return state.services[wanted]
    key = seed.service_id(wanted, environment)
    if key not in state.services:
        state.services[key] = seed.service(wanted, environment)
    return state.services[key]


def trigger(sim: Simulation, wanted: Trigger) -> Incident:
    """Raise a page as monitoring would; an open incident with the same key takes the alert."""
    service = service_for(sim, wanted.service, wanted.environment)
    key = wanted.dedup_key or new_id(sim, "key", "", 32).lower()
    for incident in sim.pagerduty.incidents.values():
        if (
            incident.key == key
            and incident.service == service.id
            and incident.status != "resolved"
        ):
            _add_alerts(sim, incident, wanted)
            shown(sim, incident)
            return incident
    return open_incident(sim, wanted, service=service, key=key, agent=None)


def open_incident(
    sim: Simulation, wanted: Trigger, *, service: Service, key: str, agent: Ref | None
) -> Incident:
    now = sim.clock.now()
    state: PagerDutyState = sim.pagerduty
    incident = Incident(
        id=new_id(sim, "incident", "Q", 14),
        number=sim.serial("pagerduty number"),
        key=key,
        title=wanted.title,
        service=service.id,
        policy=service.policy,
        created_at=now,
        updated_at=now,
        changed_at=now,
        urgency=wanted.urgency,
        priority=priority_id(state, wanted.priority),
        opened_by=agent,
    )
    state.incidents[incident.id] = incident
    if agent is None:
        _add_alerts(sim, incident, wanted)
    by = agent or shapes.service_ref(service)
    log(sim, incident, what="trigger_log_entry", agent=by, summary=f"Triggered by {by.summary}")
    assign_level(sim, incident, 1)
    tell(sim, incident, "triggered", agent=by, client=None if agent else MONITORING)
    return incident


def acknowledge(sim: Simulation, incident: Incident, *, by: User) -> None:
    agent = shapes.user_ref(by)
    set_status(sim, incident, "acknowledged")
    incident.acknowledgements.append((by.id, sim.clock.now()))
    incident.assignees = [key for key, _ in incident.acknowledgements]
    incident.assigned_at = sim.clock.now()
    incident.escalates_at = None
    log(
        sim,
        incident,
        what="acknowledge_log_entry",
        agent=agent,
        summary=f"Acknowledged by {by.name}",
    )
    tell(sim, incident, "acknowledged", agent=agent)


def resolve(
    sim: Simulation, incident: Incident, *, by: Ref | None, note: str | None = None
) -> None:
    """With a note PagerDuty sends two events, the second a moment later."""
    now = sim.clock.now()
    set_status(sim, incident, "resolved")
    incident.resolved_at, incident.resolved_by = now, by
    incident.assignees, incident.acknowledgements = [], []
    incident.escalates_at = incident.snoozed_until = None
    for alert in incident.alerts:
        if alert.status != "resolved":
            alert.status, alert.resolved_at = "resolved", now
    who = by.summary if by else "PagerDuty"
    log(sim, incident, what="resolve_log_entry", agent=by, summary=f"Resolved by {who}")
    tell(sim, incident, "resolved", agent=by)
    if note and by is not None and by.type == "user":
        annotate(
            sim,
            incident,
            by=sim.pagerduty.users[by.id],
            content=f"Resolution Note: {note}",
            later=timedelta(milliseconds=300),
        )


def reopen(sim: Simulation, incident: Incident, *, by: User, acknowledged: bool) -> None:
    agent = shapes.user_ref(by)
    set_status(sim, incident, "triggered")
    incident.reopened_at = sim.clock.now()
    incident.resolved_at = incident.resolved_by = incident.merged_into = None
    assign_level(sim, incident, 1)
    log(sim, incident, what="reopen_log_entry", agent=agent, summary=f"Reopened by {by.name}")
    tell(sim, incident, "reopened", agent=agent)
    if acknowledged:
        acknowledge(sim, incident, by=by)


def prioritise(sim: Simulation, incident: Incident, *, priority: str | None, by: Ref) -> None:
    incident.priority = priority
    log(sim, incident, what="priority_change_log_entry", agent=by, summary="Priority changed")
    tell(sim, incident, "priority_updated", agent=by)


def merge(sim: Simulation, target: Incident, *, sources: list[Incident], by: User) -> None:
    """The sources arrive at the bot as resolved, with the reason why."""
    agent = shapes.user_ref(by)
    for source in sources:
        moved = [alert for alert in source.alerts if alert.status != "resolved"]
        source.alerts = [alert for alert in source.alerts if alert.status == "resolved"]
        target.alerts.extend(moved)
        source.merged_into = target.id
        resolve(sim, source, by=agent)
    target.updated_at = sim.clock.now()
    log(sim, target, what="merge_log_entry", agent=agent, summary=f"Merged by {by.name}")
    shown(sim, target)


def snooze(sim: Simulation, incident: Incident, *, by: User, seconds: int) -> None:
    incident.snoozed_until = sim.clock.now() + timedelta(seconds=seconds)
    log(
        sim,
        incident,
        what="snooze_log_entry",
        agent=shapes.user_ref(by),
        summary=f"Snoozed for {seconds} seconds",
    )
    arm(sim, incident)
    shown(sim, incident)


def is_open(sim: Simulation, incident_id: str) -> bool:
    incident = sim.pagerduty.incidents.get(incident_id)
    return incident is not None and incident.status != "resolved"


def clear_alerts(sim: Simulation, incident_id: str) -> None:
    """Monitoring says that it is over: the alerts resolve, and with them the incident."""
    incident = sim.pagerduty.incidents.get(incident_id)
    if incident is not None and incident.status != "resolved":
        service = sim.pagerduty.services[incident.service]
        resolve(sim, incident, by=shapes.service_ref(service))


def priority_id(state: PagerDutyState, wanted: str | None) -> str | None:
    """By id or by name ("P1"); None for an unknown one."""
    for priority in state.priorities:
        if wanted in (priority.id, priority.name):
            return priority.id
    return None


def _add_alerts(sim: Simulation, incident: Incident, wanted: Trigger) -> None:
    bodies = wanted.alerts or [AlertBody(summary=wanted.title)]
    for body in bodies:
        incident.alerts.append(
            Alert(
                id=new_id(sim, "alert", "Q", 14),
                key=body.key or incident.key,
                created_at=sim.clock.now(),
                body=body,
            )
        )
