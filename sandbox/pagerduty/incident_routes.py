"""REST over incidents: list, change, create, and everything that hangs on one."""

from datetime import datetime
from typing import Any

from starlette.routing import BaseRoute

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import discussion, incidents, paging, shapes
from sandbox.pagerduty.access import Call, Wrong, invalid, not_found, page, route
from sandbox.pagerduty.record import new_id
from sandbox.pagerduty.state import Incident, User

STATUSES = ("triggered", "acknowledged", "resolved")
MOST_AT_ONCE = 250
LONGEST_SNOOZE = 604_800


def routes(sim: Simulation) -> list[BaseRoute]:
    return [
        route(sim, "GET /incidents", listed, "incidents.list"),
        route(sim, "POST /incidents", created, "incidents.create"),
        route(sim, "PUT /incidents", many_updated, "incidents.update_many"),
        route(sim, "GET /incidents/{id}", shown, "incidents.get"),
        route(sim, "PUT /incidents/{id}", updated, "incidents.update"),
        route(sim, "GET /incidents/{id}/notes", notes, "incidents.notes.list"),
        route(sim, "POST /incidents/{id}/notes", noted, "incidents.notes.create"),
        route(sim, "GET /incidents/{id}/alerts", alerts, "incidents.alerts.list"),
        route(sim, "GET /incidents/{id}/log_entries", log_entries, "incidents.log_entries"),
        route(
            sim,
            "POST /incidents/{id}/responder_requests",
            responders_asked,
            "incidents.responder_requests",
        ),
        route(sim, "POST /incidents/{id}/snooze", snoozed, "incidents.snooze"),
        route(sim, "PUT /incidents/{id}/merge", merged, "incidents.merge"),
        route(
            sim, "POST /incidents/{id}/status_updates", status_updated, "incidents.status_updates"
        ),
        route(
            sim,
            "GET /incidents/{id}/related_change_events",
            related_changes,
            "incidents.related_change_events",
        ),
    ]


def listed(call: Call) -> Any:
    found = [each for each in call.state.incidents.values() if _matches(call, each)]
    order = call.word("sort_by", "incident_number:asc")
    found.sort(key=lambda each: each.number, reverse=order.endswith(":desc"))
    return page(call, "incidents", found, lambda each: shapes.incident(call.sim, each))


def _matches(call: Call, one: Incident) -> bool:
    service = call.state.services[one.service]
    lists: list[tuple[str, set[str]]] = [
        ("statuses", {one.status}),
        ("service_ids", {one.service}),
        ("urgencies", {one.urgency}),
        ("user_ids", set(one.assignees)),
        ("team_ids", set(service.teams)),
    ]
    for name, values in lists:
        wanted = call.words(name)
        if wanted and not values & set(wanted):
            return False
    if (key := call.word("incident_key")) and key != one.key:
        return False
    if call.word("date_range") == "all":
        return True
    since, until = _moment(call, "since"), _moment(call, "until")
    return (since is None or one.created_at >= since) and (
        until is None or one.created_at <= until
    )


def _moment(call: Call, name: str) -> datetime | None:
    given = call.word(name)
    if not given:
        return None
    try:
        # An unescaped plus sign of an offset arrives as a blank.
        found = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError:
        raise invalid(f"{name.capitalize()} is not a valid date") from None
    return found if found.tzinfo else found.replace(tzinfo=call.sim.clock.now().tzinfo)


def shown(call: Call) -> Any:
    return {"incident": shapes.incident(call.sim, call.incident())}


def created(call: Call) -> Any:
    by, asked = call.requester(), call.wrapped("incident")
    service_id = (asked.get("service") or {}).get("id")
    if not asked.get("title"):
        raise invalid("Title can't be blank.")
    if service_id not in call.state.services:
        raise invalid("Service can't be blank.")
    key = asked.get("incident_key")
    if key and any(
        each.key == key and each.service == service_id and each.status != "resolved"
        for each in call.state.incidents.values()
    ):
        raise invalid("Open incident with matching dedup key already exists on this service")
    wanted = incidents.Trigger(
        service=service_id,
        title=str(asked["title"]),
        urgency=asked.get("urgency", "high"),
        priority=_priority(call, asked["priority"]) if asked.get("priority") else None,
        dedup_key=key,
    )
    made = incidents.open_incident(
        call.sim,
        wanted,
        service=call.state.services[service_id],
        key=key or new_id(call.sim, "key", "", 32).lower(),
        agent=shapes.user_ref(by),
    )
    return {"incident": shapes.incident(call.sim, made)}, 201


