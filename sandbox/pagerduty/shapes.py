"""PagerDuty's JSON: the REST shapes, and the different ones of V3 webhooks."""

from datetime import UTC, datetime
from typing import Any

from sandbox.core.simulation import Simulation
from sandbox.pagerduty.state import (
    WEB,
    Alert,
    ChangeEvent,
    Incident,
    LogEntry,
    Note,
    Policy,
    Priority,
    Ref,
    Responder,
    Service,
    Team,
    User,
)


def stamp(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def fine_stamp(at: datetime) -> str:
    """To the millisecond, as webhooks carry it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def user_ref(user: User) -> Ref:
    return Ref(id=user.id, type="user", summary=user.name, path=f"/users/{user.id}")


def service_ref(service: Service) -> Ref:
    return Ref(id=service.id, type="service", summary=service.name, path=f"/services/{service.id}")


def policy_ref(policy: Policy) -> Ref:
    path = f"/escalation_policies/{policy.id}"
    return Ref(id=policy.id, type="escalation_policy", summary=policy.name, path=path)


def team_ref(team: Team) -> Ref:
    return Ref(id=team.id, type="team", summary=team.name, path=f"/teams/{team.id}")


def priority_ref(priority: Priority) -> Ref:
    path = f"/priorities/{priority.id}"
    return Ref(id=priority.id, type="priority", summary=priority.name, path=path)


def incident_ref(incident: Incident) -> Ref:
    path = f"/incidents/{incident.id}"
    return Ref(id=incident.id, type="incident", summary=incident.title, path=path)


def reference(sim: Simulation, ref: Ref | None) -> dict[str, Any] | None:
    if ref is None:
        return None
    page = "/account/incident_priorities" if ref.type == "priority" else ref.path
    return {
        "html_url": WEB + page,
        "id": ref.id,
        "self": f"{sim.settings.url}/pagerduty{ref.path}",
        "summary": ref.summary,
        "type": f"{ref.type}_reference",
    }


def whole(sim: Simulation, ref: Ref, extra: dict[str, Any]) -> dict[str, Any]:
    return {**(reference(sim, ref) or {}), "type": ref.type, **extra}


def user(sim: Simulation, one: User) -> dict[str, Any]:
    teams = [team for team in sim.pagerduty.teams.values() if one.id in team.members]
    extra = {
        "name": one.name,
        "email": one.email,
        "role": one.role,
        "job_title": one.job_title,
        "time_zone": "Etc/UTC",
        "teams": [reference(sim, team_ref(team)) for team in teams],
        "contact_methods": [],
        "notification_rules": [],
    }
    return whole(sim, user_ref(one), extra)


def service(sim: Simulation, one: Service) -> dict[str, Any]:
    state = sim.pagerduty
    open_ones = [
        each
        for each in state.incidents.values()
        if each.service == one.id and each.status != "resolved"
    ]
    status = "active" if not open_ones else "critical"
    if open_ones and all(each.status == "acknowledged" for each in open_ones):
        status = "warning"
    extra = {
        "name": one.name,
        "description": one.description,
        "status": status,
        "auto_resolve_timeout": None,
        "acknowledgement_timeout": None,
        "alert_creation": "create_alerts_and_incidents",
        "escalation_policy": reference(sim, policy_ref(state.policies[one.policy])),
        "teams": [reference(sim, team_ref(state.teams[key])) for key in one.teams],
        "integrations": [],
    }
    return whole(sim, service_ref(one), extra)


def policy(sim: Simulation, one: Policy) -> dict[str, Any]:
    state = sim.pagerduty
    rules = [
        {
            "id": f"{one.id}R{number}",
            "escalation_delay_in_minutes": level.minutes,
            "targets": [reference(sim, user_ref(state.users[key])) for key in level.users],
        }
        for number, level in enumerate(one.levels, start=1)
    ]
    services = [each for each in state.services.values() if each.policy == one.id]
    extra = {
        "name": one.name,
        "escalation_rules": rules,
        "num_loops": 0,
        "on_call_handoff_notifications": "if_has_services",
        "services": [reference(sim, service_ref(each)) for each in services],
        "teams": [reference(sim, team_ref(state.teams[key])) for key in one.teams],
        "description": None,
    }
    return whole(sim, policy_ref(one), extra)


def priority(sim: Simulation, one: Priority) -> dict[str, Any]:
    extra = {"name": one.name, "description": one.description, "color": one.color}
    return whole(sim, priority_ref(one), extra)


def _priority_of(sim: Simulation, one: Incident) -> Priority | None:
    return next((each for each in sim.pagerduty.priorities if each.id == one.priority), None)


def _resolve_reason(sim: Simulation, one: Incident) -> dict[str, Any] | None:
    if one.merged_into is None:
        return None
    target = sim.pagerduty.incidents[one.merged_into]
    return {"type": "merge_resolve_reason", "incident": reference(sim, incident_ref(target))}


def _assignments(sim: Simulation, one: Incident) -> list[dict[str, Any]]:
    users = sim.pagerduty.users
    return [
        {"at": stamp(one.assigned_at), "assignee": reference(sim, user_ref(users[key]))}
        for key in one.assignees
    ]


def _pending(one: Incident) -> list[dict[str, Any]]:
    waiting = [("escalate", one.escalates_at), ("unacknowledge", one.snoozed_until)]
    return [{"type": what, "at": stamp(at)} for what, at in waiting if at]


def _acknowledgements(sim: Simulation, one: Incident) -> list[dict[str, Any]]:
    users = sim.pagerduty.users
    return [
        {"at": stamp(at), "acknowledger": reference(sim, user_ref(users[key]))}
        for key, at in one.acknowledgements
    ]


def incident(sim: Simulation, one: Incident) -> dict[str, Any]:
    """The REST incident."""
    state = sim.pagerduty
    served, chosen = state.services[one.service], _priority_of(sim, one)
    counts = {
        status: sum(alert.status == status for alert in one.alerts)
        for status in ("triggered", "resolved")
    }
    extra = {
        "summary": f"[#{one.number}] {one.title}",
        "incident_number": one.number,
        "title": one.title,
        "description": one.title,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "status": one.status,
        "incident_key": one.key,
        "service": reference(sim, service_ref(served)),
        "assignments": _assignments(sim, one),
        "assigned_via": "escalation_policy",
        "last_status_change_at": stamp(one.changed_at),
        "last_status_change_by": reference(sim, one.log[-1].agent if one.log else None),
        "first_trigger_log_entry": log_entry(sim, one, one.log[0]) if one.log else None,
        "acknowledgements": _acknowledgements(sim, one),
        "alert_counts": {"all": len(one.alerts), **counts},
        "is_mergeable": True,
        "pending_actions": _pending(one),
        "teams": [reference(sim, team_ref(state.teams[key])) for key in served.teams],
        "priority": priority(sim, chosen) if chosen else None,
        "urgency": one.urgency,
        "escalation_policy": reference(sim, policy_ref(state.policies[one.policy])),
        "conference_bridge": one.conference_bridge,
        "resolve_reason": _resolve_reason(sim, one),
        "resolved_at": stamp(one.resolved_at),
        "incident_type": {"name": "incident_default"},
        "incidents_responders": [_responder(sim, one, each) for each in one.responders],
    }
    return whole(sim, incident_ref(one), extra)


def _responder(sim: Simulation, incident: Incident, one: Responder) -> dict[str, Any]:
    users = sim.pagerduty.users
    return {
        "state": one.state,
        "user": reference(sim, user_ref(users[one.user])),
        "incident": reference(sim, incident_ref(incident)),
        "message": one.message,
        "requester": reference(sim, user_ref(users[one.requester])),
        "requested_at": stamp(one.requested_at),
    }


def hooked_incident(sim: Simulation, one: Incident) -> dict[str, Any]:
    """The incident inside a webhook, which is not the REST one."""
    state = sim.pagerduty
    served, chosen = state.services[one.service], _priority_of(sim, one)
    ref = incident_ref(one)
    reopened = {"reopened_at": stamp(one.reopened_at)} if one.reopened_at else {}
    return {
        "id": one.id,
        "type": "incident",
        "self": f"{sim.settings.url}/pagerduty{ref.path}",
        "html_url": WEB + ref.path,
        "number": one.number,
        "status": one.status,
        "incident_key": one.key,
        "created_at": stamp(one.created_at),
        **reopened,
        "title": one.title,
        "service": reference(sim, service_ref(served)),
        "assignees": [reference(sim, user_ref(state.users[key])) for key in one.assignees],
        "escalation_policy": reference(sim, policy_ref(state.policies[one.policy])),
        "teams": [reference(sim, team_ref(state.teams[key])) for key in served.teams],
        "priority": reference(sim, priority_ref(chosen)) if chosen else None,
        "urgency": one.urgency,
        "conference_bridge": one.conference_bridge,
        "resolve_reason": _resolve_reason(sim, one),
        "incident_type": {"name": "incident_default"},
    }


def alert(sim: Simulation, one: Incident, raised: Alert) -> dict[str, Any]:
    path = f"/alerts/{raised.id}"
    ref = Ref(id=raised.id, type="alert", summary=raised.body.summary, path=path)
    links = [{"type": "link", **link} for link in raised.body.links]
    extra = {
        "created_at": stamp(raised.created_at),
        "status": raised.status,
        "resolved_at": stamp(raised.resolved_at),
        "alert_key": raised.key,
        "suppressed": False,
        "severity": raised.body.severity,
        "service": reference(sim, service_ref(sim.pagerduty.services[one.service])),
        "incident": reference(sim, incident_ref(one)),
        "body": {
            "type": "alert_body",
            "contexts": links,
            "details": raised.body.details,
            "cef_details": {
                "version": "1.0",
                "dedup_key": raised.key,
                "description": raised.body.summary,
                "severity": raised.body.severity,
                "contexts": links,
                "details": raised.body.details,
            },
        },
        "integration": None,
    }
    return whole(sim, ref, extra)


def note(sim: Simulation, one: Note) -> dict[str, Any]:
    author = sim.pagerduty.users[one.user]
    return {
        "id": one.id,
        "user": reference(sim, user_ref(author)),
        "channel": {"summary": "The PagerDuty website or APIs", "type": "web_ui_reference"},
        "content": one.content,
        "created_at": stamp(one.created_at),
    }


def log_entry(sim: Simulation, one: Incident, entry: LogEntry) -> dict[str, Any]:
    path = f"/log_entries/{entry.id}"
    ref = Ref(id=entry.id, type=entry.type, summary=entry.summary, path=path)
    served = sim.pagerduty.services[one.service]
    extra = {
        "created_at": stamp(entry.created_at),
        "agent": reference(sim, entry.agent),
        "channel": {"type": "api", **entry.details},
        "service": reference(sim, service_ref(served)),
        "incident": reference(sim, incident_ref(one)),
        "teams": [reference(sim, team_ref(sim.pagerduty.teams[key])) for key in served.teams],
        "contexts": [],
    }
    return whole(sim, ref, extra)


def change_event(sim: Simulation, one: ChangeEvent) -> dict[str, Any]:
    served = [sim.pagerduty.services[key] for key in one.services]
    return {
        "id": one.id,
        "type": "change_event",
        "summary": one.summary,
        "timestamp": stamp(one.timestamp),
        "source": one.source,
        "services": [reference(sim, service_ref(each)) for each in served],
        "links": one.links,
        "images": [],
        "custom_details": one.details,
        "integration": None,
    }
