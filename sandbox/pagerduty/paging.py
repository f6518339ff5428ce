"""Whom PagerDuty pages: the levels of a policy, and what happens by itself as time passes."""

from datetime import datetime, timedelta
from functools import partial

from sandbox.core.simulation import Simulation
from sandbox.pagerduty.record import log, tell
from sandbox.pagerduty.state import Incident, Ref


def assign_level(sim: Simulation, incident: Incident, level: int) -> None:
    """Page a level of the policy, and know when the next one is due."""
    levels = sim.pagerduty.policies[incident.policy].levels
    incident.level = max(1, min(level, len(levels)))
    rule = levels[incident.level - 1]
    incident.assignees = list(rule.users)
    incident.assigned_at = sim.clock.now()
    last = incident.level == len(levels)
    wait = timedelta(minutes=rule.minutes)
    incident.escalates_at = None if last else sim.clock.now() + wait
    arm(sim, incident)


def escalate(sim: Simulation, incident: Incident, *, level: int, by: Ref | None = None) -> None:
    assign_level(sim, incident, level)
    names = ", ".join(sim.pagerduty.users[key].name for key in incident.assignees)
    if incident.status == "acknowledged":
        set_status(sim, incident, "triggered")
        incident.acknowledgements.clear()
    summary = f"Escalated to {names} at level {level}"
    log(sim, incident, what="escalate_log_entry", agent=by, summary=summary)
    tell(sim, incident, "escalated", agent=by)


def reassign(sim: Simulation, incident: Incident, *, to: list[str], by: Ref) -> None:
    incident.assignees = to
    incident.assigned_at = sim.clock.now()
    incident.escalates_at = None
    incident.acknowledgements.clear()
    set_status(sim, incident, "triggered")
    names = ", ".join(sim.pagerduty.users[key].name for key in to)
    log(sim, incident, what="assign_log_entry", agent=by, summary=f"Reassigned to {names}")
    tell(sim, incident, "reassigned", agent=by)


def delegate(sim: Simulation, incident: Incident, *, policy: str, by: Ref) -> None:
    incident.policy = policy
    assign_level(sim, incident, 1)
    log(sim, incident, what="delegate_log_entry", agent=by, summary="Moved to another policy")
    tell(sim, incident, "delegated", agent=by)


def unacknowledge(sim: Simulation, incident: Incident, *, by: Ref | None) -> None:
    set_status(sim, incident, "triggered")
    incident.acknowledgements.clear()
    incident.snoozed_until = None
    assign_level(sim, incident, incident.level)
    log(sim, incident, what="unacknowledge_log_entry", agent=by, summary="Acknowledgement ended")
    tell(sim, incident, "unacknowledged", agent=by)


def arm(sim: Simulation, incident: Incident) -> None:
    """Set timers for what happens by itself; stale ones notice and do nothing."""
    if incident.escalates_at is not None:
        due = incident.escalates_at
        sim.clock.call_at(due, partial(_escalate_if_due, sim, incident, due))
    if incident.snoozed_until is not None:
        due = incident.snoozed_until
        sim.clock.call_at(due, partial(_wake_if_due, sim, incident, due))


def _escalate_if_due(sim: Simulation, incident: Incident, due: datetime) -> None:
    if incident.escalates_at == due and incident.status == "triggered":
        escalate(sim, incident, level=incident.level + 1)


def _wake_if_due(sim: Simulation, incident: Incident, due: datetime) -> None:
    if incident.snoozed_until == due and incident.status == "acknowledged":
        unacknowledge(sim, incident, by=None)


def set_status(sim: Simulation, incident: Incident, status: str) -> None:
    if incident.status != status:
        incident.status = status
        incident.changed_at = sim.clock.now()
    incident.updated_at = sim.clock.now()
