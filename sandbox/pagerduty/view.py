"""PagerDuty's side of the control API: the account at a glance, pages, and people acting there."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation
from sandbox.pagerduty import discussion, incidents, paging, shapes, webhooks
from sandbox.pagerduty.state import AlertBody, Incident, User

BODY = {"summary", "severity", "details", "links", "key"}


class BadRequest(ValueError):
    """What was asked cannot be done; the text says why."""


def dump(sim: Simulation) -> dict[str, Any]:
    state = sim.pagerduty
    return {
        "incidents": [_incident(sim, each) for each in state.incidents.values()],
        "services": [each.id for each in state.services.values()],
        "subscriptions": [
            {
                "id": each.id,
                "active": each.active,
                "drops": each.drops,
                "disabled_until": shapes.stamp(each.disabled_until),
            }
            for each in state.subscriptions.values()
        ],
        "owed": [
            {
                "webhook_id": owed.webhook_id,
                "incident": owed.resource,
                "event_type": owed.event_type,
                "attempts": owed.attempts,
                "due": shapes.stamp(owed.due),
            }
            for queue in state.outbox.values()
            for owed in queue
        ],
        "undelivered": [each.event_type for each in state.undelivered],
    }


def control(sim: Simulation) -> list[BaseRoute]:
    """Under /_sandbox: raise a page, act as a person in PagerDuty, send a ping."""

    async def trigger(request: Request) -> JSONResponse:
        asked = await request.json()
        if not asked.get("service") or not asked.get("title"):
            return JSONResponse({"error": "`service` and `title` are required"}, 400)
        made = incidents.trigger(sim, _trigger(asked))
        return JSONResponse({"incident": _incident(sim, made)})

    async def act(request: Request) -> JSONResponse:
        asked = await request.json()
        try:
            incident = _wanted(sim, asked)
            _act(sim, incident, by=_person(sim, asked.get("as")), asked=asked)
        except BadRequest as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        return JSONResponse({"incident": _incident(sim, incident)})

    async def ping(request: Request) -> JSONResponse:
        for subscription in list(sim.pagerduty.subscriptions.values()):
            webhooks.ping(sim, subscription, shapes.user_ref(_person(sim, "ana")))
        return JSONResponse({"ok": True})

    return [
        Route("/pagerduty/trigger", trigger, methods=["POST"]),
        Route("/pagerduty/act", act, methods=["POST"]),
        Route("/pagerduty/ping", ping, methods=["POST"]),
    ]


def _incident(sim: Simulation, one: Incident) -> dict[str, Any]:
    return {
        **shapes.incident(sim, one),
        "level": one.level,
        "escalates_at": shapes.stamp(one.escalates_at),
        "notes": [shapes.note(sim, each) for each in one.notes],
        "alerts": [shapes.alert(sim, one, each) for each in one.alerts],
        "log": [shapes.log_entry(sim, one, each) for each in one.log],
        "status_updates": [each.message for each in one.status_updates],
        "responders": [{"user": each.user, "state": each.state} for each in one.responders],
    }


def _trigger(asked: Mapping[str, Any]) -> incidents.Trigger:
    return incidents.Trigger(
        service=str(asked["service"]),
        title=str(asked["title"]),
        urgency=asked.get("urgency", "high"),
        priority=asked.get("priority"),
        dedup_key=asked.get("dedup_key"),
        environment=asked.get("environment", "production"),
        alerts=[_alert(each, str(asked["title"])) for each in asked.get("alerts", ())],
    )


def _alert(given: Mapping[str, Any], title: str) -> AlertBody:
    """Whatever is not a field of the alert itself belongs to its details."""
    details = {key: value for key, value in given.items() if key not in BODY}
    return AlertBody(
        summary=given.get("summary", title),
        severity=given.get("severity", "critical"),
        details={**details, **given.get("details", {})},
        links=list(given.get("links", ())),
        key=given.get("key"),
    )


def _wanted(sim: Simulation, asked: Mapping[str, Any]) -> Incident:
    """The incident by id or number; without either, the newest one."""
    found: list[Incident] = list(sim.pagerduty.incidents.values())
    wanted = asked.get("incident")
    if wanted is not None:
        found = [each for each in found if str(wanted) in (each.id, str(each.number))]
    if not found:
        raise BadRequest("there is no such PagerDuty incident")
    return found[-1]


def _person(sim: Simulation, wanted: Any) -> User:
    for user in sim.pagerduty.users.values():
        if wanted in (user.id, user.email, user.email.partition("@")[0]):
            found: User = user
            return found
    raise BadRequest(f"`as` must be one of PagerDuty's people, not {wanted!r}")


def _act(sim: Simulation, incident: Incident, *, by: User, asked: Mapping[str, Any]) -> None:
    agent = shapes.user_ref(by)
    match asked.get("do"):
        case "acknowledge":
            incidents.acknowledge(sim, incident, by=by)
        case "unacknowledge":
            paging.unacknowledge(sim, incident, by=agent)
        case "resolve":
            incidents.resolve(sim, incident, by=agent, note=asked.get("note"))
        case "reopen":
            incidents.reopen(sim, incident, by=by, acknowledged=False)
        case "escalate":
            paging.escalate(sim, incident, level=incident.level + 1, by=agent)
        case "reassign":
            to = [_person(sim, each).id for each in asked.get("to", [by.id])]
            paging.reassign(sim, incident, to=to, by=agent)
        case "priority":
            chosen = incidents.priority_id(sim.pagerduty, asked.get("priority"))
            incidents.prioritise(sim, incident, priority=chosen, by=agent)
        case "note":
            discussion.annotate(sim, incident, by=by, content=str(asked.get("note", "")))
        case "status_update":
            message = str(asked.get("message", ""))
            discussion.update_status(sim, incident, by=by, message=message)
        case "merge":
            target = _wanted(sim, {"incident": asked.get("into", "")})
            incidents.merge(sim, target, sources=[incident], by=by)
        case "add_responder":
            user, message = _person(sim, asked.get("user")), str(asked.get("message", ""))
            discussion.ask_responder(sim, incident, user=user, by=by, message=message)
        case other:
            raise BadRequest(f"PagerDuty's people cannot `{other}`")
