"""Incidents, components and subscribers of the simulated status page."""

from __future__ import annotations

import random
import string
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.core.simulation import Simulation
from sandbox.statuspage.access import Call, Endpoint, PageError, route
from sandbox.statuspage.state import (
    Incident,
    StatuspageState,
    Update,
    component_json,
    incident_json,
)

INCIDENT_STATUSES = ("investigating", "identified", "monitoring", "resolved")
MAINTENANCE_STATUSES = ("scheduled", "in_progress", "verifying", "completed")
COMPONENT_STATUSES = (
    "operational",
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "under_maintenance",
)
IMPACTS = ("none", "minor", "major", "critical", "maintenance")


def routes(sim: Simulation) -> list[BaseRoute]:
    """Every endpoint of one page, and the page itself as json."""
    page = "/v1/pages/{page}"
    table: list[tuple[str, str, str, Endpoint]] = [
        ("GET", page, "pages.get", shown),
        ("GET", page + "/incidents", "incidents.list", listed),
        ("GET", page + "/incidents/unresolved", "incidents.unresolved", unresolved),
        ("POST", page + "/incidents", "incidents.create", create),
        ("GET", page + "/incidents/{incident}", "incidents.get", one),
        ("PATCH", page + "/incidents/{incident}", "incidents.update", update),
        ("PUT", page + "/incidents/{incident}", "incidents.update", update),
        ("GET", page + "/components", "components.list", components),
        ("PATCH", page + "/components/{component}", "components.update", set_component),
        ("PUT", page + "/components/{component}", "components.update", set_component),
        ("GET", page + "/subscribers/count", "subscribers.count", count),
        ("GET", page + "/subscribers/histogram_by_state", "subscribers.states", histogram),
    ]

    async def public(request: Request) -> Response:
        return JSONResponse(sim.statuspage.view())

    made: list[BaseRoute] = [Route("/public", public, name="public")]
    made += [route(sim, path, name, method=m, endpoint=e) for m, path, name, e in table]
    return made


async def shown(call: Call) -> Response:
    page = call.sim.settings.statuspage_page
    return JSONResponse({"id": page, "name": "Demo Learning", "time_zone": "UTC"})


async def listed(call: Call) -> Response:
    rows = list(reversed(call.state.incidents.values()))
    wanted = call.request.query_params.get("q", "").lower()
    return JSONResponse([incident_json(call.state, i) for i in rows if wanted in i.name.lower()])


async def unresolved(call: Call) -> Response:
    rows = [i for i in call.state.incidents.values() if i.status not in ("resolved", "completed")]
    return JSONResponse([incident_json(call.state, i) for i in reversed(rows)])


async def one(call: Call) -> Response:
    return JSONResponse(incident_json(call.state, call.incident))


async def create(call: Call) -> Response:
    said = call.part("incident")
    if not str(said.get("name") or "").strip():
        raise PageError(422, "Name can't be blank")
    dice = random.Random(call.sim.serial("statuspage.incident"))
    made = Incident(
        id="".join(dice.choices(string.ascii_lowercase + string.digits, k=12)),
        name=str(said["name"]),
        status="investigating",
        at=call.sim.clock.now(),
    )
    _apply(call, made, {"status": "investigating", **said})
    call.state.incidents[made.id] = made
    _publish(call, made)
    return JSONResponse(incident_json(call.state, made), status_code=201)


async def update(call: Call) -> Response:
    incident = call.incident
    _apply(call, incident, call.part("incident"))
    _publish(call, incident)
    return JSONResponse(incident_json(call.state, incident))


def _apply(call: Call, incident: Incident, said: dict[str, Any]) -> None:
    """Checks everything first: a refused request changes nothing."""
    status = said.get("status", incident.status)
    wanted = _wanted_components(call.state, said)
    if status not in INCIDENT_STATUSES + MAINTENANCE_STATUSES:
        raise PageError(422, f"Status is not valid: {status}")
    impact = said.get("impact_override", incident.impact)
    if impact is not None and impact not in IMPACTS:
        raise PageError(422, f"Impact override is not valid: {impact}")
    if not isinstance(said.get("metadata", {}), dict):
        raise PageError(422, "Metadata must be an object")
    now = call.sim.clock.now()
    incident.name, incident.impact = str(said.get("name", incident.name)), impact
    incident.metadata |= said.get("metadata", {})
    incident.components = list(
        dict.fromkeys([*incident.components, *said.get("component_ids", []), *wanted])
    )
    if status == "monitoring" and incident.monitoring is None:
        incident.monitoring = now
    incident.resolved = now if status == "resolved" else None
    changed = status != incident.status or not incident.updates
    incident.status = status
    affected = _set_components(call, wanted)
    if said.get("body") or changed:
        incident.updates.append(_update(call, said, status, affected))


def _wanted_components(state: StatuspageState, said: dict[str, Any]) -> dict[str, str]:
    wanted = said.get("components") or {}
    if not isinstance(wanted, dict):
        raise PageError(422, "Components must be an object of id and status")
    for key in [*wanted, *said.get("component_ids", [])]:
        if key not in state.components:
            raise PageError(422, f"Component not found: {key}")
    if wrong := [s for s in wanted.values() if s not in COMPONENT_STATUSES]:
        raise PageError(422, f"Component status is not valid: {wrong[0]}")
    return dict(wanted)


def _set_components(call: Call, wanted: dict[str, str]) -> list[dict[str, str]]:
    affected = []
    for key, status in wanted.items():
        component = call.state.components[key]
        affected.append(
            {
                "code": key,
                "name": component.name,
                "old_status": component.status,
                "new_status": status,
            }
        )
        component.status, component.updated = status, call.sim.clock.now()
    return affected


def _update(
    call: Call, said: dict[str, Any], status: str, affected: list[dict[str, str]]
) -> Update:
    # Statuspage tells everyone unless it is told not to.
    deliver = said.get("deliver_notifications", True) is not False
    active = sum(states["active"] for states in call.state.subscribers.values())
    return Update(
        id=f"upd{call.sim.serial('statuspage.update')}",
        status=status,
        body=str(said.get("body") or ""),
        at=call.sim.clock.now(),
        deliver=deliver,
        notified=active if deliver else 0,
        affected=affected,
    )


async def components(call: Call) -> Response:
    return JSONResponse([component_json(one) for one in call.state.components.values()])


async def set_component(call: Call) -> Response:
    found = call.state.components.get(call.request.path_params["component"])
    if found is None:
        raise PageError(404, "Not found")
    status = call.part("component").get("status", found.status)
    if status not in COMPONENT_STATUSES:
        raise PageError(422, f"Status is not valid: {status}")
    found.status, found.updated = status, call.sim.clock.now()
    call.sim.changes.publish("statuspage", {"component": found.id, "status": status})
    return JSONResponse(component_json(found))


async def count(call: Call) -> Response:
    wanted = call.request.query_params.get("state", "active")
    found = {kind: states.get(wanted, 0) for kind, states in call.state.subscribers.items()}
    return JSONResponse(found)


async def histogram(call: Call) -> Response:
    return JSONResponse(call.state.subscribers)


def _publish(call: Call, incident: Incident) -> None:
    call.sim.changes.publish("statuspage", {"incident": incident.id, "status": incident.status})