def updated(call: Call) -> Any:
    incident, by = call.incident(), call.requester()
    _change(call, incident, by=by, asked=call.wrapped("incident"))
    return {"incident": shapes.incident(call.sim, incident)}


def many_updated(call: Call) -> Any:
    by, asked = call.requester(), call.body.get("incidents")
    if not isinstance(asked, list) or not asked:
        raise invalid("Incidents must be an array")
    if len(asked) > MOST_AT_ONCE:
        raise Wrong(413, 2001, "Payload Too Large")
    changed = []
    for each in asked:
        incident = call.state.incidents.get(str(each.get("id")))
        if incident is None:
            raise not_found()
        _change(call, incident, by=by, asked=each)
        changed.append(shapes.incident(call.sim, incident))
    return {"incidents": changed}


def _change(call: Call, incident: Incident, *, by: User, asked: dict[str, Any]) -> None:
    sim, agent = call.sim, shapes.user_ref(by)
    if "title" in asked:
        incident.title = str(asked["title"])
        incident.updated_at = sim.clock.now()
    if asked.get("urgency") in ("high", "low"):
        incident.urgency = asked["urgency"]
    if "conference_bridge" in asked:
        incident.conference_bridge = asked["conference_bridge"]
    if "priority" in asked:
        chosen = _priority(call, asked["priority"])
        if chosen != incident.priority:
            incidents.prioritise(sim, incident, priority=chosen, by=agent)
    if "assignments" in asked:
        to = [str(each["assignee"]["id"]) for each in asked["assignments"]]
        if unknown := [key for key in to if key not in call.state.users]:
            raise invalid(f"Assignee {unknown[0]} was not found")
        paging.reassign(sim, incident, to=to, by=agent)
    if policy := (asked.get("escalation_policy") or {}).get("id"):
        if policy not in call.state.policies:
            raise invalid("Escalation policy was not found")
        paging.delegate(sim, incident, policy=policy, by=agent)
    if "escalation_level" in asked:
        paging.escalate(sim, incident, level=int(asked["escalation_level"]), by=agent)
    if "status" in asked:
        _change_status(call, incident, by=by, asked=asked)


def _change_status(call: Call, incident: Incident, *, by: User, asked: dict[str, Any]) -> None:
    sim = call.sim
    match (incident.status, asked["status"]):
        case (_, wanted) if wanted not in STATUSES:
            raise invalid("Status is not included in the list")
        case ("resolved", "resolved"):
            raise Wrong(400, 1001, "Incident Already Resolved", ["Incident Already Resolved"])
        case ("resolved", wanted):
            incidents.reopen(sim, incident, by=by, acknowledged=wanted == "acknowledged")
        case (_, "resolved"):
            note = asked.get("resolution")
            incidents.resolve(sim, incident, by=shapes.user_ref(by), note=note)
        case (_, "acknowledged"):
            if by.id in [key for key, _ in incident.acknowledgements]:
                said = "Incident Already Acknowledged"
                raise Wrong(400, 1002, said, [said])
            incidents.acknowledge(sim, incident, by=by)
        case ("acknowledged", "triggered"):
            paging.unacknowledge(sim, incident, by=shapes.user_ref(by))
        case _:
            pass


def _priority(call: Call, given: Any) -> str | None:
    if given is None:
        return None
    wanted = given.get("id") or given.get("name") if isinstance(given, dict) else str(given)
    found = incidents.priority_id(call.state, wanted)
    if found is None:
        raise Wrong(400, 1020, "Invalid Priority", ["Priority was not found"])
    return found


def notes(call: Call) -> Any:
    return {"notes": [shapes.note(call.sim, each) for each in call.incident().notes]}


def noted(call: Call) -> Any:
    incident, by = call.incident(), call.requester()
    content = call.wrapped("note").get("content")
    if not content:
        raise invalid("Content cannot be empty")
    made = discussion.annotate(call.sim, incident, by=by, content=str(content))
    return {"note": shapes.note(call.sim, made)}, 201


def alerts(call: Call) -> Any:
    incident, wanted = call.incident(), call.words("statuses")
    found = [each for each in incident.alerts if not wanted or each.status in wanted]
    return page(call, "alerts", found, lambda each: shapes.alert(call.sim, incident, each))


def log_entries(call: Call) -> Any:
    incident = call.incident()
    newest_first = incident.log[::-1]
    return page(
        call,
        "log_entries",
        newest_first,
        lambda each: shapes.log_entry(call.sim, incident, each),
    )


def responders_asked(call: Call) -> Any:
    incident, asked = call.incident(), call.body
    for name in ("requester_id", "message", "responder_request_targets"):
        if not asked.get(name):
            raise invalid(f"{name} is required")
    by = call.state.users.get(asked["requester_id"])
    if by is None:
        raise Wrong(400, 1008, "Requester User Not Found", ["Requester User Not Found"])
    targets = []
    for each in asked["responder_request_targets"]:
        target = each["responder_request_target"]
        for user in _targeted(call, target):
            discussion.ask_responder(
                call.sim, incident, user=user, by=by, message=str(asked["message"])
            )
        targets.append({"responder_request_target": target})
    request = {
        "incident": shapes.reference(call.sim, shapes.incident_ref(incident)),
        "requester": shapes.reference(call.sim, shapes.user_ref(by)),
        "requested_at": shapes.stamp(call.sim.clock.now()),
        "message": asked["message"],
        "responder_request_targets": targets,
    }
    return {"responder_request": request}


def _targeted(call: Call, target: dict[str, Any]) -> list[User]:
    """A person, or whoever a policy pages first."""
    key = target.get("id")
    if key in call.state.users:
        return [call.state.users[key]]
    if key in call.state.policies:
        return [call.state.users[user] for user in call.state.policies[key].levels[0].users]
    raise invalid("Responder request target was not found")


def snoozed(call: Call) -> Any:
    incident, by = call.incident(), call.requester()
    seconds = call.body.get("duration")
    if not isinstance(seconds, int) or not 1 <= seconds <= LONGEST_SNOOZE:
        raise Wrong(400, 1013, "Invalid Snooze Duration", ["Invalid Snooze Duration"])
    if incident.status != "acknowledged":
        raise Wrong(400, 1012, "Incident Not Acknowledged", ["Incident Not Acknowledged"])
    incidents.snooze(call.sim, incident, by=by, seconds=seconds)
    return {"incident": shapes.incident(call.sim, incident)}, 201


def merged(call: Call) -> Any:
    target, by = call.incident(), call.requester()
    ids = [str(each.get("id")) for each in call.body.get("source_incidents") or []]
    sources = [call.state.incidents[key] for key in ids if key in call.state.incidents]
    if not ids or len(sources) != len(ids):
        raise not_found()
    if target.status == "resolved":
        raise Wrong(400, 1001, "Incident Already Resolved", ["Target incident must be open"])
    if any(each.merged_into for each in sources):
        raise Wrong(400, 1019, "Incident Already Merged", ["Incident Already Merged"])
    incidents.merge(call.sim, target, sources=sources, by=by)
    return {"incident": shapes.incident(call.sim, target)}


def status_updated(call: Call) -> Any:
    incident, by = call.incident(), call.requester()
    message = call.body.get("message")
    if not message:
        raise invalid("Message can't be blank")
    made = discussion.update_status(call.sim, incident, by=by, message=str(message))
    update = {
        "id": made.id,
        "message": made.message,
        "created_at": shapes.stamp(made.created_at),
        "sender": shapes.reference(call.sim, shapes.user_ref(by)),
    }
    return {"status_update": update}


def related_changes(call: Call) -> Any:
    service = call.incident().service
    found = [each for each in call.state.changes if service in each.services]
    return {"change_events": [shapes.change_event(call.sim, each) for each in found]}
